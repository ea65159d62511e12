#!/bin/sh
# The package: lintian finds no error in it, and what it holds is whole.
set -u
for tool in cpack lintian dpkg-deb dpkg-shlibdeps; do
	command -v "$tool" >/dev/null || { echo "no $tool: skipped"; exit 77; }
done
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
cpack --config "${EV_BUILD:?}/CPackConfig.cmake" -G DEB -B "$tmp" \
    >"$tmp/log" 2>&1 || { cat "$tmp/log"; exit 1; }
deb=$(ls "$tmp"/evidence_*.deb) || { cat "$tmp/log"; exit 1; }
bad=0
say() { echo "$1"; bad=1; }

# As root lintian warns about root, on standard error; that is no finding.
lintian --fail-on error --tag-display-limit 0 "$deb" >"$tmp/lintian" 2>&1 ||
	say "lintian found errors:"
cat "$tmp/lintian"

mkdir "$tmp/root"
dpkg-deb -x "$deb" "$tmp/root" || exit 1
usr=$tmp/root/usr
for source in "${EV_SRC:?}"/tools/ev-*.c; do
	[ -f "$source" ] || continue
	tool=$(basename "$source" .c)
	"$usr/bin/$tool" --version >"$tmp/version" 2>&1 ||
		say "$tool does not run: $(cat "$tmp/version")"
	[ -f "$usr/share/man/man1/$tool.1.gz" ] || say "no page of $tool"
	[ -e "$usr/share/bash-completion/completions/$tool" ] ||
		say "no completion for $tool"
	[ -e "$usr/share/fish/vendor_completions.d/$tool.fish" ] ||
		say "no completion of fish for $tool"
done
for file in share/doc/evidence/copyright share/doc/evidence/changelog.gz \
    share/evidence/mappings share/zsh/vendor-completions/_evidence; do
	[ -e "$usr/$file" ] || say "no /usr/$file"
done
[ ! -f "$EV_SRC/tools/parse.c" ] || [ -x "$usr/libexec/evidence/ev-parse" ] ||
	say "no ev-parse"

# A program of others is built on what the package brings.
cat >"$tmp/other.c" <<'END'
#include <stdio.h>
#include <evidence/text.h>
int main(void) { return !ev_text_is_utf8("a", 1); }
END
pc=$(find "$usr" -name evidence.pc)
flags=$(PKG_CONFIG_PATH=$(dirname "$pc") pkg-config --cflags --libs evidence) ||
	say "pkg-config does not know the library"
# shellcheck disable=SC2086
${CC:-cc} -o "$tmp/other" "$tmp/other.c" $flags 2>"$tmp/cc" ||
	say "cannot build on the library: $(cat "$tmp/cc")"
"$tmp/other" || say "the program built on the library fails"
exit $bad
