#!/bin/sh
# prove.sh [TARGET...]: can the fuzzers find anything?  Into a copy each bug of
# the file bugs is put, one at a time, and its target must fall over it within
# a minute, from the seeds alone; without the bug the seeds pass.
set -u
src=$(cd "$(dirname "$0")/../.." && pwd) || exit 2
out=$src/out/fuzz/prove
copy=$out/src
bad=0
[ ! -e "$copy" ] || chmod -R u+rwX "$copy"
rm -rf "$copy" "$out/found"
mkdir -p "$copy" "$out/found" || exit 2
(cd "$src" && tar -c CMakeLists.txt CMakePresets.json README.md LICENSE \
    libevidence tools casefiles man tests) | tar -x -C "$copy" || exit 2

build() { # TARGET
	cmake --build "$copy/build/fuzz" --target "$1_fuzzer" \
	    >"$out/build.log" 2>&1 && return
	cat "$out/build.log"
	echo "prove: the target $1 is not built"
	exit 2
}

# Put the change of bug number N into the copy; say its target and words.
plant() { # N
	python3 - "$src/tests/fuzz/bugs" "$copy" "$1" <<'END'
import sys

path, copy, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
with open(path, encoding="ascii") as f:
    blocks = [b for b in f.read().split("\n\n") if b.startswith("target")]
if number > len(blocks):
    sys.exit(3)
bug = {}
for line in blocks[number - 1].rstrip("\n").split("\n"):
    if line[0] in "-+":
        bug[line[0]] = line[1:]
    else:
        key, value = line.split(None, 1)
        bug[key] = value
file = copy + "/" + bug["file"]
with open(file, encoding="utf-8") as f:
    text = f.read()
if text.count("\n" + bug["-"] + "\n") != 1:
    sys.exit("%s: not there once: %s" % (bug["file"], bug["-"]))
with open(file, "w", encoding="utf-8") as f:
    f.write(text.replace("\n" + bug["-"] + "\n", "\n" + bug["+"] + "\n"))
print(bug["target"])
print(bug["file"])
print(bug["says"])
END
}

(cd "$copy" && cmake --preset fuzz) >"$out/build.log" 2>&1 ||
	{ cat "$out/build.log"; exit 2; }
number=0
while :; do
	number=$((number + 1))
	said=$(plant $number)
	rc=$?
	[ $rc -ne 3 ] || break
	[ $rc -eq 0 ] || exit 2
	target=$(echo "$said" | sed -n 1p)
	file=$(echo "$said" | sed -n 2p)
	case " $* " in
	"  " | *" $target "*)
		mv "$copy/$file" "$out/planted"
		cp "$src/$file" "$copy/$file"
		build "$target"
		rm -rf "$out/found/$target"*
		clean=$(sh "$copy/tests/fuzz/one.sh" \
		    "$copy/build/fuzz/fuzz/${target}_fuzzer" 1 "$out/found") || {
			echo "$clean"
			echo "prove: $target falls over its own seeds"
			bad=1
		}
		rm -rf "$out/found/$target"*
		cp "$out/planted" "$copy/$file"
		build "$target"
		echo "$target: $(echo "$said" | sed -n 3p)"
		if sh "$copy/tests/fuzz/one.sh" \
		    "$copy/build/fuzz/fuzz/${target}_fuzzer" 60 "$out/found" \
		    >"$out/said"; then
			echo "  NOT FOUND in a minute"
			bad=1
		fi
		sed 's/^/  /' "$out/said"
		;;
	esac
	cp "$src/$file" "$copy/$file"
done
[ $number -gt 1 ] || bad=1
[ $bad -eq 0 ] && echo "prove: every bug was found"
exit $bad
