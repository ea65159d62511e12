#!/bin/sh
# The scripts of tests/cli, each of them, with every tool and every reading
# child under valgrind: the same output as ever; no wrong access, no use of
# what was never set, nothing definitely lost.
. "${EV_SRC:?}/tests/faults/lib/valgrind"

# A build folder in which each program is valgrind with that program.  The
# clock stands still, though the build is one for use: the shim sees to it.
stage=$tmp/build
mkdir -p "$tmp/bin" "$stage/bin" "$stage/libexec/evidence" "$stage/share" ||
	exit 2
ln -s "$PWD/casefiles" "$stage/share/evidence"
for tool in "$build"/bin/ev-*; do
	name=$(basename "$tool")
	cp "$tool" "$stage/bin" || exit 2
	cat >"$tmp/bin/$name" <<-END
	#!/bin/sh
	export LD_PRELOAD=$shim EV_TEST_NOW=\$EV_NOW
	exec $(echo $memcheck) \\
	    --log-file=$tmp/log/$name.%p $stage/bin/$name "\$@"
	END
	chmod +x "$tmp/bin/$name"
done
child=$stage/libexec/evidence/ev-parse
cp "$build/tests/valgrind_child" "$child" || exit 2
cp "$build/libexec/evidence/ev-parse" "$shim" "$tmp" || exit 2
printf '%s\n' /usr/bin/env "LD_PRELOAD=$tmp/valgrind_shim.so" $memcheck \
    --log-file="$tmp/log/ev-parse.%p" "$tmp/ev-parse" >"$child.args"

bad=0
ls tests/cli/ev-*.sh | xargs -n 1 -P "$(nproc)" sh tests/cli/run.sh "$tmp" ||
	bad=1
ls "$tmp"/log/ev-parse.* >/dev/null || bad=1
complaints
exit $bad
