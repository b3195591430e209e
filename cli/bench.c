/* mue bench: speeds, each beside its floor, measured in one run. */
#include "cli/bench.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "cli/command.h"

#define ROUNDS 5

struct options {
	struct mue_list on;
	bool json;
	uint64_t rounds;
};

static const struct options defaults = {.rounds = ROUNDS};

static const struct mue_option options[] = {
	MUE_REPEATED(struct options, on, "on", "T,T..", "guests to measure instead of this machine (may be repeated)"),
	MUE_FLAG(struct options, json, "json", "as one JSON object"),
	MUE_NUMBER(struct options, rounds, "rounds", "N", 1, 1000,
		   "measure each N times, and take the best (5)"),
	{NULL}};

int64_t mue_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

struct mue_measure *mue_bench_add(struct mue_bench *b, const char *unit, double value, double floor,
				  const char *floor_is, const char *name, ...)
{
	struct mue_measure *m;
	va_list ap;

	if (b->n == MUE_MEASURES_MAX)
		return NULL;
	m = &b->measures[b->n++];
	*m = (struct mue_measure){
		.unit = unit, .value = value, .floor = floor, .floor_is = floor_is};
	va_start(ap, name);
	vsnprintf(m->name, sizeof(m->name), name, ap);
	va_end(ap);
	return m;
}

/* How many times slower than its floor it is; 0 when that is not known. */
static double slower(const struct mue_measure *m)
{
	if (!m->floor || !m->value)
		return 0;
	return strcmp(m->unit, "ns") ? m->floor / m->value : m->value / m->floor;
}

static void print_text(const struct mue_bench *b)
{
	int width = 28;

	for (uint32_t i = 0; i < b->n; i++)
		if ((int)strlen(b->measures[i].name) > width)
			width = strlen(b->measures[i].name);
	printf("%-*s %12s %-8s %12s %14s  %s\n", width, "", "speed", "unit", "floor", "is",
	       "the floor");
	for (uint32_t i = 0; i < b->n; i++) {
		const struct mue_measure *m = &b->measures[i];

		printf("%-*s %12.1f %-8s ", width, m->name, m->value, m->unit);
		if (m->floor)
			printf("%12.1f %6.2fx %s  %s%s%s\n", m->floor,
			       slower(m) < 1 ? 1 / slower(m) : slower(m),
			       slower(m) < 1 ? "faster" : "slower", m->floor_is,
			       *m->note ? "; " : "", m->note);
		else
			printf("%12s %14s  %s%s%s\n", "-", "-", m->floor_is, *m->floor_is ? ": " : "", m->note);
	}
}

static int print_json(const struct mue_bench *b)
{
	json_t *all = json_array(), *j;
	char *text;

	for (uint32_t i = 0; i < b->n; i++) {
		const struct mue_measure *m = &b->measures[i];

		j = json_pack("{s:s, s:s, s:f, s:s}", "name", m->name, "unit", m->unit, "value",
			      m->value, "floor_is", m->floor_is);
		json_object_set_new(j, "floor", m->floor ? json_real(m->floor) : json_null());
		json_object_set_new(j, "slower", m->floor ? json_real(slower(m)) : json_null());
		if (*m->note)
			json_object_set_new(j, "note", json_string(m->note));
		json_array_append_new(all, j);
	}
	j = json_pack("{s:o}", "measures", all);
	text = j ? json_dumps(j, JSON_INDENT(2) | JSON_REAL_PRECISION(6)) : NULL;
	if (text)
		puts(text);
	free(text);
	json_decref(j);
	return text ? MUE_EXIT_OK : MUE_EXIT_HARNESS;
}

/* What can be measured, by name: on this machine, and on others. */
static const struct part {
	const char *name;
	void (*measure)(struct mue_bench *b);
	int (*measure_on)(struct mue_bench *b, const struct mue_list *on, char *msg, size_t msg_size);
} parts[] = {
	{"cases", mue_bench_cases, mue_bench_guests},
	{"fuzz", mue_bench_fuzz, mue_bench_fuzz_on},
	{"programs", mue_bench_programs, NULL},
};
#define PARTS (sizeof(parts) / sizeof(*parts))

static bool wanted(const struct part *part, char *const *args, unsigned n_args)
{
	for (unsigned i = 0; i < n_args; i++)
		if (!strcmp(args[i], part->name))
			return true;
	return !n_args;
}

static const struct part *part_of(const char *name)
{
	for (unsigned i = 0; i < PARTS; i++)
		if (!strcmp(parts[i].name, name))
			return &parts[i];
	return NULL;
}

static int bench(const void *opts, char *const *args, unsigned n_args)
{
	const struct options *o = opts;
	struct mue_bench b = {.rounds = o->rounds};
	char msg[512];

	for (unsigned i = 0; i < n_args; i++) {
		const struct part *part = part_of(args[i]);

		if (!part)
			return mue_fail(&mue_command_bench, MUE_EXIT_USAGE,
					"no part '%s'; expected cases, fuzz or programs", args[i]);
		if (o->on.n && !part->measure_on)
			return mue_fail(&mue_command_bench, MUE_EXIT_USAGE,
					"'%s' is measured on this machine only; expected cases or fuzz with --on",
					part->name);
	}
	for (unsigned i = 0; i < PARTS; i++) {
		if (!wanted(&parts[i], args, n_args))
			continue;
		if (!o->on.n)
			parts[i].measure(&b);
		else if (parts[i].measure_on && parts[i].measure_on(&b, &o->on, msg, sizeof(msg)))
			return mue_fail(&mue_command_bench, MUE_EXIT_NOTHING, "%s", msg);
	}
	if (o->json)
		return print_json(&b);
	print_text(&b);
	return MUE_EXIT_OK;
}

const struct mue_command mue_command_bench = {
	.name = "bench",
	.args = "[PART..]",
	.sentence = "measure speeds, each beside its floor",
	.about = "Cases a second, on one sample of the suite: the host's are held against the bare\n"
		 "bpf(2) calls that they take, the emulator's against the host's. The interpreter and\n"
		 "the emulator's maps are held against this kernel's JIT and maps, which run the same\n"
		 "program. An update's time is that of a loop of updates less that of the same loop\n"
		 "without them. Fuzzing is the random engine's loop. With --on, cases and fuzz are those\n"
		 "of guests, and cases stand beside what they take within the guest. PART is cases,\n"
		 "fuzz or programs; without it, all.\n",
	.examples = "  mue bench\n"
		    "  mue bench fuzz\n"
		    "  mue bench cases --on guest:6.12,guest:uml\n"
		    "  mue bench --json > bench.json\n",
	.max_args = PARTS,
	.options = options,
	.defaults = &defaults,
	.option_size = sizeof(struct options),
	.run = bench,
};
