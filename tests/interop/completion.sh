#!/bin/sh
# The shells complete what the usage of a program says, and nothing else.
set -u
command -v bash >/dev/null || { echo "no bash: skipped"; exit 77; }
build=$(cd "${EV_BUILD:?}" && pwd) || exit 2
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
cat >"$tmp/ev-fake" <<'END'
#!/bin/sh
cat <<'USAGE'
usage: ev-fake init [-hjqv] [--number N] CASE
       ev-fake check [-hjqv] [--quick]
                     CASE
USAGE
END
chmod +x "$tmp/ev-fake"
mkdir "$tmp/in" "$tmp/in/demo.evcase" "$tmp/in/two words"
PATH=$tmp:$PATH
cd "$tmp/in" || exit 2
bad=0

try() { # WANT WORD...: the last word is completed
	want=$1
	shift
	got=$(bash -c '
		source "$0/completion/evidence"
		COMP_WORDS=("$@")
		COMP_CWORD=$(($# - 1))
		_ev "$1" "${COMP_WORDS[COMP_CWORD]}"
		printf "%s|" "${COMPREPLY[@]}"' "$build" "$@")
	[ "$got" = "$want" ] && return
	echo "'$*' completes to '$got', not '$want'"
	bad=1
}
try 'init|' ev-fake in
try 'check|init|demo.evcase|two words|' ev-fake ''
try '--number|--no-progress|' ev-fake init --n
try '--quick|--quiet|' ev-fake check --qui
try '--quick|--quiet|' ev-fake --qui
try 'demo.evcase|' ev-fake check de
try 'two words|' ev-fake check tw
try '|' ev-fake check --zz

# Each option of each program that is built is offered, by its page.
for page in "$EV_SRC"/man/ev-*.1; do
	tool=$(basename "$page" .1)
	[ -x "$build/bin/$tool" ] || continue
	offered=$(bash -c 'source "$0/completion/evidence"
		_ev_options "$1" ""' "$build" "$build/bin/$tool")
	for option in $(sed -n 's/^\.It Fl \(. , \)\{0,1\}-\([a-z-]*\).*/--\2/p' \
	    "$page"); do
		echo "$offered" | grep -qxF -- "$option" ||
			{ echo "$tool: $option is not offered"; bad=1; }
		options=$((${options-0} + 1))
	done
done
echo "${options-0} options offered"
[ "${options-0}" -ge 100 ] || bad=1

if command -v fish >/dev/null; then
	fish --no-execute "$build/completion/evidence.fish" || bad=1
	got=$(fish -c "source '$build/completion/evidence.fish'
		complete -c ev-fake -n 'string match -q -- \"-*\" (commandline -ct)' \
		    -f -a '(__ev_options ev-fake)'
		complete -C 'ev-fake init --n'" | cut -f1 | tr '\n' '|')
	[ "$got" = '--no-progress|--number|' ] ||
		{ echo "fish offers '$got'"; bad=1; }
fi
if command -v zsh >/dev/null; then
	zsh -n "$build/completion/_evidence" || bad=1
fi
exit $bad
