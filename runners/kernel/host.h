/*
 * What the files of the host runner share. A session keeps a few setups: the maps and loaded
 * programs of a case's shape, with which the next case of that shape is answered at a fraction
 * of the cost.
 *
 * Functions that give bool say whether to go on; on false the observation's status and reason
 * are set. What the kernel answers to the case goes into the observation, what goes wrong around
 * it into that status: the two never share a variable.
 */
#ifndef MUE_RUNNERS_KERNEL_HOST_H
#define MUE_RUNNERS_KERNEL_HOST_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

#include "cases/lower.h"
#include "cases/socks.h"
#include "runners/kernel/closing.h"
#include "runners/kernel/grace.h"
#include "runners/kernel/triggers/stage.h"
#include "runners/runner.h"

#define MUE_HOST_SETUPS_MAX 256
/* What setups kept for later may hold, all together: file descriptors, and kernel memory for keys and values. */
#define MUE_HOST_KEPT_FDS_MAX 640
#define MUE_HOST_KEPT_BYTES_MAX (64u << 20)
/* A map that has more of it is not kept. */
#define MUE_HOST_KEPT_MAP_MAX (4u << 20)
/* Kernel memory that the maps of a case may take, if a quarter of the machine's is not less. */
#define MUE_HOST_MAP_BYTES_MAX (1u << 30)
/* What a user-side call's keys and values may take in our memory. */
#define MUE_HOST_CALL_BYTES_MAX (512u << 20)
/* How often, 1 ms apart, an update is tried again that another map is in the way of. */
#define MUE_HOST_AGAIN_MAX 1000

/* A parameter block: an mmapped array map of one element. Programs hold references. */
struct mue_host_io {
	uint32_t users;
	uint32_t size;
	int fd;
	void *mem;
};

/* Memory that grows to the largest request and is kept between cases. */
struct mue_host_room {
	void *p;
	size_t size;
};

/* A loaded program: of one phase, or of several of equal shape. Descriptors not in use are -1. */
struct mue_host_program {
	int verdict; /* 0, or the kernel's refusal as -errno */
	int fd[MUE_PARTS_MAX];
	int tails, rodata, outer[MUE_MAPS_MAX];
	struct mue_host_io *io;
	struct mue_layout *layout; /* only the steps that the phase has */
};

struct mue_host_map {
	int fd;	      /* as the case made it */
	int plain_fd; /* without the restrictions of RDONLY and WRONLY; often the same */
};

/* The maps and programs of a case. */
struct mue_host_setup {
	struct mue_case shape; /* a case of this shape */
	uint64_t digest;
	uint32_t fds;	/* how many descriptors it holds */
	uint64_t bytes; /* and how much kernel memory for keys and values */
	struct mue_host_map maps[MUE_MAPS_MAX];
	int create; /* 0, or the refusal of the map behind the last */
	uint32_t n_maps, n_programs;
	/*
	 * Index into programs of the case's n-th program phase. User phases may stand elsewhere
	 * in another case of the same shape.
	 */
	uint8_t program_of[MUE_PHASES_MAX];
	struct mue_host_program programs[MUE_PHASES_MAX];
};

/* A setup kept for later, or a place for one. */
struct mue_host_kept {
	struct mue_host_setup *setup; /* NULL: none */
	uint64_t digest, used;	      /* its own; when it was kept */
};

/* What programs of a trigger name when they are loaded. */
struct mue_host_target {
	bool asked;
	int err;     /* 0, or why it is not there */
	int trivial[2]; /* verdict on a trivial program that names it, on a sleepable one; 1: not asked yet */
	struct mue_target is;
};

/* The sockets of the case in hand. Descriptors not in use are -1. */
struct mue_host_socks {
	uint32_t n;
	int fd[MUE_SOCKS_MAX], peer[MUE_SOCKS_MAX];
	uint64_t cookie[MUE_SOCKS_MAX];
	struct mue_sock_tuple tuples[MUE_SOCKS_MAX];
	int home; /* the network namespace that we come from */
	int map;  /* MUE_HANDLE_SOCKS; the session's */
};

