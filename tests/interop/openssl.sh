#!/bin/sh
# Stock openssl takes the signature and every token of a bundle, judged at the
# token's time, today and when all certificates have expired; and no others.
# shellcheck source=tests/interop/lib/peers.sh
. "$EV_SRC/tests/interop/lib/peers.sh"
workplace
have faketime
demo
later="$(($(date +%Y) + 5))-01-01 00:00:00"
epoch() { # TOKEN: its genTime
	at=$(openssl ts -reply -token_in -in "$1" -token_out -text 2>/dev/null |
	    sed -n 's/^Time stamp: //p')
	date -ud "$at" +%s
}
stamp() { # TOKEN DIGEST [WRAPPER...]
	token=$1 digest=$2
	shift 2
	"$@" openssl ts -verify -token_in -in "$token" -digest "$digest" \
	    -CAfile "$ca" ${at_time:+-attime "$at_time"} >log 2>&1
}
refused() { # WHAT WHAT-IS-SAID COMMAND...
	what=$1 text=$2
	shift 2
	if "$@"; then fail "openssl takes $what"; fi
	grep -q -- "$text" log || { cat log; fail "$what: not '$text'"; }
}
n=0
token() { # TOKEN DIGEST
	at_time=$(epoch "$1")
	stamp "$1" "$2" || { cat log; fail "openssl ts on $1"; }
	stamp "$1" "$2" faketime "$later" || { cat log; fail "openssl ts on $1 in $later"; }
	at_time=
	refused "$1, expired" 'certificate has expired' stamp "$1" "$2" faketime "$later"
	refused "$1 over something else" 'message imprint mismatch' stamp "$1" "$other"
	n=$((n + 1))
}
sha() { openssl dgst -sha256 -r "$1" | cut -c1-64; }
root() { # LIST
	cut -c1-64 "$1" | LC_ALL=C sort | xxd -r -p | openssl dgst -sha256 -r | cut -c1-64
}
ca=pki/ca.pem
m=u/META-INF
other=$(printf x | sha256sum | cut -c1-64)

token $m/timestamp001.tst "$(sha $m/ASiCArchiveManifest.xml)"
for t in u/data/custody/heads/*.tst; do token "$t" "$(sha "${t%.tst}.note")"; done
for t in u/data/time/*.tst; do token "$t" "$(root "${t%.tst}-sha256.txt")"; done
inside() { # FILE START-LINE-AWK: the token in it, into found.tst
	at=$(openssl asn1parse -inform DER -in "$1" | awk "$2")
	openssl asn1parse -inform DER -in "$1" -strparse "$at" -noout -out found.tst
}
for r in $m/*.ers u/data/time/*.ers; do
	inside "$r" '/pkcs7-signedData/ { split(p, a, ":"); print a[1] + 0; exit } { p = $0 }'
	case $r in
	$m/*) token found.tst "$(root u/manifest-sha256.txt)" ;;
	*) token found.tst "$(root "${r%.ers}-sha256.txt")" ;;
	esac
done

# The signature: its token, then itself, with the list of revoked certificates.
sig=$m/signature001.p7s
inside $sig '/id-smime-aa-timeStampToken/ { getline; getline; print $1 + 0; exit }'
openssl asn1parse -inform DER -in $sig |
	awk -F: '/ ?d=5 .*OCTET STRING/ { print $NF; exit }' | xxd -r -p >value
token found.tst "$(sha value)"
cades() { # CONTENT [WRAPPER...]
	content=$1
	shift
	"$@" openssl cms -verify -cades -binary -inform DER -in $sig -content "$content" \
	    -CAfile "$ca" -purpose any -crl_check ${at_time:+-attime "$at_time"} \
	    -out /dev/null >log 2>&1
}
at_time=$(epoch found.tst)
cades $m/ASiCManifest001.xml || { cat log; fail "openssl cms -cades"; }
cades $m/ASiCManifest001.xml faketime "$later" || { cat log; fail "openssl cms -cades in $later"; }
sed 's/exhibits/exhibit5/' $m/ASiCManifest001.xml >changed
refused "a changed manifest" 'content verify error\|digest' cades changed
at_time=
refused "an expired certificate" 'certificate verify error' \
    cades $m/ASiCManifest001.xml faketime "$later"
sh "$EV_SRC/tests/interop/pki.sh" elsewhere
ca=elsewhere/ca.pem
refused "another root" 'certificate verify error' cades $m/ASiCManifest001.xml
refused "another root" 'erify error' stamp $m/timestamp001.tst "$(sha $m/ASiCArchiveManifest.xml)"
echo "openssl takes the signature and $n tokens, and none of their changes"
