# SPDX-License-Identifier: ISC
# warren-wg.  WARREN_WG=path picks a binary.
WARREN_WG=${WARREN_WG:-$(command -v warren-wg)}

impl_version() { "$WARREN_WG" --version 2>&1 | head -n 1; }

# $1 netns, $2 interface name: start it there, print its pid
impl_start() {
	LOG_LEVEL=error ip netns exec "$1" "$WARREN_WG" -f "$2" \
	    > "$TB_TMP/$2.log" 2>&1 < /dev/null &
	echo $!
}
