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
        try:
            self.wfile.write(body)
        except BrokenPipeError:
            pass

    def do_GET(self):
        seen[self.path] = seen.get(self.path, 0) + 1
        name = os.path.join(PKI, os.path.basename(self.path))
        if not self.path.startswith("/file/") or not os.path.exists(name):
            self.answer(b"no", "text/plain", 404)
            return
        with open(name, "rb") as f:
            self.answer(f.read(), "application/octet-stream")

    def ocsp(self, query):
        with tempfile.TemporaryDirectory() as work:
            with open(work + "/q", "wb") as f:
                f.write(query)
            subprocess.run(
                ["openssl", "ocsp", "-index", "index.txt", "-CA", "ca.pem",
                 "-rsigner", "ocsp.pem", "-rkey", "ocsp.key", "-ndays", "1",
                 "-reqin", work + "/q", "-respout", work + "/r"],
                cwd=PKI, check=True, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL)
            with open(work + "/r", "rb") as f:
                self.answer(f.read(), "application/ocsp-response")

    def do_POST(self):
        global last
        path = self.path
        seen[path] = seen.get(path, 0) + 1
        if path == "/hangup":
            self.connection.close()
            return
        query = self.rfile.read(int(self.headers["Content-Length"]))
        right = self.headers["Content-Type"] == "application/timestamp-query"
        if path == "/ocsp":
            self.ocsp(query)
            return
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
        elif path == "/garbage":
            self.answer(b"\x30\x82\x01\x00" + bytes(range(256)))
        elif path == "/type":
            self.answer(reply(query), "application/octet-stream")
        elif path == "/short":
            body = reply(query)
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[:len(body) // 2])
            self.connection.close()
        elif path == "/flood":
            self.answer(b"\x30\x83\x20\x00\x00" + bytes(0x200000))
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
