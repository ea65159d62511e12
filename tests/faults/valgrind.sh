#!/bin/sh
# The unit tests and the tools' scripts under valgrind: no wrong access, no
# use of what was never set, nothing definitely lost.
set -u
command -v valgrind >/dev/null || { echo "no valgrind: skipped"; exit 77; }
build=$(cd "${EV_BUILD:?}" && pwd) || exit 2
cd "${EV_SRC:?}" || exit 2
tmp=$(mktemp -d) || exit 2
trap 'chmod -R u+rwX "$tmp"; rm -rf "$tmp"' EXIT

# valgrind 3.19 does not know openat2, which the library opens sources by.
${CC:-cc} -shared -fPIC -O1 -g -o "$tmp/shim.so" tests/faults/openat2_shim.c \
    -ldl || exit 1

# A caged process may not do what valgrind does in it.
caged='^(sandbox|child)_test$'
options="--quiet --error-exitcode=99 --leak-check=full
--errors-for-leak-kinds=definite --show-leak-kinds=definite
--num-callers=30"
SECONDS_EACH=150

cat >"$tmp/unit" <<END
name=\$(basename "\$1")
cd "$tmp" || exit 1
rc=0
LD_PRELOAD="$tmp/shim.so" timeout $SECONDS_EACH valgrind $(echo $options) --log-file="$tmp/\$name.%p.log" \\
    "\$1" >"$tmp/\$name.out" 2>&1 </dev/null || rc=\$?
case \$rc in
0) echo "ok \$name" ;;
99) echo "FAILED \$name"; exit 1 ;;
124) echo "too slow under valgrind, let go: \$name" ;;
*) echo "FAILED \$name: status \$rc"; tail -20 "$tmp/\$name.out"; exit 1 ;;
esac
END
bad=0
find "$build/tests" -maxdepth 1 -name '*_test' -type f | sort >"$tmp/tests"
while read -r test; do
	basename "$test" | grep -qE "$caged" || echo "$test"
done <"$tmp/tests" | xargs -n 1 -P "$(nproc)" sh "$tmp/unit" || bad=1

# The tools: their scripts run as they are, with each tool behind a wrapper.
mkdir -p "$tmp/build/bin"
for tool in "$build"/bin/ev-*; do
	[ -x "$tool" ] || continue
	cat >"$tmp/build/bin/$(basename "$tool")" <<-END
	#!/bin/sh
	LD_PRELOAD="$tmp/shim.so" exec valgrind $(echo $options) --log-file="$tmp/%p.tool.log" "$tool" "\$@"
	END
	chmod +x "$tmp/build/bin/$(basename "$tool")"
done
for script in tests/cli/ev-*.sh; do
	[ -f "$script" ] || continue
	# The clock of this build runs, so the output is not compared.
	timeout $SECONDS_EACH sh tests/cli/run.sh "$tmp/build" "$script" \
	    >"$tmp/script.out" 2>&1
	[ $? -ne 124 ] || echo "too slow under valgrind, cut: $script"
	echo "ran $script"
done

for log in "$tmp"/*.log; do
	[ -s "$log" ] || continue
	echo "--- $(basename "$log")"
	head -40 "$log"
	bad=1
done
exit $bad
