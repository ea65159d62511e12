#!/bin/sh
# A fact that is withheld cannot be found by trying.  A telephone number, made
# up here and now, is found among all numbers of its operator's prefix where a
# bundle holds hashes without salt, and in no way in the bundle that withholds
# it, which still stands under the heads of the whole one.
# GUESS_DIGITS=7 tries all numbers of a prefix (half a minute); =8 on a list of
# prefixes all numbers of the country (+9230 to +9234: an hour and a half).
set -eu
. "$EV_SRC/tests/interop/lib/run.sh"
for t in ev-ingest ev-org ev-attrib ev-bundle; do
	[ -x "$EV_BUILD/bin/$t" ] || { echo "no $t: skipped"; exit 77; }
done
for t in unzip python3 sqlite3; do
	command -v $t >/dev/null || { echo "no $t: skipped"; exit 77; }
done
tmp=$(mktemp -d)
trap 'chmod -R u+rwX "$tmp"; rm -rf "$tmp"' EXIT
PATH=$EV_BUILD/bin:$EV_BUILD/tests:$PATH
unset EV_CASE EV_ACTOR EV_DATA
digits=${GUESS_DIGITS:-6}
cd "$tmp"
says() { grep -q -e "$1" out err || { cat out err; fail "not said: $1"; }; }

# The demo case, with a number of a real plan in one profile; nobody's, as far
# as anybody can know before it is made up.
cp -R "$EV_SRC/casefiles/demo/captured" captured
number=$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')
number=+923$(printf %09d $((number % 500000000)))
profile=facebook/facebook-parent_305/personal_information/profile_information
find captured -type f -exec sed -i "s/+920005550199/$number/" {} +
run 0 ev-case init c.evcase --number T-1 --title Withheld --actor 'A. Example' \
    --role examiner --office 'Demo Lab' --self-signed
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout b.key \
    -out b.pem -subj /CN=B -days 30 2>/dev/null
run 0 ev-case enrol c.evcase --actor 'B. Example' --role reviewer \
    --office 'Demo Lab' --cert b.pem
export EV_ACTOR=@a-example
run 3 ev-ingest c.evcase captured
run 0 ev-org import c.evcase "$EV_SRC/casefiles/demo/register.csv"
run 0 ev-attrib run c.evcase
run 0 ev-stamp --self c.evcase
head=$(ev-list -j c.evcase heads | tail -n 1 | sed 's/.*"entries":\([0-9]*\).*/\1/')
bundle() { # STATUS OUT OPTION...
	want=$1
	to=$2
	shift 2
	run "$want" ev-bundle c.evcase --checkpoint "$head" -o "$to" "$@"
}
bundle 0 whole.asice
unzip -q whole.asice -d whole
line=$(grep "$number.*\"kind\":\"identifier\".*facebook" whole/data/index/facts.jsonl)
fact=$(echo "$line" | sed 's/.*"fact":"\(F[0-9]*\)".*/\1/')
artifact=$(echo "$line" | sed 's/.*"artifact":"\(A[0-9]*\)".*/\1/')
exhibit=$(grep "\"artifact\":\"$artifact\"" whole/data/index/artifacts.jsonl |
    sed 's/.*"exhibit":"\(E[0-9]*\)".*/\1/')

# What is asked for wrongly is refused, and leaves no file.
bundle 2 no.asice --withhold "$fact=THIRD-PARTY"
says 'somebody must authorise'
bundle 2 no.asice --withhold "$fact=THIRD-PARTY" --authoriser @nobody
says 'was not enrolled'
bundle 2 no.asice --withhold "$fact=WHIM" --authoriser @b-example
says 'no reason to withhold'
bundle 2 no.asice --withhold F999999=ORDER --authoriser @b-example
says 'covers no F999999'
bundle 2 no.asice --withhold "$artifact=ORDER" --authoriser @b-example
says 'neither an exhibit nor a fact'
[ ! -e no.asice ] || fail "a refused bundle was written"

