#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Random filters on random routes, in BIRD and here: filter_random.py says
# how.  As a test it takes as many, always from the same seed, which
# WARREN_SEED changes; by hand it takes --seed, --batch,
# --pairs, --seconds and --bad, and without --seed the seed is another one each
# time.  The filter and the route that differ are left in the build
# folder.
. "$(dirname "$0")/../netns/lib.sh"
need bird python3

ip link add d0 type veth peer name d1
ip address add 192.0.2.1/24 dev d0
ip address add 2001:db8::1/64 dev d0 nodad
ip link set d0 addrgenmode none
ip address add fe80::d0/64 dev d0 nodad
ip link set d0 up
ip link set d1 up

random() {
	python3 "$TOP/tests/interop/filter_random.py" --keep "$BUILD" "$@" \
		"$BUILD/tests/interop/filter_tool"
}

if [ $# -gt 0 ]; then
	random "$@"
	exit
fi
# trial NAME PAIRS [ARGUMENT...]
trial() {
	local name=$NAME/$1 pairs=$2 out
	shift 2
	if out=$(random --seed "${WARREN_SEED:-7}" --pairs "$pairs" \
	    "$@"); then
		ok "$name: $(printf '%s' "$out" | tail -n 1)"
	else
		printf '%s\n' "$out"
		not_ok "$name" "$(printf '%s' "$out" | tail -n 1)"
	fi
}
trial programs 12000
trial mistakes 250 --bad
trial warrend 5000 --daemon "$BUILD/src/warrend/warrend"
