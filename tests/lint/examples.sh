#!/bin/sh
# Run every example of every page, as a reader sees it, over the demo case:
# each page in its own copy.  An example ends with 0, or with the status that
# a comment on the line before it states:
#	.\" exit 3
#	.Dl $ ev-ingest demo.evcase casefiles/demo/captured
set -u
cd "${EV_SRC:?}" || exit 2
command -v mandoc >/dev/null || { echo "no mandoc: skipped"; exit 77; }
bin=$(cd "${EV_BUILD:?}" && pwd)/bin
ls man/*.[1-9] >/dev/null 2>&1 || { echo "no pages: skipped"; exit 77; }
tmp=$(mktemp -d) || exit 2
trap 'chmod -R u+rwX "$tmp"; rm -rf "$tmp"' EXIT
sh tests/demo.sh "$EV_BUILD" "$tmp/demo" >"$tmp/log" 2>&1 ||
	{ cat "$tmp/log"; echo "the demo case could not be made"; exit 1; }
PATH=$bin:$PATH
LC_ALL=C.UTF-8
export PATH LC_ALL
unset EV_CASE EV_ACTOR EV_DATA
bad=0

examples() { # PAGE: one command a line, as printed
	mandoc -T ascii -O width=990 "$1" | sed 's/.\x08//g' | awk '
		/^[A-Z]/ { inside = $1 == "EXAMPLES"; next }
		!inside { next }
		more || /^ *\$ / {
			if (!more) sub(/^ *\$ /, "")
			sub(/^ +/, " ")
			more = sub(/\\$/, "")
			printf more ? "%s" : "%s\n", $0
		}'
}

statuses() { # PAGE: the status of each example
	awk '
		/^\.Sh / { inside = $2 == "EXAMPLES" }
		!inside { next }
		/^\.\\" exit [0-9]+$/ { status = $3; next }
		/^(\.Dl )?\$ / { print status + 0 }
		{ status = 0 }' "$1"
}

for page in man/*.[1-9]; do
	examples "$page" >"$tmp/commands"
	statuses "$page" >"$tmp/statuses"
	n=$(wc -l <"$tmp/commands")
	[ "$n" -eq "$(wc -l <"$tmp/statuses")" ] || {
		echo "$page: $n examples are rendered, another count written"
		bad=1
		continue
	}
	[ "$n" -gt 0 ] || continue
	rm -rf "$tmp/page"
	cp -a "$tmp/demo" "$tmp/page"
	paste -d ' ' "$tmp/statuses" "$tmp/commands" >"$tmp/both"
	while read -r want command; do
		rc=0
		(cd "$tmp/page" && sh -c "$command") >"$tmp/log" 2>&1 \
		    </dev/null || rc=$?
		[ "$rc" -eq "$want" ] && continue
		echo "$page: status $rc, not $want: $command"
		tail -5 "$tmp/log" | sed 's/^/  /'
		bad=1
	done <"$tmp/both"
	chmod -R u+rwX "$tmp/page"
done
exit $bad
