#define N(array) (sizeof(array) / sizeof(*(array)))
#define HEAD 64	     /* bytes of a value that are printed */
#define SHOWN 1024   /* entries that are printed */
#define CPU_STEP 16  /* from one CPU's value to the next in updates from user space */
#define ENOTSUPP 524 /* the kernel's own */
#define GOLDEN UINT64_C(0x9e3779b97f4a7c15)

static int map_fds[N(maps)];
static int handles[N(phases)][HANDLES];
static int progs[N(phases)][2];
static uint32_t cpus, shown;

static void fail(const char *what)
{
	perror(what);
	exit(3);
}

static long bpf(int cmd, union bpf_attr *attr)
{
	long ret;

	do {
		ret = syscall(__NR_bpf, cmd, attr, sizeof(*attr));
	} while (ret < 0 && (errno == EAGAIN || errno == EINTR));
	return ret < 0 ? -errno : ret;
}

static uint64_t ptr(const void *p)
{
	return (uintptr_t)p;
}

static void *room(size_t n)
{
	void *p = calloc(1, n + 8);

	if (!p)
		fail("calloc");
	return p;
}

static void count_cpus(void)
{
	FILE *f = fopen("/sys/devices/system/cpu/possible", "r");
	unsigned from, to;

	if (!f || fscanf(f, "%u", &from) != 1)
		fail("possible CPUs");
	cpus = fscanf(f, "-%u", &to) == 1 ? to + 1 : from + 1;
	fclose(f);
}

/* What is printed. */

static const char *ret_text(int64_t ret)
{
	static char text[32];
	const char *name = NULL;

	if (ret == -ENOTSUPP)
		name = "ENOTSUPP";
	else if (ret == -EOPNOTSUPP)
		name = "EOPNOTSUPP";
	else if (ret < 0 && ret >= -4095)
		name = strerrorname_np(-ret);
	if (name)
		snprintf(text, sizeof(text), "-%s", name);
	else if (ret >= -4095 && ret <= 4095)
		snprintf(text, sizeof(text), "%d", (int)ret);
	else
		snprintf(text, sizeof(text), "0x%llx", (unsigned long long)ret);
	return text;
}

static uint64_t mix(uint64_t h)
{
	h = (h ^ h >> 33) * UINT64_C(0xff51afd7ed558ccd);
	h = (h ^ h >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
	return h ^ h >> 33;
}

static uint64_t fold(const uint8_t *p, size_t n)
{
	uint64_t h = n + 1, word;

	for (; n; p += n < 8 ? n : 8, n -= n < 8 ? n : 8) {
		word = 0;
		memcpy(&word, p, n < 8 ? n : 8);
		h = (h ^ word) * GOLDEN;
		h ^= h >> 32;
	}
	return h;
}

static uint64_t digest_of(const uint8_t *p, size_t n)
{
	return mix(fold(p, n));
}

static void print_bytes(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n && i < HEAD; i++)
		printf("%02x", p[i]);
	if (n > HEAD)
		printf("..%zu digest 0x%llx", n, (unsigned long long)digest_of(p, n));
}

static void print_op(const struct op *op, int64_t ret, uint32_t times, uint32_t failed,
		     const uint8_t *value, size_t n)
{
	printf("%s -> %s", op->label, ret_text(ret));
	if (times != 1)
		printf(" times %u failed %u", times, failed);
	if (value) {
		printf(" value ");
		print_bytes(value, n);
	}
	printf("\n");
}

/* Maps. */

static int load_btf(struct blob btf)
{
	union bpf_attr attr = {.btf = ptr(btf.p), .btf_size = btf.n};
	long fd = btf.n ? bpf(BPF_BTF_LOAD, &attr) : 0;

	if (fd < 0)
		fail("BTF");
	return fd;
}

static int create(uint32_t type, uint32_t key, uint32_t value, uint32_t entries, uint32_t flags,
		  int inner)
{
	union bpf_attr attr = {
		.map_type = type,
		.key_size = key,
		.value_size = value,
		.max_entries = entries,
		.map_flags = flags,
		.inner_map_fd = inner,
	};
	long fd = bpf(BPF_MAP_CREATE, &attr);

	if (fd < 0)
		fail("a map of our own");
	return fd;
}

static int create_map(const struct map *m)
{
	union bpf_attr attr = {
		.map_type = m->type,
		.key_size = m->key_size,
		.value_size = m->value_size,
		.max_entries = m->max_entries,
		.map_flags = m->flags,
		.numa_node = m->numa_node,
		.inner_map_fd = m->inner ? map_fds[m->inner - 1] : m->is_outer ? -1 : 0,
		.btf_fd = load_btf(m->btf),
		.btf_key_type_id = m->btf_key,
		.btf_value_type_id = m->btf_value,
	};

	return bpf(BPF_MAP_CREATE, &attr);
}

