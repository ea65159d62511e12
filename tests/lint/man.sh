#!/bin/sh
# Fail if a tool has no page, if mandoc has a warning for one, if a section is
# missing, if fewer than three examples are there, or if an own page that is
# referred to does not exist.
set -u
cd "${EV_SRC:?}" || exit 2
command -v mandoc >/dev/null || { echo "no mandoc: skipped"; exit 77; }
bad=0
say() { echo "$1"; bad=1; }

for source in tools/ev-*.c; do
	[ -f "$source" ] || continue
	tool=$(basename "$source" .c)
	[ -f "man/$tool.1" ] || say "$source: no page man/$tool.1"
done

check_sections() { # PAGE SECTION...
	page=$1
	shift
	for section in "$@"; do
		grep -qx "\.Sh $section" "$page" ||
			say "$page: no section $section"
	done
}

for page in man/*.[1-9]; do
	[ -f "$page" ] || continue
	rc=0
	mandoc -T lint -W warning "$page" || rc=$?
	# mandoc 1.14.6 can abort: no answer is not a good answer.
	[ "$rc" -eq 0 ] || say "$page: mandoc ended with status $rc"
	grep -qE '^\.Dd [A-Z][a-z]+ [0-9]+, [0-9]{4}$' "$page" ||
		say "$page: .Dd is not a fixed date"
	grep -qx '\.Os' "$page" || say "$page: .Os is not bare"
	case $page in
	*.1)
		check_sections "$page" NAME SYNOPSIS DESCRIPTION "EXIT STATUS" \
		    EXAMPLES STANDARDS CAVEATS
		n=$(grep -cE '^(\.Dl )?\$ ' "$page")
		[ "$n" -ge 3 ] || say "$page: $n examples, fewer than 3"
		;;
	*) check_sections "$page" NAME DESCRIPTION ;;
	esac
	for target in $(sed -nE \
	    's/.*(^\.| )Xr ((ev-|evidence|libevidence)[a-z-]*) ([1-9]).*/\2.\4/p' \
	    "$page"); do
		[ -f "man/$target" ] || say "$page: refers to $target, not there"
	done
done
exit $bad
