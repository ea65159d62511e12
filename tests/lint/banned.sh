#!/bin/sh
# Fail if object code calls a function that is too easy to misuse.
set -u
lib=${EV_BUILD:?}/libevidence.a
[ -f "$lib" ] || { echo "$lib is not built"; exit 1; }
banned='strcpy|strcat|strncpy|strncat|stpcpy|stpncpy|sprintf|vsprintf'
banned="$banned|strtok|atoi|atol|atoll|atof|gets|gmtime|localtime|ctime"
banned="$banned|asctime|localtime_r|ctime_r|asctime_r|mktime"
banned="$banned|mktemp|tmpnam|tempnam|tmpfile|system|popen|alloca|rand"
banned="$banned|srand|scanf|sscanf|fscanf|setjmp|longjmp|signal|exit"
# The library never prints and never ends the program; tools may.
tools_may='exit|signal'
found=$({
	nm -A -u "$lib" 2>/dev/null |
		grep -E " U (__isoc99_|__)?($banned)(_chk)?\$"
	for object in "$EV_BUILD"/CMakeFiles/*.dir/tools/*.o \
	    "$EV_BUILD"/libcli.a; do
		[ -f "$object" ] || continue
		nm -A -u "$object" 2>/dev/null |
			grep -E " U (__isoc99_|__)?($banned)(_chk)?\$" |
			grep -vE " U ($tools_may)\$"
	done
})
prints=$(nm -A -u "$lib" 2>/dev/null |
	grep -E ' U (stdout|stderr|printf|puts|putchar|perror|__printf_chk)$')
[ -z "$found" ] || printf '%s\n' "$found"
[ -z "$prints" ] || printf 'the library prints:\n%s\n' "$prints"
[ -z "$found$prints" ]
