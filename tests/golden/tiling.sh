#!/bin/sh
# tiling.sh: account for every byte.  The demo, the samples of the shipped
# mappings and the shared samples, where these are at hand, are ingested;
# without any program of ours their bytes are counted by the spans that the
# case keeps: read, duplicated, set aside, ignored, frame.  Then the same for
# each file cut at every 1,000th byte (ours also at every 101st).
# EV_TILING=all cuts large files that often, too.
set -eu
src=${EV_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${EV_BUILD:-$src/build/dev}
samples=${EV_SAMPLES:-$src/../shared/samples}
if ! [ -x "$build/bin/ev-ingest" ] || ! python3 -c 'import sqlite3' \
    2>/dev/null; then
	echo "skipped: needs ev-ingest and python3"
	exit 77
fi
PATH=$build/bin:$PATH
tmp=$(mktemp -d)
trap 'chmod -R u+rwX "$tmp"; rm -rf "$tmp"' EXIT

ingest() { # CASE FOLDER...
	case=$1
	shift
	ev-case init "$case" --number T-1 --title Tiling \
	    --actor "Test Examiner" --role examiner --office "Test Lab" \
	    --self-signed 2>/dev/null
	for folder in "$@"; do
		rc=0
		ev-ingest -q "$case" "$folder" \
		    --map "$src/casefiles/mappings/examples/events.map" \
		    --map "$src/casefiles/mappings/examples/sign-ins.map" \
		    >"$tmp/account" 2>&1 || rc=$?
		if [ $rc -ne 0 ] && [ $rc -ne 3 ]; then
			cat "$tmp/account"
			echo "ev-ingest $folder ends with $rc"
			exit 1
		fi
	done
}

check() { # CASE
	python3 "$src/tests/golden/tiling.py" check "$1/case.db"
}

# Files as they stand before every STRIDEth byte, by themselves.
cut_and_check() { # STRIDE FOLDER...
	mkdir "$tmp/cut-$1"
	stride=$1
	shift
	python3 "$src/tests/golden/tiling.py" cut "$tmp/whole.evcase/case.db" \
	    "$stride" "$tmp/cut-$stride" "$@"
	ingest "$tmp/cut-$stride.evcase" "$tmp/cut-$stride"
	check "$tmp/cut-$stride.evcase"
}

set -- "$src/casefiles/demo/captured" "$src"/tests/golden/mappings/*/input
ingest "$tmp/whole.evcase" "$@"
cut_and_check 101 "$@"
for input in "$samples"/*/ "$samples"/authored/*/; do
	case $input in
	*/authored/ | */hostile/ | */annexes/ | */registers/ | */'*'/) ;;
	*)
		ev-ingest -q "$tmp/whole.evcase" "$input" >/dev/null ||
			[ $? -eq 3 ]
		set -- "$@" "${input%/}"
		;;
	esac
done
check "$tmp/whole.evcase"
cut_and_check 1000 "$@"
