/* Events: what makes programs run where BPF_PROG_TEST_RUN has nothing for them. */

/* By name: what it needs, what attaches, what makes it. */
static const struct {
	const char *name;
	void (*prepare)(void), (*attach)(void), (*fire)(void);
} events[] = {
	{"device", nothing, to_cgroup, open_device},
	{"sysctl", open_sysctl, to_cgroup, read_sysctl},
	{"getsockopt", make_udp, to_cgroup, get_option},
	{"setsockopt", make_udp, to_cgroup, set_option},
	{"sock_create", nothing, to_cgroup, make_udp},
	{"sock_release", make_udp, to_cgroup, close_first},
	{"post_bind", make_udp, to_cgroup, bind_first},
	{"listen", make_tcp, to_cgroup, listen_first},
	{"sock_addr", make_addresses, to_cgroup, use_addresses},
	{"datagram", make_receiver, to_cgroup, send_ip},
	{"lookup", make_receiver, to_netns, send_ip},
	{"filter", make_receiver, to_receiver, send_ip},
	{"netfilter", make_receiver, to_netfilter, send_ip},
	{"reuseport", make_group, to_group, send_udp},
	{"migrate", make_listeners, to_group, close_listener},
	{"unix_any", make_map_and_unix, to_map_as_verdict, send_to_near},
	{"unix_verdict", make_map_and_unix, to_map, send_to_near},
	{"tcp_verdict", make_map_and_tcp, to_map, send_to_near},
	{"tcp_parser", make_map_and_tcp, to_map_with_verdict, send_byte},
	{"tcp_message", make_map_and_tcp, to_map, send_from_near},
	{"uprobe", open_uprobe, to_perf, probed},
	{"uretprobe", open_uretprobe, to_perf, probed},
	{"kprobe", open_kprobe, to_perf, test_run_other},
	{"kretprobe", open_kretprobe, to_perf, test_run_other},
	{"kprobe_multi", nothing, to_kprobes, test_run_other},
	{"uprobe_multi", nothing, to_uprobes, probed},
	{"tracepoint", open_tracepoint, to_perf, test_run_other},
	{"page_fault", open_page_faults, to_perf, touch_page},
	{"page_fault_link", open_page_faults, link_to_perf, touch_page},
	{"raw_tracepoint", nothing, to_tracepoint, test_run_other},
	{"btf_tracepoint", nothing, to_hook, test_run_other},
	{"function", nothing, to_hook, test_run_self},
	{"functions", nothing, to_functions, test_run_self},
	{"modify_return", make_tcp_socket, to_hook, bind_tcp},
	{"security", make_tcp_socket, to_hook, bind_tcp},
	{"security_cgroup", make_tcp_socket, to_cgroup, bind_tcp},
	{"iterator", nothing, to_iterator, read_iterator},
	{"congestion", make_control, to_control, take_control},
	{"sockmap_iterator", nothing, to_map_iterator, read_iterator},
	{"tcp_iterator", nothing, to_iterator, read_iterator},
	{"udp_iterator", nothing, to_iterator, read_iterator},
	{"unix_iterator", nothing, to_iterator, read_iterator},
	{"extension", nothing, to_target, run_target},
};

/* The event may be over before the program is. */
static void wait_done(int io)
{
	const uint32_t zero = 0;
	uint8_t *block = room(now->io_size);
	uint32_t done = 0;

	for (int ms = 0; !done && ms < DONE_MS; ms++) {
		if (lookup(io, &zero, block, 0))
			fail("the parameter block");
		memcpy(&done, block + DONE, sizeof(done));
		if (!done)
			usleep(1000);
	}
	free(block);
}

static int make_event(uint32_t phase)
{
	uint32_t i = 0;

	now = &phases[phase];
	prog = progs[phase][0];
	while (strcmp(events[i].name, now->event))
		i++;
	events[i].prepare();
	events[i].attach();
	events[i].fire();
	wait_done(handles[phase][IO]);
	while (n_kept)
		close(kept[--n_kept]);
	return 0;
}
