#!/bin/sh
# README may promise only what a test shows: each line below is a promise and
# the test that keeps it.  README lists a promise if and only if that test is
# there.
set -u
cd "${EV_SRC:?}" || exit 2
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT

while IFS='|' read -r test promise; do
	[ -f "tests/$test.sh" ] && printf '%s\n' "$promise"
done >"$tmp/kept" <<'END'
faults/source|We never write to the source
hostile/outputs|Evidence never becomes code, a path, a terminal command, a formula or HTML
hostile/rogue|A crashed or hijacked parser cannot touch the case
hostile/limits|No input eats the machine
faults/kill|A kill or power loss leaves the case before or after
tamper/bits|Any flipped bit in an exhibit or bundle is detected
tamper/rows|Any edit of the custody log is detected and located
hostile/ambiguous|Where a container says two things, we say so
interop/stock|Other people's tools agree
golden/same|Same input, same output
END
sed -n '/^<!-- promises -->$/,/^<!-- end of promises -->$/p' README.md |
	sed -n 's/^- //p' >"$tmp/printed"
if [ "${1-}" = --list ]; then
	cat "$tmp/kept"
	exit 0
fi
grep -q '^<!-- promises -->$' README.md ||
	{ echo "README.md: no list of promises"; exit 1; }
diff "$tmp/kept" "$tmp/printed" >"$tmp/diff" && exit 0
echo "README.md: < a test keeps it, README is silent; > README promises, no test:"
cat "$tmp/diff"
exit 1
