"""An RFC 3161 responder on the loopback, for tests: tsa.py PKI PORTFILE.

The path of the URL chooses how it behaves; the answers are made by
`openssl ts -reply`.  It ends when its standard input is closed.
"""
import http.server
import os
import subprocess
import sys
import tempfile
import threading
import time

PKI = sys.argv[1]
seen = {}
last = b""


def reply(query, signer="tsa"):
    with tempfile.TemporaryDirectory() as work:
        with open(work + "/q", "wb") as f:
            f.write(query)
        subprocess.run(
            ["openssl", "ts", "-reply", "-config", "ca.cnf", "-section", "t",
             "-signer", signer + ".pem", "-inkey", signer + ".key",
             "-queryfile", work + "/q", "-out", work + "/r"],
            cwd=PKI, check=True, stderr=subprocess.DEVNULL)
        with open(work + "/r", "rb") as f:
            return f.read()


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def answer(self, body, kind="application/timestamp-reply", status=200):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        global last
        path = self.path
        seen[path] = seen.get(path, 0) + 1
        if path == "/hangup":
            self.connection.close()
            return
        query = self.rfile.read(int(self.headers["Content-Length"]))
        right = self.headers["Content-Type"] == "application/timestamp-query"
        if path == "/slow":
            time.sleep(6)
        if path == "/broken" or not right:
            self.answer(b"no", "text/plain", 500)
        elif path == "/flaky" and seen[path] < 3:
            self.answer(b"busy", "text/plain", 503)
        elif path == "/page":
            self.answer(b"<html>log in</html>", "text/html")
        elif path == "/huge":
            self.answer(b"\x30\x84\x7f\xff\xff\xff" + bytes(1000))
        elif path == "/stale" and last:
            self.answer(last)
        elif path == "/tsa?key=1" or "?" not in path:
            last = reply(query)
            self.answer(last)
        else:
            self.answer(b"no", "text/plain", 404)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
with open(sys.argv[2] + ".new", "w") as f:
    f.write("%d\n" % server.server_address[1])
os.rename(sys.argv[2] + ".new", sys.argv[2])
sys.stdin.read()
