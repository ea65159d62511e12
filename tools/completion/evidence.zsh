#compdef @EV_TOOL_WORDS@
# zsh completion for the ev-* programs.  Commands and options are read from
# the program's own usage, so this never knows less or more than it.

local program=$words[1] command= word
local -a usage commands options

usage=("${(@f)$($program --help 2>/dev/null | awk '
	{ sub(/^usage:/, ""); sub(/^[ \t]+/, "") }
	$1 ~ /^ev-/ { if (line != "") print line; line = $0; next }
	{ line = line " " $0 }
	END { if (line != "") print line }')}")
commands=("${(@f)$(print -l $usage | awk '$2 ~ /^[a-z]/ { print $2 }' |
	sort -u)}")
for word in ${words[2,CURRENT-1]}; do
	if (( ${commands[(Ie)$word]} )); then
		command=$word
		break
	fi
done
# Usage names an option by its letter where it has one; these are the words.
local letters="@EV_LETTER_WORDS@"
options=("${(@f)$(print -l $usage | awk -v command="$command" '
	command == "" || $2 == command' |
	grep -oE -- '(^|[[|({ ])-(-[a-z][a-z-]*|[a-zA-Z]+)' |
	sed 's/^[^-]*//' | sort -u | while IFS= read -r option; do
		case $option in
		--*) print -r -- $option ;;
		*) print -l ${=letters} | sed -n \
		    "s/^${program:t}:[${option#-}]=/--/p" ;;
		esac
	done | sort -u)}" --help --json --no-progress --quiet --verbose --version)

# What usage sums up in a word stands in the page alone.
for word in ${=letters}; do
	[[ $word == ${program:t}:-=* ]] || continue
	[[ "$usage" == *--${word#*=}* ]] || options+=(--${word#*=})
done

if [[ $PREFIX == -* ]]; then
	compadd -- $options
	return
fi
if [[ -z $command && $CURRENT -eq 2 ]]; then
	compadd -- $commands
fi
_files
