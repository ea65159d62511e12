#!/bin/sh
# Our containers are read alike by unzip, zipinfo, bsdtar and Python; each of
# these notices when a byte of the content is changed.
set -eu
prog=$EV_BUILD/tests/zip_test
[ -x "$prog" ] || exit 77
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
EV_INTEROP_DIR=$dir "$prog" >"$dir/out" 2>&1 || { cat "$dir/out"; exit 1; }
cd "$dir"

printf '%s\n' mimetype data/E000001.txt data/empty data/later >names
sed 's/received/deceived/' small.zip >changed.zip
if cmp -s small.zip changed.zip; then
	echo "nothing was changed"
	exit 1
fi

have() {
	command -v "$1" >/dev/null 2>&1
}
must_fail() {
	if "$@" >/dev/null 2>&1; then
		echo "accepted: $*"
		exit 1
	fi
}

seen=0
if have unzip; then
	seen=$((seen + 1))
	unzip -tq small.zip
	unzip -Z1 small.zip | cmp - names
	unzip -Z small.zip | grep -c '^-rw-r--r--  [12].. unx .* stor 25-Jul-24 10:00' |
	    grep -qx 4
	unzip -p small.zip data/E000001.txt | grep -qx 'as received'
	must_fail unzip -tq changed.zip
	unzip -Z1 big.zip | tr '\n' ' ' | grep -qx 'big small '
	unzip -Zl big.zip | grep -q ' 4294967297 '
fi
if have zipinfo; then
	seen=$((seen + 1))
	# No data descriptor, no extra field, no comment.
	zipinfo -v small.zip >info
	! grep -q 'extended local header:  *yes' info
	! grep -q 'extra field:  *[1-9]' info
	grep -c 'compression method:  *none (stored)' info | grep -qx 4
fi
if have bsdtar; then
	seen=$((seen + 1))
	bsdtar -tf small.zip | cmp - names
	# From a pipe it goes by the local headers alone.
	cat small.zip | bsdtar -xOf - data/later | grep -qx abc
	must_fail bsdtar -xOf changed.zip
fi
if have python3; then
	seen=$((seen + 1))
	cat >check.py <<-'P'
	import sys, zipfile
	z = zipfile.ZipFile(sys.argv[1])
	if sys.argv[2:] == ["list"]:
	    print([(i.filename, i.file_size) for i in z.infolist()])
	    with z.open("small") as f:
	        assert f.read() == b""
	else:
	    assert z.testzip() is None
	    assert z.read("data/later") == b"abc"
	P
	python3 check.py small.zip
	must_fail python3 check.py changed.zip
	python3 check.py big.zip list |
	    grep -qx "\[('big', 4294967297), ('small', 0)\]"
fi
[ "$seen" -gt 0 ] || exit 77
echo "$seen readers agree"
