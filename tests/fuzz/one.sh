#!/bin/sh
# one.sh FUZZER SECONDS FOLDER: run one target from its seeds and from what
# FOLDER/NAME holds of earlier runs; FOLDER/NAME.log has its words.  The last
# line says runs, edges, findings; status 1 if there is a finding.
set -u
here=$(dirname "$0")
name=$(basename "$1" _fuzzer)
corpus=$3/$name
log=$3/$name.log
mkdir -p "$corpus" || exit 2
touch "$log.begun" # findings of earlier runs stay
program=$1
set -- "-max_total_time=$2" -rss_limit_mb=2048 -print_final_stats=1 \
    "-artifact_prefix=$corpus-"
[ ! -f "$here/$name.dict" ] || set -- "$@" "-dict=$here/$name.dict"
set -- "$@" "$corpus"
[ ! -d "$here/seeds/$name" ] || set -- "$@" "$here/seeds/$name"
rc=0
start=$(date +%s)
"$program" "$@" >"$log" 2>&1 || rc=$?
end=$(date +%s)
findings=$(find "$(dirname "$corpus")" -maxdepth 1 -name "$name-*" \
    -newer "$log.begun" | wc -l)
runs=$(sed -n 's/^stat::number_of_executed_units: //p' "$log")
# A target that falls ends without its figures: those of its last report.
[ -n "$runs" ] || runs=$(sed -n 's/^#\([0-9]*\)\t.*/\1/p' "$log" | tail -1)
edges=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -1)
printf '%s: %s runs, %s edges, %s findings in %s s\n' "$name" "${runs:-0}" \
    "${edges:-0}" "$findings" $((end - start))
[ "$rc" -eq 0 ] && [ "$findings" -eq 0 ] && exit 0
# What it fell over, in a line.
grep -m 1 -E 'ERROR: |runtime error: ' "$log" | sed 's/^/  /'
exit 1
