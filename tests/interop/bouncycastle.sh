#!/bin/sh
# BouncyCastle's ERS takes the evidence records of a bundle for the files that
# they cover, and for no others.
# shellcheck source=tests/interop/lib/peers.sh
. "$EV_SRC/tests/interop/lib/peers.sh"
have java javac mvn
workplace
java_peers
compile Ers
demo
ers() { # STATUS WHAT-IS-SAID ARGUMENT...
	want=$1 text=$2
	shift 2
	rc=0
	peer Ers "$@" >out 2>err || rc=$?
	[ $rc = "$want" ] && grep -q -- "$text" out ||
		{ cat out err; fail "$want and '$text' are right"; }
}
record=u/META-INF/evidencerecord001.ers
# shellcheck disable=SC2046
ers 0 " covers $(find u/data -type f | wc -l) files" pki/ca.pem $record \
    $(find u/data -type f | sort)
cat out
# The record of an acquisition, over its exhibits.
ers 0 " covers $(wc -l <u/data/time/I000001-sha256.txt) files" pki/ca.pem \
    u/data/time/I000001.ers u/data/exhibits/*
cat out
# A record of one hash, which is its own root.
printf 'received alone\n' >alone.txt
ev-case init -q c.evcase --number T-1 --title Alone --actor 'A. Example' --role examiner \
    --office 'Demo Lab' --cert pki/signer.pem --key pki/signer.key
ev-ingest -q c.evcase alone.txt >log 2>&1 || [ $? = 3 ] || { cat log; fail "ev-ingest"; }
ev-stamp -q c.evcase --tsa "$tsa" >log 2>&1 || { cat log; fail "ev-stamp"; }
ev-bundle -q c.evcase -o alone.asice --tsa "$tsa" >log 2>&1 || { cat log; fail "ev-bundle"; }
unzip -q alone.asice -d alone
ers 0 ' covers 1 files' pki/ca.pem alone/data/time/I000001.ers alone.txt

printf 'not of this case\n' >foreign
ers 1 '^BAD foreign: ' pki/ca.pem alone/data/time/I000001.ers foreign
ers 1 '^BAD foreign: ' pki/ca.pem $record u/VERIFY.txt foreign
grep -q '^BAD u/VERIFY.txt: ' out || fail "a tag file is not of the record"
ers 1 '^BAD u/index.html: ' pki/ca.pem u/data/time/I000001.ers u/data/exhibits/* \
    u/index.html
[ "$(grep -c '^BAD' out)" = 1 ] || { cat out; fail "more than the foreign file"; }
printf x >>u/data/exhibits/E000001.zip
ers 1 '^BAD u/data/exhibits/E000001.zip: ' pki/ca.pem $record u/data/exhibits/*
[ "$(grep -c '^BAD' out)" = 1 ] || { cat out; fail "more than the changed file"; }
# The last bytes are those of the token's signature.
size=$(wc -c <$record)
{ head -c $((size - 1)) $record; tail -c 1 $record | tr '\000-\377' '\001-\377\000'; } >token.ers
ers 1 '^BAD token.ers: ' pki/ca.pem token.ers u/data/case/case.json
sh "$EV_SRC/tests/interop/pki.sh" other
ers 1 "^BAD the token's signer is " other/ca.pem $record u/data/case/case.json
echo "BouncyCastle: three records accepted; a foreign file, a changed one," \
    "another root and a forged token rejected"
