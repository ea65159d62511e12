#!/bin/sh
# The unit tests under valgrind, each of them: no wrong access, no use of what
# was never set, nothing definitely lost.
. "${EV_SRC:?}/tests/faults/lib/valgrind"

# A build folder as the tests expect it around them.
mkdir -p "$tmp/build/tests" "$tmp/build/bin" "$tmp/build/share" || exit 2
ln -s "$PWD/casefiles" "$tmp/build/share/evidence"
ln -s "$build/libexec" "$tmp/build/libexec"

# A test that flips each bit takes every so manieth; what shows only in a cage
# that closes, where valgrind cannot live, or not to root, is named and left.
cat >"$tmp/unit" <<END
name=\$(basename "\$1")
cd "$tmp/build/tests" || exit 1
export EV_TEST_STRIDE=97 EV_TEST_UNCAGED=1 LD_PRELOAD="$shim"
rc=0
$(echo $memcheck) --log-file="$tmp/log/\$name.%p" "\$1" \\
    >"$tmp/\$name.out" 2>&1 </dev/null || rc=\$?
sed -n "s/^\[  SKIPPED \] \([a-z].*\)/left out of \$name: \1/p" \\
    "$tmp/\$name.out" | sort -u
if [ \$rc -ne 0 ]; then
	echo "FAILED \$name: status \$rc"
	tail -20 "$tmp/\$name.out"
	exit 1
fi
echo "ok \$name"
END
bad=0
ls "$build"/tests/*_test | xargs -n 1 -P "$(nproc)" sh "$tmp/unit" || bad=1
complaints
exit $bad
