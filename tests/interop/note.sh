#!/bin/sh
# A head of the log is checked by stock openssl, and a changed one is not.
set -eu
prog=$EV_BUILD/tests/note_test
[ -x "$prog" ] || exit 77
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
EV_INTEROP_DIR=$dir "$prog" >"$dir/out" 2>&1 || { cat "$dir/out"; exit 1; }
cd "$dir"

# The text ends before the empty line; the signature follows four bytes of id.
sed '/^$/,$d' note >text
sed '1,/^$/d' note | cut -d' ' -f3 | base64 -d | tail -c 64 >sig
openssl pkeyutl -verify -pubin -inkey log-key.pem -rawin -in text -sigfile sig

# The key id as any reader computes it.
{
	head -n 1 note
	printf '\001'
	openssl pkey -pubin -in log-key.pem -outform DER | tail -c 32
} | openssl dgst -sha256 -binary | head -c 4 | od -An -tx1 >id.want
sed '1,/^$/d' note | cut -d' ' -f3 | base64 -d | head -c 4 |
    od -An -tx1 >id.got
cmp id.want id.got

sed 's/^42$/43/' text >changed
! cmp -s text changed
if openssl pkeyutl -verify -pubin -inkey log-key.pem -rawin -in changed \
    -sigfile sig; then
	echo "a changed head was accepted"
	exit 1
fi
