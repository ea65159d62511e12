#!/bin/sh
# run.sh BUILD-DIR [JOB...]: ours beside its peers and the least that has to be
# done, in turn in one run, medians of five (three for large files) after one
# round that does not count.  Jobs: B1 20,000 small files, B2 one large file,
# B3 a zip of 100,000 members, B4 posts of 500 MiB as the archive of an account
# has them, B5 the same as lines, B6 a web archive of 50,000 records, B7 a
# bundle of a large file, written and verified, B8 1,000,000 entries of the log.
# BENCH_DIR is where it works (some 15 GB), BENCH_SCALE the size in per cent,
# BENCH_ROUNDS how often each is measured.  A peer that is not there is named
# and left out; warcio is fetched as requirements.txt here pins it.
set -u
[ $# -ge 1 ] || { echo "usage: run.sh BUILD-DIR [JOB...]" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd) || exit 2
build=$(cd "$1" && pwd) || exit 2
shift
jobs=${*:-B1 B2 B3 B4 B5 B6 B7 B8}
scale=${BENCH_SCALE:-100}
work=${BENCH_DIR:-$build/bench}
rounds=${BENCH_ROUNDS:-5}
mkdir -p "$work" && cd "$work" || exit 2
PATH=$work:$build/bin:$PATH
LC_ALL=C
export PATH LC_ALL
unset EV_CASE EV_ACTOR EV_DATA
trap 'rm -rf source copy case.evcase one copy.one list b.asice log.db* csv' EXIT

for program in make_files make_posts make_zip make_warc limit_segments \
    limit_copyhash limit_zip limit_posts limit_warc limit_log run_timed; do
	cc -O2 -std=gnu11 -D_FILE_OFFSET_BITS=64 -o "$program" \
	    "$here/$program.c" -pthread -Wl,--as-needed -lcrypto -lsqlite3 \
	    -larchive -lyajl -lz -lm || exit 2
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

# full size N, as this run has it; at least 1.
scaled() { n=$(($1 * scale / 100)); echo $((n > 0 ? n : 1)); }

row() { # NAME WHAT AMOUNT UNIT
	[ -f "$1.times" ] || { echo "   $2: left out"; return; }
	awk -v name="$2" -v ms="$(median "$1")" -v a="$(least "$1")" \
	    -v b="$(most "$1")" -v amount="$3" -v unit="$4" \
	    -v mib="$(memory "$1")" 'BEGIN {
		printf "   %-34s %8.2f s  (%.2f-%.2f)  %8.0f %s  %4d MiB\n",
		    name, ms / 1000, a / 1000, b / 1000,
		    amount * 1000 / ms, unit, mib }'
}

