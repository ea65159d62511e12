#!/bin/sh
# demo.sh BUILD-DIR FOLDER [PKI TSA]: the demo case in FOLDER (made anew), by
# the commands of README.md.  Leaves demo.evcase, demo.asice and a copy of
# casefiles; ends with 0 if every command ended as it must.  With PKI, a folder
# of tests/interop/pki.sh, and the URL of an authority, others vouch for signer
# and time.
set -u
[ $# -eq 2 ] || [ $# -eq 4 ] ||
	{ echo "usage: demo.sh BUILD-DIR FOLDER [PKI TSA]" >&2; exit 2; }
top=$(cd "$(dirname "$0")/.." && pwd) || exit 2
PATH=$(cd "$1" && pwd)/bin:$PATH || exit 2
export PATH
unset EV_CASE EV_DATA EV_ACTOR
folder=$2
pki=${3-} tsa=${4-}
[ -z "$pki" ] || pki=$(cd "$pki" && pwd) || exit 2

# One command: shown, run, its exit status compared.
step() { # STATUS COMMAND...
	want=$1
	shift
	printf '\n$'
	for word in "$@"; do
		case $word in
		*' '*) printf ' "%s"' "$word" ;;
		*) printf ' %s' "$word" ;;
		esac
	done
	printf '\n'
	rc=0
	"$@" || rc=$?
	if [ "$rc" -ne "$want" ]; then
		echo "demo: that ended with status $rc, and $want is right" >&2
		exit 1
	fi
	[ "$rc" -ne 3 ] || echo "(status 3, as expected: $why)"
}

[ ! -e "$folder" ] || chmod -R u+rwX "$folder"
rm -rf "$folder"
mkdir -p "$folder" && cp -R "$top/casefiles" "$folder/casefiles" || exit 2
cd "$folder" || exit 2

set -- init demo.evcase --number DEMO-1 --title "Front of Example" \
    --actor "Demo Examiner" --role examiner --office "Demo Lab"
if [ -n "$pki" ]; then
	step 0 ev-case "$@" --cert "$pki/signer.pem" --key "$pki/signer.key"
else
	step 0 ev-case "$@" --self-signed
fi
why="the demo plants input that is set aside, and lists it"
step 3 ev-ingest demo.evcase casefiles/demo/captured
step 0 ev-org import demo.evcase casefiles/demo/register.csv
if [ -f casefiles/demo/steps.sh ]; then
	step 0 sh -eu casefiles/demo/steps.sh demo.evcase
fi
step 0 ev-attrib run demo.evcase
step 0 ev-attrib list demo.evcase
for country in AF PK IN; do
	step 0 ev-attrib headline demo.evcase --country $country
done
if [ -n "$pki" ]; then
	step 0 ev-stamp demo.evcase --tsa "$tsa"
	step 0 ev-bundle demo.evcase -o demo.asice \
	    --profile generic-iso27037 --draft --tsa "$tsa" \
	    --chain "$pki/ca.pem" --chain "$pki/ca.crl"
	step 0 ev-verify demo.asice --trust "$pki/ca.pem"
	exit
fi
step 0 ev-stamp --self demo.evcase
step 0 ev-bundle demo.evcase -o demo.asice --profile generic-iso27037 --draft
why="the demo signs and stamps for itself, so trust is not established"
step 3 ev-verify demo.asice
