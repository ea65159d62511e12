#!/bin/sh
# manual.sh: the pages say what is so.  The worked example of
# evidence-mapping(5) is followed to the letter; the kinds of evidence-facts(5)
# have the columns and words of the schema.
set -eu
try=$EV_BUILD/bin/ev-ingest
[ -x "$try" ] || { echo "skipped: needs ev-ingest"; exit 77; }
page=$EV_SRC/man/evidence-mapping.5
facts=$EV_SRC/man/evidence-facts.5
schema=$EV_SRC/libevidence/schema/002-facts.sql
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
bad=0

# The literal text behind the comment that names it.
literal() { # WHAT
	awk -v what="$1" '
		$0 == ".\\\" " what { wanted = 1; next }
		wanted && /^\.Bd -literal/ { inside = 1; next }
		inside && /^\.Ed/ { exit }
		inside' "$page"
}

literal "FILE logons.csv" >"$tmp/logons.csv"
literal "FILE logons.map" >"$tmp/logons.map"
# Lines that the page breaks begin with one blank; text within with two.
for part in FACTS REST; do
	literal $part | awk '
		/^  / { printf "%s%s", tight ? "" : " ", substr($0, 3); next }
		/^ / { printf "%s", substr($0, 2); next }
		NR > 1 { print "" }
		{ printf "%s", $0; tight = /fingerprint/ }
		END { print "" }'
done >"$tmp/want"
rc=0
(cd "$tmp" && "$try" lint logons.map) || rc=$?
[ "$rc" -eq 0 ] || { echo "lint ended with $rc"; bad=1; }
(cd "$tmp" && "$try" try logons.map logons.csv >out 2>/dev/null) || rc=$?
[ "$rc" -eq 3 ] || { echo "try ended with $rc"; bad=1; }
{
	grep '"schema":"fact-1"' "$tmp/out" |
		sed 's/.*"columns":\({[^}]*}\).*/\1/'
	grep -v '"schema":"fact-1"' "$tmp/out"
} >"$tmp/have"
diff "$tmp/want" "$tmp/have" || bad=1

# The steps, one by one, in a case of their own.
(cd "$tmp" && PATH=$EV_BUILD/bin:$PATH && export PATH &&
	ev-case init logons.evcase --number M-1 --title Logons \
	    --actor 'A. Example' --role examiner --office 'Demo Lab' \
	    --self-signed >/dev/null 2>&1) || bad=1
literal STEPS >"$tmp/steps"
[ "$(wc -l <"$tmp/steps")" -ge 9 ] || { echo "the steps are gone"; bad=1; }
while IFS='#' read -r command want; do
	rc=0
	(cd "$tmp" && PATH=$EV_BUILD/bin:$PATH && export PATH &&
		eval "$command") >"$tmp/out" 2>"$tmp/err" </dev/null || rc=$?
	[ "$rc" -eq "$want" ] && continue
	echo "$command: status $rc, not$want"
	cat "$tmp/out" "$tmp/err"
	bad=1
done <"$tmp/steps"
[ "$(grep -c '^F0' "$tmp/out")" -eq 2 ] ||
	{ echo "the steps end with other facts"; cat "$tmp/out"; bad=1; }

# Each kind: its name, and its columns in the order of the table.
awk '
	/^CREATE TABLE fact_/ { sub(/^fact_/, "", $3); line = $3; next }
	line != "" && /^\)/ { print line; line = ""; next }
	line != "" && /^\t["a-z_]+\t/ {
		gsub(/"/, "", $1)
		if ($1 != "fact") line = line " " $1
	}' "$schema" >"$tmp/tables"
awk '
	/^\.Ss Kinds/ { inside = 1; next }
	/^\.Ss/ { inside = 0 }
	!inside { next }
	/^\.It Li / { if (line != "") print line; line = $3; next }
	/^\.Li / { gsub(/ ,/, ""); sub(/^\.Li/, ""); line = line $0 }
	/^\.El/ { print line }' "$facts" >"$tmp/kinds"
diff "$tmp/tables" "$tmp/kinds" || bad=1
[ -s "$tmp/kinds" ] || bad=1

# Each vocabulary is one of the schema's.
tr -d '\n' <"$schema" | tr -s '\t ' ' ' | grep -o "CHECK ([^)]*'[^)]*)" |
	sed "s/[^']*'\([^']*\)'/\1 /g; s/ *[^ a-z-]*\$//; s/ \$//" |
	sort -u >"$tmp/words"
awk '
	/^\.Ss Vocabularies/ { inside = 1; next }
	/^\.El/ { if (inside) print line; inside = 0 }
	!inside { next }
	/^\.It Li / { if (line != "") print line; line = ""; next }
	/^\.Li / {
		gsub(/ ,/, "")
		sub(/^\.Li /, "")
		line = line (line == "" ? "" : " ") $0
	}' "$facts" | sort -u >"$tmp/said"
diff "$tmp/words" "$tmp/said" || bad=1
exit $bad
