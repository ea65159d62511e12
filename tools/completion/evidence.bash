# bash completion for the ev-* programs.  Commands and options are read from
# the program's own usage, so this never knows less or more than it.

_ev_usage() { # PROGRAM: its usage, one command a line
	"$1" --help 2>/dev/null | awk '
		{ sub(/^usage:/, ""); sub(/^[ \t]+/, "") }
		$1 ~ /^ev-/ { if (line != "") print line; line = $0; next }
		{ line = line " " $0 }
		END { if (line != "") print line }'
}

_ev_commands() { # PROGRAM
	_ev_usage "$1" | awk '$2 ~ /^[a-z]/ { print $2 }' | sort -u
}

# Usage names an option by its letter where it has one; these are the words.
_ev_letters="@EV_LETTER_WORDS@"

# The options of the command, or of all where none is typed yet.
_ev_options() { # PROGRAM COMMAND
	local option
	_ev_usage "$1" | awk -v command="$2" '
		command == "" || $2 == command' |
		grep -oE -- '(^|[[|({ ])-(-[a-z][a-z-]*|[a-zA-Z]+)' |
		sed 's/^[^-]*//' | sort -u |
		while IFS= read -r option; do
			case $option in
			--*) echo "$option" ;;
			*) tr ' ' '\n' <<<"$_ev_letters" | sed -n \
			    "s/^${1##*/}:[${option#-}]=/--/p" ;;
			esac
		done | sort -u
	# What usage sums up in a word stands in the page alone.
	for option in $_ev_letters; do
		case $option in
		"${1##*/}":-=*)
			option=--${option#*=}
			_ev_usage "$1" | grep -qwF -- "$option" ||
				echo "$option"
			;;
		esac
	done
	printf '%s\n' --help --json --no-progress --quiet --verbose --version
}

_ev() {
	local program=$1 word=$2 commands command=
	local i

	COMPREPLY=()
	commands=$(_ev_commands "$program")
	for ((i = 1; i < COMP_CWORD; i++)); do
		if [ -n "$commands" ] &&
		    grep -qxF -- "${COMP_WORDS[i]}" <<<"$commands"; then
			command=${COMP_WORDS[i]}
			break
		fi
	done
	case $word in
	-*)
		mapfile -t COMPREPLY < <(compgen -W \
		    "$(_ev_options "$program" "$command")" -- "$word")
		return
		;;
	esac
	if [ -n "$commands" ] && [ -z "$command" ] && [ "$COMP_CWORD" -eq 1 ]
	then
		mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$word")
	fi
	compopt -o filenames 2>/dev/null
	local file
	while IFS= read -r file; do
		COMPREPLY+=("$file")
	done < <(compgen -f -- "$word" | LC_ALL=C sort)
}
complete -F _ev @EV_TOOL_WORDS@
