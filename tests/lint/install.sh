#!/bin/sh
# SPDX-License-Identifier: ISC
# What an installation holds: programs that run from there, manuals, the unit,
# which names the programs where they are.
#
# usage: install.sh BUILD
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0
check() {
	name=$1
	shift
	if "$@" > "$dir/out" 2>&1; then
		echo "ok $name"
	else
		echo "not ok $name: $(tr '\n' ' ' < "$dir/out")"
		failed=1
	fi
}
check install meson install -C "$1" --no-rebuild --destdir "$dir/root"
prefix=$(dirname "$(dirname "$(find "$dir/root" -type f -name warrend)")")
check warrend "$prefix/sbin/warrend" --version
check warren-wg "$prefix/sbin/warren-wg" --version
check warren "$prefix/bin/warren" genkey
for page in man1/warren.1 man5/warren.conf.5 man8/warrend.8 man8/warren-wg.8; do
	check "$page" test -s "$prefix/share/man/$page"
done
check vim test -s "$prefix/share/vim/vimfiles/syntax/warren.vim"
unit=$prefix/lib/systemd/system/warrend.service
for path in $(sed -n 's/^Exec[A-Za-z]*=\([^ ]*\).*/\1/p' "$unit"); do
	check "unit $path" test -x "$dir/root$path"
done
if command -v systemd-analyze > "$dir/out"; then
	# In the installation's own root there is no systemd to be verified with.
	sed "s:=/:=$dir/root/:" "$unit" > "$dir/warrend.service"
	check unit systemd-analyze verify --man=no "$dir/warrend.service"
else
	echo "skip unit: no systemd-analyze here"
fi
exit $failed
