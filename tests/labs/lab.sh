# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# What a lab is told with: a story on real packets that one can read along,
# and a test at the same time.  A lab begins with
#
#	. "$(dirname "$0")/lab.sh"
#
# and has all of netns/lib.sh, and
#
# title TEXT            a chapter
# say TEXT | good TEXT  what is done | what was reached, with the time
# show HOST COMMAND...  as one would type it there, with its output, which
#                       stays in $seen
# file HOST PATH        the same for a file, keys left out
# put HOST PATH         writes standard input there, 0600
# sees NAME REGEX       the output of the last show has such a line, or has it
#                       when it is shown again
# sees_not NAME REGEX   it has none
# await NAME CONDITION SECONDS
#                       until the shell text is true, else the lab ends
# literal TEXT          prints it as a regular expression that means just it
# reach TEXT CONDITION SECONDS
#                       the same without a check to be counted
# router HOST...        forwards packets, as a provider's router does
# lab_end LABEL...      with --keep leaves all standing; then stops what was
#                       started by those labels
#
# NAME is the check's; doc/labs/ says which items of the story it shows.
# A lab with options of its own names them in lab_options beforehand.

lab_keep=no
for a; do
	case " ${lab_options-} " in
	*" $a "*)	continue ;;
	esac
	case $a in
	--keep)	lab_keep=yes ;;
	*)	echo "usage: $(basename "$0" .sh) [--keep]" ${lab_options-} >&2
		exit 2 ;;
	esac
done
. "$(dirname "${BASH_SOURCE[0]}")/../netns/lib.sh"

bold='' dim='' green='' red='' plain=''
if [ -t 1 ]; then
	bold=$'\e[1m' dim=$'\e[2m' green=$'\e[32m' red=$'\e[31m'
	plain=$'\e[0m'
fi
lab_began=$(now_ms)
seen='' shown_seen=none

stamp() {
	local ms=$(($(now_ms) - lab_began))
	printf '%3d.%02d s' $((ms / 1000)) $((ms % 1000 / 10))
}

title() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
say() { printf '%s%s%s  %s\n' "$dim" "$(stamp)" "$plain" "$*"; }

good() {
	printf '%s%s%s  %s%s%s\n' "$dim" "$(stamp)" "$plain" \
		"$green" "$*" "$plain"
}

# The checks of lib.sh, in colour for who reads along.
ok() { printf '%sok %s/%s%s\n' "$green" "$NAME" "${1#"$NAME/"}" "$plain"; }

not_ok() {
	failures=$((failures + 1))
	printf '%snot ok %s/%s: %s%s\n' "$red" "$NAME" "${1#"$NAME/"}" \
		"${2-}" "$plain"
}

show() {
	local host=$1
	shift
	printf '\n%s%s#%s %s\n' "$dim" "$host" "$plain" "$*"
	shown=(on "$host" "$@")
	look_again
	sed 's/^/    /' <<< "$seen"
}
look_again() {
	seen=$("${shown[@]}" 2>&1)
	shown_seen=$seen
}

file() {
	printf '\n%s%s#%s cat %s\n' "$dim" "$1" "$plain" "$2"
	on "$1" sed -E 's/^/    /
		s/((Private|Preshared)Key *= *).*/\1(hidden)/' "$2"
}

put() {
	on "$1" sh -c 'umask 077; mkdir -p "${1%/*}"; cat > "$1"' put "$2"
}

# A text that stands for itself in a regular expression.
literal() { sed 's/[][\.*^$+?(){}|]/\\&/g' <<< "$1"; }

sees() {
	if grep -qE -- "$2" <<< "$seen"; then
		ok "$1"
	elif [ "$seen" = "$shown_seen" ] &&
	    wait_for "look_again; grep -qE -- $(printf %q "$2") <<< \"\$seen\"" \
	    10; then
		ok "$1"
	else
		not_ok "$1" "no line like $2 in $(tail -n 3 <<< "$seen")"
	fi
}

sees_not() {
	if grep -qE -- "$2" <<< "$seen"; then
		not_ok "$1" "$(grep -m 1 -E -- "$2" <<< "$seen")"
	else
		ok "$1"
	fi
}

await() {
	if wait_for "$2" "$3"; then
		ok "$1"
	else
		not_ok "$1" "not within $3 s"
		exit 1
	fi
}

reach() {
	if wait_for "$2" "$3"; then
		good "$1"
	else
		not_ok "$1" "not within $3 s"
		exit 1
	fi
}

router() {
	local h

	for h; do
		on "$h" sysctl -qw net.ipv4.ip_forward=1 \
			net.ipv6.conf.all.forwarding=1
	done
}

lab_end() {
	local label

	if [ $lab_keep = yes ]; then
		title "Left standing; in another terminal, as root:"
		printf '    ./dev on HOST COMMAND...      hosts: %s\n' \
			"${!holder[*]}"
		printf '\nInterrupt (Ctrl-C) ends it and cleans up.\n'
		sleep infinity &
		wait $!
	fi
	for label; do
		stop "$label"
	done
}
