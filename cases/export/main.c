
/* Asks all, and prints each answer as a line. */
static void ask(void)
{
	struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};

	setrlimit(RLIMIT_MEMLOCK, &unlimited); /* kernels before 5.11 */
	count_cpus();
	make_socks();
	for (uint32_t i = 0; i < n_maps; i++) {
		map_fds[i] = create_map(&maps[i]);
		printf("map %s: create %s\n", maps[i].name,
		       ret_text(map_fds[i] < 0 ? map_fds[i] : 0));
		if (map_fds[i] < 0)
			return;
	}
	for (uint32_t i = 0; i < n_phases; i++)
		load(i);
	for (uint32_t i = 0; i < n_phases; i++)
		run(i);
	for (uint32_t i = 0; i < n_maps; i++)
		print_state(i);
}

/* Whether two lines are about the same: "map m", "phase 0 op 1", .. */
static int same_place(const char *a, const char *b)
{
	size_t n = strcspn(a, ":");

	return n == strcspn(b, ":") && !memcmp(a, b, n);
}

/* Prints the lines with what is expected; gives how many differ. */
static uint32_t compare(FILE *lines)
{
	const char *const *want = expected;
	char *line = NULL;
	size_t room = 0;
	uint32_t differ = 0;

	while (getline(&line, &room, lines) > 0) {
		line[strcspn(line, "\n")] = 0;
		if (*want && !strcmp(line, *want)) {
			printf("  %s\n", line);
			want++;
			continue;
		}
		differ++;
		printf("* %s\n", line);
		if (*want && same_place(line, *want))
			printf("  expected: %s\n", *want++);
	}
	for (; *want; want++, differ++)
		printf("* expected: %s\n", *want);
	free(line);
	return differ;
}

/* Asks in a child, whose lines are read as they come. */
static int ask_and_compare(void)
{
	int ends[2], status = 0;
	uint32_t differ;
	pid_t child;

	if (pipe(ends) || (child = fork()) < 0)
		fail("a child");
	if (!child) {
		dup2(ends[1], 1);
		close(ends[0]);
		ask();
		exit(0);
	}
	close(ends[1]);
	differ = compare(fdopen(ends[0], "r"));
	if (waitpid(child, &status, 0) < 0 || status)
		fail("asking");
	printf(differ ? "DIFFERENT in %u lines\n" : "as expected\n", differ);
	return differ != 0;
}

/* Exits with 0, or with 1 when something is expected and does not come. */
int main(void)
{
	if (*expected)
		return ask_and_compare();
	ask();
	return 0;
}
