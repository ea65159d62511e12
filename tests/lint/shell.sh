#!/bin/sh
# Every script parses as POSIX sh, and shellcheck finds no error in it.
set -u
cd "${EV_SRC:?}" || exit 2
bad=0
for script in run .ci/run $(find tests casefiles -name '*.sh' | sort); do
	sh -n "$script" || bad=1
done
command -v shellcheck >/dev/null || { echo "no shellcheck"; exit $bad; }
# shellcheck disable=SC2046
shellcheck -s sh -S error run .ci/run $(find tests casefiles -name '*.sh') ||
	bad=1
exit $bad
