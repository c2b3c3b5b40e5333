#!/usr/bin/env python3
"""terminal-safety.py PROGRAM... - no input acts on a terminal.

Records, files' names, options, files beside the records and servers' answers
that hold control characters, marks that turn text around and bytes that are no
UTF-8: none reaches standard error, nor what programs print for people, as it
is; with a terminal and without.
"""
# labels: quick

import hashlib
import http.server
import json
import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import threading
import tty

TOP = pathlib.Path(os.environ["TOP"])
# Sets the title, clears the screen, DEL, CSI in one character, turns the rest
# around, isolates, separates lines.
HOSTILE = ("\x1b]0;owned\x07\x1b[2J\x08\x7f\u009b31m\u202edesrever\u2066x"
           "\u200f\u2028\u061c")
NAME = HOSTILE.encode() + b"\xff\xc0\x80\n\rFAKE: all is well"
failures = 0


def fail(what):
    global failures
    failures += 1
    print(what)


def is_harmful(character):
    code = ord(character)
    return (code < 0x20 and character not in "\n\t") or \
        0x7F <= code < 0xA0 or code in (0x61C, 0x200E, 0x200F, 0x2028, 0x2029) \
        or 0x202A <= code <= 0x202E or 0x2066 <= code <= 0x2069


def with_pipes(command, **options):
    done = subprocess.run(command, capture_output=True, timeout=60,
                          stdin=subprocess.DEVNULL, **options)
    return done.stdout, done.stderr


def at_terminal(command, **options):
    """Standard output and error, each a terminal of its own."""
    pairs = [pty.openpty(), pty.openpty()]
    for _, slave in pairs:
        tty.setraw(slave)  # else \n becomes \r\n
    program = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                               stdout=pairs[0][1], stderr=pairs[1][1], **options)
    said = {pairs[0][0]: b"", pairs[1][0]: b""}
    for _, slave in pairs:
        os.close(slave)
    open_ends = set(said)
    while open_ends:
        ready, _, _ = select.select(list(open_ends), [], [], 60)
        if not ready:
            fail(f"{command}: hangs")
            program.kill()
            break
        for end in ready:
            try:
                piece = os.read(end, 1 << 16)
            except OSError:  # Linux: all of the other end is closed
                piece = b""
            if piece:
                said[end] += piece
            else:
                open_ends.discard(end)
    program.wait()
    for master, _ in pairs:
        os.close(master)
    out, err = said.values()
    # The program's name, which color.py looks at.
    return out, re.sub(rb"^\x1b\[1m([\w-]+:)\x1b\[m ", rb"\1 ", err, flags=re.M)


def check(command, reads_out=False, wants=None, **options):
    """Runs it both ways; what people read must hold nothing harmful."""
    command = [os.fsencode(word) for word in command]
    for run in (with_pipes, at_terminal):
        out, err = run(command, **options)
        for stream, text in [("stderr", err)] + [("stdout", out)] * reads_out:
            try:
                harmful = [c for c in text.decode("utf-8") if is_harmful(c)]
            except UnicodeDecodeError as error:
                harmful = [str(error)]
            if harmful:
                fail(f"{command}, {run.__name__}: {stream}: {harmful[:3]}")
            for line in text.split(b"\n"):
                if line.startswith(b"FAKE"):
                    fail(f"{command}, {run.__name__}: a line of its own")
        if wants is not None and wants not in err + out:
            fail(f"{command}, {run.__name__}: no {wants}: {err!r} {out!r}")


class HostileServer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"error": HOSTILE, "message": HOSTILE},
                          ensure_ascii=False).encode() + NAME
        self.send_response_only(403, HOSTILE.encode().decode("latin-1")
                                .replace("\n", ""))
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_PATCH = do_GET

    def log_message(self, *_):
        pass


