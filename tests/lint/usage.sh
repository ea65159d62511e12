#!/bin/sh
# For every tool: usage = SYNOPSIS, options in the source = options in the
# page, and what style.md wants of misuse, a full disc and a case that is not
# there.
set -u
cd "${EV_SRC:?}" || exit 2
command -v mandoc >/dev/null || { echo "no mandoc: skipped"; exit 77; }
bin=$(cd "${EV_BUILD:?}" && pwd)/bin
PATH=$bin:$PATH
LC_ALL=C.UTF-8
export PATH LC_ALL
unset EV_CASE EV_ACTOR EV_DATA
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
bad=0
tool=
say() { echo "$tool: $1"; bad=1; }

# status OUT-PREFIX COMMAND...: run in an empty folder
run() {
	into=$1
	shift
	rc=0
	(cd "$tmp/empty" && "$@") >"$tmp/$into.out" 2>"$tmp/$into.err" \
	    </dev/null || rc=$?
}

plain() { sed 's/.\x08//g'; }

synopsis() { # PAGE: in one line
	mandoc -T ascii -O width=990 "$1" | plain | awk '
		/^[A-Z]/ { inside = $1 == "SYNOPSIS"; next }
		inside' | tr -s '[:space:]' ' ' | sed 's/^ //; s/ $//'
}

usage() { # in one line, from --help
	sed '1s/^usage://' "$tmp/help.out" | tr -s '[:space:]' ' ' |
		sed 's/^ //; s/ $//'
}

source_options() { # SOURCE: each --long and -letter
	sed -n '/options\[\] = {/,/^};/p' "$1" |
		sed -n 's/^[[:space:]]*{ "\([a-z0-9-]*\)",.*/--\1/p'
	tr -d '\n' <"$1" |
		sed -n 's/.*\.letters = CLI_SHORT *"\([^"]*\)".*/\1/p' |
		tr -d ':+-' | sed 's/./-&\n/g'
	printf -- '-%s\n' h j q v
	for block in CLI_LONG CLI_LONG_LIST CLI_LONG_WRITE CLI_LONG_PASS; do
		grep -qE "(^|[^A-Z_])$block(,|\$| )" "$1" || continue
		sed -n "/^#define $block /,/[^\\\\]\$/p" tools/cli.h |
			sed -n 's/.*{ "\([a-z-]*\)",.*/--\1/p'
	done
}

page_options() { # PAGE: what its tagged lists explain
	sed -n 's/^\.It Fl //p' "$1" | sed 's/ Ns / /g' | awk '
		{
			flag = 1
			for (i = 1; i <= NF; i++) {
				if ($i == "Fl") { flag = 1; continue }
				if ($i == ",") { flag = 1; continue }
				if ($i == "Ar" || $i == "Cm" || $i == "=")
					flag = 0
				if (flag) { print "-" $i; flag = 0 }
			}
		}'
}

compare_options() {
	source_options "tools/$tool.c" | grep . | sort -u >"$tmp/source"
	page_options "man/$tool.1" | sort -u >"$tmp/page"
	comm -23 "$tmp/source" "$tmp/page" >"$tmp/only"
	[ ! -s "$tmp/only" ] ||
		say "not explained in the page: $(tr '\n' ' ' <"$tmp/only")"
	comm -13 "$tmp/source" "$tmp/page" >"$tmp/only"
	[ ! -s "$tmp/only" ] ||
		say "explained, but no option: $(tr '\n' ' ' <"$tmp/only")"
}

misused() { # WHAT: the last run ended as misuse must
	[ "$rc" -eq 2 ] || say "$1: status $rc, not 2"
	[ ! -s "$tmp/x.out" ] || say "$1: something on standard output"
	grep -q '^usage: ' "$tmp/x.err" || say "$1: no usage on standard error"
}

# A usage line as a command: options dropped unless required, operands made
# up, CASE as given.
command_line() { # LINE CASE
	printf '%s\n' "$1" | sed ':a
		s/\[[^][]*\]//
		ta' | sed 's/\.\.\.//g; s/ -- / /' | awk -v dir="$2" '
		{
			for (i = 1; i <= NF; i++) {
				sub(/\|.*/, "", $i)
				if (tolower($i) == "case") $i = dir
				else if ($i ~ /^[A-Z]/ || $i ~ /=/) $i = "x"
			}
			print
		}'
}

