#!/bin/sh
# What a person may do to a bundle is found, and named: files edited, added,
# removed, renamed, all digests made to fit again, signatures and tokens of
# another bundle, another signer, the signer himself, a zip that two readers
# may read differently; and a log that was cut or rewritten with its key,
# against a head that was kept elsewhere.
set -eu
command -v python3 >/dev/null || { echo "no python3: skipped"; exit 77; }
tmp=$(mktemp -d)
trap 'chmod -R u+rwX "$tmp"; rm -rf "$tmp"' EXIT
mkdir "$tmp/other"
sh "$EV_SRC/tests/tamper/lib/bundle.sh" "$EV_BUILD" "$tmp"
sh "$EV_SRC/tests/tamper/lib/bundle.sh" "$EV_BUILD" "$tmp/other"
PATH=$EV_BUILD/bin:$PATH
cd "$tmp"
unzip -p small.asice data/pki/a-example.pem >cert.pem
bad=0
python3 "$EV_SRC/tests/tamper/attacks.py" --key small.evcase/self.key \
    --cert cert.pem small.asice other/small.asice "$EV_BUILD/tests/judge" || bad=1

# Of a bundle that withholds a fact, what stands for it.
withhold() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -keyout b.key -out b.pem -subj /CN=B -days 30 2>/dev/null
	cp -R small.evcase less.evcase
	export EV_DATA="$PWD/data" EV_ACTOR=@a-example
	ev-case enrol less.evcase --actor 'B. Example' --role reviewer \
	    --office 'Demo Lab' --cert b.pem
	# A name that is no UTF-8, outside and inside an archive.
	mkdir more
	printf 'x\n' >"$(printf 'more/n\351.txt')"
	python3 -c "import tarfile
with tarfile.open('more/t.tar', 'w', encoding='latin-1') as t:
    t.add('captured/note.txt', 'm\351.txt')"
	ev-ingest -q less.evcase more || [ $? = 3 ]
	ev-stamp -q less.evcase --self
	ev-bundle -q less.evcase -o less.asice --withhold F000001=THIRD-PARTY \
	    --authoriser @b-example
}
kept=${EV_TEST_KEEP:+$EV_TEST_KEEP/less.asice}
if [ -n "$kept" ] && [ -f "$kept" ]; then
	cp "$kept" .
else
	(withhold) >/dev/null
	[ -z "$kept" ] || cp less.asice "$kept"
fi
python3 "$EV_SRC/tests/tamper/attacks.py" --key small.evcase/self.key \
    --cert cert.pem --only 'data/(court|index/[aef])|withheld' less.asice \
    other/small.asice "$EV_BUILD/tests/judge" || bad=1

n=0
# STATUS PATTERN ARGUMENTS: that status, and a line like that.
expect() {
	want=$1 pattern=$2 rc=0
	shift 2
	ev-verify "$@" >out 2>err || rc=$?
	n=$((n + 1))
	if [ $rc -ne "$want" ] || ! grep -qE "$pattern" out; then
		echo "ev-verify $*: status $rc, wanted $want and '$pattern'"
		grep -E 'FAILED|head' out || cat err
		bad=1
	fi
}
# Two histories from one, both signed with the log's own key.
EV_DATA=$PWD/data
export EV_DATA
for way in a b; do
	cp -R small.evcase $way.evcase
	ev-case authority add $way.evcase --type consent --issuer Office \
	    --ref $way >/dev/null
	ev-stamp -q --self $way.evcase >/dev/null
	ev-bundle -q $way.evcase -o $way.asice >/dev/null
	head=$(unzip -Z1 $way.asice | grep 'heads/.*note' | tail -1)
	unzip -p $way.asice "$head" >$way.note
done
head=$(unzip -Z1 small.asice | grep 'heads/.*note' | tail -1)
unzip -p small.asice "$head" >small.note
expect 3 'log *ok *the log extends the head' a.asice --head small.note
expect 3 'log *ok *the log extends the head' a.asice --head a.note
expect 1 'log *FAILED .*was rewritten' b.asice --head a.note
expect 1 'log *FAILED .*tail was cut' small.asice --head a.note
expect 1 'log *FAILED .*another case' other/small.asice --head a.note
sed '2s/.*/1/' a.note >edited.note
expect 1 'log *FAILED *the head that you kept' a.asice --head edited.note
# The whole made anew by somebody else: only the pin, or a root, can tell.
pin=$(openssl x509 -in cert.pem -outform DER | openssl dgst -sha256 -r | cut -c1-64)
expect 3 'signatures *ok .*the one you pinned' small.asice --pin "$pin"
expect 1 'signatures *FAILED .*signature001.p7s.*not the expected one' other/small.asice --pin "$pin"
expect 3 'signatures *not checked' other/small.asice
expect 1 'signatures *FAILED' other/small.asice --trust cert.pem
echo "$n questions with something kept elsewhere answered"
exit $bad
