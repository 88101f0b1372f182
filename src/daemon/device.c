/* SPDX-License-Identifier: ISC */
/*
 * The device protocol.  Links and addresses are followed whether it is there
 * or not (links.c); it stands for them in "show protocols" and in files made
 * for BIRD.
 */
#include "daemon/proto.h"

static const struct rt_class device_class = { .name = "Device" };

const struct proto_ops device_ops = {
	.kind = CONF_DEVICE,
	.cls = &device_class,
	.size = sizeof(struct proto),
	.start = proto_up,
};
