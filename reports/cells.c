#include "reports/cells.h"

#include <stdlib.h>
#include <string.h>

#include "cases/tables.h"

/* What a cell must have: by cases/cells.def, a load verdict or nothing; else a call. */
enum demand { DEMAND_CALL, DEMAND_REFUSAL, DEMAND_NOTHING };

static const struct exception {
	uint32_t prog, map; /* 0: all; all of the class */
	enum mue_map_class class;
	enum demand demand;
	const char *reason;
} exceptions[] = {
#define MUE_CELLS_REFUSED(PROG, CLASS) {MUE_PROG_##PROG, 0, MUE_CLASS_##CLASS, DEMAND_REFUSAL, ""},
#define MUE_CELL_REFUSED(PROG, MAP) {MUE_PROG_##PROG, MUE_MAP_##MAP, 0, DEMAND_REFUSAL, ""},
#define MUE_CELLS_OPEN(PROG, CLASS, reason)                                                        \
	{MUE_PROG_##PROG, 0, MUE_CLASS_##CLASS, DEMAND_NOTHING, reason},
#define MUE_CELLS_MAP_OPEN(MAP, reason) {0, MUE_MAP_##MAP, 0, DEMAND_NOTHING, reason},
#include "cases/cells.def"
#undef MUE_CELLS_REFUSED
#undef MUE_CELL_REFUSED
#undef MUE_CELLS_OPEN
#undef MUE_CELLS_MAP_OPEN
};

struct cell {
	uint64_t ran, refused; /* bit n: by kernel n */
};

struct mue_cells {
	uint32_t n_kernels;
	char *kernels[MUE_CELLS_KERNELS];
	struct cell cells[MUE_PROG_TYPES][MUE_MAP_TYPES];
};

struct mue_cells *mue_cells_new(void)
{
	return calloc(1, sizeof(struct mue_cells));
}

void mue_cells_free(struct mue_cells *c)
{
	for (uint32_t i = 0; c && i < c->n_kernels; i++)
		free(c->kernels[i]);
	free(c);
}

static bool is_runner(const char *target, const char *runner)
{
	const size_t n = strlen(runner);

	return !strncmp(target, runner, n) && (!target[n] || target[n] == ':');
}

/* The bit of a kernel; 0 of what is none. */
static uint64_t bit_of(struct mue_cells *c, const char *target)
{
	uint32_t i = 0;

	if (is_runner(target, "emulator") || is_runner(target, "model"))
		return 0;
	while (i < c->n_kernels && strcmp(c->kernels[i], target))
		i++;
	if (i == c->n_kernels && i < MUE_CELLS_KERNELS) {
		c->kernels[i] = strdup(target);
		c->n_kernels += c->kernels[i] != NULL;
	}
	return i < c->n_kernels ? UINT64_C(1) << i : 0;
}

/* The cell of "xdp/hash", or NULL for user space, and for names that a newer mue may have written. */
static struct cell *cell_of(struct mue_cells *c, const char *key)
{
	const char *slash = strchr(key, '/');
	char name[64];
	int prog, map;

	if (!slash)
		return NULL;
	snprintf(name, sizeof(name), "%.*s", (int)(slash - key), key);
	prog = mue_prog_type_of_name(name);
	map = mue_map_type_of_name(slash + 1);
	return prog > 0 && map > 0 ? &c->cells[prog][map] : NULL;
}

void mue_cells_add(struct mue_cells *c, const struct mue_run *run, const struct mue_record *r)
{
	/* Where some target could not be asked, the others are right all the same. */
	bool others = r->outcome == MUE_SKIP && *r->target;
	const char *key;
	json_t *how;

	if (r->outcome != MUE_AGREE && r->outcome != MUE_DECLARED && !others)
		return;
	json_object_foreach((json_t *)r->cells, key, how)
	{
		struct cell *cell = cell_of(c, key);
		const char *letters = json_string_value(how);

		for (uint32_t i = 0; cell && letters && letters[i] && i < run->n_targets; i++) {
			uint64_t bit = bit_of(c, run->targets[i]);

			cell->ran |= letters[i] == MUE_HOW_RAN ? bit : 0;
			cell->refused |= letters[i] == MUE_HOW_REFUSED ? bit : 0;
		}
	}
}

static bool is_column(unsigned map)
{
	const struct mue_map_type_row *row = mue_map_type_row(map);

	return row && row->class != MUE_CLASS_OTHER;
}

static bool covers(const struct exception *e, unsigned prog, unsigned map)
{
	return (!e->prog || e->prog == prog) &&
	       (e->map ? e->map == map : e->class == mue_map_type_row(map)->class);
}

static enum demand demand_of(unsigned prog, unsigned map, const char **reason)
{
	*reason = "";
	for (size_t i = 0; i < sizeof(exceptions) / sizeof(*exceptions); i++) {
		if (!covers(&exceptions[i], prog, map))
			continue;
		*reason = exceptions[i].reason;
		return exceptions[i].demand;
	}
	return DEMAND_CALL;
}

static void print_cell(FILE *to, const struct cell *cell, int width)
{
	char text[16] = ".";

	if (cell->ran)
		snprintf(text, sizeof(text), "%d", __builtin_popcountll(cell->ran));
	else if (cell->refused)
		snprintf(text, sizeof(text), "x%d", __builtin_popcountll(cell->refused));
	fprintf(to, "  %*s", width, text);
}

static void print_matrix(FILE *to, const struct mue_cells *c)
{
	fprintf(to, "%-18s", "");
	for (unsigned map = 1; map < MUE_MAP_TYPES; map++)
		if (is_column(map))
			fprintf(to, "  %s", mue_map_type_row(map)->name);
	for (unsigned prog = 1; prog < MUE_PROG_TYPES; prog++) {
		fprintf(to, "\n%-18s", mue_prog_type_row(prog)->name);
		for (unsigned map = 1; map < MUE_MAP_TYPES; map++)
			if (is_column(map))
				print_cell(to, &c->cells[prog][map],
					   strlen(mue_map_type_row(map)->name));
	}
	fprintf(to, "\n\nkernels:");
	for (uint32_t i = 0; i < c->n_kernels; i++)
		fprintf(to, " %s", c->kernels[i]);
	fprintf(to, "; a number: so many executed a call; with x: so many refused it; a dot: none answered\n");
}

/* Says what a cell lacks. Whether it must not. */
static bool lacks(FILE *to, const struct cell *cell, unsigned prog, unsigned map)
{
	const char *reason;
	enum demand demand = demand_of(prog, map, &reason);

	if (cell->ran || (demand != DEMAND_CALL && cell->refused))
		return false;
	fprintf(to, "%s %s on %s%s%s\n", demand == DEMAND_NOTHING ? "open" : "missing",
		mue_prog_type_row(prog)->name, mue_map_type_row(map)->name, *reason ? ": " : "", reason);
	return demand != DEMAND_NOTHING;
}

uint32_t mue_cells_print(FILE *to, const struct mue_cells *c)
{
	uint32_t n = 0, missing = 0;

	print_matrix(to, c);
	for (unsigned prog = 1; prog < MUE_PROG_TYPES; prog++)
		for (unsigned map = 1; map < MUE_MAP_TYPES; map++) {
			if (!is_column(map))
				continue;
			n++;
			missing += lacks(to, &c->cells[prog][map], prog, map);
		}
	fprintf(to, "%u cells, %u missing\n", n, missing);
	return missing;
}
