#!/bin/sh
# Fail if clang-format 14 would change a file.
set -u
cd "${EV_SRC:?}" || exit 2
tool=$(command -v clang-format-14 || command -v clang-format) ||
	{ echo "no clang-format: skipped"; exit 77; }
case $("$tool" --version) in
*' 14.'*) ;;
*) echo "clang-format is not version 14: skipped"; exit 77 ;;
esac
find libevidence tools tests -name '*.[ch]' -print0 |
	xargs -0 "$tool" --dry-run --Werror || exit 1
