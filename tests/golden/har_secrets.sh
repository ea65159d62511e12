#!/bin/sh
# har_secrets.sh: a recording of a browser that holds cookies is named when it
# would be handed over, and no longer once it is withheld.
set -eu
src=${EV_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${EV_BUILD:-$src/build/release}
[ -x "$build/bin/ev-bundle" ] || { echo "skipped: no ev-bundle"; exit 77; }
PATH=$build/bin:$PATH
tmp=$(mktemp -d)
trap 'chmod -R u+rwX "$tmp"; rm -rf "$tmp"' EXIT
cd "$tmp"
ev-case init s.evcase --number S-1 --title "A recording" --actor "A Example" \
    --role examiner --office Lab --self-signed >/dev/null 2>&1
ev-ingest s.evcase "$src/tests/golden/mappings/har/input/pier.har" >account
grep -q 'har-secrets: 1' account
# No value of a cookie or a credential is a fact.
ev-list s.evcase facts -j | sed 's/.*"fact":"\(F[0-9]*\)".*/\1/' |
    xargs -n 1 ev-show -j s.evcase | grep -e '"raw"' -e '"columns"' >facts
[ "$(wc -l <facts)" -eq 6 ]
if grep -e 0f0f -e 'Bearer' facts; then exit 1; fi
ev-bundle s.evcase -o all.asice >said
grep 'credentials     in 1 exhibits' said
ev-bundle s.evcase -o less.asice --withhold E000001=PRIVILEGE \
    --authoriser @a-example >said
if grep 'credentials' said; then exit 1; fi
