#!/bin/sh
# run.sh [--update] BUILD-DIR SCRIPT...: each SCRIPT in a folder of its own,
# its standard output and exit status compared with SCRIPT.stdout and
# SCRIPT.exit; --update rewrites these two instead.
#
# A script finds the programs in PATH and the repository in SRC.  The clock
# stands still: EV_NOW counts in test builds only.
set -u
update=no
[ "${1-}" = --update ] && { update=yes; shift; }
[ $# -ge 2 ] || { echo "usage: run.sh [--update] BUILD-DIR SCRIPT..." >&2; exit 2; }
build=$(cd "$1" && pwd) || exit 2
shift
SRC=$(cd "$(dirname "$0")/../.." && pwd) || exit 2
PATH=$build/bin:$PATH
LC_ALL=C
TZ=UTC
EV_NOW=2026-01-15T12:00:00Z
unset CDPATH EV_CASE EV_DATA EV_ACTOR NO_COLOR
export SRC PATH LC_ALL TZ EV_NOW
umask 022

bad=0
for script in "$@"; do
	script=$(realpath "$script") || exit 2
	name=$(basename "$script")
	dir=$(mktemp -d) || exit 2
	mkdir "$dir/home" || exit 2
	(cd "$dir/home" && HOME=$dir/home sh -eu "$script" \
	    >"$dir/out" 2>"$dir/err" </dev/null; echo $? >"$dir/rc")
	if [ "$update" = yes ]; then
		cp "$dir/out" "$script.stdout"
		cp "$dir/rc" "$script.exit"
	fi
	if cmp -s "$dir/out" "$script.stdout" &&
	    cmp -s "$dir/rc" "$script.exit"; then
		echo "ok $name"
	else
		echo "FAILED $name"
		diff -uN "$script.stdout" "$dir/out"
		diff -uN "$script.exit" "$dir/rc"
		echo "--- standard error"
		cat "$dir/err"
		bad=1
	fi
	chmod -R u+rwX "$dir"
	rm -rf "$dir"
done
exit $bad
