#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <bpf/bpf.h>

#include "cases/insn.h"
#include "runners/kernel/host.h"

/* Asked of a program, not of a switch: some kernels have no JIT, and some no switch. */
static bool jit_is_on(void)
{
	const struct bpf_insn insns[] = {MUE_MOV64_IMM(BPF_REG_0, 0), MUE_EXIT()};
	int fd = bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, NULL, "GPL", insns, 2, NULL);
	struct bpf_prog_info info = {0};
	__u32 size = sizeof(info);

	if (fd < 0)
		return true;
	if (bpf_obj_get_info_by_fd(fd, &info, &size))
		info.jited_prog_len = 1;
	close(fd);
	return info.jited_prog_len;
}

/* NR_CPUS, or 0 where the kernel does not say. */
static uint32_t built_cpus(void)
{
	FILE *f = fopen("/sys/devices/system/cpu/kernel_max", "re");
	uint32_t last = UINT32_MAX;

	if (!f)
		return 0;
	if (fscanf(f, "%" SCNu32, &last) != 1)
		last = UINT32_MAX;
	fclose(f);
	return last + 1;
}

void mue_host_world(struct mue_session *s, struct mue_world *w)
{
	struct mue_host *h = (struct mue_host *)s;
	struct utsname name;
	const char *debian;

	if (uname(&name))
		memset(&name, 0, sizeof(name));
	/* A Debian release is called "6.1.0-18"; which stable release it is stands elsewhere. */
	debian = strstr(name.version, "Debian ");
	if (!debian || mue_world_of_version(w, debian + 7, h->cpus))
		if (mue_world_of_version(w, name.release, h->cpus))
			memset(w, 0, sizeof(*w));
	w->cpus = h->cpus;
	w->built_cpus = built_cpus();
	w->jit = jit_is_on();
}

void mue_host_identify(struct mue_session *s, char *to, size_t size)
{
	struct utsname name;
	int n;

	if (uname(&name))
		memset(&name, 0, sizeof(name));
	n = snprintf(to, size, "%s %s %s %s\n", name.sysname, name.release, name.version,
		     name.machine);
	if (n > 0 && (size_t)n < size)
		mue_host_config_text(to + n, size - n);
}

static bool can_run(const struct mue_host *h, const struct mue_phase *p,
		    const struct mue_prog_type_row *type, struct mue_observation *o)
{
	const struct mue_trigger_row *trigger = mue_phase_trigger(p);

	if (!trigger && !mue_phase_test_run(p))
		return mue_host_fail(o, MUE_UNSUPPORTED, "%s programs have no trigger here yet",
				     type->name);
	if (trigger && trigger->since > h->version)
		return mue_host_fail(o, MUE_UNSUPPORTED, "the trigger %s works since %u.%u",
				     trigger->how, trigger->since >> 16, trigger->since >> 8 & 0xff);
	return true;
}

static bool can_phase(const struct mue_host *h, const struct mue_phase *p,
		      struct mue_observation *o)
{
	const struct mue_prog_type_row *type = mue_prog_type_row(p->prog_type);
	const struct mue_trigger_row *trigger;

	if (!CPU_ISSET(p->cpu, &h->usable))
		return mue_host_fail(o, MUE_UNSUPPORTED, "CPU %u is not there", p->cpu);
	if (!type)
		return true;
	trigger = mue_phase_trigger(p);
	if (type->flags & MUE_PROG_F_BTF_ID) {
		if (!trigger)
			return mue_host_fail(o, MUE_UNSUPPORTED,
					     "no trigger says what %s programs of attach type %u name",
					     type->name, p->attach_type);
		if (trigger->since > h->version)
			return can_run(h, p, type, o);
	}
	return p->load_only || can_run(h, p, type, o);
}

static uint64_t round_up(uint64_t n)
{
	return (n + 7) & ~UINT64_C(7);
}

static bool is_hash(uint32_t type)
{
	return type == MUE_MAP_HASH || type == MUE_MAP_PERCPU_HASH || type == MUE_MAP_LRU_HASH ||
	       type == MUE_MAP_LRU_PERCPU_HASH || type == MUE_MAP_RHASH;
}

#define KEY_SIZE_MAX (4u << 20)

/*
 * About how many bytes the kernel takes to create a map. It refuses at once what one
 * allocation needs more for than there is memory; per-CPU parts are allocated one by one.
 */