struct mue_host {
	struct mue_session session; /* first */
	bool reuse;
	uint32_t cpus; /* possible ones */
	uint64_t ram;
	cpu_set_t usable, home; /* CPUs that we can be on; that we were on, restored at the end */
	int cpu;		/* the one we are pinned to, or -1 */
	struct mue_host_io *io;
	int ringbuf;
	unsigned long *ring_consumer;
	const unsigned long *ring_producer;
	struct mue_host_kept kept[MUE_HOST_SETUPS_MAX];
	uint32_t kept_fds;
	uint64_t kept_bytes;
	uint64_t clock;
	int trivial[MUE_PROG_TYPES]; /* verdict on a trivial program; 1: not asked yet */
	struct btf *kernel;	     /* NULL: not yet wanted */
	struct mue_host_target targets[MUE_TRIGGERS]; /* parallel to mue_trigger_rows */
	int8_t no_refill, no_packet, no_inodes; /* mue_host_can's probes: 1 true, 0 false, -1 not asked yet */
	uint64_t no_batch;	     /* bit n: map type n is known to have no batch commands */
	struct mue_host_room keys, values, position;
	struct mue_program code;
	struct mue_layout layout;
	uint8_t packet[MUE_PACKET_HEADER + MUE_PACKET_MAX];
	uint32_t version; /* of this kernel */
	bool jit;
	const struct mue_trigger *const *triggers; /* parallel to mue_trigger_rows */
	struct mue_stage *stage;		   /* NULL: not yet wanted */
	char no_stage[MUE_WHY_MAX / 2];		   /* why there cannot be one, or "" */
	struct mue_shot shot;
	struct mue_grace *grace;
	int objects[MUE_OBJECTS]; /* descriptors, or -1; programs stay open between cases */
	struct mue_host_socks socks;
};

/* ---- session.c: the outer course of a case ---- */

