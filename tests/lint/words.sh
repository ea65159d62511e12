#!/bin/sh
# Fail if a program, a rule or a profile can print a word that no computed
# claim may use ("approves" is none of them), or if a file names the machine it
# was written on.
set -u
cd "${EV_SRC:?}" || exit 2
refused='(^|[^p])proves|proven|confirms|confirmed that|terrorist account|100 ?%'
refused="$refused|belongs to"
out=$(mktemp) || exit 2
trap 'rm -f "$out"' EXIT
bad=0
show() { # WHY
	while IFS= read -r line; do
		echo "$line: $1"
		bad=1
	done
}

# In C only what stands in quotes can be printed; comments may say "proves".
# shellcheck disable=SC2046
awk -v refused="$refused" '
	FNR == 1 { comment = 0 }
	{
		line = $0
		if (comment) {
			if (!sub(/^.*\*\//, "", line)) next
			comment = 0
		}
		gsub(/\/\*.*\*\//, "", line)
		if (sub(/\/\*.*/, "", line)) comment = 1
		text = ""
		while (match(line, /"([^"\\]|\\.)*"/)) {
			text = text " " substr(line, RSTART, RLENGTH)
			line = substr(line, RSTART + RLENGTH)
		}
		if (tolower(text) ~ refused)
			print FILENAME ":" FNR ": prints" text
	}' $(find libevidence tools -name '*.[ch]') /dev/null >"$out"
for dir in casefiles/rules casefiles/profiles casefiles/mappings; do
	[ -d "$dir" ] || continue
	grep -rniE "$refused" "$dir" | grep -vE '^[^:]*:[0-9]*:[[:space:]]*#' \
	    >>"$out"
done
show "a refused word" <"$out"
git ls-files -z 2>/dev/null | grep -zv "^tests/lint/words.sh\$" |
	xargs -0r grep -nIE '(^|[^a-z.])/(work|root|home/[a-z]+)/' \
	    >"$out"
show "the path of a machine" <"$out"
exit $bad
