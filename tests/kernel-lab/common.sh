# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# Shared by uml-run, uml-build and qemu-run.  Written for Debian 12 (bookworm), amd64.
KLAB_CACHE=${KLAB_CACHE:-/var/cache/warren/kernel-lab}

say() { [ -n "${KLAB_QUIET:-}" ] || echo "kernel-lab: $*" >&2; }
die() { echo "kernel-lab: $*" >&2; exit 99; }

need_root() { [ "$(id -u)" = 0 ] || die "run me as root"; }

# need_pkgs PKG... : install whichever of these Debian packages are absent
need_pkgs() {
	local p miss=()
	for p in "$@"; do
		dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || miss+=("$p")
	done
	[ ${#miss[@]} = 0 ] && return 0
	say "apt: installing ${miss[*]}"
	DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${miss[@]}" >&2 ||
		{ apt-get update >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${miss[@]}" >&2; } ||
		die "apt could not install ${miss[*]}"
}

# guest_script FILE DIR : write to FILE the part of the guest's /init that both kernels share.
# It expects OUT (a folder that is writable from the guest) and the command in OUT/cmd.
guest_common() {
	cat <<'G'
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb
mount -t proc proc /proc 2>/dev/null
mount -t sysfs sys /sys 2>/dev/null
mount -t tmpfs -o mode=755 run /run
mount -t tmpfs -o mode=1777 tmp /tmp
mount -t devtmpfs dev /dev 2>/dev/null
mkdir -p /dev/pts /dev/shm /dev/net
mount -t devpts devpts /dev/pts 2>/dev/null
mount -t tmpfs -o mode=1777 shm /dev/shm 2>/dev/null
[ -e /dev/net/tun ] || mknod /dev/net/tun c 10 200 2>/dev/null
[ -e /dev/fd ] || ln -s /proc/self/fd /dev/fd
mkdir -p /run/netns /run/wireguard /run/lock
ip link set lo up
G
}
