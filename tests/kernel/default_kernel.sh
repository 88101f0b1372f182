#!/bin/bash
# SPDX-License-Identifier: ISC
# tests/netns/daemon_default.sh, everything through the tunnel, over the
# kernel's WireGuard.
if ! unshare --net ip link add wgtry type wireguard 2> /dev/null; then
	echo "skip default_kernel: the kernel has no WireGuard"
	exit 0
fi
WARREN_TEST_BACKEND=kernel exec "$(dirname "$0")/../netns/daemon_default.sh"
