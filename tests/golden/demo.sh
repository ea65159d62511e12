#!/bin/sh
# The demo case and what is expected of it agree, by other means than ours.
set -eu
src=${EV_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
command -v python3 >/dev/null || exit 77
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

python3 "$src/tests/golden/demo_count.py" "$src/casefiles/demo"
python3 "$src/tests/golden/demo_claims.py" "$src/casefiles"
# The captured folder is what make.py writes; another zlib may pack the
# archives otherwise, so that those are left out.
python3 "$src/casefiles/demo/make.py" "$tmp/captured"
diff -r -x '*.zip' "$tmp/captured" "$src/casefiles/demo/captured"
