/* Events of tracing: probes, links to many functions, iterators. */

/* Perf: probes of a function of ours and of the kernel's, a tracepoint, page faults. */

__attribute__((noinline)) static void probed(void)
{
	__asm__ volatile("nop");
}

static uint64_t offset_of_probed(void)
{
	const uint64_t at = (uintptr_t)probed;
	FILE *f = fopen("/proc/self/maps", "r");
	uint64_t from, to, begin;
	char line[512];

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %" SCNx64, &from, &to, &begin) == 3 &&
		    at >= from && at < to) {
			fclose(f);
			return at - from + begin;
		}
	fail("/proc/self/maps");
	return 0;
}

static void open_perf(struct perf_event_attr *attr)
{
	attr->size = sizeof(*attr);
	attr->sample_period = 1;
	keep(syscall(SYS_perf_event_open, attr, 0, -1, -1, 0), "a perf event");
}

static int number_in(int directory, const char *path)
{
	int fd = openat(directory, path, O_RDONLY), n = 0;
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");

	if (!f || fscanf(f, "%d", &n) != 1)
		fail(path);
	fclose(f);
	return n;
}

static void open_probe(const char *kind, int at_return, uint64_t what, uint64_t where)
{
	struct perf_event_attr attr = {.config = at_return, .config1 = what, .config2 = where};
	char path[64];

	snprintf(path, sizeof(path), "/sys/bus/event_source/devices/%s/type", kind);
	attr.type = number_in(AT_FDCWD, path);
	open_perf(&attr);
}

static void open_uprobe(void)
{
	open_probe("uprobe", 0, ptr("/proc/self/exe"), offset_of_probed());
}

static void open_uretprobe(void)
{
	open_probe("uprobe", 1, ptr("/proc/self/exe"), offset_of_probed());
}

static void open_kprobe(void)
{
	open_probe("kprobe", 0, ptr("bpf_prog_test_run_skb"), 0);
}

static void open_kretprobe(void)
{
	open_probe("kprobe", 1, ptr("bpf_prog_test_run_skb"), 0);
}

static void open_tracepoint(void)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_TRACEPOINT};
	int fs = fsopen("tracefs", FSOPEN_CLOEXEC);

	sure(fs < 0 ? fs : fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0), "tracefs");
	attr.config = number_in(fsmount(fs, FSMOUNT_CLOEXEC, 0),
				"events/bpf_test_run/bpf_test_finish/id");
	close(fs);
	open_perf(&attr);
}

static void open_page_faults(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_PAGE_FAULTS,
		.disabled = 1,
		.exclude_kernel = 1,
	};

	open_perf(&attr);
}

static void to_perf(void)
{
	sure(ioctl(kept[0], PERF_EVENT_IOC_SET_BPF, prog), "attaching");
}

static void link_to_perf(void)
{
	link_to(kept[0]);
}

/* Of two fresh pages the first brings in what the code between the switches needs. */
static void touch_page(void)
{
	const size_t page = sysconf(_SC_PAGESIZE);
	volatile char *fresh = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (fresh == MAP_FAILED)
		fail("mmap");
	madvise((void *)fresh, 2 * page, MADV_NOHUGEPAGE);
	for (int i = 0; i < 2; i++) {
		ioctl(kept[0], i ? PERF_EVENT_IOC_ENABLE : PERF_EVENT_IOC_DISABLE, 0);
		fresh[i * page] = 1;
		ioctl(kept[0], PERF_EVENT_IOC_DISABLE, 0);
	}
	munmap((void *)fresh, 2 * page);
}

/* Links to many functions, here to one. */

static void to_kprobes(void)
{
	static const char *const names[] = {"bpf_prog_test_run_skb"};
	const uint32_t words[] = {0, 1, (uint32_t)ptr(names), ptr(names) >> 32};

	link_words(words, sizeof(words));
}

static void to_uprobes(void)
{
	const uint64_t offset = offset_of_probed(), path = ptr("/proc/self/exe");
	const uint32_t words[] = {(uint32_t)path, path >> 32, (uint32_t)ptr(&offset),
				  ptr(&offset) >> 32, 0, 0, 0, 0, 1};

	link_words(words, sizeof(words));
}

static void to_functions(void)
{
	const struct btf_type *t;
	const uint32_t id = find_type("bpf_fentry_test1", BTF_KIND_FUNC, &t);
	const uint32_t words[] = {(uint32_t)ptr(&id), ptr(&id) >> 32, 0, 0, 1};

	link_words(words, sizeof(words));
}

/* Iterators. */

static void create_iterator(void)
{
	union bpf_attr attr = {.iter_create.link_fd = kept[n_kept - 1]};

	keep(bpf(BPF_ITER_CREATE, &attr), "an iterator");
}

static void to_iterator(void)
{
	link_to(0);
	create_iterator();
}

/* Over the sockmap that programs look in. */
static void to_map_iterator(void)
{
	union bpf_iter_link_info info = {.map.map_fd = socks_map()};
	union bpf_attr attr = {.link_create = {.prog_fd = prog,
					       .attach_type = now->attach,
					       .iter_info = ptr(&info),
					       .iter_info_len = sizeof(info)}};

	keep(bpf(BPF_LINK_CREATE, &attr), "attaching");
	create_iterator();
}

/* What the program returns ends the reading: try again. */
static void read_iterator(void)
{
	char byte;

	if (read(kept[n_kept - 1], &byte, 1) < 0 && errno != EAGAIN)
		fail("an iterator");
}
