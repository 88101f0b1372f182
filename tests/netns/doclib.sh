# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# Breaking things for warren doctor; after lib.sh and labs/homes.sh.
#
# doc_world             the two homes and the VPS of labs/homes.sh, joined
# doctor HOST [OPTION]  runs it there; its output is $TMP/doctor.log
# finds HOST FINDING    true when it has that finding, and with it a command
# well HOST [NAME]      a check: it has none
# breaks FINDING HOST COMMAND [UNDO]
#                       a check: after COMMAND it has that finding and none but
#                       those in $with; after UNDO, or when that is "mend"
#                       after the command that the finding itself prints, or
#                       when that is "fix" after --fix --yes, it has none
# $doc_socket           another daemon's, if it is set
# typed HOST TEXT       runs a text there, as one would type it
# conf FINDING HOST SED [UNDO]
#                       the same for an edit of the configuration; without
#                       UNDO the file is put back

# Commands that a finding prints are run as they are.  What they would do
# beyond the test's own namespaces (services, clocks, editors) is only noted in
# $TMP/stub.log; what is asked of services fails.
doc_stubs() {
	local name

	mkdir -p "$TMP/stubs"
	for name in systemctl service timedatectl chronyc date hwclock nmcli \
	    networkctl firewall-cmd ufw reboot shutdown vi; do
		cat > "$TMP/stubs/$name" <<-END
		#!/bin/sh
		echo "$name \$*" >> /run/lab/stub.log
		[ $name != systemctl ]
		END
	done
	chmod +x "$TMP"/stubs/*
}

# Nor may anything set the clock or restart the machine, whatever it is called.
caged() {
	local host=$1
	shift
	on "$host" setpriv --bounding-set -sys_time,-sys_boot,-sys_module \
		env PATH="$TMP/stubs:$PATH" "$@"
}

# Runs a text as one would at that host's prompt.
typed() { caged "$1" sh -c "$2" >> "$TMP/do.log" 2>&1; }

doc_world() {
	doc_stubs
	homes_world
	homes_files no
	homes_start vps
	wait_for homes_listens 10
	homes_start east west
	doc_settled
}

doc_settled() {
	wait_for 'homes_sessions && homes_routes && homes_ping' 40 && return
	not_ok joined "$(on vps warren show protocols | tr '\n' ' ')"
	exit 1
}

doctor() {
	caged "$1" warren ${doc_socket:+-s "$doc_socket"} doctor "${@:2}" \
		> "$TMP/doctor.log" 2>&1
}

finds() {
	! doctor "$1" && grep -q "^$2: " "$TMP/doctor.log" &&
		grep -q '^    mend it: .' "$TMP/doctor.log"
}

is_well() { doctor "$1" && grep -qx 'Nothing to mend.' "$TMP/doctor.log"; }

well() {
	if wait_for "is_well $1" "${3-1}"; then
		ok "doctor/${2:-healthy: $1}"
	else
		not_ok "doctor/${2:-healthy: $1}" "$(head -n 4 "$TMP/doctor.log" |
			tr '\n' ' ')"
	fi
}

# What it says to run against a finding.
mend_of() {
	sed -n "/^$1: /{n;s/^    mend it: //p;q}" "$TMP/doctor.log"
}

with=''
others() {
	grep -oE '^[a-z][a-z-]*: ' "$TMP/doctor.log" | tr -d ': ' |
		grep -vxF "$1" | grep -vxFf <(printf '%s\n' $with) | sort -u
}

breaks() {
	local finding=$1 host=$2 undo=${4-} command

	on "$host" sh -c "$3" > "$TMP/do.log" 2>&1
	if ! wait_for "finds $host $finding" "${within:-10}"; then
		not_ok "doctor/$finding" "not found: $(head -n 3 \
			"$TMP/doctor.log" | tr '\n' ' ')"
	elif [ -n "$(others "$finding")" ]; then
		not_ok "doctor/$finding" "and $(others "$finding" | tr '\n' ' ')"
	else
		ok "doctor/$finding"
	fi
	case $undo in
	'')	return ;;
	fix)	doctor "$host" --fix --yes ;;
	mend)	command=$(mend_of "$finding")
		typed "$host" "$command" ;;
	*)	typed "$host" "$undo" ;;
	esac
	well "$host" "$finding mended${undo:+ ($([ "$undo" = mend ] ||
		[ "$undo" = fix ] && echo "$undo" || echo undone))}" 30
}

conf() {
	local put_back='cp /tmp/good /etc/warren/warren.conf; warren configure'

	on "$2" cp /etc/warren/warren.conf /tmp/good
	breaks "$1" "$2" "sed -i '$3' /etc/warren/warren.conf; warren configure" \
		"${4:-$put_back}"
	on "$2" sh -c "$put_back" > /dev/null 2>&1
}
