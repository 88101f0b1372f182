# SPDX-License-Identifier: ISC
# Any userspace WireGuard that takes `-f IFNAME`, opens /var/run/wireguard/IFNAME.sock and speaks the UAPI.
# WG=/path/to/binary ./measure wireguard-go   measures another binary of that command line.
WG=${WG:-wireguard-go}
impl_version() { "$WG" --version 2>&1 | head -1; }
# $1 netns, $2 interface name: start it there, print its pid
impl_start() {
	LOG_LEVEL=error ip netns exec "$1" "$WG" -f "$2" > "$TB_TMP/$2.log" 2>&1 < /dev/null &
	echo $!
}
