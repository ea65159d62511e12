#!/bin/sh
# The source is left as it was: no call that could change it, and the same
# content, times and modes afterwards, the time of access included.
. "$EV_SRC/tests/faults/lib/common"

make_source source
ln -s notes.txt source/link
mkfifo source/fifo
head -c 67200000 /dev/zero >source/large
find source -exec touch -h -a -d '2001-02-03 04:05:06 UTC' {} +
state() {
	find source | sort | while IFS= read -r name; do
		stat -c '%n %a %u %g %s %i %X %Y %Z' "$name"
	done
}
new_case a.evcase
state >before
rc=0
strace -f -qq -y -o trace -e trace=%file,%desc \
    ev-ingest a.evcase source --map t.map >out 2>&1 || rc=$?
[ $rc -eq 3 ] || { echo "status $rc"; cat out; exit 1; }
state >after
bad=0
cmp before after || { diff before after; bad=1; }

# Descriptors of files below source, in calls that write, and names of them
# in calls that change something.
here=$(pwd)/source
grep -E "^[0-9]+ +(write|writev|pwrite64|pwritev|pwritev2|ftruncate|fallocate|fchmod|fchown|futimens|utimensat|fsetxattr|copy_file_range|sendfile)\([0-9]+<$here" \
    trace && { echo "written to"; bad=1; }
grep -E "^[0-9]+ +(unlink|unlinkat|rename|renameat|renameat2|link|linkat|symlink|symlinkat|mkdir|mkdirat|chmod|fchmodat|chown|fchownat|truncate|mknod|mknodat|setxattr|utime|utimes)\(.*($here|\"source)" \
    trace && { echo "changed"; bad=1; }
grep -E "^[0-9]+ +(open|openat|openat2|creat)\(.*($here|\"source)" trace |
	grep -E 'O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND' &&
	{ echo "opened for writing"; bad=1; }
# The test must be able to see such an opening.
grep -qE "openat2\([0-9]+<$here>, \"notes.txt\"" trace ||
	{ echo "the trace shows no opening of a source file"; bad=1; }
grep -q 'link  link' out || { echo "the link is not listed"; bad=1; }
grep -q 'fifo  fifo' out || { echo "the fifo is not listed"; bad=1; }
ev-case check a.evcase >check.out || { cat check.out; bad=1; }
exit $bad
