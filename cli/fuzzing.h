/* What the files of `mue fuzz` share: the campaign, its engines, and how they ask. */
#ifndef MUE_CLI_FUZZING_H
#define MUE_CLI_FUZZING_H

#include <stdatomic.h>
#include <sys/types.h>

#include "cli/asking.h"
#include "cli/pool.h"
#include "fuzz/found.h"

#define MUE_FUZZ_PATH 4096
/* An input that takes longer than this hangs. */
#define MUE_FUZZ_HANG_S 60

/* What one job tells about itself, in memory that it shares with the campaign. */
struct mue_fuzz_stats {
	_Atomic bool stop; /* set by the campaign */
	_Atomic uint64_t cases;
	_Atomic uint64_t skips; /* of these: refused, or not to be asked; the random engine only */
	_Atomic uint32_t corpus, coverage;
	_Atomic uint32_t places; /* reached in kernels that tell it; the random engine only */
	/* The random engine: the input that is being asked, so that it is known when the job dies
	 * of it. */
	_Atomic int64_t since_ms; /* 0 while none is */
	uint32_t n;
	uint8_t input[MUE_INPUT_MAX];
	char said[256]; /* the other engines: their last line */
};

struct mue_campaign {
	uint64_t jobs, time_s, seed;
	bool edits;	/* programs are edited, too */
	bool any_world; /* only imitators without a version are asked: inputs choose the world */
	char on[1024];	/* the targets, as they were written */
	struct mue_targets targets; /* surveyed, closed */
	char corpus[MUE_FUZZ_PATH], findings[MUE_FUZZ_PATH];
	char found[MUE_FUZZ_PATH];    /* findings/found: inputs, as the engines leave them */
	char built[MUE_FUZZ_PATH];    /* where the engine's targets are */
	const char *target;	      /* which of them */
	struct mue_fuzz_stats *stats; /* one a job */
	pid_t pids[MUE_JOBS_MAX];     /* 0: not running */
	int pipes[MUE_JOBS_MAX];      /* what libFuzzer says */
	uint64_t deaths;
	char msg[2 * MUE_FUZZ_PATH + 512];
};

struct mue_fuzz_engine {
	const char *name;
	const char *build; /* the preset that builds its targets, or NULL: it needs none */
	/* Before the first job: 0, or -errno and one line in k->msg. */
	int (*prepare)(struct mue_campaign *k);
	/* In the child process of a job; comes back when it is to stop, or not at all. */
	void (*job)(struct mue_campaign *k, uint32_t job);
	int stop_signal; /* how a job is asked to stop; 0: it looks at `stop` */
	/* Brings k->stats[job] up to date. NULL: the job does that itself. */
	void (*look)(struct mue_campaign *k, uint32_t job);
	/* After the last job, when all have ended. May be NULL. */
	void (*finish)(struct mue_campaign *k);
};
extern const struct mue_fuzz_engine mue_fuzz_random, mue_fuzz_libfuzzer, mue_fuzz_afl;

/* campaign.c: reads what an engine has said to its pipe, and gives each line to `line` (NULL: nobody). */
typedef void mue_fuzz_line_fn(struct mue_fuzz_stats *s, const char *line);
void mue_fuzz_listen(struct mue_campaign *k, uint32_t job, mue_fuzz_line_fn *line);

/* An input as this campaign takes it: with the edits of programs, or without. */
static inline void mue_fuzz_decode(const struct mue_campaign *k, struct mue_input *in,
				   struct mue_raw raw)
{
	(k->edits ? mue_input_decode_edited : mue_input_decode)(in, raw.data, raw.n);
}

/* 0, or -errno and one line in k->msg. Makes the directories above it, too. */
int mue_fuzz_mkdir(struct mue_campaign *k, const char *dir);

/*
 * fuzz_worlds.c: asking in the worlds that inputs choose, or in the one that the targets have. The
 * models among the targets are left out (`bare`) where an emulator is there: judging asks them
 * anyway.
 */
struct mue_fuzz_worlds {
	const struct mue_campaign *k;
	bool bare;
	struct mue_fuzz_slot {
		bool open;
		struct mue_targets targets;
		char names[MUE_TARGETS_MAX][32];
		struct mue_asking asking;
	} slots[MUE_FUZZ_WORLDS];
};
struct mue_fuzz_worlds *mue_fuzz_worlds_new(const struct mue_campaign *k, bool bare);
void mue_fuzz_worlds_free(struct mue_fuzz_worlds *w);
/* Opened when it is first wanted. NULL, and one line in msg, when that cannot be done. */
struct mue_asking *mue_fuzz_asking(struct mue_fuzz_worlds *w, uint8_t world, char *msg,
				   size_t msg_size);

/*
 * fuzz_findings.c: what the engines have found is asked again, reduced and written, by a process of its own. Each is told
 * on standard error.
 */
struct mue_fuzz_findings {
	struct mue_campaign *k;
	struct mue_fuzz_worlds *worlds; /* of the process that looks; NULL until something was found */
	pid_t looker;			/* 0: none yet */
	int talk;			/* with it */
	uint32_t n, fresh;		/* that held; that were not known from earlier campaigns */
	uint32_t unsteady;		/* that did not hold when asked again */
	int error;			/* -errno, one line in k->msg */
	char *seen;			/* names of what was looked at */
};
/* Looks at what has come in since; gives whether there was anything. */
bool mue_fuzz_findings_look(struct mue_fuzz_findings *f);
/* An input that a job died of, or was killed for, and how. */
void mue_fuzz_findings_death(struct mue_fuzz_findings *f, struct mue_raw in, const char *how);
void mue_fuzz_findings_free(struct mue_fuzz_findings *f);

#endif
