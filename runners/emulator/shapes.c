#include "runners/emulator/shapes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runners/emulator/checker.h"
#include "runners/emulator/maps/kinds.h"

struct emu_shapes *emu_shapes_open(const struct mue_world *w)
{
	struct emu_shapes *s = calloc(1, sizeof(*s));

	if (s)
		s->world = *w;
	return s;
}

static void unit_free(struct emu_unit *u)
{
	for (uint32_t part = 0; part < MUE_PARTS_MAX; part++)
		emu_prog_free(u->parts[part]);
	emu_map_free(u->io);
	emu_map_free(u->rodata);
	free(u->layout);
}

/* Empties a slot; what any shape needs stays for the next one. */
static void shape_clear(struct emu_shape *shape, const struct mue_world *w)
{
	for (uint32_t i = 0; i < shape->n_units; i++)
		unit_free(&shape->units[i]);
	shape->n_units = 0;
	for (uint32_t i = 0; i < MUE_MAPS_MAX; i++) {
		emu_map_free(shape->maps[i]);
		shape->maps[i] = NULL;
		shape->create[i] = 0;
	}
	emu_map_free(shape->socks);
	shape->socks = NULL;
	if (shape->vm)
		emu_vm_clear(shape->vm, w);
	shape->digest = 0;
}

void emu_shapes_close(struct emu_shapes *s)
{
	for (uint32_t i = 0; s && i < EMU_SHAPES; i++) {
		shape_clear(&s->slots[i], &s->world);
		emu_vm_close(s->slots[i].vm);
		free(s->slots[i].question);
	}
	if (s) {
		emu_checker_free(s->checker);
		emu_spares_free(&s->spares);
	}
	free(s);
}

/* To a kernel that does not know a field it is a struct like any other, but described by BTF still.
 */
static uint32_t special_of(const struct mue_world *w, const struct mue_map *m)
{
	return mue_special_rows[m->special].since > w->version ? MUE_SPECIAL_BTF : m->special;
}

/* Gives whether all maps could be created. */
static bool create_maps(struct emu_shapes *s, struct emu_shape *shape, const struct mue_case *c)
{
	const struct mue_world *w = &s->world;

	for (uint32_t i = 0; i < c->n_maps; i++) {
		const struct mue_map *m = &c->maps[i];
		struct emu_map_attr attr = {
			m->type,	  m->key_size,
			m->value_size,	  m->max_entries,
			m->flags,	  m->numa_node,
			special_of(w, m), m->inner ? shape->maps[m->inner - 1] : NULL,
			&s->spares,
		};

		shape->create[i] = emu_map_create(&shape->maps[i], w, &attr);
		if (shape->create[i])
			return false;
		if (mue_map_holds_socks(m->type))
			emu_sockmap_bind(shape->maps[i], &s->socks);
		emu_vm_bind_map(shape->vm, MUE_HANDLE_MAP + i, shape->maps[i]);
	}
	return true;
}

/* An array of one value of `size` bytes, as the lowering's handles name it. */
static struct emu_map *block_create(struct emu_shapes *s, uint32_t size, uint32_t flags)
{
	struct emu_map_attr attr = {
		.spares = &s->spares,
		.type = MUE_MAP_ARRAY,
		.key_size = 4,
		.value_size = size,
		.max_entries = 1,
		.flags = flags,
	};
	struct emu_map *m = NULL;

	return emu_map_create(&m, &s->world, &attr) ? NULL : m;
}

/* The sockmap with the case's sockets. */
static int bind_socks(struct emu_shapes *s, struct emu_shape *shape)
{
	const struct emu_map_attr attr = {.type = MUE_MAP_SOCKMAP,
					  .key_size = 4,
					  .value_size = 4,
					  .max_entries = MUE_SOCKS_MAX};
	int err = shape->socks ? 0 : emu_map_create(&shape->socks, &s->world, &attr);

	if (err)
		return err;
	emu_sockmap_bind(shape->socks, &s->socks);
	emu_vm_bind_map(shape->vm, MUE_HANDLE_SOCKS, shape->socks);
	return 0;
}

