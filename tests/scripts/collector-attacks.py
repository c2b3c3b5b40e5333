#!/usr/bin/env python3
"""collector-attacks.py - collector-serve under those who mean it no good: a
head without an end, many connections that dribble or say nothing, more of them
than descriptors, another site's name, ranges. Meanwhile /health answers within a
second, where a probe whose connection has to give way asks once more, and the
server's memory stays below 64 MB.
"""
# labels: faults
# alone: it takes the time of answers
import atexit
import json
import os
import re
import resource
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

MOST_MEMORY = 64 << 10  # kB
MOST_SECONDS = 1.0
with open(shutil.which("collector-serve"), "rb") as file:
    if b"__asan_init" in file.read():  # which has memory of its own, and is slow
        MOST_MEMORY, MOST_SECONDS = 1 << 20, 5.0

folder = tempfile.TemporaryDirectory()
os.chdir(folder.name)
failures = []
servers = []
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))


def start(*options, files=1024, **variables):
    log = open("log", "w+", encoding="utf-8")
    server = subprocess.Popen(
        ["collector-serve", "--threads",
         os.environ["TOP"] + "/share/sample/threads.jsonl",
         "--store", "sqlite:store.db", *options],
        stderr=log, env={**os.environ, **variables},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE,
                                              (files, files)))
    servers.append(server)
    for _ in range(200):
        text = open("log", encoding="utf-8").read()
        if "listening on" in text:
            return server, int(re.search(r"listening on [^ ]*:(\d+)", text)[1])
        time.sleep(0.05)
    sys.exit("collector-serve does not listen: " + text)


def ask(port, head, seconds=5):
    with socket.create_connection(("127.0.0.1", port), seconds) as s:
        s.sendall(head)
        answer = b""
        while some := s.recv(65536):
            answer += some
        return answer


def get(port, path, *headers):
    lines = ["GET %s HTTP/1.1" % path, *headers]
    if not any(line.startswith("Host:") for line in headers):
        lines.append("Host: 127.0.0.1")
    return ask(port, ("\r\n".join(lines) + "\r\n\r\n").encode())


def memory(server):
    text = open(f"/proc/{server.pid}/status", encoding="utf-8").read()
    return int(re.search(r"VmHWM:\s+(\d+)", text)[1])


class Watch(threading.Thread):
    """Asks for /health all the time; keeps the longest that it took."""
    def __init__(self, port):
        super().__init__()
        self.port, self.longest, self.count = port, 0, 0
        self.is_over = False
        self.start()

    def run(self):
        while not self.is_over:
            begin = time.monotonic()
            if not self.is_well() and not self.is_well():
                self.longest = 99
            self.longest = max(self.longest, time.monotonic() - begin)
            self.count += 1
            time.sleep(0.02)

    def is_well(self):
        try:
            return get(self.port, "/health").startswith(b"HTTP/1.1 200")
        except OSError:
            return False

    def end(self):
        self.is_over = True
        self.join()


def check(what, is_so):
    if not is_so:
        failures.append(what)
        print("not so: " + what, file=sys.stderr)


def attack(what, do, **options):
    server, port = start("--listen", "127.0.0.1:0", **options)
    watch = Watch(port)
    try:
        do(port)
    finally:
        watch.end()
    most = memory(server)
    print(f"{what:<44} /health {watch.longest * 1000:5.0f} ms at most of "
          f"{watch.count}, {most / 1024:5.1f} MB")
    check(what + ": /health within a second",
          watch.count and watch.longest < MOST_SECONDS)
    check(what + ": memory below 64 MB", most < MOST_MEMORY)
    begin = time.monotonic()
    server.terminate()
    check(what + ": ends with 0", server.wait() == 0)
    check(what + ": ends within 10 s", time.monotonic() - begin < 10)


def endless_head(port):
    for line in (b"X: " + b"a" * 60000 + b"\r\n", b"X: a\r\n" * 1000):
        with socket.create_connection(("127.0.0.1", port), 10) as s:
            s.sendall(b"GET / HTTP/1.1\r\n")
            answer = b""
            try:
                # Until it answers, which it does long before that.
                for _ in range(2000):
                    if select.select([s], [], [], 0)[0]:
                        break
                    s.sendall(line)
            except OSError:
                pass  # it has answered, and closed
            try:
                answer = s.recv(100)
            except OSError:
                pass
            check("431 for an endless head",
                  answer.startswith(b"HTTP/1.1 431"))


def dribble(port):
    sockets = [socket.create_connection(("127.0.0.1", port))
               for _ in range(400)]
    for _ in range(40):
        for s in sockets:
            try:
                s.send(b"G")
            except OSError:
                pass
        time.sleep(0.05)
    for s in sockets:
        s.close()