# Other captures state the same number: each is named until all are withheld.
bundle 2 no.asice --withhold "$fact=THIRD-PARTY" --authoriser @b-example
says "^ev-bundle: $fact (value) is to be withheld and also stands in.*facts.jsonl (F"
[ ! -e no.asice ] || fail "a refused bundle was written"
all=$(grep "$number" whole/data/index/facts.jsonl | sed 's/.*"fact":"\(F[0-9]*\)".*/\1/')
set -- --authoriser @b-example
for f in $all; do set -- "$@" --withhold "$f=THIRD-PARTY"; done
[ $# -gt 6 ] || fail "the demo has changed: one fact states the number"

bundle 0 less.asice "$@"
says '^withheld  *[1-9]'
sed -n 's/^content digest *//p' out >content
unzip -q less.asice -d less
run 3 ev-verify less.asice
says "$fact is withheld (THIRD-PARTY), as @b-example authorised"
says 'heads recomputed, all equal'
says 'claims, of which [1-9][0-9]* are withheld, are the lines whose root'
says 'index.html is what the data give'
! grep -q FAILED out || fail "ev-verify finds a fault"
ev-custody log c.evcase -j | grep '"action":"redact"' | grep -q \
    "\"authoriser\":\"@b-example\".*\"subject\":\\[.*\"$fact\"" ||
	fail "the log does not say what was withheld, and who authorised it"

# Stock tools open it as they open any other (VERIFY.txt).
cat less/data/pki/a-example.pem >roots.pem
openssl pkcs7 -inform DER -in less/META-INF/timestamp001.tst -print_certs |
	sed -n '/BEGIN/,/END/p' >>roots.pem
sed -n 's/^    //p' less/VERIFY.txt >check
(cd less && BUNDLE=../less.asice ROOTS=../roots.pem sh ../check) >out 2>&1 ||
	{ cat out; fail "VERIFY.txt"; }

# The same seal: heads, tokens over them and the log are those of the whole.
diff -r whole/data/custody less/data/custody || fail "another log"
[ ! -e less/data/exhibits/"$exhibit".json ] || fail "the exhibit is there"
for f in artifacts exhibits facts readings; do
	[ "$(wc -l <whole/data/index/$f.jsonl)" = "$(wc -l <less/data/index/$f.jsonl)" ] ||
		fail "$f.jsonl has another number of lines"
	grep -n '^-$' less/data/index/$f.salts | cut -d: -f1 >gone
	[ -s gone ] || fail "$f: no line is withheld"
	while read -r n; do
		sed -n "${n}p" less/data/index/$f.jsonl | grep -q '^{"by":"F[0-9]*","leaf":' ||
			fail "$f line $n is not what stands for one"
		salt=$(sed -n "${n}p" whole/data/index/$f.salts)
		! grep -rq "$salt" less || fail "$f line $n: its salt is there"
		sed -n "${n}p" whole/data/index/$f.jsonl >shown
		! grep -qFf shown less/data/index/$f.jsonl || fail "$f line $n is there"
	done <gone
done
# A forger who fits every list to an edited row is found, each time by name.
cat >forge.py <<'P'
import sys
what, attacks, src, dst = sys.argv[1:]
text = open(attacks).read()
sys.argv = [attacks, src, src, "true"]
exec(text[:text.index("\ndef touched(")])
es = dict(entries)
def sub(name, old, new, times=1):
    assert old in es[name], (name, old)
    es[name] = es[name].replace(old, new, times)
facts, salts = "data/index/facts.jsonl", "data/index/facts.salts"
row = next(l for l in es[facts].splitlines() if l.startswith(b'{"by":'))
orders = "data/court/withheld.jsonl"
if what == "leaf":
    at = row.index(b'"leaf":"') + 8
    sub(facts, row[:at + 1], row[:at] + (b"0" if row[at:at + 1] != b"0" else b"1"))
elif what == "reason":
    sub(facts, row, row.replace(b"THIRD-PARTY", b"PRIVILEGE"))
elif what == "whim":
    sub(facts, row, row.replace(b"THIRD-PARTY", b"JUST-A-WHIM"))
elif what == "order":
    sub(orders, es[orders].splitlines(keepends=True)[0], b"")
elif what == "none":
    del es[orders]
elif what == "authoriser":
    sub(orders, b"@b-example", b"@c-example", -1)
elif what == "salt":
    n = es[facts].splitlines().index(row)
    lines = es[salts].splitlines(keepends=True)
    lines[n] = b"0" * 64 + b"\n"
    es[salts] = b"".join(lines)
elif what == "hide":
    shown = next(l for l in es[facts].splitlines() if not l.startswith(b'{"by":'))
    n = es[facts].splitlines().index(shown)
    sub(facts, shown, row)
    lines = es[salts].splitlines(keepends=True)
    lines[n] = b"-\n"
    es[salts] = b"".join(lines)
elif what == "other":
    readings = "data/index/readings.jsonl"
    row = next(l for l in es[readings].splitlines() if l.startswith(b'{"by":'))
    shown = next(l for l in es[readings].splitlines() if not l.startswith(b'{"by":'))
    at, to = row.index(b'"withheld":"A') + 12, shown.index(b'"artifact":"A') + 12
    sub(readings, row, row[:at] + shown[to:to + 7] + row[at + 7:])
elif what == "page":
    sub("index.html", b">THIRD-PARTY<", b">ORDER<")
elif what == "claim":
    sub("data/case/claims.jsonl", b'"met":false', b'"met":true')
open(dst, "wb").write(write(refit(list(es.items())), first.date_time))
P
forged() { # WHAT SAID
	python3 forge.py "$1" "$EV_SRC/tests/tamper/attacks.py" less.asice forged.asice ||
		fail "cannot forge: $1"
	run 1 ev-verify forged.asice
	says "FAILED .*$2"
	rm forged.asice
}
forged leaf "the lines of 'facts [0-9]*' are not those"
forged hide "the lines of 'facts [0-9]*' are not those"
forged salt "the lines of 'facts [0-9]*' are not those"
forged whim 'does not say that it is withheld'
forged reason 'is withheld (PRIVILEGE), and no order says so'
forged order 'is withheld (THIRD-PARTY), and no order says so'
forged none 'is withheld (THIRD-PARTY), and no order says so'
forged authoriser 'is nobody whom the log enrols'
forged other 'A[0-9]* stands on a line that is withheld, and its own line is shown'
forged page 'index.html is not what the data give'
forged claim 'the lines of data/case/claims.jsonl are not those'
# Two exports that withhold the same are the same.
bundle 0 again.asice "$@"
sed -n 's/^content digest *//p' out | cmp - content || fail "another content digest"
unzip -q again.asice -d again
rm -r again/META-INF
cp -R less less.2
rm -r less.2/META-INF
diff -r again less.2 || fail "two exports differ"
# The list key is nowhere, neither as bytes nor in hex.
key=$(sqlite3 c.evcase/case.db 'SELECT lower(hex(list_key)) FROM case_info')
python3 -c "import sys
sys.exit(bytes.fromhex(sys.argv[1]) in open('less.asice', 'rb').read())" "$key" ||
	fail "the list key is there"
! grep -rq "$key" less || fail "the list key is there in hex"
# Neither is the number, however it is written.
bare=${number#+92}
! grep -raq "$bare" less || fail "the number is there"

# All numbers of a prefix, put into all that holds the number: the line of the
# fact, the exhibit, the lines of the account that it is in.
prefix=$(echo "$number" | cut -c1-$((13 - digits)))
at=$(printf '%s' "$number" | tr -c x '~')
template() { # NAME: standard input, less its last newline
	python3 -c "import sys; d = sys.stdin.buffer.read(); sys.stdout.buffer.write(
	    d.removesuffix(b'\n').replace(b'$number', b'$at'))" >"$1"
	grep -q '~' "$1" || fail "no number in $1"
}
echo "$line" >line
template fact.t <line
python3 -c "import sys; sys.stdout.buffer.write(open(sys.argv[1], 'rb').read().replace(
    b'$number', b'$at'))" captured/$profile/profile_information.json >exhibit.t
