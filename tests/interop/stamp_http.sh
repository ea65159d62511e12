#!/bin/sh
# Asking an RFC 3161 responder over HTTP, when it answers well and badly.
set -eu
drv=$EV_BUILD/tests/seal_driver
[ -x "$drv" ] || exit 77
command -v python3 >/dev/null || exit 77
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid"; rm -rf "$dir"' EXIT
cd "$dir"
unset http_proxy HTTP_PROXY no_proxy || :
sh "$here/pki.sh" pki
mkfifo hold
python3 "$here/tsa.py" "$dir/pki" "$dir/port" <hold &
pid=$!
exec 9>hold
n=0
while [ ! -f port ]; do
	n=$((n + 1))
	[ $n -lt 100 ] || { echo "no responder"; exit 1; }
	sleep 0.1
done
at=http://127.0.0.1:$(cat port)
printf 'what is stamped\n' >data
"$drv" request data q.tsq

says() { # STATUS TEXT COMMAND...
	want=$1 text=$2
	shift 2
	got=0
	"$@" >said 2>&1 || got=$?
	if [ "$got" -ne "$want" ] ||
	    { [ -n "$text" ] && ! grep -qF -- "$text" said; }; then
		echo "expected $want, '$text': $*"
		echo "got $got:"
		cat said
		exit 1
	fi
}

says 0 '' "$drv" fetch "$at/tsa" 5 1 q.tsq a.tsr
says 0 '' "$drv" reply q.tsq a.tsr a.tst
says 0 'trust ok' "$drv" token a.tst data pki/ca.pem
says 0 'Verification: OK' openssl ts -verify -in a.tsr -queryfile q.tsq \
    -CAfile pki/ca.pem
says 0 '' "$drv" fetch "$at/tsa?key=1" 5 1 q.tsq b.tsr
says 0 '' "$drv" reply q.tsq b.tsr b.tst

# Busy twice: two tries are not enough, the next one is.
says 2 'no answer from' "$drv" fetch "$at/flaky" 5 2 q.tsq x.tsr
says 0 '' "$drv" fetch "$at/flaky" 5 2 q.tsq x.tsr

for path in broken page huge hangup tsa?key=2 type short flood; do
	says 2 "no answer from '127.0.0.1:" "$drv" fetch "$at/$path" 2 1 \
	    q.tsq x.tsr
done
start=$(date +%s)
says 2 'no answer from' "$drv" fetch "$at/slow" 1 1 q.tsq x.tsr
[ $(($(date +%s) - start)) -lt 5 ]
says 2 'no answer from' "$drv" fetch http://127.0.0.1:1/ 1 1 q.tsq x.tsr
says 2 'only http is spoken' "$drv" fetch https://127.0.0.1/ 1 1 q.tsq x.tsr

# Of the right type and length, and no reply.
says 0 '' "$drv" fetch "$at/garbage" 5 1 q.tsq g.tsr
says 1 'no time-stamp reply' "$drv" reply q.tsq g.tsr g.tst

# The pause doubles: after one second, after two more.
start=$(date +%s)
says 2 'no answer from' "$drv" fetch http://127.0.0.1:1/ 1 3 q.tsq x.tsr
[ $(($(date +%s) - start)) -ge 3 ]

# A reply to someone else arrives, and is not taken.
"$drv" request data q2.tsq
says 0 '' "$drv" fetch "$at/stale" 5 1 q2.tsq s.tsr
says 1 'another nonce' "$drv" reply q2.tsq s.tsr s.tst
