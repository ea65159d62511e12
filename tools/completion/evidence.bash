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

# The options of the command, or of all where none is typed yet.
_ev_options() { # PROGRAM COMMAND
	_ev_usage "$1" | awk -v command="$2" '
		command == "" || $2 == command' |
		grep -oE -- '--[a-z][a-z-]*' | sort -u
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
