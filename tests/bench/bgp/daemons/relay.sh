# SPDX-License-Identifier: ISC
# Not a router: copies UPDATEs from feeders to sinks. Shows the harness's own limit.
d_version() { echo "relay (harness floor)"; }
d_config() { :; }
d_start() {
	local args= n=0 p
	for p in $SINKS; do args="$args --sink ${p%%:*}"; done
	for p in $SINKS $FEEDERS; do n=$((n + 1)); done
	launch "$BENCH" relay --listen "$DUT_IP" --as "$DUT_AS" --peers $n $args
}
d_count() { :; }
