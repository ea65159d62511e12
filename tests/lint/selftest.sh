#!/bin/sh
# A lint that never failed is no lint: each fault is planted in a copy of the
# sources, and the lint must fail and name the file.
set -u
cd "${EV_SRC:?}" || exit 2
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
copy=$tmp/copy
bad=0

fresh() {
	rm -rf "$copy"
	mkdir -p "$copy/build" "$copy/tests"
	cp -R libevidence tools .clang-format "$copy"
	cp -R tests/lint "$copy/tests"
	[ ! -d man ] || cp -R man "$copy"
	cp README.md "$copy" 2>/dev/null
}

# The lint named must end with status 1 and name the file.
expect() { # LINT FILE
	rc=0
	(EV_SRC=$copy EV_BUILD=$copy/build sh "tests/lint/$1.sh") \
	    >"$tmp/said" 2>&1 || rc=$?
	if [ "$rc" -eq 77 ]; then
		echo "$1: $(cat "$tmp/said")"
	elif [ "$rc" -eq 1 ] && grep -qF "$2" "$tmp/said"; then
		echo "ok $1: $(grep -F -m 1 "$2" "$tmp/said" |
			sed "s|$copy/||g")"
	else
		echo "FAILED: $1 did not find the fault in $2 (status $rc)"
		cat "$tmp/said"
		bad=1
	fi
}

add() { # LINE FILE
	printf '%s\n' "$1" >>"$copy/$2"
}

fresh
add '#include "out/table.h"' libevidence/base/err.c
expect floors libevidence/base/err.c
fresh
add '#include <sqlite3.h>' libevidence/case/planted.c
expect floors libevidence/case/planted.c
fresh
add '#include <openssl/evp.h>' libevidence/store/planted.h
expect floors libevidence/store/planted.h
fresh
add '#include "store/db.h"' tools/ev-planted.c
expect floors tools/ev-planted.c
fresh
add '#include "store/db_room.h"' tools/ev-planted.c
expect floors tools/ev-planted.c
fresh
add '#include "base/fs.h"' libevidence/include/evidence/planted.h
expect floors evidence/planted.h

fresh
{
	printf 'int\nplanted(void)\n{\n'
	seq 57 | sed 's/.*/\tx++;/'
	printf '\treturn x;\n}\n'
} >"$copy/libevidence/base/planted.c"
expect limits libevidence/base/planted.c
grep -q 'planted has 61 lines' "$tmp/said" ||
	{ echo "FAILED: the limit is not 60 lines"; bad=1; }
fresh
seq 801 | sed 's|.*|/* & */|' >"$copy/libevidence/base/planted.c"
expect limits libevidence/base/planted.c
fresh
seq 301 | sed 's|.*|/* & */|' >"$copy/tools/ev-planted.c"
expect limits tools/ev-planted.c
fresh
printf '/* %077d */\n' 0 >>"$copy/libevidence/base/err.c"
expect limits libevidence/base/err.c
fresh
add 'int f(int a, int b, int c, int d, int e, int g, int h, int i, int j) {}' \
    libevidence/base/planted.c
expect limits libevidence/base/planted.c
fresh
printf 'int x; \n' >>"$copy/libevidence/base/err.c"
expect limits libevidence/base/err.c

fresh
add 'int  x ;' libevidence/base/err.c
expect format libevidence/base/err.c

fresh
add 'const char planted[] = "this proves it";' libevidence/base/err.c
expect words libevidence/base/err.c

for call in 'strcpy(a, b)' 'puts(b)'; do
	fresh
	cat >"$tmp/planted.c" <<-END
		#include <stdio.h>
		#include <string.h>
		void planted(char *a, const char *b);
		void planted(char *a, const char *b) { (void)a; $call; }
	END
	${CC:-cc} -fno-builtin -c "$tmp/planted.c" -o "$tmp/planted.o" || exit 1
	ar rc "$copy/build/libevidence.a" "$tmp/planted.o" || exit 1
	expect banned planted.o
done

mkdir -p "$copy/build/libexec/evidence"
printf 'int sqlite3_open(void); int sqlite3_open(void) { return 0; }
int main(void) { return sqlite3_open(); }\n' >"$tmp/child.c"
${CC:-cc} "$tmp/child.c" -o "$copy/build/libexec/evidence/ev-parse" || exit 1
expect parse_pure sqlite3_open

