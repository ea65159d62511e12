#!/bin/sh
# Asking an RFC 3161 responder over HTTP, when it answers well and badly.
set -eu
. "$EV_SRC/tests/interop/lib/run.sh"
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

gives 0 '' "$drv" fetch "$at/tsa" 5 1 q.tsq a.tsr
gives 0 '' "$drv" reply q.tsq a.tsr a.tst
gives 0 'trust ok' "$drv" token a.tst data pki/ca.pem
gives 0 'Verification: OK' openssl ts -verify -in a.tsr -queryfile q.tsq \
    -CAfile pki/ca.pem
gives 0 '' "$drv" fetch "$at/tsa?key=1" 5 1 q.tsq b.tsr
gives 0 '' "$drv" reply q.tsq b.tsr b.tst

# Busy twice: two tries are not enough, the next one is.
gives 2 'no answer from' "$drv" fetch "$at/flaky" 5 2 q.tsq x.tsr
gives 0 '' "$drv" fetch "$at/flaky" 5 2 q.tsq x.tsr

for path in broken page huge hangup tsa?key=2 type short flood; do
	gives 2 "no answer from '127.0.0.1:" "$drv" fetch "$at/$path" 2 1 \
	    q.tsq x.tsr
done
start=$(date +%s)
gives 2 'no answer from' "$drv" fetch "$at/slow" 1 1 q.tsq x.tsr
[ $(($(date +%s) - start)) -lt 5 ]
gives 2 'no answer from' "$drv" fetch http://127.0.0.1:1/ 1 1 q.tsq x.tsr
gives 2 'only http is spoken' "$drv" fetch https://127.0.0.1/ 1 1 q.tsq x.tsr

# Of the right type and length, and no reply.
gives 0 '' "$drv" fetch "$at/garbage" 5 1 q.tsq g.tsr
gives 1 'no time-stamp reply' "$drv" reply q.tsq g.tsr g.tst

# The pause doubles: after one second, after two more.
start=$(date +%s)
gives 2 'no answer from' "$drv" fetch http://127.0.0.1:1/ 1 3 q.tsq x.tsr
[ $(($(date +%s) - start)) -ge 3 ]

# A reply to someone else arrives, and is not taken.
"$drv" request data q2.tsq
gives 0 '' "$drv" fetch "$at/stale" 5 1 q2.tsq s.tsr
gives 1 'another nonce' "$drv" reply q2.tsq s.tsr s.tst
