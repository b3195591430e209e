#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>
#include <bpf/bpf.h>

#include "runners/kernel/host.h"

/* The kernel lays out: a page with the consumer's position, one with the producer's, the data. */
static int map_pages(struct mue_host *h)
{
	size_t page = sysconf(_SC_PAGESIZE);
	void *consumer = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, h->ringbuf, 0);
	void *producer = mmap(NULL, page, PROT_READ, MAP_SHARED, h->ringbuf, page);

	if (consumer != MAP_FAILED && producer != MAP_FAILED) {
		h->ring_consumer = consumer;
		h->ring_producer = producer;
		return 0;
	}
	if (consumer != MAP_FAILED)
		munmap(consumer, page);
	if (producer != MAP_FAILED)
		munmap(producer, page);
	return -errno;
}

int mue_host_ringbuf(struct mue_host *h)
{
	int err;

	if (h->ringbuf >= 0)
		return h->ringbuf;
	h->ringbuf = bpf_map_create(BPF_MAP_TYPE_RINGBUF, NULL, 0, 0, MUE_RINGBUF_SIZE, NULL);
	if (h->ringbuf < 0)
		return h->ringbuf;
	err = map_pages(h);
	if (!err)
		return h->ringbuf;
	close(h->ringbuf);
	h->ringbuf = -1;
	return err;
}

void mue_host_ringbuf_reset(struct mue_host *h)
{
	*h->ring_consumer = __atomic_load_n(h->ring_producer, __ATOMIC_ACQUIRE);
}

void mue_host_ringbuf_close(struct mue_host *h)
{
	size_t page = sysconf(_SC_PAGESIZE);

	if (h->ringbuf < 0)
		return;
	munmap(h->ring_consumer, page);
	munmap((void *)h->ring_producer, page);
	close(h->ringbuf);
}