/* Binds the handles that all units share. */
static int bind_shared(struct emu_shapes *s, struct emu_shape *shape, uint64_t handles)
{
	uint64_t bit = 1;

	emu_vm_bind_socks(shape->vm, &s->socks);
	if (handles & bit << MUE_HANDLE_SOCKS && bind_socks(s, shape))
		return -ENOMEM;

	for (uint32_t i = 0; i < MUE_MAPS_MAX; i++)
		if (handles & bit << (MUE_HANDLE_OUTER + i))
			emu_vm_bind_outer(shape->vm, MUE_HANDLE_OUTER + i, MUE_HANDLE_MAP + i);
	if (handles & bit << MUE_HANDLE_TAILS)
		emu_vm_bind_tails(shape->vm, MUE_HANDLE_TAILS);
	if (!(handles & bit << MUE_HANDLE_RINGBUF) || emu_vm_has(shape->vm, MUE_HANDLE_RINGBUF))
		return 0;
	return emu_vm_bind_ringbuf(shape->vm, MUE_HANDLE_RINGBUF, MUE_RINGBUF_SIZE);
}

void emu_unit_bind(struct emu_shape *shape, const struct emu_unit *u)
{
	emu_vm_bind_map(shape->vm, MUE_HANDLE_IO, u->io);
	if (u->rodata)
		emu_vm_bind_map(shape->vm, MUE_HANDLE_RODATA, u->rodata);
	if (u->parts[1])
		emu_vm_set_tail(shape->vm, MUE_HANDLE_TAILS, u->parts[1]);
}

/* The layout, cut off behind the steps that the phase has. */
static struct mue_layout *layout_keep(const struct mue_layout *l, uint32_t steps)
{
	size_t size = offsetof(struct mue_layout, steps) + steps * sizeof(l->steps[0]);
	struct mue_layout *kept = malloc(size);

	if (kept)
		memcpy(kept, l, size);
	return kept;
}

/* Memory for a unit. Gives 0 or -ENOMEM. */
static int unit_begin(struct emu_shapes *s, struct emu_shape *shape, struct emu_unit *u,
		      uint32_t steps)
{
	u->layout = layout_keep(&s->layout, steps);
	u->io = block_create(s, s->layout.io_size, 0);
	if (s->layout.handles & UINT64_C(1) << MUE_HANDLE_RODATA)
		u->rodata = block_create(s, s->layout.io_size, MUE_MAP_F_RDONLY_PROG);
	if (!u->layout || !u->io || bind_shared(s, shape, s->layout.handles))
		return -ENOMEM;
	return 0;
}

/* Lowers and loads one part. Gives 0 and the verdict in u->load, or -errno. */
static int unit_load(struct emu_shapes *s, struct emu_shape *shape, struct emu_unit *u,
		     const struct mue_case *c, uint32_t part)
{
	const struct mue_phase *p = &c->phases[u->phase];
	const struct mue_prog_type_row *row = mue_prog_type_row(p->prog_type);
	struct emu_load load = {
		.insns = s->program.insns,
		.prog_type = p->prog_type,
		.attach_type = p->attach_type ? p->attach_type : row->attach,
		.via = p->trigger,
		.sleepable = p->sleepable || row->flags & MUE_PROG_F_SLEEPABLE,
		.proprietary = p->proprietary,
	};
	int err = mue_lower(&s->program, u->layout, c, u->phase, part);

	if (err)
		return err;
	load.n = s->program.n;
	load.exact = s->program.edited;
	u->load = emu_vm_load(&u->parts[part], shape->vm, &load, s->msg);
	return 0;
}

