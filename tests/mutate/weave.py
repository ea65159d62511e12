"""All chosen mutants of a file in one text, each asleep until it is named.

A mutant of its own would have to be compiled and linked into twenty programs;
woven together they are built once, and a number in the data of a program says
which of them is awake (wake).  A number is marked as reached when the program
comes to it, awake or not: a test that does not reach a mutant cannot kill it.
"""
import bisect
import errno
import re
import struct
import time

MAGIC = b"which mutant is awake?\0\0"
HEADER = """
#ifdef EV_ONLY
#define EV_MUTANT(n) ((n) == EV_ONLY)
#else
extern volatile struct { char magic[24]; int now; } ev_mutant;
extern unsigned char *volatile ev_reached;
static inline int EV_MUTANT(int n)
{ ev_reached[n] = 1; return ev_mutant.now == n; }
#endif
"""
# The mapping outlives whatever the program locks itself out of.
SOURCE = """
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
volatile struct { char magic[24]; int now; } ev_mutant =
    { "which mutant is awake?", -1 };
static unsigned char nowhere[%d];
unsigned char *volatile ev_reached = nowhere;
__attribute__((constructor, no_sanitize("address"))) static void
begin(void)
{
	int fd = open("%s", O_RDWR | O_CLOEXEC);
	void *at;

	if (fd < 0)
		return;
	at = mmap(NULL, sizeof nowhere, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
	    0);
	if (at != MAP_FAILED)
		ev_reached = at;
	close(fd);
}
"""


class Weaver:
    """The text of one file; numbered are pairs of a number and a mutant."""

    def __init__(self, data, numbered):
        self.data = data
        self.nodes = {}  # where it stands: what is woven around it
        for n, m in numbered:
            place = (m.start, m.end)
            if m.operator == "swap":
                place = (m.parts[0], m.parts[3])
            elif m.operator == "drop !":
                place = (m.start, m.parts[1])
            elif m.operator == "delete":
                place = (m.start, m.end + 1)
            self.nodes.setdefault(place, []).append((n, m))
        # Outermost first where two begin at the same byte.
        self.places = sorted(self.nodes, key=lambda p: (p[0], -p[1]))
        self.starts = [p[0] for p in self.places]

    def text(self, start, end, inside=None):
        """These bytes, woven; inside: only what is within that place."""
        out, at = [], start
        i = bisect.bisect_left(self.starts, start)
        while i < len(self.places) and self.places[i][0] < end:
            p = self.places[i]
            i += 1
            if p[0] < at or p[1] > end or (inside and not (
                    p[1] - p[0] < inside[1] - inside[0])):
                continue
            out.append(self.data[at:p[0]].decode())
            out.append("\n" + self.node(p))  # so that a line tells which
            at = p[1]
        out.append(self.data[at:end].decode())
        return "".join(out)

    def node(self, place):
        """The mutants of one place, the innermost first."""
        here = sorted(self.nodes[place], key=lambda nm: (
            "swap", "drop !", "off by one", "negate", "return",
            "delete").index(nm[1].operator))
        text = None
        for n, m in here:
            awake = f"EV_MUTANT({n})"
            if m.operator == "swap":
                a, a_end, b, b_end = m.parts
                text = swap(self.text(a, a_end, place),
                            self.text(b, b_end, place),
                            self.data[m.start:m.end].decode(), m.text, awake)
                continue
            if m.operator == "drop !":
                text = f"(!({self.text(*m.parts, place)}) !={awake})"
                continue
            if text is None:
                text = self.text(*place, place)
            if m.operator == "negate":
                text = f"(!!({text}) !={awake})"
            elif m.operator == "off by one":
                text = f"({text} +{awake})"
            elif m.operator == "return":
                text = f"({awake} ? {m.text} : ({text}))"
            else:
                text = f"{{ if (!{awake}) {text} }}"
        return text


def swap(a, b, was, now, awake):
    if was == "&&":
        return f"((!!({a}) !={awake}) ? !!({b}) :{awake})"
    if was == "||":
        return f"((!!({a}) =={awake}) ? !!({b}) : !{awake})"
    if was in ("==", "!="):
        return f"((({a}) {was} ({b})) !={awake})"
    return f"({awake} ? (({a}) {now} ({b})) : (({a}) {was} ({b})))"


def weave(data, numbered):
    return HEADER + Weaver(data, numbered).text(0, len(data))


def blamed(text, line, bad):
    """The mutant by a line that does not compile; not one of bad."""
    lines = text.splitlines()
    near = min(line, len(lines)) - 1
    for i in [*range(near, -1, -1), *range(near, len(lines))]:
        for n in map(int, re.findall(r"EV_MUTANT\((\d+)\)", lines[i])):
            if n not in bad:
                return n
    return None


def wake(program, number):
    """Into the program as it lies there; False where no mutant is."""
    for _ in range(100):
        try:
            f = open(program, "r+b")
            break
        except OSError as e:
            if e.errno != errno.ETXTBSY:
                raise
        time.sleep(0.1)  # until what was ended is gone
    with f:
        at = f.read().find(MAGIC)
        if at < 0:
            return False
        f.seek(at + len(MAGIC))
        f.write(struct.pack("<i", number))
        return True


def source(count, reached):
    return SOURCE % (count, reached)
