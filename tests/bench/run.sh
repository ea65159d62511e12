#!/bin/sh
# run.sh BUILD-DIR [JOB...]: ours beside its peers and the least that has to be
# done, in turn in one run, medians of five (three for large files) after one
# round that does not count.  Jobs: B1 20,000 small files, B2 one large file,
# B7 a bundle of it, written and verified, B8 1,000,000 entries of the log.
# BENCH_DIR is where it works (some 15 GB), BENCH_SMALL=1 makes B2 and B7
# 512 MiB.
set -u
[ $# -ge 1 ] || { echo "usage: run.sh BUILD-DIR [JOB...]" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd) || exit 2
build=$(cd "$1" && pwd) || exit 2
shift
jobs=${*:-B1 B2 B7 B8}
work=${BENCH_DIR:-$build/bench}
rounds=${BENCH_ROUNDS:-5}
mkdir -p "$work" && cd "$work" || exit 2
PATH=$work:$build/bin:$PATH
LC_ALL=C
export PATH LC_ALL
unset EV_CASE EV_ACTOR EV_DATA
trap 'rm -rf source copy case.evcase one copy.one list b.asice log.db*' EXIT

for program in make_files limit_segments limit_copyhash limit_log run_timed; do
	cc -O2 -std=gnu11 -o "$program" "$here/$program.c" -pthread \
	    -lcrypto -lsqlite3 -lz -lm || exit 2
done

cc -O2 -std=gnu11 -D_FILE_OFFSET_BITS=64 -I "$here/../../libevidence" \
    -I "$here/../../libevidence/include" -o log_entries \
    "$here/log_entries.c" "$build/libevidence.a" -pthread -Wl,--as-needed \
    -lsqlite3 -lcrypto -larchive -lmagic -lz -lseccomp -lutf8proc \
    -lsmartcols -lmaxminddb -lexpat -lm || exit 2

# timed NAME COMMAND...: one line "ms KiB" more in NAME.times.
timed() {
	name=$1
	shift
	sync
	run_timed "$@" 3>one.time >/dev/null 2>one.err
	read -r ms kib status <one.time
	case $name:$status in
	*:0 | ours:3 | verify:3) echo "$ms $kib" >>"$name.times" ;;
	*) echo "$name: status $status"; cat one.err; exit 1 ;;
	esac
}

# The median, the range and the largest memory of NAME.times.
median() { sort -n "$1.times" | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }'; }
least() { sort -n "$1.times" | sed -n '1s/ .*//p'; }
most() { sort -n "$1.times" | sed -n '$s/ .*//p'; }
memory() { awk '{ if ($2 > m) m = $2 } END { printf "%.0f", m / 1024 }' "$1.times"; }

row() { # NAME WHAT AMOUNT UNIT
	awk -v name="$2" -v ms="$(median "$1")" -v a="$(least "$1")" \
	    -v b="$(most "$1")" -v amount="$3" -v unit="$4" \
	    -v mib="$(memory "$1")" 'BEGIN {
		printf "   %-34s %8.2f s  (%.2f-%.2f)  %8.0f %s  %4d MiB\n",
		    name, ms / 1000, a / 1000, b / 1000,
		    amount * 1000 / ms, unit, mib }'
}

ratios() { # GOAL-PEER GOAL-LIMIT GOAL-MEMORY
	awk -v ours="$(median ours)" -v peer="$(median peer)" \
	    -v limit="$(median limit)" -v mib="$(memory ours)" \
	    -v gp="$1" -v gl="$2" -v gm="$3" 'BEGIN {
		within = (mib <= gm) ? "within" : "above"
		printf "   %.2f x as fast as the peer (goal %s), ", \
		    peer / ours, gp
		printf "%.2f x the time of the limit (goal %s), ", \
		    ours / limit, gl
		printf "memory %s %d MiB\n", within, gm }'
}

fresh_case() {
	chmod -R u+rwX case.evcase 2>/dev/null
	rm -rf case.evcase
	ev-case init case.evcase --number B --title Bench --actor Bench \
	    --role examiner --office Bench --self-signed 2>/dev/null || exit 2
}

