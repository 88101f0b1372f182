#!/bin/sh
# SPDX-License-Identifier: ISC
# Is the core pure?  usage: purity.sh LIBRARY ALLOW-LIST
#
# Reads what each object of the library wants from outside of it, and what
# it keeps in memory that can be written, and looks both up in the allow-list
# (which says how it is read).  A core that opened a socket, read a clock or
# had a global variable would show here, whatever its source looks like.
set -eu
LC_ALL=C
export LC_ALL

lib=$1
allow=$2
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# Written lines: "call OBJECT SYMBOL" and "data OBJECT SYMBOL".
nm -A "$lib" > "$tmp/nm"
objdump -t "$lib" > "$tmp/objdump"
awk '
function object(s) {
	sub(/:$/, "", s)
	sub(/.*[:\/]/, "", s)
	return s
}
NF == 3 && $2 == "U" || NF == 2 && $1 ~ /:U$/ {
	want[++n] = $NF
	from[n] = object($1)
	next
}
{ have[$NF] = 1 }
END {
	for (i = 1; i <= n; i++)
		if (!(want[i] in have))
			print "call", from[i], want[i]
}' "$tmp/nm" > "$tmp/found"
awk '
/:[ \t]+file format/ {
	obj = $1
	sub(/:$/, "", obj)
	sub(/.*\//, "", obj)
	next
}
# Thread-local storage is state too.  .data.rel.ro is constant once loaded.
$0 ~ / O / {
	for (i = 1; i < NF; i++)
		if ($i ~ /^\.(data|bss|tdata|tbss)|^\*COM\*/ &&
		    $i !~ /^\.data\.rel\.ro/)
			print "data", obj, $NF
}' "$tmp/objdump" >> "$tmp/found"

[ -s "$tmp/found" ] || { echo "nothing found in $lib"; exit 1; }
sort -u "$tmp/found" | awk -v allow="$allow" '
function regex(glob) {
	gsub(/\./, "\\.", glob)
	gsub(/\*/, ".*", glob)
	return "^" glob "$"
}
BEGIN {
	while ((getline line < allow) > 0) {
		if (line ~ /^#/ || line ~ /^[ \t]*$/)
			continue
		split(line, w)
		n++
		kind[n] = w[1]
		obj[n] = regex(w[2])
		sym[n] = regex(w[3])
	}
	if (!n) {
		print "empty allow-list: " allow
		exit 1
	}
}
{
	for (i = 1; i <= n; i++)
		if ($1 == kind[i] && $2 ~ obj[i] && $3 ~ sym[i])
			next
	bad++
	if ($1 == "call")
		print $2 ": wants " $3 ", which the core may not use"
	else
		print $2 ": " $3 " is state outside of any object"
}
END { exit bad ? 1 : 0 }'
