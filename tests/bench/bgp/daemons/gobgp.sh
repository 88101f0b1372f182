# SPDX-License-Identifier: ISC
# GoBGP. FIB install would need zebra beside it, so it is left out.
d_version() { gobgpd --version 2>&1; }
d_can_fib() { return 1; }

d_config() {
	local p f= af
	for p in $FEEDERS; do f="$f\"${p%%:*}/32\", "; done
	{
		cat <<-E
		[global.config]
		  as = $DUT_AS
		  router-id = "$DUT_IP"
		  local-address-list = ["$DUT_IP"]
		[global.apply-policy.config]
		  export-policy-list = ["quiet-feeders"]
		  default-export-policy = "accept-route"
		[[defined-sets.neighbor-sets]]
		  neighbor-set-name = "feeders"
		  neighbor-info-list = [${f%, }]
		[[policy-definitions]]
		  name = "quiet-feeders"
		  [[policy-definitions.statements]]
		    name = "none"
		    [policy-definitions.statements.conditions.match-neighbor-set]
		      neighbor-set = "feeders"
		      match-set-options = "any"
		    [policy-definitions.statements.actions]
		      route-disposition = "reject-route"
		E
		for p in $FEEDERS $SINKS; do
			cat <<-E
			[[neighbors]]
			  [neighbors.config]
			    neighbor-address = "${p%%:*}"
			    peer-as = ${p##*:}
			  [neighbors.transport.config]
			    passive-mode = true
			  [neighbors.timers.config]
			    hold-time = 180
			E
			for af in ipv4 ipv6; do
				[ $af = ipv6 ] && [ "$V6" != 1 ] && continue
				cat <<-E
				  [[neighbors.afi-safis]]
				    [neighbors.afi-safis.config]
				      afi-safi-name = "$af-unicast"
				E
			done
		done
	} >"$DIR/gobgpd.conf"
}

d_start() { launch gobgpd -f "$DIR/gobgpd.conf" --api-hosts 127.0.0.1:50051 --pprof-disable -l warn; }

d_count() {
	in_ns gobgp neighbor 2>/dev/null | awk -v f="$FEEDERS" '
		BEGIN { k = split(f, a, " "); for (i = 1; i <= k; i++) { split(a[i], b, ":"); w[b[1]] = 1 } }
		$1 in w { n += $NF } END { print n + 0 }'
}
