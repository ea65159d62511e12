#!/bin/sh
# The demo case gives the artifacts and facts that were counted by hand, and
# every fact is derived again from its own bytes, equal.
set -eu
tmp=$(mktemp -d)
trap 'chmod -R u+rwX "$tmp"; rm -rf "$tmp"' EXIT
PATH=$EV_BUILD/bin:$PATH
expected=$EV_SRC/casefiles/demo/expected
cd "$tmp"
ev-case init -q demo.evcase --number DEMO-1 --title "Front of Example" \
    --actor "Demo Examiner" --role examiner --office "Demo Lab" --self-signed
rc=0
ev-ingest -q demo.evcase "$EV_SRC/casefiles/demo/captured" >account || rc=$?
[ $rc = 3 ] || { cat account; echo "ev-ingest ended with $rc, not 3"; exit 1; }
bad=0

# Artifacts: member, outcome, facts, set aside.
ev-list demo.evcase artifacts -j |
	python3 "$EV_SRC/tests/golden/demo_artifacts.py" \
	    "$expected/artifacts.tsv" || bad=1

# Facts: as many as were counted, each derived again.
want=$(awk -F'\t' '$1 == "*" && $2 == "*" { print $3 }' "$expected/facts.tsv")
have=$(ev-list demo.evcase facts -j | wc -l)
[ "$have" = "$want" ] || { echo "$have facts, $want expected"; bad=1; }
n=0
for fact in $(ev-list demo.evcase facts -j | sed 's/.*"fact":"\(F[0-9]*\)".*/\1/'); do
	ev-show -j demo.evcase "$fact" >shown || { echo "$fact: $?"; bad=1; }
	grep -q '^{"derived_again":"equal"' shown ||
		{ echo "$fact is not derived again"; bad=1; }
	n=$((n + 1))
done
echo "$n facts derived again, $want expected"
[ "$n" = "$want" ] || bad=1
exit $bad