static uint64_t memory_of(const struct mue_host *h, const struct mue_map *m)
{
	const struct mue_map_type_row *type = mue_map_type_row(m->type);
	uint64_t n = m->max_entries, value = round_up(m->value_size), one, total;

	if (!type || m->type == MUE_MAP_LPM_TRIE || m->type == MUE_MAP_RHASH)
		return 0;
	if (m->key_size > KEY_SIZE_MAX) /* no type takes it (C2, C3) */
		return 0;
	if (is_hash(m->type) && n > 1u << 27) /* more buckets than it ever makes */
		return 0;
	if (is_hash(m->type) && m->flags & MUE_MAP_F_NO_PREALLOC)
		return n * 32;
	one = m->type == MUE_MAP_RINGBUF ? 1 : round_up(m->key_size) + (type->per_cpu ? 8 : value);
	if (is_hash(m->type))
		one += 80;
	total = n * (one + (type->per_cpu ? value * h->cpus : 0));
	return n * one > 2 * h->ram ? 0 : total;
}

/* Creating maps must not take the machine's memory away from all others on it. */
static bool can_maps(const struct mue_host *h, const struct mue_case *c, struct mue_observation *o)
{
	uint64_t limit = h->ram / 4 < MUE_HOST_MAP_BYTES_MAX ? h->ram / 4 : MUE_HOST_MAP_BYTES_MAX;
	uint64_t sum = 0;

	for (uint32_t i = 0; i < c->n_maps; i++) {
		uint64_t bytes = memory_of(h, &c->maps[i]);

		if (bytes > limit || (sum += bytes) > limit)
			return mue_host_fail(
				o, MUE_UNSUPPORTED, "map %s needs %ju MiB; a case may have %ju",
				c->maps[i].name, (uintmax_t)bytes >> 20, (uintmax_t)limit >> 20);
	}
	return true;
}

static int insert(int fd, uint32_t key)
{
	return bpf_map_update_elem(fd, &key, &key, BPF_ANY);
}

/*
 * Elements that are not preallocated come from a small store, which is refilled by an interrupt that
 * the CPU sends to itself. Kernels that have none wait for a tick, and say ENOMEM until then.
 */
static bool cannot_refill(void)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_NO_PREALLOC);
	int fd = bpf_map_create(BPF_MAP_TYPE_HASH, NULL, 4, 4, 64, &opts), err = 0;

	for (uint32_t key = 0; fd >= 0 && key < 64 && !err; key++)
		err = insert(fd, key);
	if (fd >= 0)
		close(fd);
	return err == -ENOMEM;
}

static bool can_refill(struct mue_host *h, const struct mue_case *c, struct mue_observation *o)
{
	for (uint32_t i = 0; i < c->n_maps; i++) {
		if ((!is_hash(c->maps[i].type) && c->maps[i].type != MUE_MAP_HASH_OF_MAPS) ||
		    !(c->maps[i].flags & MUE_MAP_F_NO_PREALLOC))
			continue;
		if (h->no_refill < 0)
			h->no_refill = cannot_refill();
		if (h->no_refill)
			return mue_host_fail(o, MUE_UNSUPPORTED,
					     "this kernel runs out of memory for hashes without "
					     "preallocation, and has more only after a tick");
	}
	return true;
}

/* What a new map has at hand: elements of at most so many bytes, others (semantics H6, H8). Per-CPU ones are others since 6.8. */
#define SMALL_BYTES 192
#define SMALL_AT_HAND 4
#define OTHER_AT_HAND 1

static uint32_t at_hand(const struct mue_map *m)
{
	const struct mue_map_type_row *type = mue_map_type_row(m->type);
	const bool small = m->key_size + (uint64_t)m->value_size <= SMALL_BYTES;

	return small && !(type && type->per_cpu) ? SMALL_AT_HAND : OTHER_AT_HAND;
}

/* How many elements an update may allocate. */
static uint32_t allocations(const struct mue_map *m, const struct mue_op *op)
{
	if (op->kind != MUE_OP_UPDATE)
		return 0;
	if (m->type == MUE_MAP_LPM_TRIE)
		return 2 * op->times;
	return is_hash(m->type) && m->flags & MUE_MAP_F_NO_PREALLOC ? op->times : 0;
}

/*
 * A program of a perf event may run with interrupts off, where nothing is refilled: whether more elements are
 * had then depends on what the kernel's allocator did before.
 */
