/* Hooks that the kernel's BTF names: functions, tracepoints, iterators, security hooks. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "runners/kernel/triggers/net.h"
#include "runners/kernel/triggers/probed.h"

/* Tracepoints: one that is passed in test runs only. */
#define TRACEPOINT "bpf_test_finish"

static int attach_raw(struct mue_scene *s)
{
	return mue_scene_link_tracepoint(s, TRACEPOINT);
}

const struct mue_trigger mue_trigger_raw_tracepoint = {mue_scene_ready, attach_raw,
						       mue_scene_test_run};

static int attach(struct mue_scene *s)
{
	return mue_scene_link_tracepoint(s, NULL);
}

const struct mue_trigger mue_trigger_btf_tracepoint = {mue_scene_ready, attach, mue_scene_test_run};

const struct mue_trigger mue_trigger_function = {mue_scene_ready, attach, mue_scene_trace};

/* Iterators: the first element ends the reading, by what the program returns (ONE): try again. */

static int create_iterator(struct mue_scene *s)
{
	int fd = bpf_iter_create(s->fds[s->n_fds - 1]);

	if (fd < 0)
		return fd;
	fd = mue_scene_keep(s, fd);
	return fd < 0 ? fd : 0;
}

static int attach_iterator(struct mue_scene *s)
{
	return mue_scene_link(s, 0) ?: create_iterator(s);
}

static int attach_map_iterator(struct mue_scene *s)
{
	union bpf_iter_link_info info = {.map.map_fd = s->map};
	LIBBPF_OPTS(bpf_link_create_opts, opts, .iter_info = &info, .iter_info_len = sizeof(info));
	int fd = bpf_link_create(s->prog, 0, s->row->attach_type, &opts);

	if (fd < 0)
		return fd;
	fd = mue_scene_keep(s, fd);
	return fd < 0 ? fd : create_iterator(s);
}

static int read_first(struct mue_scene *s)
{
	char byte;

	return read(s->fds[s->n_fds - 1], &byte, 1) < 0 && errno != EAGAIN ? -errno : 0;
}

const struct mue_trigger mue_trigger_iterator = {mue_scene_ready, attach_iterator, read_first};
const struct mue_trigger mue_trigger_sockmap_iterator = {mue_scene_ready, attach_map_iterator,
							 read_first};
const struct mue_trigger mue_trigger_tcp_iterator = {mue_scene_ready, attach_iterator, read_first};
const struct mue_trigger mue_trigger_udp_iterator = {mue_scene_ready, attach_iterator, read_first};
const struct mue_trigger mue_trigger_unix_iterator = {mue_scene_ready, attach_iterator, read_first};

/* Security hooks. */

static bool has_word(const char *words, const char *word)
{
	const size_t n = strlen(word);
	const char *at = words;

	while ((at = strstr(at, word))) {
		if ((at == words || at[-1] == ',') && (!at[n] || at[n] == ','))
			return true;
		at += n;
	}
	return false;
}

/* Programs are called only where the module is among the active ones. */
static int check_active(void)
{
	int fs = fsopen("securityfs", FSOPEN_CLOEXEC), root = -1, fd = -1;
	char words[256] = "";
	ssize_t n = -1;

	if (fs >= 0 && !fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		root = fsmount(fs, FSMOUNT_CLOEXEC, 0);
	if (root >= 0)
		fd = openat(root, "lsm", O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		n = read(fd, words, sizeof(words) - 1);
	for (unsigned i = 0; i < 3; i++)
		if ((int[]){fs, root, fd}[i] >= 0)
			close((int[]){fs, root, fd}[i]);
	return n > 0 && has_word(words, "bpf") ? 0 : -EOPNOTSUPP;
}

static int open_socket(struct mue_scene *s)
{
	int fd = mue_scene_socket(s, AF_INET, SOCK_STREAM);

	return fd < 0 ? fd : 0;
}

static int open_active(struct mue_scene *s)
{
	return check_active() ?: open_socket(s);
}

static int bind_socket(struct mue_scene *s)
{
	struct mue_address a = mue_address_any(AF_INET);

	return bind(s->fds[0], &a.any, a.size) ? -errno : 0;
}

#define BPF_LSM "\"bpf\" among the active security modules (lsm=)"

const struct mue_trigger mue_trigger_security = {open_active, attach, bind_socket,
						 .needs = BPF_LSM};
const struct mue_trigger mue_trigger_security_cgroup = {open_active, mue_scene_link_cgroup,
							bind_socket, .needs = BPF_LSM};

const struct mue_trigger mue_trigger_modify_return = {open_socket, attach, bind_socket};