/* Sets the status and the reason, as printf. Always gives false. */
bool mue_host_fail(struct mue_observation *o, enum mue_status status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* BROKEN: `what` failed with -err. */
bool mue_host_broken(struct mue_observation *o, const char *what, int err);
/* Whether an errno says that this process or machine is short of something. */
bool mue_host_suffered(int err);
/* At least `size` bytes, or NULL. What was in it is gone when it grows. */
void *mue_host_room(struct mue_host_room *r, size_t size);

/* ---- setup.c: setups, made, found again, and let go ---- */

/* The setup of a case: an emptied one of its shape, or a new one. NULL: see *o. */
struct mue_host_setup *mue_host_setup_take(struct mue_host *h, const struct mue_case *c,
					   struct mue_observation *o);
/* Keeps a setup whose maps are as new. The session owns it again. */
void mue_host_setup_keep(struct mue_host *h, struct mue_host_setup *u);
/* Closes and frees it. */
void mue_host_setup_free(struct mue_host *h, struct mue_host_setup *u);
/* Those that are kept. */
void mue_host_setups_close(struct mue_host *h);

/* ---- maps.c: the case's maps ---- */

/* A descriptor or -errno; `inner` is the template's; -ENODATA where its BTF does not load. */
int mue_host_map_create(const struct mue_map *m, int inner);
/* Creates the case's maps up to the first refusal (u->create). */
bool mue_host_maps_create(struct mue_host *h, struct mue_host_setup *u, const struct mue_case *c,
			  struct mue_observation *o);
void mue_host_maps_close(struct mue_host_setup *u, struct mue_closing *c);
/* Whether emptying all of the case's maps makes them as new ones in every observable respect. */
bool mue_host_maps_emptiable(const struct mue_host *h, const struct mue_case *c);
/* Kernel memory for a map's keys and values, were it full. */
uint64_t mue_host_map_bytes(const struct mue_host *h, const struct mue_map *m);
/* Bytes of one element's value as bpf(2) copies it. */
size_t mue_host_value_room(const struct mue_host *h, const struct mue_map *m);

/* ---- io.c, ringbuf.c: private maps ---- */

/* A new block (users 1), or NULL and *err. */
struct mue_host_io *mue_host_io_new(uint32_t size, int *err);
void mue_host_io_drop(struct mue_host_io *io); /* NULL is fine */

/* The session's ring buffer, made when first wanted; -errno when it cannot be. */
int mue_host_ringbuf(struct mue_host *h);
/* Makes it as empty as a new one. */
void mue_host_ringbuf_reset(struct mue_host *h);
void mue_host_ringbuf_close(struct mue_host *h);

/* ---- programs.c: lowering, relocation, private maps ---- */

/* Loads the programs of all phases. */
bool mue_host_programs_load(struct mue_host *h, struct mue_host_setup *u, const struct mue_case *c,
			    struct mue_observation *o);
/* Gives how many programs that closes. */
uint32_t mue_host_programs_close(struct mue_host_setup *u, struct mue_closing *c);
/* Writes a part of a phase's program, ready to load, to h->code. 0, or -E2BIG. */
int mue_host_program_code(struct mue_host *h, const struct mue_host_setup *u,
			  const struct mue_host_program *p, const struct mue_case *c,
			  uint32_t phase, uint32_t part);

/* ---- load.c: BPF_PROG_LOAD ---- */

/*
 * Loads a phase's program, relocated: a descriptor, or the kernel's verdict on it (-errno), into *fd. False
 * where the kernel says nothing about the program: it refuses all of its type.
 */
bool mue_host_load(struct mue_host *h, int *fd, const struct mue_phase *p,
		   const struct mue_program *program, struct mue_observation *o);

/* ---- targets.c: what programs name when they are loaded ---- */

/* NULL into *target where the phase's program names nothing. */
bool mue_host_target(struct mue_host *h, struct mue_host_target **target, const struct mue_phase *p,
		     struct mue_observation *o);
void mue_host_targets_close(struct mue_host *h);

/* ---- pull.c: what makes a loaded program run ---- */

/* The session's stage, opened when first wanted; NULL: see *o. */
struct mue_stage *mue_host_stage(struct mue_host *h, struct mue_observation *o);

/*
 * Runs p for a phase on the CPU that we are on, by BPF_PROG_TEST_RUN or by the phase's trigger, and
 * records what came of it. A program that was not invoked is BROKEN.
 */
bool mue_host_pull(struct mue_host *h, const struct mue_host_program *p, const struct mue_case *c,
		   uint32_t phase, struct mue_observation *o);

static inline const struct mue_trigger *mue_host_trigger(const struct mue_host *h,
							 const struct mue_trigger_row *row)
{
	return h->triggers[row - mue_trigger_rows];
}

/* ---- test_run.c ---- */

/* What BPF_PROG_TEST_RUN gets. */
struct mue_host_input {
	const void *data, *ctx;
	uint32_t data_size, ctx_size, repeat;
};

/* The input of a phase; its packet lies in the session. */
void mue_host_test_run_input(struct mue_host *h, const struct mue_host_program *p,
			     const struct mue_case *c, uint32_t phase, struct mue_host_input *in);
/* Runs p once. 0 and *retval, or -errno. */
int mue_host_test_run(struct mue_host *h, const struct mue_host_program *p,
		      const struct mue_case *c, uint32_t phase, uint32_t *retval);

/* ---- user_ops.c: user phases ---- */

/* The key, and the value as bpf(2) wants it, of repetition n of a user-side op. */
void mue_host_put_key(const struct mue_map *m, const struct mue_op *op, uint8_t *to, uint32_t n);
void mue_host_put_value(const struct mue_host *h, const struct mue_map *m, const struct mue_op *op,
			uint8_t *to, uint32_t n);

bool mue_host_user_op(struct mue_host *h, const struct mue_host_setup *u, const struct mue_case *c,
		      uint32_t op, struct mue_observation *o);

/* ---- objects.c: what user-side calls name by descriptors ---- */

/* The descriptor of an op's object, made when first wanted; where there can be none, see *o. */
bool mue_host_object(struct mue_host *h, const struct mue_host_setup *u, unsigned object,
		     unsigned map, int *fd, struct mue_observation *o);
/* Puts the case's own numbers (O6) in place of the ids in a value that bpf(2) has read. */
void mue_host_object_numbers(struct mue_host *h, const struct mue_host_setup *u,
			     const struct mue_map *m, void *value);
/* Closes what belongs to a case; or all. */
void mue_host_objects_close(struct mue_host *h, bool programs);

/* ---- state.c: contents of maps ---- */

/* Receives entries; value is all CPUs' without padding. */
typedef void mue_host_entry_fn(void *ctx, const struct mue_map *m, size_t value_len,
			       const void *key, const void *value);
/*
 * Hands every element of a map to fn, an array's zeros too. If *empty is set the map is
 * emptied on the way; it becomes false where this kernel has no cheap way to do so. 0 or -errno.
 */
int mue_host_walk(struct mue_host *h, const struct mue_map *m, int fd, bool *empty,
		  mue_host_entry_fn *fn, void *ctx);
/* Records the final contents of all maps, and empties them as mue_host_walk does. */
bool mue_host_state(struct mue_host *h, const struct mue_host_setup *u, const struct mue_case *c,
		    bool *empty, struct mue_observation *o);
/* The digest of a map's contents now, 0 or -errno. */
int mue_host_digest(struct mue_host *h, const struct mue_map *m, int fd, uint64_t *digest);

/* ---- probe.c: what this kernel is and can do ---- */

void mue_host_world(struct mue_session *s, struct mue_world *w);
void mue_host_identify(struct mue_session *s, char *to, size_t size);
/* Whether this session can be asked this case at all: CPUs, triggers, types. */
bool mue_host_can(struct mue_host *h, const struct mue_case *c, struct mue_observation *o);

/* ---- config.c: this kernel's configuration ---- */

enum mue_config { MUE_CONFIG_OFF, MUE_CONFIG_ON, MUE_CONFIG_UNKNOWN };
/*
 * Whether the option that a type needs is set, ON where it needs none (or, of maps, where one can be
 * made), UNKNOWN where the kernel does not show its configuration. *symbol: the option without
 * CONFIG_, or NULL.
 */
enum mue_config mue_host_prog_config(uint32_t prog_type, const char **symbol);
enum mue_config mue_host_map_config(uint32_t map_type, const char **symbol);
/*
 * The options of configs.def and those that change how maps and programs behave, as far as the kernel shows them:
 * "CONFIG_BPF_JIT=y", those that are off as "# CONFIG_NET is not set", separated by line ends.
 */
void mue_host_config_text(char *to, size_t size);

#endif
