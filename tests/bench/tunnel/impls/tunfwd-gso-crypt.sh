# SPDX-License-Identifier: ISC
# An anchor, no tunnel: src/tunfwd.c says what "gso crypt" does.
IMPL_KIND=other
impl_version() { echo "tunfwd gso crypt (one thread)"; }
# $1 side, $2 netns, $3 interface, $4 own outer, $5 other's outer, $6 own inner, $7 other's inner, $8 own port, $9 other's port
impl_setup() {
	local p=; [ "$1" = a ] && p="$5:$9"
	ip netns exec "$2" "$TB_BIN/tunfwd" "$3" "$8" $p gso crypt > "$TB_TMP/$3.log" 2>&1 < /dev/null &
	echo $!
}