find less less/META-INF -type f ! -path '*/geo/*' | sort -u >less.files
find whole -type f ! -path '*/geo/*' | sort -u >whole.files
guess() { # TEMPLATE DIGITS OTHERS LIST-OF-FILES
	p=$(echo "$number" | cut -c1-$((13 - $2)))
	rc=0
	xargs guess_driver "$1" "$p" "$2" "$3" <"$4" >found || rc=$?
	[ $rc -le 1 ] || [ $rc = 123 ] || fail "guess_driver: $rc"
	[ $rc = 0 ] || return 1
	grep -q "^$number " found || fail "another number fits"
}
# The control: a list of lines hashed without salt, as many tools write it.
tr -d '\n' <line | sha256sum | cut -c1-64 >unsalted
echo "$tmp/unsalted" >control
guess fact.t "$digits" - control || fail "the control without salt holds"
grep -q 'as it is' found || fail "found otherwise"
(printf '\0'; tr -d '\n' <line) | openssl dgst -sha256 -binary >unsalted
guess fact.t "$digits" - control || fail "the unsalted leaf holds"
# The control: the whole bundle names the exhibit's hash.
guess exhibit.t "$digits" - whole.files || fail "the whole bundle hides the hash"
# The control: the root over an acquisition tells, once the others are known.
grep -v "  $exhibit\$" whole/data/time/I000001-sha256.txt >others
echo whole/data/time/I000001.tst >control
guess exhibit.t 4 others control || fail "the token hides the root"
grep -q 'in a root' found || fail "found otherwise"

! guess fact.t "$digits" - less.files || { cat found; fail "the fact was found"; }
! guess exhibit.t "$digits" - less.files || { cat found; fail "the exhibit was found"; }
! guess exhibit.t 4 others less.files || { cat found; fail "the root tells"; }
echo "$fact is withheld: 10^$digits numbers from ${prefix}... tried, found in" \
    "each control and nowhere in the bundle"