static bool can_allocate(const struct mue_case *c, const struct mue_phase *p, struct mue_observation *o)
{
	uint32_t taken[MUE_MAPS_MAX] = {0};

	if (p->prog_type != MUE_PROG_PERF_EVENT || p->load_only)
		return true;
	for (const struct mue_op *op = c->ops + p->first; op < c->ops + p->first + p->count; op++) {
		taken[op->map] += allocations(&c->maps[op->map], op);
		if (op->reach == MUE_REACH_SHARED)
			taken[op->map2] += allocations(&c->maps[op->map2], op);
	}
	for (uint32_t i = 0; i < c->n_maps; i++)
		if (taken[i] > at_hand(&c->maps[i]))
			return mue_host_fail(o, MUE_UNSUPPORTED,
					     "an event's program may run with interrupts off, and map %s "
					     "has not so many elements at hand then",
					     c->maps[i].name);
	return true;
}

/* Many kernels do not say in test runs of CGROUP_SKB programs where the packet ends. */
static bool sees_no_packet(void)
{
	const struct bpf_insn insns[] = {
		MUE_LDX(BPF_W, BPF_REG_2, BPF_REG_1, 76), /* data */
		MUE_LDX(BPF_W, BPF_REG_3, BPF_REG_1, 80), /* data_end */
		MUE_MOV64_IMM(BPF_REG_0, 0),
		MUE_ALU64_IMM(BPF_ADD, BPF_REG_2, 1),
		MUE_JMP_REG(BPF_JGT, BPF_REG_2, BPF_REG_3, 1),
		MUE_MOV64_IMM(BPF_REG_0, 1),
		MUE_EXIT(),
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_CGROUP_SKB, NULL, "GPL", insns,
			       sizeof(insns) / sizeof(*insns), NULL);
	char packet[MUE_PACKET_MIN] = {0};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet, .data_size_in = sizeof(packet),
		    .repeat = 1);
	int err = fd < 0 ? fd : bpf_prog_test_run_opts(fd, &opts);

	if (fd >= 0)
		close(fd);
	return !err && !opts.retval;
}

static bool wants_packet(const struct mue_op *op)
{
	return op->key_from == MUE_ORIGIN_PACKET || op->value_from == MUE_ORIGIN_PACKET;
}

static bool can_packet(struct mue_host *h, const struct mue_case *c, const struct mue_phase *p,
		       struct mue_observation *o)
{
	bool wanted = false;

	for (uint32_t i = p->first; i < p->first + p->count; i++)
		wanted |= wants_packet(&c->ops[i]);
	if (p->prog_type != MUE_PROG_CGROUP_SKB || p->load_only || !wanted ||
	    !mue_phase_test_run(p))
		return true;
	if (h->no_packet < 0)
		h->no_packet = sees_no_packet();
	return !h->no_packet ||
	       mue_host_fail(o, MUE_UNSUPPORTED,
			     "cgroup_skb programs see no packet in this kernel's test runs");
}

/* Whether files have room for storage: a matter of which security modules are on. */
static bool keeps_with_inodes(void)
{
	struct mue_map m = {
		.type = MUE_MAP_INODE_STORAGE,
		.key_size = 4,
		.value_size = 4,
		.flags = MUE_MAP_F_NO_PREALLOC,
		.special = MUE_SPECIAL_BTF,
	};
	int fd = mue_host_map_create(&m, 0), file = memfd_create("mue", MFD_CLOEXEC), err = 0;

	if (fd >= 0 && file >= 0)
		err = bpf_map_update_elem(fd, &file, &file, BPF_ANY);
	if (fd >= 0)
		close(fd);
	if (file >= 0)
		close(file);
	return err != -EBADF;
}

static bool can_store(struct mue_host *h, const struct mue_case *c, struct mue_observation *o)
{
	for (uint32_t i = 0; i < c->n_maps; i++) {
		if (c->maps[i].type != MUE_MAP_INODE_STORAGE)
			continue;
		if (h->no_inodes < 0)
			h->no_inodes = !keeps_with_inodes();
		if (h->no_inodes)
			return mue_host_fail(o, MUE_UNSUPPORTED,
					     "no security module of this kernel keeps anything with inodes");
	}
	return true;
}

bool mue_host_can(struct mue_host *h, const struct mue_case *c, struct mue_observation *o)
{
	for (uint32_t i = 0; i < c->n_phases; i++)
		if (!can_phase(h, &c->phases[i], o) || !can_packet(h, c, &c->phases[i], o) ||
		    !can_allocate(c, &c->phases[i], o))
			return false;
	return can_maps(h, c, o) && can_refill(h, c, o) && can_store(h, c, o);
}
