"""A receiver of webhooks for the tests. It listens on a free port of the loopback and prints `listening on PORT`.

    webhook_receiver.py MODE DIRECTORY [CERT KEY]

Each request that it reads is a file DIRECTORY/N.json: {path, method, headers, body, connection}. MODE says how it
answers, unless DIRECTORY/mode says otherwise by then:

    accept    200                               gone      410
    fail      500                               once      500 to the first request, then 200
    redirect  302 to /elsewhere of itself       hang      nothing, for an hour
    close     closes before it answers          nonsense  what is no HTTP
    big       200 and a body without end        bighead   a header without end
    big500    500 and a body without end             slow      200, after longer than a turn lasts (limits.h)
    busy      429 with Retry-After: 600              busy_date the same as a date
    …_late    as the one before `_late`, once DIRECTORY/go is there
"""
import email.utils
import http.server
import json
import pathlib
import ssl
import sys
import threading
import time

mode, directory = sys.argv[1], pathlib.Path(sys.argv[2])
lock, taken, connections = threading.Lock(), 0, 0


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        global connections
        super().setup()
        with lock:
            connections += 1
            self.number = connections

    def do_GET(self):
        self.do_POST()

    def do_POST(self):
        global taken
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        with lock:
            taken += 1
            mine = taken
            seen = {
                "path": self.path,
                "method": self.command,
                "headers": {name.lower(): value for name, value in self.headers.items()},
                "body": body.decode(),
                "connection": self.number,
            }
            (directory / f"{mine}.new").write_text(json.dumps(seen))
            (directory / f"{mine}.new").rename(directory / f"{mine}.json")
            now = (directory / "mode").read_text().strip() if (directory / "mode").exists() else mode
        if now.endswith("_late"):
            now = now.removesuffix("_late")
            while not (directory / "go").exists():
                time.sleep(0.01)
        if now == "hang":
            time.sleep(3600)
        if now == "close":
            self.close_connection = True
            return
        if now == "nonsense":
            self.wfile.write(b"220 mail.example ESMTP\r\n")
            self.close_connection = True
            return
        if now == "bighead":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            while True:
                self.wfile.write(b"x-more: " + b"x" * 1000 + b"\r\n")
        if now == "slow":
            time.sleep(2.2)
        status = {"fail": 500, "gone": 410, "redirect": 302, "big500": 500, "busy": 429, "busy_date": 429}.get(now, 200)
        if now == "once" and mine == 1:
            status = 500
        self.send_response(status)
        if now == "redirect":
            self.send_header("location", "/elsewhere")
        if now == "busy":
            self.send_header("retry-after", "600")
        if now == "busy_date":
            self.send_header("retry-after", email.utils.formatdate(time.time() + 600, usegmt=True))
        if now.startswith("big"):
            self.send_header("connection", "close")
            self.end_headers()
            while True:
                self.wfile.write(b"x" * 65536)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass

    def handle(self):
        try:
            super().handle()
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True

    def handle_error(self, *_):
        pass


server = Server(("127.0.0.1", 0), Receiver)
if len(sys.argv) > 4:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(sys.argv[3], sys.argv[4])
    server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
print(f"listening on {server.server_address[1]}", flush=True)
server.serve_forever()
