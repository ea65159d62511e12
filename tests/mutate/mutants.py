"""The mutants of a C file: small faults, each of which a test should notice.

Found in the syntax tree (libclang), so that nearly all of them compile and
none touches a comment or a text.  mutants.py BUILD-DIR FILE... lists them.
"""
import hashlib
import json
import os
import shlex
import sys
from typing import NamedTuple

from clang import cindex
from clang.cindex import CursorKind as K

SWAP = {
    "==": "!=", "!=": "==", "<": "<=", "<=": "<", ">": ">=", ">=": ">",
    "&&": "||", "||": "&&", "+": "-", "-": "+", "*": "/", "/": "*",
    "%": "/", "&": "|", "|": "&", "<<": ">>", ">>": "<<", "^": "&",
    "+=": "-=", "-=": "+=", "|=": "&=", "&=": "|=", "^=": "&=",
}
CONDITION = ("==", "!=", "<", "<=", ">", ">=", "&&", "||")
BINARY = (K.BINARY_OPERATOR, K.COMPOUND_ASSIGNMENT_OPERATOR)
LOOSE = (K.CALL_EXPR, K.UNARY_OPERATOR, K.CSTYLE_CAST_EXPR,
         K.GOTO_STMT, K.BREAK_STMT, K.CONTINUE_STMT) + BINARY


class Mutant(NamedTuple):
    """Bytes start..end of a file become text.

    parts: where the operands of that operator stand: (a, a's end, b, b's end).
    """
    file: str
    function: str
    line: int
    operator: str
    start: int
    end: int
    text: str
    was: str
    parts: tuple = ()

    def key(self):
        """The same after lines moved: what equivalent.txt names."""
        what = "\0".join((self.file, self.function, self.operator,
                          " ".join(self.was.split()), self.text))
        return hashlib.sha256(what.encode()).hexdigest()[:10]

    def show(self):
        was = " ".join(self.was.split())
        now = " ".join(self.text.split()) or "nothing"
        return (f"{self.file}:{self.line} {self.function}: {self.operator}: "
                f"'{was}' becomes '{now}'")


