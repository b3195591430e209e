/*
 * Kernels at hand: the cache that `mue kernels fetch` and `build` fill, one folder a kernel:
 *   kernel     a bzImage or a user-mode Linux executable
 *   modules/   lib/modules/VERSION of the package, compressed or not (may be absent)
 *   config     its configuration, gzipped or not (may be absent)
 *   origin     one line: the package and its version
 */
#ifndef MUE_GUEST_KERNELS_H
#define MUE_GUEST_KERNELS_H

#include <stdbool.h>
#include <stddef.h>

#define MUE_PATH_MAX 1024

struct mue_kernel {
	char name[64];	       /* "6.12", "uml", "reference" */
	char kernel[MUE_PATH_MAX];
	char modules[MUE_PATH_MAX]; /* the folder with the modules, or "" */
	char config[MUE_PATH_MAX];  /* the file with its configuration, or "" */
	char origin[256];
};

/* A folder of ours: $XDG_CACHE_HOME/mue/WHAT, or ~/.cache/mue/WHAT. */
void mue_cache_dir(char *dir, size_t size, const char *what);
/* The cache: $XDG_CACHE_HOME/mue/kernels, or ~/.cache/mue/kernels. */
void mue_kernels_dir(char *dir, size_t size);

/*
 * The kernel that `what` names: one of the cache by its name (without "reference-", if it likes), or a file by its path (then
 * modules is `modules_dir` or ""). 0, or -errno and one line in msg that says how to get it.
 */
int mue_kernel_find(struct mue_kernel *k, const char *what, const char *modules_dir, char *msg,
		    size_t msg_size);

/* Calls fn for every kernel of the cache, sorted by name; stops when it returns false. */
void mue_kernels_each(bool (*fn)(void *ctx, const struct mue_kernel *k), void *ctx);

/*
 * The shell script behind `mue kernels fetch` (fetch.sh); arguments: the cache, then series.
 */
extern const char mue_kernels_fetch_script[];

/*
 * The one behind `mue kernels build` (build.sh and kernel-configs/); arguments: the cache, then
 * [reference|uml] [--source PACKAGE] [--kasan] [--lockdep] [--kcov]. The kernel's name in the cache is
 * reference or reference-uml, then -SERIES unless it is 6.12, then what it has: -kasan, ..
 */
extern const char mue_kernels_build_script[];

#endif
