#!/bin/sh
# What the demo case does between `ev-org import` and `ev-attrib run`: the
# databases and network list of the case, and what ties three organisations
# to accounts.  usage: steps.sh CASE
set -eu
case=${1:?usage: steps.sh CASE}
here=$(cd "$(dirname "$0")" && pwd)

for name in alpha bravo charlie; do
	ev-attrib db "$case" "$here/geo/$name.txt" --source "demo-$name"
done
ev-attrib db "$case" "$here/geo/networks.csv" --source demo-networks \
	--built 2026-05-01 --as class

# The listings name these accounts and the invite: basis, the listing.
ev-org anchor "$case" O000001 account x:1600000000000000101 --basis L000001
ev-org anchor "$case" O000001 invite https://t.me/+Fr0ntExamp1eInv1te \
	--basis L000001
ev-org anchor "$case" O000002 account x:1600000000000000103 --basis L000002
ev-org anchor "$case" O000003 account x:1600000000000000104 --basis L000003
