#!/bin/sh
# What both exports of one chat say, pages and result.json, they say alike.
set -eu
src=${EV_SRC:?} build=${EV_BUILD:?}
[ -x "$build/bin/ev-ingest" ] && command -v python3 >/dev/null || exit 77
cd "$src/tests/golden/mappings/telegram-pages/input"
for file in messages.html result.json
do
	"$build/bin/ev-ingest" try "$src/casefiles/mappings/telegram.map" $file
done | python3 -c '
import json, sys
said = {}
for line in sys.stdin:
    fact = json.loads(line)
    if fact.get("kind") != "message":
        continue
    columns = {k: v for k, v in fact["columns"].items()
               if k in ("message_id", "name", "t", "text", "reply_to",
                        "fwd_name", "conv_name")}
    said.setdefault(fact["member"], {})[columns["message_id"]] = columns
pages, data = said["messages.html"], said["result.json"]
for id in data:
    if pages[id] != data[id]:
        sys.exit("%s: %s, %s" % (id, pages[id], data[id]))
print(len(data), "messages alike")
sys.exit(len(data) != 4)'
