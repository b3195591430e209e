/* What the files of `mue bench` share: measures, each with the floor that it is held against. */
#ifndef MUE_CLI_BENCH_H
#define MUE_CLI_BENCH_H

#include <stddef.h>
#include <stdint.h>

#define MUE_MEASURES_MAX 32

struct mue_measure {
	char name[64];	  /* "update hash" */
	const char *unit; /* "ns": less is better; anything "/s": more is better */
	double value;
	double floor;	      /* of the same unit; 0 when it could not be measured */
	const char *floor_is; /* what the floor does */
	char note[128];	      /* why there is no floor, or more about the speed */
};

struct mue_bench {
	uint32_t n;
	struct mue_measure measures[MUE_MEASURES_MAX];
	uint32_t rounds; /* each measure takes the best of so many */
};

/* Adds a measure, or gives NULL when there is no room. */
struct mue_measure *mue_bench_add(struct mue_bench *b, const char *unit, double value, double floor,
				  const char *floor_is, const char *name, ...)
	__attribute__((format(printf, 6, 7)));

int64_t mue_now_ns(void);

/* bench_cases.c: cases a second, of the host, the emulator and the model. */
void mue_bench_cases(struct mue_bench *b);
/* bench_fuzz.c: cases a second that the random engine asks; of the emulator, and of a kernel and it. */
void mue_bench_fuzz(struct mue_bench *b);
/* bench_programs.c: instructions a second, and the time of an update for each map type. */
void mue_bench_programs(struct mue_bench *b);

/* The same of other targets than this machine: 0, or another number and one line in msg. */
struct mue_list;
int mue_bench_guests(struct mue_bench *b, const struct mue_list *on, char *msg, size_t msg_size);
int mue_bench_fuzz_on(struct mue_bench *b, const struct mue_list *on, char *msg, size_t msg_size);

#endif
