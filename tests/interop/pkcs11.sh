#!/bin/sh
# A key on a PKCS#11 token signs, and never without its PIN.
set -eu
. "$EV_SRC/tests/interop/lib/run.sh"
drv=$EV_BUILD/tests/seal_driver
[ -x "$drv" ] || exit 77
command -v softhsm2-util >/dev/null || { echo "no SoftHSM2"; exit 77; }
module=
for m in /usr/lib/softhsm/libsofthsm2.so /usr/lib/*/softhsm/libsofthsm2.so; do
	[ ! -f "$m" ] || module=$m
done
[ -n "$module" ] || { echo "no SoftHSM2 module"; exit 77; }
openssl engine pkcs11 >/dev/null 2>&1 || { echo "no pkcs11 engine"; exit 77; }
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sh "$here/pki.sh" pki
mkdir tokens
echo "directories.tokendir = $dir/tokens" >softhsm2.conf
export SOFTHSM2_CONF="$dir/softhsm2.conf" PKCS11_MODULE_PATH="$module"
softhsm2-util --init-token --free --label office --so-pin 87654321 \
    --pin 12345678 >/dev/null
softhsm2-util --import pki/signer.key --token office --label signer --id 01 \
    --pin 12345678 >/dev/null 2>&1 ||
	{ openssl pkcs8 -topk8 -nocrypt -in pki/signer.key -out signer.p8
	softhsm2-util --import signer.p8 --token office --label signer \
	    --id 01 --pin 12345678 >/dev/null; }
printf 'what is signed\n' >content
uri='pkcs11:token=office;object=signer;type=private'

gives 0 '' "$drv" sign "$uri" pki/signer.pem 12345678 content t.p7s
gives 0 'trust ok' "$drv" verify t.p7s content pki/ca.pem
gives 0 'successful' openssl cms -verify -cades -binary -inform DER -in t.p7s \
    -content content -CAfile pki/ca.pem -purpose any -out out
gives 1 'the content is not what was signed' "$drv" verify t.p7s said pki/ca.pem
# The engine keeps memory when a login fails; that is not ours to find.
export ASAN_OPTIONS=detect_leaks=0
gives 1 'PIN incorrect' "$drv" sign "$uri" pki/signer.pem 00000000 content x.p7s
gives 2 'needs a PIN and none was given' "$drv" sign "$uri" pki/signer.pem - content x
gives 1 'no certificate of the private key' "$drv" sign "$uri" pki/rsa.pem \
    12345678 content x.p7s
gives 1 'object not found' "$drv" sign 'pkcs11:token=office;object=nobody;type=private' \
    pki/signer.pem 12345678 content x.p7s
gives 1 'no such token' "$drv" sign 'pkcs11:token=none;object=signer;type=private' \
    pki/signer.pem 12345678 content x.p7s
gives 2 'a PIN in the URI' "$drv" sign "$uri;pin-value=12345678" \
    pki/signer.pem - content x.p7s
[ ! -e x.p7s ]
