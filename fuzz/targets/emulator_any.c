/*
 * Property: the emulator survives any program. Whatever bytes are loaded, with the checker or
 * around it, nothing but the program's own memory is touched (which the sanitizers see), a run
 * ends within its budget, and asking twice answers twice the same. A program that the checker
 * has taken never breaks off but for its budget.
 *
 * The input: a byte of options, a program type, a world, then 8 bytes an instruction.
 */
#include <errno.h>
#include <string.h>

#include "cases/lower.h"
#include "fuzz/targets/target.h"
#include "runners/emulator/contexts.h"
#include "runners/emulator/vm.h"

#define INSNS_MAX 512
#define CHECK_INSNS 20000
#define RUN_INSNS 200000
#define PACKET_SIZE 128

static const struct emu_map_attr attrs[] = {
	{.type = MUE_MAP_ARRAY, .key_size = 4, .value_size = 64, .max_entries = 1},
	{.type = MUE_MAP_HASH, .key_size = 4, .value_size = 8, .max_entries = 2},
	{.type = MUE_MAP_PERCPU_ARRAY, .key_size = 4, .value_size = 12, .max_entries = 3},
	{.type = MUE_MAP_PERCPU_HASH, .key_size = 8, .value_size = 5, .max_entries = 2},
	{.type = MUE_MAP_LRU_HASH, .key_size = 1, .value_size = 8, .max_entries = 4},
	{.type = MUE_MAP_LRU_PERCPU_HASH, .key_size = 4, .value_size = 8, .max_entries = 4},
	{.type = MUE_MAP_LPM_TRIE,
	 .key_size = 8,
	 .value_size = 8,
	 .max_entries = 3,
	 .flags = MUE_MAP_F_NO_PREALLOC},
	{.type = MUE_MAP_HASH,
	 .key_size = 4,
	 .value_size = 16,
	 .max_entries = 2,
	 .flags = MUE_MAP_F_NO_PREALLOC,
	 .special = MUE_SPECIAL_SPIN_LOCK},
	{.type = MUE_MAP_QUEUE, .key_size = 0, .value_size = 4, .max_entries = 2},
	{.type = MUE_MAP_ARRAY, .key_size = 4, .value_size = 4096, .max_entries = 1},
	{.type = MUE_MAP_ARRAY,
	 .key_size = 4,
	 .value_size = 4096,
	 .max_entries = 1,
	 .flags = MUE_MAP_F_RDONLY_PROG},
};
/* The numbers that lowering uses, so that lowered programs are good inputs. */
static const uint8_t numbers[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, MUE_HANDLE_IO, MUE_HANDLE_RODATA};
enum { MAPS = sizeof(attrs) / sizeof(attrs[0]) };
_Static_assert(sizeof(numbers) == MAPS, "a number a map");

/* Everything that an input is asked over; made anew for each. */
struct machine {
	struct emu_vm *vm;
	struct emu_map *maps[MAPS];
	struct emu_prog *prog;
	uint8_t ctx[EMU_CTX_MAX], packet[PACKET_SIZE];
};

static void machine_begin(struct machine *m, const struct mue_world *w)
{
	memset(m, 0, sizeof(*m));
	m->vm = emu_vm_open(w);
	for (uint32_t i = 0; i < MAPS; i++) {
		MUE_HOLDS(!emu_map_create(&m->maps[i], w, &attrs[i]));
		emu_vm_bind_map(m->vm, numbers[i], m->maps[i]);
	}
	emu_vm_bind_outer(m->vm, MUE_HANDLE_OUTER, 1);
	MUE_HOLDS(!emu_vm_bind_ringbuf(m->vm, MUE_HANDLE_RINGBUF, 4096));
	emu_vm_bind_tails(m->vm, MUE_HANDLE_TAILS);
}

static void machine_end(struct machine *m)
{
	emu_prog_free(m->prog);
	emu_vm_close(m->vm);
	for (uint32_t i = 0; i < MAPS; i++)
		emu_map_free(m->maps[i]);
}

/* What became of a program. */
struct outcome {
	int load, run;
	uint64_t r0;
};

static struct outcome ask(const struct mue_world *w, const struct emu_load *load)
{
	struct outcome o = {0};
	struct emu_input in = {.packet_size = PACKET_SIZE, .insns = RUN_INSNS};
	struct machine m;
	char msg[EMU_MSG_MAX] = "";

	machine_begin(&m, w);
	in.ctx = m.ctx;
	in.ctx_size = emu_ctx_size(load->prog_type);
	in.packet = m.packet;
	o.load = emu_vm_load(&m.prog, m.vm, load, msg);
	MUE_HOLDS(!o.load == !msg[0]);
	if (!o.load) {
		emu_vm_set_tail(m.vm, MUE_HANDLE_TAILS, m.prog);
		o.run = emu_vm_run(m.vm, m.prog, &in, &o.r0);
		MUE_HOLDS(load->unchecked || !o.run || o.run == -ETIMEDOUT);
	}
	machine_end(&m);
	return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const versions[] = {"6.18", "6.12", "6.1", "5.10"};
	struct bpf_insn insns[INSNS_MAX];
	struct emu_load load = {.insns = insns, .check_insns = CHECK_INSNS};
	struct outcome first, second;
	struct mue_world w;

	if (size < 3)
		return 0;
	MUE_HOLDS(!mue_world_of_version(&w, versions[data[2] & 3], 2));
	load.unchecked = data[0] & 1;
	load.sleepable = data[0] & 2;
	load.prog_type = data[1] % MUE_PROG_TYPES;
	load.attach_type = data[2] >> 2;
	load.n = (uint32_t)((size - 3) / sizeof(insns[0]));
	if (load.n > INSNS_MAX)
		load.n = INSNS_MAX;
	memcpy(insns, data + 3, load.n * sizeof(insns[0]));
	first = ask(&w, &load);
	second = ask(&w, &load);
	MUE_HOLDS(first.load == second.load && first.run == second.run && first.r0 == second.r0);
	return 0;
}
