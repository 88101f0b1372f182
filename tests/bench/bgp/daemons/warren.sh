# SPDX-License-Identifier: ISC
# warrend: BIRD's configuration, BIRD's client.  WARREND=path picks a binary.
# shellcheck disable=SC1091
. "${BASH_SOURCE[0]%/*}/bird.sh"
BIRD=${WARREND:-${BASH_SOURCE[0]%/*}/../../../../build/src/warrend/warrend}
BIRDC=$(command -v birdc)

d_version() { "$BIRD" --version 2>&1 | head -n 1; }

# Without a control socket, the time until it is idle has to do.
d_count() {
	[ ! -S "$DIR/bird.ctl" ] ||
		"$BIRDC" -s "$DIR/bird.ctl" show protocols all '"feed*"' |
		awk '/Routes:/ { n += $2; any = 1 } END { if (any) print n }'
}

d_detail() { [ ! -S "$DIR/bird.ctl" ] || "$BIRDC" -s "$DIR/bird.ctl" show memory; }
