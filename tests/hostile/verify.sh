#!/bin/sh
# ev-verify reads a bundle in a cage: where the kernel gives none it refuses,
# it says when half of one is missing, and a reader that dies is FAILED.
set -u
bin=${EV_BUILD:?}/bin
tmp=$(mktemp -d) || exit 2
trap 'chmod -R u+rwX "$tmp"; rm -rf "$tmp"' EXIT
"$EV_BUILD/tests/rogue" "$tmp" >"$tmp/said" 2>&1
[ $? -ne 77 ] || { cat "$tmp/said"; exit 77; }
sh "$EV_SRC/tests/tamper/lib/bundle.sh" "$EV_BUILD" "$tmp" || exit 1
cd "$tmp" || exit 2
bad=0
say() { echo "FAILED: $1"; cat out err; bad=1; }
run() { rc=0; "$@" >out 2>err || rc=$?; }

run "$bin/ev-verify" small.asice
[ $rc -eq 3 ] || say "the bundle as it is: status $rc"
grep -q 'facts derived again from the bytes' out || say "no facts derived"
cp out whole
run "$bin/ev-verify" small.asice --no-sandbox
grep -q 'container *note *the bundle is read without a sandbox' out ||
	say "no word of --no-sandbox"
grep -v 'without a sandbox' out | diff whole - || say "another answer uncaged"
run "$EV_BUILD/tests/rogue" -L -S -- "$bin/ev-verify" small.asice
{ [ $rc -eq 2 ] && grep -q 'neither Landlock nor seccomp' err && [ ! -s out ]; } ||
	say "without Landlock and seccomp: status $rc"
run "$EV_BUILD/tests/rogue" -L -S -- "$bin/ev-verify" small.asice --no-sandbox
[ $rc -eq 3 ] || say "not even with --no-sandbox: status $rc"
run "$EV_BUILD/tests/rogue" -L -- "$bin/ev-verify" small.asice
{ [ $rc -eq 3 ] && grep -q 'note *this system has no Landlock' out; } ||
	say "without Landlock: status $rc"
run "$EV_BUILD/tests/rogue" -S -- "$bin/ev-verify" small.asice
{ [ $rc -eq 3 ] && grep -q 'note *this system has no seccomp' out; } ||
	say "without seccomp: status $rc"

command -v strace >/dev/null || { echo "no strace: the rest is skipped"; exit $bad; }
# Those who read the bundle are caged first, and open nothing from then on.
strace -f -o log "$bin/ev-verify" small.asice >out 2>err
awk '/execve(at)?\(/ { anew[$1] = 1 }
    /seccomp\(SECCOMP_SET_MODE_FILTER, 0, / { caged[$1] = 1; next }
    caged[$1] && !anew[$1] && /(open|openat|socket|stat|clone|execveat|memfd_create)\(/ &&
        !/EPERM|unfinished/ { print; bad = 1 }
    /pread64\(3/ && !anew[$1] { n++; if (!caged[$1]) bad = 1 }
    END { exit bad || n == 0 }' log || say "what the cage is for"
# Killed in the midst of its work: named, and no line of what came before lost.
strace -f -qq -o /dev/null -e trace=pread64 \
    -e inject=pread64:signal=KILL:when=130 "$bin/ev-verify" small.asice >out 2>err
rc=$?
{ [ $rc -eq 1 ] && grep -q 'FAILED *the process that reads the bundle was ended by SIGKILL' out; } ||
	say "a reader that was killed: status $rc"
exit $bad
