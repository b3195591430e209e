#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runners/emulator/checker.h"
#include "runners/emulator/machine.h"

struct emu_vm *emu_vm_open(const struct mue_world *w)
{
	struct emu_vm *vm = calloc(1, sizeof(*vm));

	if (!vm)
		return NULL;
	vm->world = *w;
	vm->checker = &vm->own;
	vm->regions[EMU_REGION_STACK] = (struct emu_region){
		.base = vm->stack,
		.size = {sizeof(vm->stack), sizeof(vm->stack)},
	};
	return vm;
}

static void unbind(struct emu_vm *vm, uint32_t number)
{
	struct emu_region *region = &vm->regions[EMU_REGION_OBJECTS + 2 * number];

	free(vm->objects[number].ring);
	memset(&vm->objects[number], 0, sizeof(vm->objects[number]));
	memset(region, 0, 2 * sizeof(*region));
}

void emu_vm_clear(struct emu_vm *vm, const struct mue_world *w)
{
	for (; vm->bound; vm->bound &= vm->bound - 1)
		unbind(vm, (uint32_t)__builtin_ctzll(vm->bound));
	vm->world = *w;
}

void emu_vm_share_checker(struct emu_vm *vm, struct emu_checker **checker)
{
	vm->checker = checker;
}

void emu_vm_close(struct emu_vm *vm)
{
	if (!vm)
		return;
	emu_vm_clear(vm, &vm->world);
	emu_checker_free(vm->own);
	free(vm);
}

static struct emu_object *bind(struct emu_vm *vm, uint32_t number, enum emu_object_kind kind)
{
	vm->bound |= 1ull << number;
	vm->objects[number].kind = kind;
	return &vm->objects[number];
}

static struct emu_region *values_of(struct emu_vm *vm, uint32_t number)
{
	return &vm->regions[EMU_REGION_OBJECTS + 2 * number + 1];
}

void emu_vm_bind_map(struct emu_vm *vm, uint32_t number, struct emu_map *m)
{
	struct emu_region *values = values_of(vm, number);

	bind(vm, number, EMU_OBJECT_MAP)->map = m;
	values->base = m->memory;
	values->size[EMU_READ] = m->attr.flags & MUE_MAP_F_WRONLY_PROG ? 0 : m->memory_size;
	values->size[EMU_WRITE] = m->attr.flags & MUE_MAP_F_RDONLY_PROG ? 0 : m->memory_size;
}

void emu_vm_bind_outer(struct emu_vm *vm, uint32_t number, uint32_t inner)
{
	bind(vm, number, EMU_OBJECT_OUTER)->inner = inner;
}

int emu_vm_bind_ringbuf(struct emu_vm *vm, uint32_t number, uint32_t size)
{
	uint8_t *ring = calloc(1, size);
	struct emu_object *o;

	if (!ring)
		return -ENOMEM;
	o = bind(vm, number, EMU_OBJECT_RINGBUF);
	o->ring = ring;
	o->ring_size = size;
	*values_of(vm, number) = (struct emu_region){.base = ring, .size = {size, size}};
	return 0;
}

void emu_vm_bind_tails(struct emu_vm *vm, uint32_t number)
{
	bind(vm, number, EMU_OBJECT_TAILS);
}

void emu_vm_set_tail(struct emu_vm *vm, uint32_t number, const struct emu_prog *p)
{
	vm->objects[number].tail = p;
}

void emu_vm_bind_socks(struct emu_vm *vm, struct emu_socks *socks)
{
	const uint64_t size = sizeof(socks->sock) + sizeof(socks->rest);

	vm->socks = socks;
	vm->regions[EMU_REGION_SOCKS] =
		(struct emu_region){.base = (uint8_t *)socks->sock, .size = {[EMU_READ] = size}};
}

uint64_t emu_vm_sock(const struct emu_vm *vm, const struct emu_sock *k)
{
	return emu_sock_pointer(vm, k);
}

bool emu_vm_has(const struct emu_vm *vm, uint32_t number)
{
	return vm->bound >> number & 1;
}

void emu_vm_reset(struct emu_vm *vm)
{
	for (uint64_t left = vm->bound; left; left &= left - 1)
		vm->objects[__builtin_ctzll(left)].ring_at = 0;
}

int emu_vm_load(struct emu_prog **p, struct emu_vm *vm, const struct emu_load *load, char *msg)
{
	const uint8_t *notes = NULL;
	int err = emu_check(&notes, vm, load, msg);

	if (err)
		return err;
	*p = emu_decode(vm, load->insns, load->n, notes);
	if (*p)
		return 0;
	snprintf(msg, EMU_MSG_MAX, "no memory for the program");
	return -ENOMEM;
}

void emu_prog_free(struct emu_prog *p)
{
	free(p);
}

int emu_vm_run(struct emu_vm *vm, const struct emu_prog *p, const struct emu_input *in,
	       uint64_t *r0)
{
	struct emu_run x;
	uint64_t ctx = in->ctx ? emu_pointer(EMU_REGION_CTX, 0) : 0;

	x.vm = vm;
	x.cpu = in->cpu;
	x.status = 0;
	x.budget = (int64_t)(in->insns ? in->insns : EMU_RUN_INSNS);
	x.depth = 0;
	x.tail_calls = 0;
	x.packet_size = in->packet_size;
	vm->regions[EMU_REGION_CTX] = (struct emu_region){
		.base = in->ctx,
		.size = {in->ctx_size, in->ctx_size},
	};
	vm->regions[EMU_REGION_PACKET] = (struct emu_region){
		.base = in->packet,
		.size = {in->packet_size, in->packet_size},
	};
	*r0 = emu_enter(&x, p, ctx, in->r2);
	return x.status;
}
