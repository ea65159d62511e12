#!/bin/sh
# clang-tidy 14 over every source.  What was clean is remembered in the build
# folder by the hash of the preprocessed text, so a second run is short.
set -u
cd "${EV_SRC:?}" || exit 2
tidy=$(command -v clang-tidy-14 || command -v clang-tidy) ||
	{ echo "no clang-tidy: skipped"; exit 77; }
"$tidy" --version | grep -q 'version 14\.' ||
	{ echo "clang-tidy is not version 14: skipped"; exit 77; }
build=$(cd "${EV_BUILD:?}" && pwd) || exit 2
[ -f "$build/compile_commands.json" ] ||
	{ echo "no compile_commands.json"; exit 1; }
mkdir -p "$build/tidy"

check() { # SOURCE: silent if clean
	key=$({ "$tidy" --version; cat .clang-tidy
		clang -E -P -w -std=c11 -D_POSIX_C_SOURCE=200809L \
		    -Ilibevidence/include -Ilibevidence -Itools "$1" 2>/dev/null
		cat tests/lint/tidy.h "$1"; } | sha256sum | cut -c 1-40)
	[ ! -f "$build/tidy/$key" ] || return 0
	grep -qF "/$1\"" "$build/compile_commands.json" ||
		{ echo "$1: not in compile_commands.json"; return 1; }
	case $1 in
	*/base/err.c) extra= ;;
	*) extra=--extra-arg-before=-include$EV_SRC/tests/lint/tidy.h ;;
	esac
	# shellcheck disable=SC2086
	if "$tidy" -p "$build" --quiet $extra "$1" >"$build/tidy/$key.out" \
	    2>"$build/tidy/$key.err"; then
		rm -f "$build/tidy/$key.out" "$build/tidy/$key.err"
		: >"$build/tidy/$key"
		return 0
	fi
	cat "$build/tidy/$key.out"
	grep -E 'error:' "$build/tidy/$key.err"
	rm -f "$build/tidy/$key.out" "$build/tidy/$key.err"
	return 1
}

if [ $# -gt 0 ]; then
	bad=0
	for source in "$@"; do
		check "$source" || bad=1
	done
	exit $bad
fi
find libevidence tools -name '*.c' | sort |
	xargs -n 4 -P "$(nproc 2>/dev/null || echo 2)" \
	    sh tests/lint/tidy.sh || exit 1