def flood(port):
    """50,000 connections, 6,000 of them open at a time."""
    sockets = []
    for i in range(50000):
        try:
            sockets.append(socket.create_connection(("127.0.0.1", port), 2))
        except OSError:
            pass
        if len(sockets) >= 6000:
            for s in sockets[:3000]:
                s.close()
            del sockets[:3000]
    for s in sockets:
        s.close()


@atexit.register
def end_servers():
    """None is left, whatever was thrown."""
    for server in servers:
        if server.poll() is None:
            server.kill()
            server.wait()


attack("heads without an end", endless_head)
attack("400 connections that dribble", dribble)
attack("50,000 connections", flood)
attack("the same with 64 descriptors", flood, files=64)

# ---- what is understood, and what is not
server, port = start("--listen", "127.0.0.1:0")
whole = get(port, "/?limit=3&dryRun=1")
check("a range is not served",
      get(port, "/?limit=3&dryRun=1", "Range: bytes=" + ",".join(["0-"] * 999))
      == whole and whole.startswith(b"HTTP/1.1 200"))
for status, head in [
        (421, b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n"),
        (421, b"GET / HTTP/1.1\r\n\r\n"),
        (200, b"GET /?dryRun=1 HTTP/1.1\r\nHost: localhost:80\r\n\r\n"),
        (200, b"GET /?dryRun=1 HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"),
        (400, b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: a\r\n\r\n"),
        (400, b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n"),
        (400, b"GET / HTTP/1.1\r\nHost: localhost\r\n folded\r\n\r\n"),
        (400, b"GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        (400, b"\x16\x03\x01\r\n\r\n"),
        (405, b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx"),
        (431, b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n"),
        (431, b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\n\r\n")]:
    answer = ask(port, head)
    check(f"{status} for {head[:60]}", answer.startswith(b"HTTP/1.1 %d" % status))
server.terminate()
server.wait()

# ---- as Cloud Run runs it: PORT, JSON, a trace
with open(os.open("token", os.O_CREAT | os.O_WRONLY, 0o600), "w",
          encoding="utf-8") as file:
    file.write("0123456789abcdef\n")
server, port = start("--token-file", "token", "--log-format", "json", PORT="0",
                     GOOGLE_CLOUD_PROJECT="p")
get(port, "/?limit=1&dryRun=1", "Authorization: Bearer 0123456789abcdef",
    "X-Cloud-Trace-Context: 0123456789abcdef0123456789abcdef/1;o=1")
server.terminate()
server.wait()
lines = [json.loads(line) for line in open("log", encoding="utf-8")]
check("all addresses", "listening on 0.0.0.0:" in lines[0]["message"])
check("a request in JSON", lines[-1]["httpRequest"]["status"] == 200
      and lines[-1]["severity"] == "INFO"
      and lines[-1]["logging.googleapis.com/trace"]
      == "projects/p/traces/0123456789abcdef0123456789abcdef")

# ---- the client's side: a byte every half second; two tokens at a time
heads = []


def serve(listener):
    while True:
        client, _ = listener.accept()
        head = client.recv(65536)
        heads.append(head)
        if b"/computeMetadata/" in head:
            client.sendall(b"HTTP/1.1 200 OK\r\nMetadata-Flavor: Google\r\n"
                           b"Content-Length: 8\r\n\r\nidentity")
            client.close()
            continue
        if b"GET /slow" in head:
            client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            try:
                while True:
                    client.sendall(b" ")
                    time.sleep(0.5)
            except OSError:
                continue
        client.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n'
                       b'{"count":0,"interactions":[]} ')
        client.close()


listener = socket.create_server(("127.0.0.1", 0))
port = listener.getsockname()[1]
threading.Thread(target=serve, args=(listener,), daemon=True).start()


def fetch(path, *options):
    return subprocess.run(
        ["reddit-fetch", "--collector-url", f"http://127.0.0.1:{port}{path}",
         *options], capture_output=True, text=True, check=False,
        env={**os.environ, "GCE_METADATA_HOST": f"127.0.0.1:{port}",
             "HOME": folder.name}, timeout=60)


begin = time.monotonic()
run = fetch("/slow", "--deadline", "2")
check("a deadline is kept", run.returncode == 75
      and time.monotonic() - begin < 4)
check("a deadline is named", "--deadline" in run.stderr)
run = fetch("/", "--token-file", "token", "--auth", "id-token")
check("two tokens: " + run.stderr, run.returncode == 0
      and b"Authorization: Bearer 0123456789abcdef\r\n" in heads[-1]
      and b"X-Serverless-Authorization: Bearer identity\r\n" in heads[-1])

if not failures:
    print("bounded, whoever asks")
sys.exit(bool(failures))
