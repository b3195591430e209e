/* The case has no sockets. */

static void make_socks(void)
{
}

static int socks_map(void)
{
	return create(BPF_MAP_TYPE_SOCKMAP, 4, 4, 1, 0, 0);
}

/* A descriptor that nobody has open stands for a socket that there is not. */
static void put_sock(uint8_t *value, uint32_t size)
{
	uint64_t number = 0;

	memcpy(&number, value, size);
	if (number <= 0x7fffffff)
		number = 0x7fffffff;
	memcpy(value, &number, size);
}

static void get_sock(uint8_t *value)
{
	memset(value, 0, 8);
}

static void put_tuple(const struct op *op, uint8_t *io)
{
	(void)op;
	(void)io;
}

static void sock_op(const struct op *op)
{
	print_op(op, 0, 1, 0, NULL, 0);
}
