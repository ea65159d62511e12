#!/bin/sh
# The unit tests and the tools' scripts under valgrind: no wrong access, no
# use of what was never set, nothing definitely lost.
set -u
command -v valgrind >/dev/null || { echo "no valgrind: skipped"; exit 77; }
build=$(cd "${EV_BUILD:?}" && pwd) || exit 2
cd "${EV_SRC:?}" || exit 2
tmp=$(mktemp -d) || exit 2
trap 'chmod -R u+rwX "$tmp"; rm -rf "$tmp"' EXIT

# A caged process may not do what valgrind does in it; making many keys takes
# minutes there, and the tools' scripts sign as well; without openat2, which
# valgrind lacks, a path of any length opens, and walk_test wants a limit.
left_out='^(sandbox|child|custody|record|sign|stamp|walk)_test$'
scripts='ev-case ev-custody ev-list'
options="--quiet --error-exitcode=99 --leak-check=full"
options="$options --errors-for-leak-kinds=definite"
options="$options --show-leak-kinds=definite --num-callers=30"
seconds=120

# A build folder as the tests expect it around them.
mkdir -p "$tmp/build/tests" "$tmp/build/bin" "$tmp/build/share" || exit 2
ln -s "$PWD/casefiles" "$tmp/build/share/evidence"
ln -s "$build/libexec" "$tmp/build/libexec"

cat >"$tmp/unit" <<END
name=\$(basename "\$1")
cd "$tmp/build/tests" || exit 1
rc=0
timeout $seconds valgrind $options --log-file="$tmp/\$name.%p.log" "\$1" \\
    >"$tmp/\$name.out" 2>&1 </dev/null || rc=\$?
case \$rc in
0) echo "ok \$name" ;;
99) echo "FAILED \$name"; exit 1 ;;
124) echo "not finished in $seconds s, let go: \$name" ;;
*) echo "FAILED \$name: status \$rc"; tail -20 "$tmp/\$name.out"; exit 1 ;;
esac
END
bad=0
for test in "$build"/tests/*_test; do
	[ -x "$test" ] || continue
	if basename "$test" | grep -qE "$left_out"; then
		echo "left out: $(basename "$test")" >&2
	else
		echo "$test"
	fi
done >"$tmp/tests"
xargs -n 1 -P "$(nproc)" sh "$tmp/unit" <"$tmp/tests" || bad=1

# The tools: some of their scripts run as they are, each tool behind a wrapper.
# The clock of this build runs, so the output is not compared.
for tool in "$build"/bin/ev-*; do
	[ -x "$tool" ] || continue
	name=$(basename "$tool")
	cat >"$tmp/build/bin/$name" <<-END
	#!/bin/sh
	exec valgrind $options --log-file="$tmp/$name.%p.log" "$tool" "\$@"
	END
	chmod +x "$tmp/build/bin/$name"
done
cat >"$tmp/script" <<END
rc=0
timeout $seconds sh tests/cli/run.sh "$tmp/build" "\$1" >/dev/null 2>&1 ||
	rc=\$?
[ "\$rc" -ne 124 ] || echo "cut after $seconds s: \$1"
echo "ran \$1"
END
for script in $scripts; do
	[ ! -f "tests/cli/$script.sh" ] || echo "tests/cli/$script.sh"
done |
	xargs -r -n 1 -P "$(nproc)" sh "$tmp/script"

# valgrind 3.19 does not know openat2 and says so; the library has another way.
for log in "$tmp"/*.log; do
	grep -v '^--' "$log" >"$tmp/said"
	[ -s "$tmp/said" ] || continue
	echo "--- $(basename "$log")"
	head -40 "$tmp/said"
	bad=1
done
exit $bad