small_files() {
	rm -rf source
	mkdir source
	make_files source 20000 || exit 2
	rm -f ./*.times
	i=0
	while [ $i -le "$rounds" ]; do
		[ $i -ne 1 ] || rm -f ./*.times
		rm -rf copy
		timed peer sh -c 'cp -r source copy &&
			hashdeep -c sha256 -r copy >list && sync'
		rm -rf copy
		mkdir copy
		timed limit limit_segments source copy
		rm -rf copy
		fresh_case
		timed ours ev-ingest -q case.evcase source
		i=$((i + 1))
	done
	bytes=$(du -sb source | cut -f1)
	echo "B1 20,000 files of 1 to 64 KiB, $((bytes / 1000000)) MB"
	row ours 'ev-ingest, two hashes, types, log' 20000 files/s
	row peer 'cp -r + hashdeep -c sha256 + sync' 20000 files/s
	row limit 'limit: segments and rows alone' 20000 files/s
	ratios 6 1.6 128
}

large_file() {
	mib=4096
	[ "${BENCH_SMALL:-0}" = 0 ] || mib=512
	[ "$rounds" -le 3 ] || rounds=3
	rm -rf source copy
	mkdir source
	head -c $((mib * 1048576)) /dev/urandom >source/large || exit 2
	rm -f ./*.times
	i=0
	while [ $i -le "$rounds" ]; do
		[ $i -ne 1 ] || rm -f ./*.times
		timed peer sh -c 'cp source/large copy.one && sync copy.one &&
			openssl dgst -sha256 copy.one >list'
		rm -f copy.one
		timed limit limit_copyhash source/large copy.one
		rm -f copy.one
		fresh_case
		timed ours ev-ingest -q case.evcase source/large
		fresh_case
		i=$((i + 1))
	done
	echo "B2 one file of $mib MiB"
	row ours 'ev-ingest, SHA-256 and SHA-512' "$mib" MiB/s
	row peer 'cp + sync + openssl dgst -sha256' "$mib" MiB/s
	row limit 'limit: copy and both hashes' "$mib" MiB/s
	ratios 1.3 1.3 128
}

# The same bytes: what openssl takes for one hash of the file.
against_peer() { # NAME GOAL
	awk -v ours="$(median "$1")" -v peer="$(median peer)" -v name="$1" \
	    -v goal="$2" -v mib="$(memory "$1")" 'BEGIN {
		printf "   %s: %.2f x the time of openssl dgst (goal %s), " \
		    "memory %s 128 MiB\n", name, ours / peer, goal,
		    (mib <= 128) ? "within" : "above" }'
}

bundle() {
	mib=4096
	[ "${BENCH_SMALL:-0}" = 0 ] || mib=512
	[ "$rounds" -le 3 ] || rounds=3
	rm -rf source copy
	mkdir source
	head -c $((mib * 1048576)) /dev/urandom >source/large || exit 2
	rm -f ./*.times
	fresh_case
	ev-ingest -q case.evcase source >/dev/null 2>&1
	rm -rf source
	i=0
	while [ $i -le "$rounds" ]; do
		[ $i -ne 1 ] || rm -f ./*.times
		rm -f b.asice
		timed write ev-bundle -q case.evcase -o b.asice
		timed peer openssl dgst -sha256 b.asice
		timed verify ev-verify -q b.asice
		i=$((i + 1))
	done
	rm -f b.asice
	echo "B7 a bundle of $mib MiB"
	row write 'ev-bundle, hashed twice, durable' "$mib" MiB/s
	row verify 'ev-verify, SHA-256 and SHA-512' "$mib" MiB/s
	row peer 'openssl dgst -sha256' "$mib" MiB/s
	against_peer write 2
	against_peer verify 1.3
}

log_entries_job() {
	count=${BENCH_ENTRIES:-1000000}
	[ "$rounds" -le 3 ] || rounds=3
	rm -f ./*.times
	i=0
	while [ $i -le "$rounds" ]; do
		[ $i -ne 1 ] || rm -f ./*.times
		fresh_case
		rm -f log.db*
		timed append log_entries append case.evcase "$count"
		timed lappend limit_log append log.db "$count"
		timed verify log_entries verify case.evcase
		timed lverify limit_log verify log.db
		i=$((i + 1))
	done
	rm -f log.db*
	echo "B8 $count entries of the custody log"
	row append 'appended, written as JSON, sealed' "$count" /s
	row lappend 'limit: rows, SHA-256, root' "$count" /s
	row verify 'verified, line by line' "$count" /s
	row lverify 'limit: rows, SHA-256, root' "$count" /s
	awk -v a="$(median append)" -v v="$(median verify)" \
	    -v la="$(median lappend)" -v lv="$(median lverify)" \
	    -v ma="$(memory append)" -v mv="$(memory verify)" 'BEGIN {
		m = (ma > mv) ? ma : mv
		printf "   %.2f x the time of the limit, both together ", \
		    (a + v) / (la + lv)
		printf "(goal 1.5; append %.2f, verify %.2f), ", a / la, v / lv
		printf "memory %s 256 MiB\n", (m <= 256) ? "within" : "above" }'
}

for job in $jobs; do
	case $job in
	B1) small_files ;;
	B2) large_file ;;
	B7) bundle ;;
	B8) log_entries_job ;;
	*) echo "run.sh: no job $job" >&2; exit 2 ;;
	esac
done
