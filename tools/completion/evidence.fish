# fish completion for the ev-* programs.  Commands and options are read from
# the program's own usage, so this never knows less or more than it.

function __ev_usage # PROGRAM: its usage, one command a line
    $argv[1] --help 2>/dev/null | awk '
        { sub(/^usage:/, ""); sub(/^[ \t]+/, "") }
        $1 ~ /^ev-/ { if (line != "") print line; line = $0; next }
        { line = line " " $0 }
        END { if (line != "") print line }'
end

function __ev_commands # PROGRAM
    __ev_usage $argv[1] | awk '$2 ~ /^[a-z]/ { print $2 }' | sort -u
end

# The command that is typed already, or nothing.
function __ev_command # PROGRAM
    set -l commands (__ev_commands $argv[1])
    set -l words (commandline -opc)
    for word in $words[2..-1]
        if contains -- $word $commands
            echo $word
            return
        end
    end
end

# Usage names an option by its letter where it has one; these are the words.
set -g __ev_letters @EV_LETTER_WORDS@

# The options of the command, or of all where none is typed yet.
function __ev_options # PROGRAM
    set -l command (__ev_command $argv[1])
    __ev_usage $argv[1] | awk -v command="$command" '
        command == "" || $2 == command' |
        grep -oE -- '(^|[[|({ ])-(-[a-z][a-z-]*|[a-zA-Z]+)' |
        sed 's/^[^-]*//' | sort -u | while read -l option
            if string match -q -- '--*' $option
                echo $option
            else
                set -l letters (string sub -s 2 -- $option)
                printf '%s\n' $__ev_letters |
                    sed -n "s/^"(basename $argv[1])":["$letters"]=/--/p"
            end
        end | sort -u
    # What usage sums up in a word stands in the page alone.
    set -l usage (__ev_usage $argv[1] | string collect)
    for word in (string match -- (basename $argv[1])":-=*" $__ev_letters)
        set word --(string split -m 1 = $word)[2]
        string match -q -- "*$word*" $usage; or echo $word
    end
    printf '%s\n' --help --json --no-progress --quiet --verbose --version
end

for program in @EV_TOOL_WORDS@
    complete -c $program -n "test -z (__ev_command $program | string collect)" \
        -a "(__ev_commands $program)"
    complete -c $program -n 'string match -q -- "-*" (commandline -ct)' \
        -f -a "(__ev_options $program)"
end
