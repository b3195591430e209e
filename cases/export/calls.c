/* Keys and values. */

static void resolve(const struct bytes *b, uint8_t *to, size_t size)
{
	size_t head = b->n_head < size ? b->n_head : size,
	       tail = b->n_tail < size ? b->n_tail : size;

	memset(to, b->fill, size);
	memcpy(to, b->head, head);
	memcpy(to + size - tail, b->tail + b->n_tail - tail, tail);
}

/* Adds n to the number of at most 32 bits at an offset. */
static void count_up(uint8_t *p, size_t size, size_t at, uint32_t n)
{
	for (size_t i = at; i < size && i < at + 4; i++, n >>= 8)
		p[i] = n += p[i];
}

static void put_fd(uint8_t *to, size_t size, int fd)
{
	const int64_t wide = fd;

	memcpy(to, &wide, size);
}

static void put_key(const struct op *op, uint8_t *to, uint32_t n)
{
	const struct map *m = &maps[op->map];

	resolve(&op->key, to, m->key_size);
	count_up(to, m->key_size, m->is_trie ? 4 : 0, n);
	if (op->key_object)
		put_fd(to, 4, object_fd(op->key_object, 0));
}

static void put_value(const struct op *op, uint8_t *to, uint32_t n)
{
	const struct map *m = &maps[op->map];
	uint32_t copies = m->per_cpu ? cpus : 1;
	size_t stride = value_room(m) / copies;

	for (uint32_t cpu = 0; cpu < copies; cpu++, to += stride) {
		resolve(&op->value, to, m->value_size);
		count_up(to, m->value_size, m->special, n + cpu * CPU_STEP);
		memset(to + m->value_size, 0, stride - m->value_size);
	}
	if (op->value_object)
		put_fd(to - stride + m->fd_at, m->fd_size, object_fd(op->value_object, op->object_map));
	if (m->is_sock && op->kind == UPDATE)
		put_sock(to - stride, m->value_size);
}

/* Calls from user space. */

static void user_update(const struct op *op, uint8_t *key, uint8_t *value)
{
	uint32_t failed = 0;
	int ret = 0;

	for (uint32_t i = 0; i < op->times; i++) {
		put_key(op, key, i);
		put_value(op, value, i);
		ret = update(map_fds[op->map], maps[op->map].key_size ? key : NULL, value,
			     op->flags);
		failed += ret != 0;
	}
	print_op(op, ret, op->times, failed, NULL, 0);
}

static void user_batch(const struct op *op, uint8_t *key, uint8_t *value)
{
	const struct map *m = &maps[op->map];
	union bpf_attr attr = {.batch = {.keys = m->key_size ? ptr(key) : 0,
					 .values = ptr(value),
					 .count = op->times,
					 .map_fd = map_fds[op->map],
					 .elem_flags = op->flags}};
	int ret;

	for (uint32_t i = 0; i < op->times; i++) {
		put_key(op, key + (size_t)i * m->key_size, i);
		put_value(op, value + i * value_room(m), i);
	}
	ret = bpf(BPF_MAP_UPDATE_BATCH, &attr);
	print_op(op, ret, attr.batch.count, 0, NULL, 0);
}

static void user_digest(const struct op *op)
{
	struct entry *entries;
	uint32_t n;

	print_op(op, walk(op->map, &entries, &n), 1, 0, NULL, 0);
	free(entries);
}

static void user_lookup(const struct op *op, uint8_t *key, uint8_t *value)
{
	const struct map *m = &maps[op->map];
	int ret = lookup(map_fds[op->map], m->key_size ? key : NULL, value, op->flags);

	pack(m, value);
	if (!ret && m->is_sock)
		get_sock(value);
	if (!ret)
		put_number(m, value);
	print_op(op, ret, 1, 0, ret ? NULL : value, value_len(m));
}

static void user_lookup_and_delete(const struct op *op, uint8_t *key, uint8_t *value)
{
	const struct map *m = &maps[op->map];
	union bpf_attr attr = {.map_fd = map_fds[op->map], .key = m->key_size ? ptr(key) : 0,
			       .value = ptr(value), .flags = op->flags};
	int ret = bpf(BPF_MAP_LOOKUP_AND_DELETE_ELEM, &attr);

	pack(m, value);
	if (!ret)
		put_number(m, value);
	print_op(op, ret, 1, 0, ret ? NULL : value, value_len(m));
}

static void user_contains(const struct op *op, uint8_t *key, uint8_t *value)
{
	put_value(op, value, 0);
	print_op(op, lookup(map_fds[op->map], maps[op->map].key_size ? key : NULL, value, op->flags),
		 1, 0, NULL, 0);
}

static void user_op(const struct op *op)
{
	const struct map *m = &maps[op->map];
	uint8_t *key, *value;
	union bpf_attr attr = {.map_fd = map_fds[op->map]};

	if (op->kind >= CLOSE) {
		sock_op(op);
		return;
	}
	key = room((size_t)op->times * m->key_size);
	value = room(op->times * value_room(m));
	attr.key = m->key_size ? ptr(key) : 0;
	put_key(op, key, 0);
	if (op->kind == UPDATE) {
		user_update(op, key, value);
	} else if (op->kind == BATCH) {
		user_batch(op, key, value);
	} else if (op->kind == DIGEST) {
		user_digest(op);
	} else if (op->kind == LOOKUP) {
		user_lookup(op, key, value);
	} else if (op->kind == LOOKUP_AND_DELETE) {
		user_lookup_and_delete(op, key, value);
	} else if (op->kind == CONTAINS) {
		user_contains(op, key, value);
	} else if (op->kind == DELETE) {
		print_op(op, bpf(BPF_MAP_DELETE_ELEM, &attr), 1, 0, NULL, 0);
	} else {
		attr.key = 0;
		print_op(op, bpf(BPF_MAP_FREEZE, &attr), 1, 0, NULL, 0);
	}
	free(key);
	free(value);
}
