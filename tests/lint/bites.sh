#!/bin/sh
# SPDX-License-Identifier: ISC
# Plants each fault that a lint is for, and sees the lint bite.
# usage: bites.sh CC
set -u
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cc=$1
bad=0
spdx='/* SPDX-License-Identifier: ISC */'

# A tree of two floors without a fault.
tree() {
	rm -rf "$tmp/t"
	mkdir -p "$tmp/t/src/base" "$tmp/t/src/wire" "$tmp/t/src/rib"
	cat > "$tmp/t/src/base/a.h" <<-EOF
	$spdx
	#ifndef A_H
	#define A_H
	#include <stddef.h>
	size_t a(void);
	#endif
	EOF
	cat > "$tmp/t/src/base/a.c" <<-EOF
	$spdx
	#include "base/a.h"

	size_t
	a(void)
	{
	 	return 1;
	}
	EOF
	sed -i 's/^ \t/\t/' "$tmp/t/src/base/a.c"
	cp "$tmp/t/src/base/a.h" "$tmp/t/src/base/a_impl.h"
	sed -i 's/A_H/A_IMPL_H/' "$tmp/t/src/base/a_impl.h"
}

# bites LINT WORDS: the lint must fail, and say so in these words.
bites() {
	if out=$("$@" 2>&1); then
		fail "did not bite"
	elif ! printf '%s\n' "$out" | grep -qF -- "$words"; then
		fail "said: $out"
	fi
}

fail() {
	printf 'not ok %s: %s\n' "$words" "$1"
	bad=1
}

# plant TEXT FILE: appends, with the escapes of printf.
plant() {
	tree
	printf "$1" >> "$tmp/t/src/$2"
}

floors() {
	words=$3
	plant "$1" "$2"
	bites python3 "$here/floors.py" "$tmp/t" "$cc"
}

style() {
	words=$3
	plant "$1" "$2"
	bites python3 "$here/style.py" "$tmp/t"
}

purity() {
	words=$2
	tree
	printf "$1" > "$tmp/base_a.c"
	(cd "$tmp" && "$cc" -c -o base_a.c.o base_a.c && rm -f l.a &&
	    ar rc l.a base_a.c.o) || fail "does not compile"
	bites sh "$here/purity.sh" "$tmp/l.a" "$here/purity.allow"
}

tree
for lint in floors style; do
	python3 "$here/$lint.py" "$tmp/t" > "$tmp/out" ||
	    { echo "not ok $lint bites a sound tree"; cat "$tmp/out"; bad=1; }
done

floors '#include "wire/w.h"\n' base/a.c 'no such header'
floors '#include "rib/r.h"\n' rib/r.h 'does not compile by itself'
floors '#include "a.h"\n' base/a.c 'from src/'
floors '#include "base/a_impl.h"\n' wire/w.c 'is for base alone'
floors '#include <sys/socket.h>\n' base/a.c 'may not include <sys'
floors '#include <openssl/evp.h>\n' wire/w.c 'may not include <openssl'
floors 'size_t b(uint8_t);\n' base/a.h 'does not compile by itself'
floors 'enum { TWICE };\n' base/a.h 'does not compile by itself'
plant '#include "wire/w.h"\n' base/a.c
echo "$spdx" > "$tmp/t/src/wire/w.h"
words='base may not include "wire/w.h"'
bites python3 "$here/floors.py" "$tmp/t"

style 'int x;\n' wire/w.h 'no SPDX line'
style 'int x; \n' base/a.c 'white space'
style 'int x;' base/a.c 'no newline'
style '        int x;\n' base/a.c 'indented with spaces'
style 'int x; // no\n' base/a.c '// comment'
style 'typedef struct x x;\n' base/a.c 'typedef'
style '/* XX''X */\n' base/a.c 'undone'
style 'int\nf(void) {\n}\n' base/a.c 'line of its own'
style "\\t/* $(printf '%75s' ' ' | tr ' ' a) */\\n" base/a.c 'columns'
style "$(yes '/**/\n' | head -801 | tr -d '\n')" base/a.c '800 is the limit'
style "$(yes '/**/\n' | head -1201 | tr -d '\n')" base/a.c 'more than 1200'
style "\\nint\\nf(void)\\n{\\n$(yes ';\n' | head -79 | tr -d '\n')}\\n" \
	base/a.c 'f() has 81 lines'

purity 'int socket(int, int, int);\nint f(void) { return socket(1, 1, 1); }\n' \
	'wants socket'
purity 'void *malloc(unsigned long);\nvoid *f(void) { return malloc(9); }\n' \
	'wants malloc'
purity 'int f(void) { static int n; return ++n; }\n' 'is state outside'
purity 'int n = 4;\n' 'is state outside'

[ $bad = 0 ] && echo "every lint bites"
exit $bad
