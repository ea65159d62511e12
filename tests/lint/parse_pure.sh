#!/bin/sh
# Fail if the reading child holds a database, a key, the log or the network:
# what is not linked in cannot be called, however it is hijacked.
set -u
child=${EV_BUILD:?}/libexec/evidence/ev-parse
[ -f "$child" ] || { echo "ev-parse is not built: skipped"; exit 77; }
symbols=$(nm "$child"; nm -D "$child") || exit 1
printf '%s\n' "$symbols" | grep -q ' main$' ||
	{ echo "ev-parse is stripped: nothing can be seen"; exit 1; }
refused='sqlite3_[a-z0-9_]*|ev_(note|sign|custody|db|vault|case|stamp)_'
refused="${refused}[a-z0-9_]*|EVP_PKEY_(sign|new|derive)[a-z_]*|CMS_sign"
refused="$refused|PEM_read[A-Za-z0-9_]*|OSSL_HTTP_[a-z_]*|getaddrinfo"
refused="$refused|connect|socket|exec[vl][a-z]*|fork|posix_spawn[a-z]*"
found=$(printf '%s\n' "$symbols" | grep -E " ($refused)(@.*)?\$")
needs=$(readelf -d "$child" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' |
	grep -E 'sqlite|curl|smartcols|maxmind')
found="$found$needs"
[ -z "$found" ] || printf 'in ev-parse:\n%s\n' "$found"
[ -z "$found" ]