ratios() { # GOAL-PEER GOAL-LIMIT GOAL-MEMORY
	peer=0
	[ ! -f peer.times ] || peer=$(median peer)
	awk -v ours="$(median ours)" -v peer="$peer" \
	    -v limit="$(median limit)" -v mib="$(memory ours)" \
	    -v gp="$1" -v gl="$2" -v gm="$3" 'BEGIN {
		within = (mib <= gm) ? "within" : "above"
		printf "   "
		if (peer > 0)
			printf "%.2f x as fast as the peer (goal %s), ", \
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

# in_turn JOB: JOB_peer, JOB_limit and JOB_ours, a round that does not count
# and then the others.
in_turn() {
	rm -f ./*.times
	i=0
	while [ $i -le "$rounds" ]; do
		[ $i -ne 1 ] || rm -f ./*.times
		"$1_peer"
		"$1_limit"
		fresh_case
		"$1_ours"
		i=$((i + 1))
	done
}

few_rounds() { [ "$rounds" -le 3 ] || rounds=3; }
fresh_source() { rm -rf source copy && mkdir source; }

small_files() {
	files=$(scaled 20000)
	fresh_source
	make_files source "$files" || exit 2
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
	echo "B1 $files files of 1 to 64 KiB, $((bytes / 1000000)) MB"
	row ours 'ev-ingest, two hashes, types, log' "$files" files/s
	row peer 'cp -r + hashdeep -c sha256 + sync' "$files" files/s
	row limit 'limit: segments and rows alone' "$files" files/s
	ratios 6 1.6 128
}

large_file() {
	mib=$(scaled 4096)
	few_rounds
	fresh_source
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

B3_peer() {
	timed peer sh -c 'unzip -tqq source/export.zip &&
		unzip -qq source/export.zip -d copy &&
		find copy -type f -exec sha256sum {} + >list'
	rm -rf copy
}
B3_limit() { timed limit limit_zip source/export.zip; }
B3_ours() { timed ours ev-ingest -q case.evcase source; }

zip_members() {
	count=$(scaled 100000)
	few_rounds
	fresh_source
	make_zip source/export.zip "$count" || exit 2
	in_turn B3
	echo "B3 a zip of $count members, $(mib_of source/export.zip) MiB"
	row ours 'ev-ingest, members hashed and listed' "$count" members/s
	row peer 'unzip -t + unzip + sha256sum' "$count" members/s
	row limit 'limit: libarchive and SHA-256' "$count" members/s
	ratios 3 1.3 192
}

mib_of() { echo $(($(stat -c %s "$1") / 1048576)); }

B4_peer() {
	timed peer python3 "$here/peer_posts.py" source/data/tweets.js log.db
	rm -f log.db*
}
B4_limit() {
	timed limit limit_posts js source/data/tweets.js log.db
	rm -f log.db*
}
B4_ours() { timed ours ev-ingest -q case.evcase source; }

account_posts() {
	few_rounds
	fresh_source
	mkdir source/data
	printf 'window.YTD.account.part0 = [ { "account" : { %s } } ]\n' \
	    '"accountId" : "1000001", "username" : "bench"' \
	    >source/data/account.js
	posts=$(make_posts js "$(scaled 524288000)" 2>&1 \
	    >source/data/tweets.js) || exit 2
	in_turn B4
	echo "B4 tweets.js, $(mib_of source/data/tweets.js) MiB, $posts posts"
	row ours 'ev-ingest, facts and every byte' "$posts" posts/s
	row peer 'Python json + sqlite3' "$posts" posts/s
	row limit 'limit: yajl, rows, indexes, words' "$posts" posts/s
	ratios 2 1.67 256
}

# jq makes rows of the columns, sqlite3 takes them in; indexes as in B4.
B5_peer() {
	timed peer sh -c 'sha256sum source/posts.jsonl &&
		jq -r "[.id, .created_at, .text, .lang, .client, .reply_to,
		    .reply_account, .url, .account] | @csv" \
		    source/posts.jsonl >csv &&
		sqlite3 log.db "CREATE TABLE post(id, t, text, lang, client,
		    reply_to, reply_account, url, account)" \
		    ".import --csv csv post" "CREATE INDEX a ON post(id)" \
		    "CREATE INDEX b ON post(t)" "CREATE VIRTUAL TABLE words
		    USING fts5(text, content='"''"')" "INSERT INTO
		    words(rowid, text) SELECT rowid, text FROM post"'
	rm -f log.db* csv
}
B5_limit() {
	timed limit limit_posts lines source/posts.jsonl log.db
	rm -f log.db*
}
B5_ours() {
	timed ours ev-ingest -q case.evcase source --map "$here/bench.map"
}

line_posts() {
	few_rounds
	fresh_source
	posts=$(make_posts lines "$(scaled 524288000)" 2>&1 \
	    >source/posts.jsonl) || exit 2
	in_turn B5
	echo "B5 JSON lines, $(mib_of source/posts.jsonl) MiB, $posts posts"
	row ours 'ev-ingest, facts and every byte' "$posts" posts/s
	row peer 'sha256sum + jq + sqlite3 .import' "$posts" posts/s
	row limit 'limit: yajl, rows, indexes, words' "$posts" posts/s
	ratios 3 1.67 256
}

# The pinned warcio, in a folder of its own; false if it cannot be had.
warcio_ready() {
	[ ! -x warcio/bin/warcio ] || return 0
	python3 -m venv warcio >/dev/null 2>&1 &&
	    warcio/bin/python -m pip install -q --retries 1 \
		-r "$here/requirements.txt" >/dev/null 2>&1
}

B6_peer() {
	[ ! -x warcio/bin/warcio ] ||
	    timed peer warcio/bin/warcio check source/pages.warc.gz
}
B6_limit() { timed limit limit_warc source/pages.warc.gz; }
B6_ours() { timed ours ev-ingest -q case.evcase source; }

web_archive() {
	count=$(scaled 50000)
	few_rounds
	fresh_source
	make_warc source/pages.warc.gz "$count" || exit 2
	warcio_ready || echo "B6: warcio cannot be fetched: left out"
	in_turn B6
	echo "B6 a web archive of $count records," \
	    "$(mib_of source/pages.warc.gz) MiB"
	row ours 'ev-ingest, digests checked, facts' "$count" records/s
	row peer 'warcio check' "$count" records/s
	row limit 'limit: zlib and two hashes' "$count" records/s
	ratios 8 1.2 64
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
	mib=$(scaled 4096)
	few_rounds
	fresh_source
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
	count=$(scaled 1000000)
	few_rounds
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
	B3) zip_members ;;
	B4) account_posts ;;
	B5) line_posts ;;
	B6) web_archive ;;
	B7) bundle ;;
	B8) log_entries_job ;;
	*) echo "run.sh: no job $job" >&2; exit 2 ;;
	esac
done
