#!/bin/sh
# ev-ingest is killed at points spread over its system calls.  Afterwards the
# case is whole, or names only what is unnamed; the same command completes it,
# and it holds what an undisturbed run gives.
. "$EV_SRC/tests/faults/lib/common"
points=${EV_POINTS:-110}
least=100
# A sanitized program takes several times as long.
if nm "$bin/ev-ingest" 2>/dev/null | grep -q __asan_init; then
	points=40
	least=30
fi

make_source small
mkdir big
head -c 67200000 /dev/zero >big/large
new_case fresh.evcase
tried=0
killed=0
bad=0

# undisturbed SOURCE: what it comes to, and its calls by name.
undisturbed() {
	rm -rf whole.evcase count.evcase
	cp -R fresh.evcase whole.evcase
	cp -R fresh.evcase count.evcase
	want=0
	ev-ingest whole.evcase "$1" --map t.map >whole.out 2>&1 || want=$?
	[ "$want" -eq 3 ] ||
		{ echo "undisturbed: status $want"; cat whole.out; exit 1; }
	holdings whole.evcase >whole
	strace -qq -o trace ev-ingest count.evcase "$1" --map t.map \
	    >/dev/null 2>&1
}

# The repeated command.  Killed behind its last commit, all that may be
# missing is a head, which any writer makes.
repeat() { # SOURCE
	if [ "$(sqlite3 one.evcase/case.db \
	    'SELECT count(*) FROM acquisition WHERE copy > 0')" = 1 ]; then
		ev-ingest --again one.evcase --map t.map
	else
		ev-ingest one.evcase "$1" --map t.map
	fi >one.out 2>&1
}

kill_at() { # SOURCE CALL WHEN
	rm -rf one.evcase
	cp -R fresh.evcase one.evcase
	rc=0
	strace -qq -o /dev/null -e inject="$2:signal=SIGKILL:when=$3" \
	    ev-ingest one.evcase "$1" --map t.map >one.out 2>&1 || rc=$?
	tried=$((tried + 1))
	case $rc in
	137) killed=$((killed + 1)) ;;
	3) ;; # there were fewer such calls this time
	*)
		echo "status $rc"
		cat one.out
		return 1
		;;
	esac
	sound one.evcase || return 1
	rc=0
	repeat "$1" || rc=$?
	[ $rc -eq $want ] || {
		echo "repeated: status $rc"
		cat one.out
		return 1
	}
	clean one.evcase || return 1
	holdings one.evcase >one
	cmp -s whole one && return 0
	echo "the case holds something else"
	diff whole one
	return 1
}

# spread SOURCE POINTS LEAST CALL...: each call by its share of the trace.
spread() {
	source=$1 wanted=$2 few=$3
	shift 3
	total=0
	for call in "$@"; do
		total=$((total + $(grep -c "^$call(" trace)))
	done
	for call in "$@"; do
		n=$(grep -c "^$call(" trace)
		[ "$n" -gt 0 ] || continue
		share=$((wanted * n / total))
		[ $share -ge "$few" ] || share=$few
		[ $share -le "$n" ] || share=$n
		i=0
		while [ $i -lt $share ]; do
			when=$((1 + i * n / share + n / share / 2))
			i=$((i + 1))
			kill_at "$source" "$call" $when && continue
			echo "^ $source: $call $when"
			bad=$((bad + 1))
		done
	done
}

undisturbed small
grep -q '^fact|login' whole || { echo "no facts to compare"; exit 1; }
spread small "$points" 3 openat openat2 read pread64 write writev pwrite64 \
    fdatasync fsync ftruncate fchmod unlink rename renameat2 lseek close mmap \
    fcntl newfstatat sync_file_range
undisturbed big
spread big 6 1 write fsync fchmod linkat fdatasync pwrite64 sync_file_range
echo "$tried points, $killed killed, $bad bad"
[ $killed -ge $least ] && [ $bad -eq 0 ]
