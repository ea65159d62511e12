# To be sourced: a.evcase of the captured folder, and what the scripts share.
say() { rc=0; "$@" || rc=$?; echo "-> $rc"; }
# A result that cannot be written is a failure.
full() { rc=0; "$@" >/dev/full 2>message || rc=$?; echo "full: ${1##*/} -> $rc"; clean message; }
# No C0 but newline (and carriage return in CSV), no C1, no bidi or zero width.
clean() {
	if LC_ALL=C grep -a -n -P '[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8b-\x8f\xaa-\xae]|\xe2\x81[\xa0-\xaf]|\xd8\x9c|\xef\xbb\xbf' "$1"; then
		echo "control or bidi characters in $1"
	fi
}
sh "$SRC/tests/cli/lib/captured.sh" captured
ev-case init a.evcase --number T-1 --title 'Grey River' --actor 'A. Example' \
    --role examiner --office 'Demo Lab' --self-signed 2>/dev/null
ev-ingest -q a.evcase captured >/dev/null || [ $? = 3 ]
