/* Programs. */

static uint8_t *image(const struct words *w, uint32_t n, size_t size)
{
	uint8_t *p = room(size);

	for (uint32_t i = 0; i < n; i++)
		for (uint32_t j = 0; j < w[i].n; j++)
			memcpy(p + w[i].at + j * 8, &w[i].word, 8);
	return p;
}

/* The block that feeds a program and takes its results, and whatever else it names. */
static void make_handles(const struct phase *p, int *fds)
{
	uint8_t *io = image(p->io, p->n_io, p->io_size);
	uint32_t zero = 0;

	memcpy(fds, map_fds, sizeof(map_fds));
	fds[IO] = create(BPF_MAP_TYPE_ARRAY, 4, p->io_size, 1, 0, 0);
	fds[RODATA] = create(BPF_MAP_TYPE_ARRAY, 4, p->io_size, 1, BPF_F_RDONLY_PROG, 0);
	fds[TAILS] = create(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 1, 0, 0);
	if (p->others)
		memcpy(io + PID, &(uint32_t){getpid()}, 4);
	for (uint32_t i = p->first; i < p->first + p->count; i++)
		put_tuple(&ops[i], io);
	if (update(fds[IO], &zero, io, 0) || update(fds[RODATA], &zero, io, 0))
		fail("the parameter block");
	free(io);
}

/* Maps that few programs name are made when one does. */
static int handle_fd(int *fds, int handle)
{
	uint32_t zero = 0;

	if (fds[handle])
		return fds[handle];
	if (handle == RINGBUF) {
		fds[handle] = create(BPF_MAP_TYPE_RINGBUF, 0, 0, 65536, 0, 0);
		return fds[handle];
	}
	if (handle == SOCKS) {
		fds[handle] = socks_map();
		return fds[handle];
	}
	fds[handle] = create(BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, 1, 0, map_fds[handle - OUTER]);
	if (update(fds[handle], &zero, &map_fds[handle - OUTER], 0))
		fail("the outer map");
	return fds[handle];
}

static struct bpf_insn *linked(const struct part *part, int *fds)
{
	struct bpf_insn *insns = room(part->n_insns * sizeof(*insns));

	memcpy(insns, part->insns, part->n_insns * sizeof(*insns));
	for (uint32_t i = 0; i < part->n_insns; i++) {
		struct bpf_insn *insn = &insns[i];

		if (insn->code != (BPF_LD | BPF_DW | BPF_IMM))
			continue;
		if (insn->src_reg == BPF_PSEUDO_MAP_FD || insn->src_reg == BPF_PSEUDO_MAP_VALUE)
			insn->imm = handle_fd(fds, insn->imm);
		i++;
	}
	return insns;
}

static int load_part(const struct phase *p, const struct part *part, int *fds)
{
	static char log[1 << 20];
	struct bpf_insn *insns = linked(part, fds);
	union bpf_attr attr = {
		.prog_type = p->type,
		.expected_attach_type = p->attach,
		.prog_flags = p->flags,
		.insns = ptr(insns),
		.insn_cnt = part->n_insns,
		.license = ptr(p->license),
		.prog_btf_fd = load_btf(part->btf),
		.func_info = ptr(part->infos),
		.func_info_cnt = part->n_infos,
		.func_info_rec_size = part->n_infos ? sizeof(struct bpf_func_info) : 0,
	};
	int fd;

	name_hook(p, &attr);
	fd = bpf(BPF_PROG_LOAD, &attr);
	if (fd < 0) {
		attr.log_level = 1;
		attr.log_size = sizeof(log);
		attr.log_buf = ptr(log);
		bpf(BPF_PROG_LOAD, &attr);
		fprintf(stderr, "%s", log);
	}
	free(insns);
	return fd;
}

static void load(uint32_t phase)
{
	const struct phase *p = &phases[phase];
	int *fds = handles[phase], ret = 0;
	uint32_t zero = 0;

	if (!p->type)
		return;
	make_handles(p, fds);
	for (uint32_t i = 0; i < p->n_parts && ret >= 0; i++)
		ret = progs[phase][i] = load_part(p, &p->parts[i], fds);
	if (ret >= 0 && p->n_parts > 1)
		ret = update(fds[TAILS], &zero, &progs[phase][1], 0);
	if (ret < 0)
		progs[phase][0] = ret;
	printf("%s: load %s\n", p->label, ret_text(ret < 0 ? ret : 0));
}

static int test_run(const struct phase *p, int prog, uint32_t *retval)
{
	static const struct bpf_sk_lookup sk = {.family = 2 /* AF_INET */};
	static const uint64_t args[8];
	static uint8_t context[65535];
	uint8_t *packet = image(p->packet, p->n_packet, p->packet_size);
	union bpf_attr attr = {.test = {.prog_fd = prog}};
	int ret;

	if (p->trigger == PACKET) {
		/* An Ethernet header of zeros, then what was filled in. */
		memmove(packet + 14, packet, p->packet_size - 14);
		memset(packet, 0, 14);
		attr.test.data_in = ptr(packet);
		attr.test.data_size_in = p->packet_size;
	}
	if (p->trigger == SK_LOOKUP || p->trigger == RAW_TP) {
		attr.test.ctx_in = p->trigger == RAW_TP ? ptr(args) : ptr(&sk);
		attr.test.ctx_size_in = p->trigger == RAW_TP ? sizeof(args) : sizeof(sk);
	}
	if (p->trigger == CONTEXT && p->context_size) {
		attr.test.ctx_in = ptr(context);
		attr.test.ctx_size_in = p->context_size;
	}
	attr.test.repeat = p->trigger == PACKET || p->trigger == SK_LOOKUP;
	ret = bpf(BPF_PROG_TEST_RUN, &attr);
	*retval = attr.test.retval;
	free(packet);
	return ret;
}

static void print_steps(const struct phase *p, const uint8_t *io)
{
	for (uint32_t i = p->first; i < p->first + p->count; i++) {
		const struct op *op = &ops[i];
		int64_t ret;
		uint32_t times, failed;

		memcpy(&ret, io + op->io + 8, 8);
		memcpy(&times, io + op->io + 16, 4);
		memcpy(&failed, io + op->io + 20, 4);
		print_op(op, ret, times, failed, op->out_size && ret ? io + op->out : NULL,
			 op->out_size);
	}
}

static void run_program(uint32_t phase)
{
	const struct phase *p = &phases[phase];
	uint8_t *io = room(p->io_size);
	uint32_t zero = 0, retval, invoked;
	int ret;

	if (progs[phase][0] < 0 || p->load_only)
		return;
	if (p->trigger == EVENT)
		ret = retval = make_event(phase);
	else
		ret = test_run(p, progs[phase][0], &retval);
	if (lookup(handles[phase][IO], &zero, io, 0))
		fail("the parameter block");
	memcpy(&invoked, io + INVOKED, 4);
	if (p->many && invoked)
		invoked = 1;
	printf("%s: run %s invoked %u retval %u\n", p->label, ret_text(ret), invoked, retval);
	if (invoked)
		print_steps(p, io);
	free(io);
}

static void run(uint32_t phase)
{
	const struct phase *p = &phases[phase];
	cpu_set_t cpu;

	CPU_ZERO(&cpu);
	CPU_SET(p->cpu, &cpu);
	if (sched_setaffinity(0, sizeof(cpu), &cpu))
		fail("the phase's CPU");
	if (p->type) {
		run_program(phase);
		return;
	}
	for (uint32_t i = p->first; i < p->first + p->count; i++)
		user_op(&ops[i]);
}