lines() { # each usage line whole
	awk -v tool="$tool" '
		{ sub(/^usage: /, ""); sub(/^[ \t]+/, "") }
		$1 == tool { if (line != "") print line; line = $0; next }
		{ line = line " " $0 }
		END { if (line != "") print line }' "$tmp/help.out"
}

# Every command refuses a case that is missing, or whose database is a link.
cases() {
	lines | while IFS= read -r line; do
		case $line in
		"ev-case init "*) continue ;;
		esac
		# With CASE in brackets or bars (FILE|CASE), name it at the end.
		words=$(command_line "$(printf '%s\n' "$line" |
			sed 's/\[\([Cc][Aa][Ss][Ee]\)\]/\1/')" "$1")
		case $words in
		*"$1"*) ;;
		*) continue ;;
		esac
		# shellcheck disable=SC2086
		run x $words
		[ "$rc" -eq 2 ] || echo "$tool: '$words': status $rc, not 2"
		[ ! -s "$tmp/x.out" ] || echo "$tool: '$words': printed something"
		(cd "$tmp/empty" && ls -A) | grep -vx 'link.evcase' >"$tmp/left" &&
			echo "$tool: '$words' left $(cat "$tmp/left")"
		find "$tmp/empty" -mindepth 1 -maxdepth 1 ! -name link.evcase \
		    -exec rm -rf {} +
	done >"$tmp/cases"
	cat "$tmp/cases"
	[ ! -s "$tmp/cases" ] || bad=1
}

real_case() {
	(cd "$tmp" && ev-case init real.evcase --number L-1 --title Lint \
	    --actor "Lint Examiner" --role examiner --office "Lint Lab" \
	    --self-signed) >/dev/null 2>"$tmp/real.err" ||
		{ tool=ev-case; say "init: $(cat "$tmp/real.err")"; return 1; }
}

link_case() {
	rm -rf "$tmp/empty"
	cp -R "$tmp/real.evcase" "$tmp/empty.evcase"
	mkdir "$tmp/empty"
	mv "$tmp/empty.evcase" "$tmp/empty/link.evcase"
	rm -f "$tmp/empty/link.evcase/case.db"*
	ln -s "$tmp/real.evcase/case.db" "$tmp/empty/link.evcase/case.db"
}

have_case=no
[ ! -x "$bin/ev-case" ] || { real_case && have_case=yes; }
for source in tools/ev-*.c; do
	[ -f "$source" ] || continue
	tool=$(basename "$source" .c)
	[ -x "$bin/$tool" ] || { say "not built"; continue; }
	[ -f "man/$tool.1" ] || { say "no page"; continue; }
	rm -rf "$tmp/empty"
	mkdir "$tmp/empty"
	run help "$tool" --help
	[ "$rc" -eq 0 ] || say "--help: status $rc"
	[ ! -s "$tmp/help.err" ] || say "--help: something on standard error"
	[ "$(usage)" = "$(synopsis "man/$tool.1")" ] || {
		say "usage and SYNOPSIS differ:"
		printf '  usage:    %s\n  SYNOPSIS: %s\n' "$(usage)" \
		    "$(synopsis "man/$tool.1")"
	}
	awk 'length($0) > 80 { exit 1 }' "$tmp/help.out" ||
		say "--help: wider than 80 columns"
	compare_options
	run x "$tool" --version
	grep -qE "^$tool [0-9]+\.[0-9]+\.[0-9]+\$" "$tmp/x.out" ||
		say "--version: $(cat "$tmp/x.out")"
	run x "$tool" --no-such-option
	misused "unknown option"
	run x "$tool"
	misused "no operand"
	run x sh -c "$tool --help >/dev/full"
	[ "$rc" -eq 2 ] || say "--help >/dev/full: status $rc, not 2"
	run x sh -c "$tool --help >&-"
	[ "$rc" -eq 2 ] || say "--help >&-: status $rc, not 2"
	cases missing.evcase
	if [ "$have_case" = yes ]; then
		link_case
		cases link.evcase
	fi
done
exit $bad
