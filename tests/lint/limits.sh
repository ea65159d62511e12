#!/bin/sh
# Fail at a function of more than 60 lines or 8 arguments, a .c or .h of more
# than 800 lines, a tool of more than 300, a line wider than 80 columns, and
# blanks at a line's end.
set -u
cd "${EV_SRC:?}" || exit 2
command -v ctags >/dev/null || { echo "no ctags: skipped"; exit 77; }
out=$(mktemp) || exit 2
trap 'rm -f "$out"' EXIT

for file in $(find libevidence tools tests -name '*.[ch]'); do
	limit=800
	case $file in
	tools/*) limit=300 ;;
	esac
	lines=$(wc -l <"$file")
	[ "$lines" -le "$limit" ] ||
		echo "$file: $lines lines, more than $limit"
	expand -t 8 "$file" | awk -v file="$file" '
		length($0) > 80 {
			print file ":" NR ": " length($0) " columns" }'
done >"$out"

find libevidence tools -name '*.[ch]' >"$out.files"
ctags --languages=C --c-kinds=f --fields=+neS --sort=no -L "$out.files" \
    -f - | awk -F '\t' '
	{
		line = end = 0
		signature = ""
		for (i = 4; i <= NF; i++) {
			if ($i ~ /^line:/) line = substr($i, 6)
			if ($i ~ /^end:/) end = substr($i, 5)
			if ($i ~ /^signature:/) signature = substr($i, 11)
		}
		if (end - line + 1 > 60)
			print $2 ":" line ": " $1 " has " end - line + 1 \
			    " lines, more than 60"
		# An argument that is a function brings commas of its own.
		inner = substr(signature, 2, length(signature) - 2)
		while (gsub(/\([^()]*\)/, "", inner) > 0)
			;
		if (gsub(/,/, ",", inner) + 1 > 8)
			print $2 ":" line ": " $1 " has more than 8 arguments"
	}' >>"$out"
rm -f "$out.files"

# git knows what belongs to the repository; a copy without it has it all.
files() {
	git ls-files 2>/dev/null | grep . ||
		find . -type f ! -path './.git/*' ! -path './build/*' \
		    ! -path './out/*'
}
files | grep -E '(\.([ch]|sh|cmake|md|map|rules|sql|[1-9])|/run|^run|\.txt)$' |
	grep -vE '^(\./)?casefiles/demo/|\.stdout$' |
	while IFS= read -r file; do
		grep -nE '[[:blank:]]+$' "$file" /dev/null |
			sed 's/^\([^:]*:[0-9]*\):.*/\1: blanks at the end/'
	done >>"$out"

cat "$out"
[ ! -s "$out" ]
