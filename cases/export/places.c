/* Places of our own: a network namespace, the hierarchy of cgroup2 (mounted nowhere). */
#define ELSEWHERE __attribute__((unused)) /* not every case has a use for it */

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_vm vm;
	struct sockaddr_un un;
};

static void sure(long ret, const char *what)
{
	if (ret < 0)
		fail(what);
}

ELSEWHERE static void own_network(void)
{
	static int done;
	struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
	int fd;

	if (done++)
		return;
	sure(unshare(CLONE_NEWNET), "a network namespace");
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	sure(ioctl(fd, SIOCSIFFLAGS, &lo), "lo");
	close(fd);
}

ELSEWHERE static int open_cgroups(void)
{
	int fs = fsopen("cgroup2", FSOPEN_CLOEXEC);

	sure(fs, "cgroup2");
	sure(fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0), "cgroup2");
	fs = openat(fsmount(fs, FSMOUNT_CLOEXEC, 0), ".", O_RDONLY | O_DIRECTORY);
	sure(fs, "cgroup2");
	return fs;
}

/* Binds to an address that the kernel chooses. */
ELSEWHERE static void bind_any(int family, int fd)
{
	union address a = {.any = {.sa_family = family}};
	socklen_t size = sizeof(a.any.sa_family);

	if (family == AF_INET) {
		a.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		size = sizeof(a.in);
	} else if (family == AF_INET6) {
		a.in6.sin6_addr = in6addr_loopback;
		size = sizeof(a.in6);
	} else if (family == AF_VSOCK) {
		a.vm.svm_cid = VMADDR_CID_LOCAL;
		a.vm.svm_port = VMADDR_PORT_ANY;
		size = sizeof(a.vm);
	}
	sure(bind(fd, &a.any, size), "bind");
}

ELSEWHERE static void connect_to(int fd, int to)
{
	union address a;
	socklen_t size = sizeof(a);

	sure(getsockname(to, &a.any, &size), "getsockname");
	sure(connect(fd, &a.any, size), "connect");
}
