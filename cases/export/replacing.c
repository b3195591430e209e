/* Events of programs that stand in for the kernel's own: extensions, a congestion control. */

/* Extensions. */

static void to_target(void)
{
	union bpf_attr attr = {.link_create = {.prog_fd = prog}};

	attr.link_create.target_fd = keep(load_target(now), "the program that is extended");
	attr.link_create.target_btf_id = now->target.infos[1].type_id;
	keep(bpf(BPF_LINK_CREATE, &attr), "attaching");
}

static void run_target(void)
{
	uint8_t *payload = image(now->packet, now->n_packet, now->packet_size),
		*packet = room(IN_FRONT + now->payload_size);
	union bpf_attr attr = {.test = {.prog_fd = kept[0],
					.data_in = ptr(packet),
					.data_size_in = IN_FRONT + now->payload_size,
					.repeat = 1}};

	memcpy(packet + IN_FRONT, payload, now->payload_size);
	sure(bpf(BPF_PROG_TEST_RUN, &attr), "BPF_PROG_TEST_RUN");
	free(packet);
	free(payload);
}

/* A congestion control of TCP. */

#define OPS "tcp_congestion_ops"
#define CONTROL "reproducer"

/* What it must have besides: functions that give a number. */
static int load_plain(uint32_t ops, uint32_t member)
{
	static const struct bpf_insn insns[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 10}, {.code = BPF_JMP | BPF_EXIT}};
	union bpf_attr attr = {.prog_type = BPF_PROG_TYPE_STRUCT_OPS,
			       .expected_attach_type = member,
			       .attach_btf_id = ops,
			       .insns = ptr(insns),
			       .insn_cnt = 2,
			       .license = ptr("GPL")};

	return keep(bpf(BPF_PROG_LOAD, &attr), "a program");
}

/* Such maps must have some BTF of ours, too: that of an int. */
static int load_int(void)
{
	static const struct {
		struct btf_header head;
		uint32_t type[4];
		char strings[5];
	} btf = {
		.head = {.magic = BTF_MAGIC, .version = BTF_VERSION, .hdr_len = sizeof(btf.head),
			 .type_len = sizeof(btf.type), .str_off = sizeof(btf.type),
			 .str_len = sizeof(btf.strings)},
		.type = {1, BTF_KIND_INT << 24, 4, 32},
		.strings = "\0int",
	};
	union bpf_attr attr = {.btf = ptr(&btf),
			       .btf_size = offsetof(__typeof__(btf), strings) + sizeof(btf.strings)};

	return keep(bpf(BPF_BTF_LOAD, &attr), "BTF");
}

static void make_control(void)
{
	static const char *const plain[] = {"ssthresh", "undo_cwnd", "cong_avoid"};
	const struct btf_type *ops, *value;
	const uint32_t ops_id = find_type(OPS, BTF_KIND_STRUCT, &ops),
		       value_id = find_type("bpf_struct_ops_" OPS, BTF_KIND_STRUCT, &value),
		       zero = 0;
	union bpf_attr attr = {.map_type = BPF_MAP_TYPE_STRUCT_OPS,
			       .key_size = 4,
			       .value_size = value->size,
			       .max_entries = 1,
			       .map_flags = 1 << 13, /* BPF_F_LINK */
			       .btf_vmlinux_value_type_id = value_id};
	uint8_t *bytes = room(value->size), *data;
	uint32_t at;
	int fd;

	find_member(value, "data", &at);
	data = bytes + at;
	attr.btf_fd = load_int();
	fd = keep(bpf(BPF_MAP_CREATE, &attr), "a map of functions");
	find_member(ops, "name", &at);
	strcpy((char *)data + at, CONTROL);
	find_member(ops, "init", &at);
	memcpy(data + at, &prog, sizeof(prog));
	for (size_t i = 0; i < N(plain); i++) {
		int other = load_plain(ops_id, find_member(ops, plain[i], &at));

		memcpy(data + at, &other, sizeof(other));
	}
	sure(update(fd, &zero, bytes, 0), "a map of functions");
	free(bytes);
	link_map = fd;
}

static void to_control(void)
{
	union bpf_attr attr = {
		.link_create = {.prog_fd = link_map, .attach_type = 44 /* BPF_STRUCT_OPS */}};

	keep(bpf(BPF_LINK_CREATE, &attr), "attaching");
}

/* A socket takes it. */
static void take_control(void)
{
	const int fd = own_socket(AF_INET, SOCK_STREAM), listener = own_socket(AF_INET, SOCK_STREAM);

	bind_any(AF_INET, listener);
	sure(listen(listener, 1), "listen");
	connect_to(fd, listener);
	sure(setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, CONTROL, strlen(CONTROL)), "TCP_CONGESTION");
}