page() { # SED-EXPRESSION: a good page, broken so
	fresh
	mkdir -p "$copy/man"
	sed "$1" >"$copy/man/planted.1" <<-'END'
	.Dd January 15, 2026
	.Dt PLANTED 1
	.Os
	.Sh NAME
	.Nm planted
	.Nd a page
	.Sh SYNOPSIS
	.Nm
	.Op Fl h
	.Sh DESCRIPTION
	Nothing.
	.Sh EXIT STATUS
	0.
	.Sh EXAMPLES
	.Dl $ true
	.Dl $ true
	.Dl $ true
	.Sh STANDARDS
	None.
	.Sh CAVEATS
	None.
	END
	expect man planted.1
}
page '/^\.Sh CAVEATS/,$d'
page 's/^Nothing\./.Xr ev-nowhere 1/'
page 's/^None\.$/.Bl -tag/'
page '0,/true/{/true/d}'

# A whole program, as a shell script with a source and a page, sound at first;
# the expression breaks one of the three.
program() { # STATUS FILE SED-EXPRESSION
	fresh
	rm -f "$copy"/tools/ev-*.c "$copy"/man/*
	mkdir -p "$copy/man" "$copy/build/bin"
	cat >"$copy/tools/ev-planted.c" <<-'END'
	static const struct option options[] = {
		CLI_LONG,
		{ "deep", no_argument, NULL, CLI_OWN },
	};
	.letters = CLI_SHORT "o:",
	END
	cat >"$copy/man/ev-planted.1" <<-'END'
	.Dd January 15, 2026
	.Dt EV-PLANTED 1
	.Os
	.Sh NAME
	.Nm ev-planted
	.Nd a page
	.Sh SYNOPSIS
	.Nm
	.Op Fl hjqv
	.Op Fl -deep
	.Op Fl o Ar FILE
	.Ar CASE
	.Sh DESCRIPTION
	.Bl -tag -width Ds
	.It Fl -deep
	.It Fl h , -help
	.It Fl j , -json
	.It Fl -no-progress
	.It Fl o Ar FILE
	.It Fl q , -quiet
	.It Fl v , -verbose
	.It Fl -version
	.El
	END
	cat >"$copy/build/bin/ev-planted" <<-'END'
	#!/bin/sh
	usage='usage: ev-planted [-hjqv] [--deep] [-o FILE] CASE'
	case ${1-} in
	--help) echo "$usage" 2>/dev/null || exit 2; exit 0 ;;
	--version) echo ev-planted 0.1.0; exit 0 ;;
	*.evcase) echo "ev-planted: no case" >&2; exit 2 ;;
	esac
	echo "$usage" >&2
	exit 2
	END
	chmod +x "$copy/build/bin/ev-planted"
	[ "$2" = - ] || sed -i "$3" "$copy/$2"
	rc=0
	EV_SRC=$copy EV_BUILD=$copy/build sh tests/lint/usage.sh \
	    >"$tmp/said" 2>&1 || rc=$?
	if [ "$rc" -eq "$1" ]; then
		echo "ok usage: $(head -1 "$tmp/said")"
	else
		echo "FAILED: usage ended with $rc, not $1, after '$3'"
		cat "$tmp/said"
		bad=1
	fi
}
tool=build/bin/ev-planted
program 0 - ''
program 1 man/ev-planted.1 's/^\.Op Fl -deep/.Op Fl -shallow/'
program 1 man/ev-planted.1 '/^\.It Fl -deep/d'
program 1 man/ev-planted.1 '/^\.It Fl o/d'
program 1 man/ev-planted.1 's/^\.It Fl -version/.It Fl -vision/'
program 1 tools/ev-planted.c 's/"deep"/"depth"/'
program 1 tools/ev-planted.c 's/o:/o:x/'
program 1 $tool 's/ 2>.dev.null || exit 2; exit 0/; exit 0/'
program 1 $tool 's/^exit 2$/exit 1/'
program 1 $tool 's/^echo "$usage" >&2/echo "$usage"/'
program 1 $tool 's/"ev-planted: no case" >&2/made/'
program 1 $tool 's/"ev-planted: no case" >&2; exit 2/a >\&2; mkdir $1; exit 2/'
program 1 $tool 's/"ev-planted: no case" >&2; exit 2/a >\&2; exit 3/'
exit $bad
