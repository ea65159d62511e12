#!/bin/sh
# A hijacked reading child, and a hijacked ev-verify: twelve acts from inside its cage, all denied, as
# root and as nobody; and what is left where the kernel lacks a half of it.
set -u
bin=${EV_BUILD:?}/tests
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT
chmod 1777 "$dir" && echo before >"$dir/there" && chmod 666 "$dir/there" || exit 2
touch "$dir/extra" && chmod 666 "$dir/extra" || exit 2
# A copy, where nobody may reach it.
cp "$bin/rogue" "$dir/rogue" && chmod 755 "$dir/rogue" || exit 2
cp "$bin/listing" "$EV_BUILD/libexec/evidence/ev-parse" "$dir" || exit 2
bad=0
say() { echo "FAILED: $1"; bad=1; }

"$dir/rogue" "$dir" >"$dir/said" 2>&1
rc=$?
[ $rc -ne 77 ] || { cat "$dir/said"; exit 77; }

# The acts themselves are sound: without the cage each of them is done.
"$dir/rogue" -x "$dir" >"$dir/free" 2>&1
case $(tail -1 "$dir/free") in
"0 of 12 denied") ;;
*) cat "$dir/free"; say "without a cage the acts are not done" ;;
esac
rm -f "$dir/made"
echo before >"$dir/there"
: >"$dir/extra"

"$dir/rogue" -vx "$dir" >"$dir/free" 2>&1
case $(tail -1 "$dir/free") in
"0 of 12 denied") ;;
*) cat "$dir/free"; say "without the cage of ev-verify the acts are not done" ;;
esac
rm -f "$dir/made"
echo before >"$dir/there"
: >"$dir/extra"

check() { # WHO OPTION...
	who=$1
	shift
	"$dir/rogue" "$@" "$dir" >"$dir/said" 2>&1 || {
		cat "$dir/said"
		say "as $who an act was done"
	}
	echo "as $who: $(tail -1 "$dir/said")"
	grep -qx '12 of 12 denied' "$dir/said" || say "as $who: not 12 of 12"
}
check "$(id -un)"
[ "$(id -u)" -ne 0 ] || check nobody -u
check "$(id -un), without Landlock" -L
check "$(id -un), in ev-verify" -v
[ "$(id -u)" -ne 0 ] || check "nobody, in ev-verify" -u -v
check "$(id -un), in ev-verify, without Landlock" -L -v
[ -e "$dir/made" ] && say "a file was made"
[ "$(cat "$dir/there")" = before ] || say "a file was changed"
[ -s "$dir/extra" ] && say "a left-over descriptor was written to"

# Landlock alone keeps files, not sockets, forks and stat.
"$dir/rogue" -S "$dir" >"$dir/said" 2>&1
for act in 'open a file' 'create a file' 'truncate a file' \
    'run a program' 'write to a left-over descriptor' 'map 1 GiB'; do
	grep -q "^$act: denied" "$dir/said" ||
		say "without seccomp: $act: $(grep "^$act:" "$dir/said")"
done
[ -e "$dir/made" ] && say "without seccomp a file was made"

# One half missing: goes on.  Both: nothing foreign is read.
echo '{}' >"$dir/plain.json"
for hidden in -L -S; do
	"$dir/rogue" $hidden -- "$dir/listing" "$dir/ev-parse" \
	    "$dir/plain.json" >"$dir/said" 2>&1 ||
		{ cat "$dir/said"; say "with one half missing ($hidden)"; }
done
"$dir/rogue" -L -S -- "$dir/listing" "$dir/ev-parse" "$dir/plain.json" \
    >"$dir/said" 2>&1
rc=$?
[ $rc -eq 2 ] || say "without Landlock and seccomp: status $rc, not 2"
grep -q 'neither Landlock nor seccomp' "$dir/said" ||
	{ cat "$dir/said"; say "no word about the missing sandbox"; }
"$dir/rogue" -L -S -- "$dir/listing" -n "$dir/ev-parse" "$dir/plain.json" \
    >"$dir/said" 2>&1 || { cat "$dir/said"; say "not even by -n"; }
exit $bad
