/* Pairs of interfaces of the stage, and frames that are sent from one to the other. */
#ifndef MUE_RUNNERS_KERNEL_TRIGGERS_FRAMES_H
#define MUE_RUNNERS_KERNEL_TRIGGERS_FRAMES_H

#include "runners/kernel/triggers/trigger.h"

enum { MUE_FRAMES_FROM, MUE_FRAMES_TO };

/* Makes s->veth, if it is not there yet. 0 or -errno. */
int mue_frames_veth(struct mue_scene *s);
/*
 * The same of s->netkit; and lets `sender`, one of its ends, send: an end can at once when it is the last to be
 * brought up, while the other only hears later that there is a line.
 */
int mue_frames_netkit(struct mue_scene *s, unsigned sender);

/* A kept packet socket: an fd or -errno. */
int mue_frames_socket(struct mue_scene *s);
/* Sends the event as a frame on an interface, to nobody. 0 or -errno. */
int mue_frames_send(struct mue_scene *s, int fd, uint32_t interface);
/* Sends the event as what stands behind a frame's header, from one end of s->veth to the other. */
int mue_frames_send_packet(struct mue_scene *s, uint16_t protocol);

#endif