/* Makes the unit of a program phase. */
static int unit_make(struct emu_shapes *s, struct emu_shape *shape, const struct mue_case *c,
		     uint32_t phase, char *why)
{
	struct emu_unit *u = &shape->units[shape->n_units++];
	uint32_t parts = mue_lower_parts(c, phase);
	int err;

	memset(u, 0, sizeof(*u));
	u->phase = phase;
	mue_layout_phase(&s->layout, c, phase);
	if (s->layout.io_size > MUE_IO_SIZE_MAX) {
		snprintf(why, MUE_WHY_MAX, "phase %u needs more than %u bytes", phase,
			 MUE_IO_SIZE_MAX);
		return -E2BIG;
	}
	err = unit_begin(s, shape, u, c->phases[phase].count);
	if (!err)
		emu_unit_bind(shape, u);
	for (uint32_t part = 0; part < parts && !err && !u->load; part++)
		err = unit_load(s, shape, u, c, part);
	if (err)
		snprintf(why, MUE_WHY_MAX, "phase %u: %s", phase,
			 err == -E2BIG ? "its program is too long" : "out of memory");
	return err;
}

/* The unit that phase `phase` can share, or n_units. */
static uint32_t unit_same(const struct emu_shape *shape, const struct mue_case *c, uint32_t phase)
{
	uint32_t i = 0;

	while (i < shape->n_units && !mue_phase_shape_same(c, shape->units[i].phase, phase))
		i++;
	return i;
}

static int make_units(struct emu_shapes *s, struct emu_shape *shape, const struct mue_case *c,
		      char *why)
{
	uint32_t n = 0;

	for (uint32_t phase = 0; phase < c->n_phases; phase++) {
		uint32_t unit;
		int err = 0;

		if (!c->phases[phase].prog_type)
			continue;
		unit = unit_same(shape, c, phase);
		if (unit == shape->n_units)
			err = unit_make(s, shape, c, phase, why);
		if (err)
			return err;
		shape->unit_of[n++] = unit;
	}
	return 0;
}

/* Memory that a slot keeps once it has been used. */
static int shape_begin(struct emu_shapes *s, struct emu_shape *shape)
{
	if (!shape->vm) {
		shape->vm = emu_vm_open(&s->world);
		if (shape->vm)
			emu_vm_share_checker(shape->vm, &s->checker);
	}
	if (!shape->question)
		shape->question = malloc(sizeof(*shape->question));
	return shape->vm && shape->question ? 0 : -ENOMEM;
}

static int shape_make(struct emu_shapes *s, struct emu_shape *shape, const struct mue_case *c,
		      uint64_t digest, char *why)
{
	int err;

	shape_clear(shape, &s->world);
	err = shape_begin(s, shape);
	if (err) {
		snprintf(why, MUE_WHY_MAX, "out of memory");
		return err;
	}
	mue_case_copy(shape->question, c);
	if (create_maps(s, shape, c))
		err = make_units(s, shape, c, why);
	if (err)
		shape_clear(shape, &s->world);
	else
		shape->digest = digest;
	return err;
}

static void shape_reset(struct emu_shape *shape, const struct mue_case *c)
{
	for (uint32_t i = 0; i < c->n_maps && shape->maps[i]; i++)
		shape->maps[i]->ops->reset(shape->maps[i]);
	if (shape->socks)
		shape->socks->ops->reset(shape->socks);
	emu_vm_reset(shape->vm);
}

struct emu_shape *emu_shape_of(struct emu_shapes *s, const struct mue_case *c, char *why)
{
	uint64_t digest = mue_shape_digest(c) | 1; /* 0 marks an empty slot */
	struct emu_shape *shape = &s->slots[(digest >> 8) % EMU_SHAPES];

	if (shape->digest == digest && mue_shape_same(shape->question, c)) {
		shape_reset(shape, c);
		return shape;
	}
	return shape_make(s, shape, c, digest, why) ? NULL : shape;
}
