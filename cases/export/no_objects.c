/* The case names no objects. */

static int object_fd(uint32_t object, int map)
{
	(void)object;
	(void)map;
	return -1;
}

static void put_number(const struct map *m, uint8_t *value)
{
	(void)m;
	(void)value;
}
