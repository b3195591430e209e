/*
 * Needs no library: cc -Wall -o reproducer THIS_FILE && sudo ./reproducer
 *
 * The case stands in the middle as data; what asks the kernel with bpf(2) stands behind
 * it. Every line printed is one answer: map creations, program loads, runs and their
 * calls, and the final contents of the maps.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/vm_sockets.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* A fill byte with the first and last bytes written over it. */
struct bytes {
	uint8_t fill, n_head, n_tail, head[24], tail[7];
};
/* n 64-bit words, all the same, at an offset. */
struct words {
	uint32_t at, n;
	uint64_t word;
};
struct blob {
	const uint8_t *p;
	uint32_t n;
};
struct map {
	const char *name;
	uint32_t type, key_size, value_size, max_entries, flags, numa_node;
	uint32_t special; /* bytes of a special field at offset 0 of the value */
	struct blob btf;
	uint32_t btf_key, btf_value;
	int per_cpu, is_array, is_trie, is_sock, observed, is_outer, inner; /* inner: 1 + its number */
	uint32_t fd_at, fd_size; /* where a descriptor stands in values */
	enum { BYTES, MAP_IDS, PROG_IDS, COOKIES } shows; /* what stands there in lookups */
};
/* What calls name by a descriptor; of a program, what it is loaded as. */
struct object {
	const char *name;
	uint32_t type, attach;
};
/* A socket as socket(2) takes it; family 0: something else that has a descriptor. */
enum state { CLOSED, BOUND, LISTEN, ESTABLISHED };
struct sock {
	int family, type, protocol;
	enum state state;
};
/* struct bpf_sock_tuple of IPv4. */
struct tuple {
	uint32_t saddr, daddr;
	uint16_t sport, dport;
};
enum kind {
	UPDATE,
	DELETE,
	LOOKUP,
	REREAD,
	BATCH,
	FREEZE,
	DIGEST,
	LOOKUP_AND_DELETE,
	CONTAINS,
	CLOSE,
	SHUTDOWN,
	DISCONNECT,
	HANGUP,
};
struct op {
	const char *label;
	enum kind kind;
	int map;
	uint32_t times;
	uint64_t flags;
	struct bytes key, value;
	uint32_t key_object, value_object; /* of objects[], over bytes of the key, of the value; 0: none */
	int object_map;			   /* which map, where that is the object */
	uint32_t io, out, out_size; /* of program steps: where the block has the results */
	uint32_t sock;		    /* index; of calls about a socket */
	uint64_t number;	    /* of steps whose value is a socket: which, */
	uint32_t tuple;		    /* and where the block says how to find it */
};
/* A program, or the part of it behind a tail call. */
struct part {
	const struct bpf_insn *insns;
	uint32_t n_insns, n_infos;
	const struct bpf_func_info *infos;
	struct blob btf;
};
/* What BPF_PROG_TEST_RUN gets; EVENT: it has nothing for the program, which an event runs. */
enum trigger { EVENT, PACKET, SK_LOOKUP, RAW_TP, CONTEXT };
struct phase {
	const char *label;
	uint32_t type, attach, flags, cpu, load_only; /* type 0: calls from user space */
	const char *license;
	enum trigger trigger;
	const char *event;	/* its name */
	int others, many;	/* it comes to other processes, too; more than once */
	struct part target;	/* what an extension extends: the second of its functions */
	const char *hook;	/* what of the kernel is named to load the program, by its name in BTF */
	uint32_t hook_kind;	/* BTF_KIND_* */
	uint32_t n_parts;
	struct part parts[2];
	uint32_t io_size, n_io, packet_size, n_packet, payload_size, context_size;
	const struct words *io, *packet;
	uint32_t first, count;
};
/* The maps that programs name by these numbers, which are in place of descriptors. */
enum { MAP = 0, OUTER = 16, IO = 32, RODATA, RINGBUF, TAILS, SOCKS, HANDLES };
/* In the block: how often the program was invoked, whose invocations count (0: all), the end of the first. */
enum { INVOKED = 0, PID = 8, DONE = 16 };
