#!/bin/sh
# Fail if a file includes from a higher floor, if a library's header is
# included outside the room where that library lives, or if a tool sees more
# than the public headers.
set -u
cd "${EV_SRC:?}" || exit 2
bad=0
say() { echo "$1"; bad=1; }

rank() { # FLOOR
	n=0
	for floor in base seal store case ingest weigh out; do
		[ "$floor" = "$1" ] && { echo $n; return; }
		n=$((n + 1))
	done
	echo 99
}

room() { # HEADER-PATTERN ROOM-PATTERN
	for file in $(grep -rlE --include='*.[ch]' \
	    "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]($1)" \
	    libevidence tools | grep -vE "^libevidence/($2)\$"); do
		say "$file: $1 lives in libevidence/$2"
	done
}

includes() { # FILE: what it includes with quotes
	sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*"\(.*\)".*/\1/p' \
	    "$1"
}

for file in $(find libevidence -name '*.[ch]' ! -path '*/include/*'); do
	floor=$(basename "$(dirname "$file")")
	[ "$(rank "$floor")" -le 6 ] || say "$file: stands on no floor"
	for inc in $(includes "$file"); do
		case $inc in
		evidence/*) [ -f "libevidence/include/$inc" ] ||
			say "$file: no public header $inc" ;;
		*/*) from=${inc%%/*}
			[ "$(rank "$from")" -le "$(rank "$floor")" ] ||
				say "$file: includes $inc of a higher floor" ;;
		*) say "$file: $inc is named without its floor" ;;
		esac
	done
done

# Public headers include public headers and the C library only.
for file in libevidence/include/evidence/*.h; do
	for inc in $(includes "$file"); do
		case $inc in
		evidence/*) ;;
		*) say "$file: a public header includes the private $inc" ;;
		esac
	done
done

# parse.c is the reading child: a part of the library, floors 0, 1 and 4.
for file in tools/*.[ch]; do
	[ -f "$file" ] || continue
	for inc in $(includes "$file"); do
		case $file:$inc in
		*:evidence/*.h) ;;
		*:cli.h) ;;
		tools/parse*.[ch]:base/*.h | tools/parse*.[ch]:seal/*.h) ;;
		tools/parse*.[ch]:ingest/*.h) ;;
		*/*:*/*)
			say "$file: a tool sees evidence/*.h and cli.h, not $inc"
			;;
		*) # of a tool in several files
			[ -f "tools/$inc" ] || say "$file: no $inc in tools/"
			;;
		esac
	done
done

room 'sqlite3' 'store/db(_[a-z0-9_]*)?\.[ch]'
room 'openssl/' 'seal/[a-z0-9_]*\.[ch]'
room 'archive(_entry)?\.h' 'ingest/source[a-z0-9_]*\.c'
room 'magic\.h' 'ingest/kind\.c'
room 'expat' 'ingest/read_xml\.c'
room 'seccomp\.h|linux/landlock\.h' 'base/sandbox[a-z0-9_]*\.c'
room 'maxminddb' 'weigh/geo[a-z0-9_]*\.c'
room 'libsmartcols' 'out/table\.c'
room 'utf8proc' 'base/text[a-z0-9_]*\.c'
exit $bad