def main(programs):
    scratch = pathlib.Path(tempfile.mkdtemp())
    os.chdir(scratch)
    example = {"messages": [{"role": "user", "content": "Why? " + HOSTILE},
                            {"role": HOSTILE, "content": HOSTILE},
                            {"role": "assistant", "content": HOSTILE}],
               HOSTILE: HOSTILE, "metadata": {"id": HOSTILE, HOSTILE: 1}}
    lines = [json.dumps(example), json.dumps(example, ensure_ascii=False),
             json.dumps({HOSTILE: [HOSTILE]}), "{" + HOSTILE]
    hostile_file = NAME + b".jsonl"
    with open(hostile_file, "wb") as file:
        file.write("\n".join(lines).encode() + b"\n\xff\n" + NAME + b"\n")

    escaped = rb"\u001b]0;owned\u0007\u001b[2J\u0008\u007f\u009b31m\u202edesrever"
    for program in programs:
        needed = {"fs-put": ["--store", "sqlite:s"],
                  "hash-split": ["--output", "part"]}.get(program, [])
        # Named, whether it is there or not; as an option, and as its value.
        check([program, *needed, hostile_file], reads_out=program in
              ("sample", "hash-split"))
        check([program, *needed, NAME])
        check([program, b"--" + NAME])
        check([program, b"--store", NAME])
        check([program, b"--max-bad", NAME, hostile_file])
        check([program, b"--rejects", b"none/" + NAME, hostile_file])
        check([program, b"--profile", NAME, hostile_file])
    check(["confidence-filter", hostile_file], wants=escaped)
    check(["sample", hostile_file], reads_out=True, wants=escaped)
    check(["jsonl-validate", "--profile", "openai", hostile_file],
          wants=b"\\u202e")

    # Names in checksums.
    digest = hashlib.sha256(open(hostile_file, "rb").read()).hexdigest()
    with open("sums", "wb") as file:
        file.write(f"\\{digest}  ".encode() + hostile_file.replace(
            b"\n", b"\\n").replace(b"\r", b"\\r") + b"\n")
        file.write(f"{digest}  ".encode() + HOSTILE.encode() + b"\n")
    check(["checksum", "--check", "sums"], reads_out=True,
          wants=escaped)

    # A manifest that was written by another.
    shutil.copytree(TOP / "tests/data/version", "version")
    manifest = json.loads(pathlib.Path("version/manifest.json").read_text())
    manifest["version"] = HOSTILE
    pathlib.Path("version/hostile.json").write_text(json.dumps(manifest))
    check(["acceptance-check", "version/hostile.json"], reads_out=True,
          wants=b"\\u202e")
    os.rename("version/rules.val.jsonl", "version/rules." + HOSTILE + ".jsonl")
    text = json.dumps(manifest, ensure_ascii=False).replace(
        "rules.val.jsonl", json.dumps("rules." + HOSTILE + ".jsonl")[1:-1])
    pathlib.Path("version/hostile.json").write_text(text)
    check(["acceptance-check", "version/hostile.json"], reads_out=True)
    check(["acceptance-check", "version/hostile.json", "--baseline",
           "version/hostile.json"], reads_out=True)
    for other in ("version/manifest.json", hostile_file):
        check(["version-diff", "version/hostile.json", other], reads_out=True)
    check(["dataset-report", "version"])
    check(["hash-split", "--check", "version/hostile.json"], reads_out=True)

    # Other files.
    pathlib.Path("profile.json").write_text(json.dumps(
        {HOSTILE: 1, "extends": HOSTILE}))
    check(["pick-answer", "--profile", "./profile.json"])
    pathlib.Path("env").write_bytes(b"A=1\n" + NAME + b"=\n")
    os.chmod("env", 0o600)
    check(["reddit-fetch", "--subreddit", "s", "--env-file", "env"])

    # Servers.
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), HostileServer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    host = f"127.0.0.1:{server.server_port}"
    cloud = {**os.environ, "FIRESTORE_EMULATOR_HOST": host,
             "STORAGE_EMULATOR_HOST": "http://" + host,
             "FIREBASE_AUTH_EMULATOR_HOST": host}
    said = 0
    for command in [
            ["reddit-fetch", "--collector-url", f"http://{host}/", "--auth",
             "none", "--retries", "0"],
            ["fs-query", "--store", "firestore:p", "--retries", "0"],
            ["gcs-put", "--bucket", "b", "--retries", "0", "sums"],
            ["reader-claim", "--project", "p", "--uid", "u", "--show"]]:
        check(command, env=cloud, wants=command[0].encode() + b": ")
        said += 1
    server.shutdown()
    print(f"{len(programs)} programs, {said} servers, {failures} failures")
    os.chdir("/")
    shutil.rmtree(scratch)
    return int(failures > 0)


sys.exit(main(sys.argv[1:]))
