#!/bin/sh
# Every hostile file, ours and the shared samples, through ev-ingest: ends as
# declared in EXPECTED.tsv, within 10 s and 512 MiB (printed), leaves its
# source and everything outside the case as it was.
set -u
here=${EV_SRC:?}/tests/hostile
bin=${EV_BUILD:?}/bin
samples=${EV_SAMPLES:-$EV_SRC/../shared/samples}/hostile
[ -x "$bin/ev-ingest" ] || { echo "no ev-ingest: skipped"; exit 77; }
command -v python3 >/dev/null || { echo "no python3: skipped"; exit 77; }
dir=$(mktemp -d) || exit 2
trap 'chmod -R u+rwX "$dir"; rm -rf "$dir"' EXIT
bad=0
say() { echo "FAILED: $1"; bad=1; }

python3 "$here/make.py" "$dir/made" || exit 2
# A build with sanitizers has no limit of memory to run into.
"$EV_BUILD/tests/rogue" "$dir" >/dev/null 2>&1
[ $? -ne 77 ] || rm "$dir/made/memory.jsonl.xz"
set -- "$dir/made=made"
if [ -d "$samples" ]; then
	set -- "$@" "$samples=samples"
else
	echo "no shared samples: only our own files"
fi

# Names in the archives lead here; nothing may come of them.
canary=/var/tmp/evidence-canary
mine=
[ -e "$canary" ] || { mkdir "$canary" && mine=1; }
mkdir "$dir/home" "$dir/case" "$dir/cwd"
look() {
	find "$canary" "$dir/home" "$dir/cwd" "$dir/made" | LC_ALL=C sort
	find "$dir/made" -type f -exec sha256sum {} + | LC_ALL=C sort
}
look >"$dir/before"
strays() {
	find / /var /var/tmp /tmp -maxdepth 1 -name 'PWN_*' | LC_ALL=C sort
}
strays >"$dir/strays"
(cd "$dir/cwd" && HOME=$dir/home TMPDIR=$dir/cwd \
    python3 "$here/corpus.py" "$bin" "$here/EXPECTED.tsv" "$dir/case" "$@") ||
	bad=1
look >"$dir/after"
cmp -s "$dir/before" "$dir/after" || {
	diff "$dir/before" "$dir/after"
	say "a source, or something outside the case, has changed"
}
strays | cmp -s - "$dir/strays" || say "a member became a file"
"$bin/ev-case" check "$dir/case/h.evcase" >"$dir/check" 2>&1 ||
	{ cat "$dir/check"; say "the case does not check out"; }
[ -z "$mine" ] || rmdir "$canary" || say "the canary has company"
exit $bad
