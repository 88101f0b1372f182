#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Filters against BIRD's own: the same expressions to "eval" of both, the same
# filters on the same route in both.  Values, what is printed and verdicts
# must be alike; of mistakes only that both see one, as their words differ.
#
# usage: filter_bird.sh [BUILD]
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-${WARREN_BUILD:-$top/build}}
tool=$build/tests/interop/filter_tool
if ! command -v bird >/dev/null || ! unshare -n true 2>/dev/null; then
	echo "skip: needs bird, and leave to make a network namespace"
	exit 77
fi
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
failures=0

# bird_with CONF COMMAND...: runs it beside a bird of its own
bird_with() {
	local conf=$1
	shift
	rm -f "$tmp/log"
	# shellcheck disable=SC2016
	unshare -n --kill-child --fork bash -c '
		tmp=$1; conf=$2; shift 2
		bird -c "$conf" -s "$tmp/s" -P "$tmp/p" 2>"$tmp/err" || exit 1
		for _ in {1..600}; do
			birdc -s "$tmp/s" show protocols >"$tmp/status" 2>&1 &&
				! grep -q " start " "$tmp/status" && break
			sleep 0.1
		done
		"$@"
		birdc -s "$tmp/s" down >/dev/null
	' - "$tmp" "$conf" "$@"
}

evals() {
	while IFS= read -r x; do
		birdc -v -s "$tmp/s" "eval $x" | sed -n 2p
	done <"$top/tests/interop/filter/expressions"
}
export -f evals
export tmp top

cat >"$tmp/eval.conf" <<EOF
log "$tmp/log" all;
router id 1.2.3.4;
protocol device {}
EOF
bird_with "$tmp/eval.conf" bash -c evals |
	sed 's/^[89]... .*/ERROR/' >"$tmp/theirs"
"$tool" eval <"$top/tests/interop/filter/expressions" |
	sed 's/^9001 .*/ERROR/' >"$tmp/ours"
n=$(wc -l <"$tmp/ours")
if [ "$n" -lt 100 ] || ! cmp -s "$tmp/ours" "$tmp/theirs"; then
	failures=$((failures + 1))
	paste "$top/tests/interop/filter/expressions" "$tmp/theirs" "$tmp/ours" |
		awk -F'\t' '$2 != $3 { print "not ok " $1 ": BIRD " $2 ", we " $3 }'
fi
echo "$n expressions"

for f in "$top"/tests/interop/filter/*.conf; do
	{
		echo "log \"$tmp/log\" all; router id 1.2.3.4;"
		echo 'protocol device {}'
		cat "$f"
		echo 'protocol static s1 { ipv4 { import filter t; };'
		echo 'route 10.1.2.0/24 blackhole; }'
	} >"$tmp/run.conf"
	if bird_with "$tmp/run.conf" birdc -s "$tmp/s" show route count \
		>"$tmp/count"; then
		sed -n 's/.*<INFO> //p; s/.*<ERR> .*/ERROR/p' "$tmp/log" |
			grep -vE '^(Started|Shutting down|Shutdown completed)' \
				>"$tmp/theirs"
		if grep -q '^1 of' "$tmp/count"; then
			echo ACCEPT
		else
			echo REJECT
		fi >>"$tmp/theirs"
	else
		echo REFUSED >"$tmp/theirs"
	fi
	"$tool" run "$f" >"$tmp/ours"
	if cmp -s "$tmp/ours" "$tmp/theirs"; then
		echo "ok $(basename "$f")"
	else
		failures=$((failures + 1))
		echo "not ok $(basename "$f")"
		diff "$tmp/theirs" "$tmp/ours"
	fi
done
[ "$failures" = 0 ]
