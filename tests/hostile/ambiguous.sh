#!/bin/sh
# Where a container says two things, both are artifacts, a note says where, no
# fact is read of either, and the exit status is 3: from a file, from standard
# input and inside another archive.
set -u
here=${EV_SRC:?}/tests/hostile
bin=${EV_BUILD:?}/bin
[ -x "$bin/ev-ingest" ] || { echo "no ev-ingest: skipped"; exit 77; }
command -v python3 >/dev/null || { echo "no python3: skipped"; exit 77; }
dir=$(mktemp -d) || exit 2
trap 'chmod -R u+rwX "$dir"; rm -rf "$dir"' EXIT
cd "$dir" || exit 2
bad=0
say() { echo "FAILED: $1"; bad=1; }
python3 "$here/make.py" made || exit 2
a=$(printf '{"who":"a"}\n' | sha256sum | cut -d' ' -f1)
b=$(printf '{"who":"b"}\n' | sha256sum | cut -d' ' -f1)

new() {
	rm -rf a.evcase
	"$bin/ev-case" init a.evcase --number A-1 --title A --actor 'A. Example' \
	    --role examiner --office 'Demo Lab' --self-signed 2>/dev/null ||
		exit 2
}

both() { # WHAT OFFSETS: the last ingest, its status in $rc
	[ "$rc" -eq 3 ] || say "$1: status $rc, not 3"
	grep -q '"facts":0,' said || say "$1: facts were read"
	"$bin/ev-list" a.evcase artifacts -j >list || say "$1: no list"
	for sum in $a $b; do
		grep -q "\"sha256\":\"$sum\"" list ||
			say "$1: a reading is not an artifact"
	done
	grep -q '"word":"zip-ambiguous"' said || say "$1: no note"
	"$bin/ev-list" a.evcase facts -j >list || say "$1: no list of facts"
	[ ! -s list ] || say "$1: facts are listed"
}

for name in two-archives archive-in-comment; do
	file=made/zip-$name.zip
	new
	rc=0
	"$bin/ev-ingest" -j a.evcase "$file" --map "$here/any.map" \
	    >said 2>/dev/null || rc=$?
	both "$name"
	grep -q '"word":"zip-ends"' said || say "$name: no note of two ends"
	new
	rc=0
	"$bin/ev-ingest" -j a.evcase - --map "$here/any.map" <"$file" \
	    >said 2>/dev/null || rc=$?
	both "$name from standard input"
done
new
rc=0
"$bin/ev-ingest" -j a.evcase made/zip-nested-ambiguous.zip \
    --map "$here/any.map" >said 2>/dev/null || rc=$?
both "two archives inside a third"

# Both places are named, with their bytes.
"$EV_BUILD/tests/listing" "$EV_BUILD/libexec/evidence/ev-parse" \
    made/zip-two-archives.zip >said
grep -q "^note 0 zip-ends 102 'one of 2 end records; its directory is at byte 49'" \
    said && grep -q "^note 0 zip-ends 226 " said ||
	{ cat said; say "the end records are not named with their offsets"; }

# A twin that says one thing is read.
new
rc=0
"$bin/ev-ingest" -j a.evcase made/zip-clean.zip --map "$here/any.map" \
    >said 2>/dev/null || rc=$?
[ "$rc" -eq 0 ] && grep -q '"facts":2,' said || say "a clean zip is not read"
exit $bad