static int update(int fd, const void *key, const void *value, uint64_t flags)
{
	union bpf_attr attr = {.map_fd = fd, .key = ptr(key), .value = ptr(value), .flags = flags};

	return bpf(BPF_MAP_UPDATE_ELEM, &attr);
}

static int lookup(int fd, const void *key, void *value, uint64_t flags)
{
	union bpf_attr attr = {.map_fd = fd, .key = ptr(key), .value = ptr(value), .flags = flags};

	return bpf(BPF_MAP_LOOKUP_ELEM, &attr);
}

static size_t value_room(const struct map *m)
{
	return m->per_cpu ? (size_t)((m->value_size + 7) & ~7u) * cpus : m->value_size;
}

static size_t value_len(const struct map *m)
{
	return m->per_cpu ? (size_t)m->value_size * cpus : m->value_size;
}

/* Moves the values of all CPUs together. */
static void pack(const struct map *m, uint8_t *value)
{
	size_t size = m->value_size, stride = (size + 7) & ~(size_t)7;

	for (uint32_t cpu = 1; m->per_cpu && cpu < cpus; cpu++)
		memmove(value + cpu * size, value + cpu * stride, size);
}

struct entry {
	const struct map *m;
	uint8_t *key, *value;
};

static int by_key(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	uint32_t n = x->m->key_size;
	int r = memcmp(x->key, y->key, n < HEAD ? n : HEAD);
	uint64_t dx = digest_of(x->key, n), dy = digest_of(y->key, n);

	return r ? r : (dx > dy) - (dx < dy);
}

static int all_zero(const uint8_t *p, size_t n)
{
	return !n || (!p[0] && !memcmp(p, p + 1, n - 1));
}

/* A descriptor that may read, whatever the map's own may. */
static int plain_fd(int fd)
{
	struct bpf_map_info info = {0};
	union bpf_attr attr = {
		.info = {.bpf_fd = fd, .info_len = sizeof(info), .info = ptr(&info)}};

	if (bpf(BPF_OBJ_GET_INFO_BY_FD, &attr) < 0)
		fail("map info");
	attr = (union bpf_attr){.map_id = info.id};
	fd = bpf(BPF_MAP_GET_FD_BY_ID, &attr);
	if (fd < 0)
		fail("map by id");
	return fd;
}

static void get_sock(uint8_t *value);

/* Reads all entries; the caller frees them. Gives the sum of their digests. */
static uint64_t walk(int map, struct entry **entries, uint32_t *n)
{
	const struct map *m = &maps[map];
	int fd = plain_fd(map_fds[map]);
	uint8_t *last = NULL;
	uint64_t sum = 0;
	int ret;

	*entries = NULL;
	for (*n = 0;;) {
		struct entry e = {m, room(m->key_size), room(value_room(m))};
		union bpf_attr attr = {.map_fd = fd, .key = ptr(last), .next_key = ptr(e.key)};

		if (bpf(BPF_MAP_GET_NEXT_KEY, &attr) < 0)
			break;
		last = e.key;
		ret = lookup(fd, e.key, e.value, 0);
		if (ret == -ENOENT && m->is_sock)
			continue;
		if (ret < 0)
			fail("reading a map");
		pack(m, e.value);
		if (m->is_sock)
			get_sock(e.value);
		if (m->is_array && all_zero(e.value, value_len(m)))
			continue;
		sum += mix((fold(e.key, m->key_size) * GOLDEN) ^ fold(e.value, value_len(m)));
		*entries = realloc(*entries, (*n + 1) * sizeof(**entries));
		if (!*entries)
			fail("realloc");
		(*entries)[(*n)++] = e;
	}
	close(fd);
	return sum;
}

static void print_state(int map)
{
	const struct map *m = &maps[map];
	struct entry *entries;
	uint32_t n;
	uint64_t sum;

	if (!m->observed)
		return;
	sum = walk(map, &entries, &n);
	printf("state %s: %u entries digest 0x%llx\n", m->name, n, (unsigned long long)sum);
	if (n > SHOWN - shown)
		n = SHOWN - shown;
	shown += n;
	if (n > 1)
		qsort(entries, n, sizeof(*entries), by_key);
	for (uint32_t i = 0; i < n; i++) {
		printf("state %s: ", m->name);
		print_bytes(entries[i].key, m->key_size);
		printf(" = ");
		print_bytes(entries[i].value, value_len(m));
		printf("\n");
	}
	free(entries);
}