class Finder:
    """All mutants of one file, numbered apart where they look alike."""

    def __init__(self, unit, path, name):
        self.unit, self.path, self.name = unit, path, name
        with open(path, "rb") as f:
            self.data = f.read()
        self.function, self.result = "", None
        self.found = []

    def span(self, cursor):
        """The bytes of a cursor; None where it comes out of a macro."""
        a, b = cursor.extent.start, cursor.extent.end
        if not a.file or a.file.name != self.path or b.file.name != self.path:
            return None
        return (a.offset, b.offset) if a.offset < b.offset else None

    def put(self, operator, span, text, line, shown=None, parts=()):
        was = self.data[span[0]:span[1]].decode()
        if was != text:
            self.found.append(Mutant(self.name, self.function, line, operator,
                                     span[0], span[1], text, shown or was,
                                     parts))

    def condition(self, cursor):
        """Not where another operator makes the same mutant of it."""
        span = self.span(cursor)
        if not span:
            return
        text = self.data[span[0]:span[1]].decode()
        if cursor.kind == K.BINARY_OPERATOR and self.mark(cursor)[0] in (
                "==", "!="):
            return
        if not text.startswith("!"):
            self.put("negate", span, f"!({text})", cursor.location.line)

    def mark(self, cursor):
        """The operator between two operands, and where it stands."""
        spans = [self.span(k) for k in cursor.get_children()]
        if len(spans) != 2 or None in spans or spans[0][1] > spans[1][0]:
            return None, 0
        at, end = spans[0][1], spans[1][0]
        between = self.data[at:end]
        mark = between.strip(b" \t\n()").decode()
        if mark not in SWAP:
            return None, 0
        return mark, at + between.index(mark.encode())

    def operator(self, cursor):
        mark, at = self.mark(cursor)
        if mark is None:
            return
        a, b = (self.span(k) for k in cursor.get_children())
        self.put("swap", (at, at + len(mark)), SWAP[mark],
                 cursor.location.line, self.data[a[0]:b[1]].decode(), a + b)

    def statement(self, cursor):
        span = self.span(cursor)
        if span and self.data[span[1]:span[1] + 1] == b";":
            self.put("delete", span, "", cursor.location.line)

    def ret(self, cursor):
        kids = list(cursor.get_children())
        if not kids or not self.span(kids[0]):
            return
        now = {"enum ev_rc": ["EV_OK"], "bool": ["true", "false"],
               "_Bool": ["true", "false"]}.get(self.result)
        if now is None and self.result.endswith("*"):
            now = ["NULL"]
        for text in now or ():
            self.put("return", self.span(kids[0]), text, cursor.location.line)

    def literal(self, cursor):
        span = self.span(cursor)
        if not span:
            return
        text = self.data[span[0]:span[1]].decode()
        if not text[:1].isdigit():
            return
        self.put("off by one", span, f"({text} + 1)", cursor.location.line,
                 self.line_of(span[0]))

    def line_of(self, at):
        a = self.data.rfind(b"\n", 0, at) + 1
        return self.data[a:self.data.find(b"\n", at)].decode()

    def walk(self, cursor, parent):
        kids = list(cursor.get_children())
        kind = cursor.kind
        if kind in (K.IF_STMT, K.WHILE_STMT, K.CONDITIONAL_OPERATOR):
            self.condition(kids[0])
        elif kind == K.DO_STMT:
            self.condition(kids[-1])
        elif kind == K.FOR_STMT:
            for kid in kids[:-1]:
                if kid.kind == K.BINARY_OPERATOR and \
                        self.mark(kid)[0] in CONDITION:
                    self.condition(kid)
        if kind in BINARY:
            self.operator(cursor)
        if kind == K.UNARY_OPERATOR and self.span(cursor):
            a, b = self.span(cursor)
            if self.data[a:a + 1] == b"!":
                self.put("drop !", (a, a + 1), "", cursor.location.line,
                         self.data[a:b].decode(), (a + 1, b))
        if kind in LOOSE and parent is not None and \
                self.loose(cursor, parent):
            self.statement(cursor)
        if kind == K.RETURN_STMT:
            self.ret(cursor)
        if kind == K.INTEGER_LITERAL and parent is not None and \
                parent.kind not in (K.VAR_DECL, K.FIELD_DECL, K.CASE_STMT):
            self.literal(cursor)
        for kid in kids:
            self.walk(kid, cursor)

    def loose(self, cursor, parent):
        """A statement of its own: not a condition, not part of another."""
        if parent.kind in (K.COMPOUND_STMT, K.LABEL_STMT, K.CASE_STMT,
                           K.DEFAULT_STMT):
            return True
        kids = list(parent.get_children())
        if parent.kind in (K.IF_STMT, K.WHILE_STMT):
            return cursor != kids[0]
        return parent.kind == K.FOR_STMT and cursor == kids[-1]

    def run(self):
        for top in self.unit.cursor.get_children():
            if top.kind != K.FUNCTION_DECL or not top.is_definition() or \
                    not top.location.file or \
                    top.location.file.name != self.path:
                continue
            self.function = top.spelling
            self.result = top.result_type.spelling
            for kid in top.get_children():
                if kid.kind == K.COMPOUND_STMT:
                    self.walk(kid, None)
        return self.numbered()

    def numbered(self):
        """Those that look alike get a number behind what they were."""
        seen = {}
        for i, m in enumerate(self.found):
            n = seen[m.key()] = seen.get(m.key(), 0) + 1
            if n > 1:
                self.found[i] = m._replace(was=f"{m.was} #{n}")
        return self.found


def arguments(build):
    """How each file is compiled: what its syntax depends on."""
    with open(os.path.join(build, "compile_commands.json")) as f:
        return {os.path.realpath(c["file"]): [
            w for w in shlex.split(c["command"])
            if w.startswith(("-I", "-D", "-std"))] for c in json.load(f)}


def mutants(keep, path, name):
    """All of the file, compiled with keep; messages call it name."""
    unit = cindex.Index.create().parse(path, keep + ["-w"])
    bad = [d for d in unit.diagnostics if d.severity >= cindex.Diagnostic.Error]
    if bad:
        raise SystemExit(f"{path}: {bad[0].spelling}")
    return Finder(unit, path, name).run()


def main():
    build = sys.argv[1]
    commands = arguments(build)
    for path in sys.argv[2:]:
        at = os.path.realpath(path)
        for m in mutants(commands[at], at, path):
            print(m.key(), m.show())


if __name__ == "__main__":
    main()
