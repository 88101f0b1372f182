# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# FRR as somebody else's router in a lab; after lab.sh.
#
# frr_install           /etc as FRR wants it; skips the lab where it is not
#                       installed
# frr_start HOST        zebra and bgpd on the configuration in standard input
# vty HOST COMMAND      what vtysh answers
frr_lib=/usr/lib/frr

frr_install() {
	need vtysh
	[ -x $frr_lib/bgpd ] || { skip "$NAME" "FRR is not installed"; exit 0; }
	# zebra wants its user in this group; /etc is ours alone here.
	sed -i '/^frrvty:/s/[^:,]$/&,root/;/^frrvty:.*:$/s/$/root/' /etc/group
}

frr_start() {
	local h=$1 dir=/run/frr.$1

	put "$h" /etc/warren/frr.conf
	on "$h" mkdir -p "$dir"
	: | put "$h" /etc/warren/zebra.conf
	start "$h-zebra" "$h" $frr_lib/zebra -u root -g root -P 0 \
		-f /etc/warren/zebra.conf -i "$dir/zebra.pid" \
		-z "$dir/zserv.api" --vty_socket "$dir" --log stdout
	wait_for "on $h test -S $dir/zserv.api" 10
	start "$h-bgpd" "$h" $frr_lib/bgpd -S -f /etc/warren/frr.conf -P 0 \
		-i "$dir/bgpd.pid" --vty_socket "$dir" \
		-z "$dir/zserv.api" --log stdout
}

vty() { on "$1" vtysh --vty_socket "/run/frr.$1" -c "$2"; }

# As show, but what is typed in a vtysh of FRR.
show_vty() {
	printf '\n%s%s#%s vtysh -c "%s"\n' "$dim" "$1" "$plain" "$2"
	shown=(vty "$1" "$2")
	look_again
	sed 's/^/    /' <<< "$seen"
}
