#!/usr/bin/env python3
"""firestore-reads.py - what fs-query reads of a Firestore, by the server's own count: the newest
1,000 of 100,000 with enough confidence, what is new, what lacks an index; and
that a query which was killed at 20 points and resumed pays for no page twice
and writes the same bytes. If ANSWERMILL_TEST_FIRESTORE (HOST:PORT) names
Google's emulator, its answers are counted, too.
"""
# labels: faults
import http.server
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

TOP = os.environ["TOP"]
INDEXES = TOP + "/share/firestore.indexes.json"
scratch = tempfile.mkdtemp()
os.chdir(scratch)
os.environ.pop("ANSWERMILL_STORE", None)
failures = 0
servers = []


def check(what, holds, detail=""):
    global failures
    if not holds:
        failures += 1
        print("%s: %s" % (what, detail), file=sys.stderr)


def serve(*options):
    """Starts a loopback cloud without documents; its address."""
    if os.path.exists("port"):
        os.unlink("port")
    servers.append(subprocess.Popen(
        ["loopback-cloud", "--port-file", "port", *options]))
    while not os.path.exists("port"):
        time.sleep(0.01)
    with open("port", encoding="utf-8") as file:
        return "127.0.0.1:" + file.read().strip()


def reads(address):
    with urllib.request.urlopen(
            "http://%s/control/firestore/reads" % address) as answer:
        return json.load(answer)


def run(address, *command, **more):
    return subprocess.run(
        command, env={**os.environ, "FIRESTORE_EMULATOR_HOST": address},
        capture_output=True, check=False, **more)


def query(address, *options):
    done = run(address, "fs-query", "--store", "firestore:demo-p", "--stats",
               "stats", *options)
    check(options, done.returncode == 0, done.stderr)
    return done


def interactions(count):
    """Three of each time; one in thirteen or so has 0.9 and more."""
    for i in range(count):
        seconds = i // 3 * 7
        yield ('{"id":"%06d","question":"%s","answer":"a","confidence":%s,'
               '"subreddit":"s%d","collected_at":"2026-01-%02dT00:00:00Z",'
               '"timestamp":"2025-%02d-%02dT%02d:%02d:%02dZ"}\n' %
               (i * 7919 % count, "q" * 100,
                json.dumps(round((i * 31 % 108) / 109 + 0.001, 4)), i % 4,
                1 + i * 28 // count, 1 + seconds // 2419200,
                1 + seconds // 86400 % 28, seconds // 3600 % 24,
                seconds // 60 % 60, seconds % 60)).encode()


def put(address, lines):
    done = run(address, "fs-put", "--store", "firestore:demo-p",
               input=b"".join(lines))
    assert done.returncode == 0, done.stderr


def order(line):
    record = json.loads(line)
    # The newest first; a time has one length.
    return [-ord(c) for c in record["timestamp"]], record["id"]


def reads_what_it_writes():
    address = serve("--firestore-indexes", INDEXES)
    lines = list(interactions(100000))
    put(address, lines)
    kept = sorted((line for line in lines
                   if json.loads(line)["confidence"] >= 0.9), key=order)
    before = reads(address)
    found = query(address, "-m", "0.9", "--limit", "1000")
    after = reads(address)
    check("the newest 1,000", found.stdout == b"".join(kept[:1000]))
    documents = after["documents"] - before["documents"]
    billed = after["billed"] - before["billed"]
    check("documents read for 1,000", documents <= 1010, documents)
    check("reads billed for 1,000", billed <= 1200, billed)
    print("1,000 of 100,000: %d documents read, %d reads billed" %
          (documents, billed))

    found = query(address, "--collected-since", "2026-01-28", "--limit", "0",
                  "-m", "0.9")
    new = [line for line in kept if b"2026-01-28" in line]
    check("what is new", found.stdout == b"".join(new))
    documents = reads(address)["documents"] - after["documents"]
    check("documents read for what is new", documents <= 100000 // 28 + 1,
          documents)
    print("what was collected on the last of 28 days: %d documents read" %
          documents)

    joined = b""
    before = reads(address)["documents"]
    for i in range(1, 6):
        found = query(address, "--since", "2025-01-01", "--until", "2026-01-01",
                      "--limit", "0", "-m", "0.9", "--shard", "%d/5" % i)
        joined += found.stdout
        documents = reads(address)["documents"] - before
        check("documents read up to shard %d" % i,
              documents == joined.count(b"\n"), documents)
    check("shards one after another", joined == b"".join(kept))
    print("%d in 5 shards: %d documents read" % (len(kept), documents))
    return kept


def works_without_indexes():
    with open("none.json", "w", encoding="utf-8") as file:
        file.write('{"indexes":[]}')
    address = serve("--firestore-indexes", "none.json")
    lines = list(interactions(3000))
    put(address, lines)
    for options, wanted in (
            (["-m", "0"], lambda record: True),
            (["-m", "0.9"], lambda record: record["confidence"] >= 0.9),
            (["-m", "0", "--subreddit", "s1"],
             lambda record: record["subreddit"] == "s1"),
            (["-m", "0", "--collected-since", "2026-01-20"],
             lambda record: record["collected_at"] >= "2026-01-20")):
        found = query(address, "--limit", "0", *options)
        check("without an index, %s" % options, found.stdout == b"".join(
            sorted((line for line in lines if wanted(json.loads(line))),
                   key=order)))
        needs_one = options != ["-m", "0"]
        check("a warning, %s" % options,
              (b"https://console.firebase.google.com" in found.stderr) ==
              needs_one, found.stderr)


def counts_what_it_can():
    """With the indexes that queries need and none for counts of a subreddit."""
    with open(INDEXES, encoding="utf-8") as file:
        indexes = json.load(file)
    indexes["indexes"] = [index for index in indexes["indexes"]
                          if [field["fieldPath"] for field in index["fields"]]
                          != ["subreddit", "timestamp"]]
    with open("some.json", "w", encoding="utf-8") as file:
        json.dump(indexes, file)
    address = serve("--firestore-indexes", "some.json")
    lines = list(interactions(3000))
    put(address, lines)
    many = sum(record["confidence"] >= 0.5 and record["subreddit"] == "s1"
               for record in map(json.loads, lines))
    for options in (["-m", "0.5", "--subreddit", "s1", "--limit", "5"],
                    ["-m", "0.5", "--subreddit", "s1", "--limit", "0"],
                    ["-m", "0", "--subreddit", "s1", "--limit", "5"],
                    ["-m", "0", "--subreddit", "s1", "--limit", "5",
                     "--collected-since", "2026-01-20"]):
        found = query(address, *options)
        check("no index to count, %s" % options, b"index" in found.stderr or
              b"what is older" in found.stderr, found.stderr)
        count = 5 if "5" in options else many
        check("found, %s" % options, found.stdout.count(b"\n") == count,
              found.stdout.count(b"\n"))


def start(address, *options):
    return subprocess.Popen(
        ["fs-query", "--store", "firestore:demo-p", "--resume", "part",
         *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "FIRESTORE_EMULATOR_HOST": address})


def read_until_blocked(process, count):
    """Reads count bytes of its output, and waits until it waits for the pipe
    to be read, and so asks for nothing."""
    while count > 0:
        count -= len(os.read(process.stdout.fileno(), count))
    while True:
        assert process.poll() is None, process.communicate()
        with open("/proc/%d/syscall" % process.pid, encoding="utf-8") as file:
            if file.read().split()[1:2] == ["0x1"]:  # write(1, ...)
                return
        time.sleep(0.01)


def resumes():
    address = serve("--firestore-indexes", INDEXES)
    lines = sorted(interactions(11000), key=order)
    put(address, lines)
    for options in (["-m", "0", "--limit", "0"],
                    ["-m", "0.05", "--limit", "10300"]):
        before = reads(address)
        wanted = query(address, *options).stdout
        once = reads(address)["documents"] - before["documents"]
        before = reads(address)
        # Others write meanwhile: the time of the first page is read.
        step = len(wanted) // 22
        for point in range(1, 21):
            process = start(address, *options)
            read_until_blocked(process, point * step)
            process.kill()
            process.communicate()
            assert os.path.getsize("part") >= point * step
            put(address, [b'{"id":"new%d","question":"q","answer":"a",'
                          b'"confidence":1}\n' % point])
        found, errors = start(address, *options).communicate()
        documents = reads(address)["documents"] - before["documents"]
        check("killed 20 times, %s" % options, found == wanted, errors)
        check("documents read, %s" % options, documents == once,
              "%d, not %d" % (documents, once))
        check("the file is removed", not os.path.exists("part"))
        print("killed at 20 points: %d documents read, %d without" %
              (documents, once))
        # The same results again, since the new ones are the newest.
        address = serve("--firestore-indexes", INDEXES)
        put(address, lines)


def pays_once_more_for_the_page_under_way():
    # The fifth page, after 22 batches of writes: it is read, and no answer
    # comes.
    address = serve("--fault-at", "27", "--faults", "stall_after", "--log",
                    "log")
    lines = sorted(interactions(11000), key=order)
    put(address, lines)
    process = start(address, "-m", "0", "--limit", "0")
    reader = threading.Thread(target=process.stdout.read)
    reader.start()
    while not reached("part", b'"is_end"', 4):
        time.sleep(0.01)
    time.sleep(0.5)  # sooner it is not the fifth page that is under way
    process.kill()
    reader.join()
    process.wait()
    found, errors = start(address, "-m", "0", "--limit", "0").communicate()
    check("killed under way", found == b"".join(lines), errors)
    documents = reads(address)["documents"]
    check("documents read", documents in (11000, 11500), documents)
    print("killed while a page was under way: %d documents read" % documents)


def reached(path, text, count):
    try:
        with open(path, "rb") as file:
            return file.read().count(text) >= count
    except FileNotFoundError:
        return False


def begins_anew():
    """For another query, after an hour, and after what a torn write left."""
    address = serve()
    lines = sorted(interactions(3000), key=order)
    put(address, lines)
    wanted = query(address, "-m", "0", "--limit", "0").stdout

    def kill():
        process = start(address, "-m", "0", "--limit", "0")
        read_until_blocked(process, 200000)
        process.kill()
        process.communicate()

    def try_to_resume(what, documents, *options):
        before = reads(address)["documents"]
        found, errors = start(address, "--limit", "0",
                              *(options or ("-m", "0"))).communicate()
        check(what, found == wanted or options, errors)
        got = reads(address)["documents"] - before
        check(what, documents[0] <= got <= documents[1], got)

    kill()
    try_to_resume("another query", (1500, 3000), "-m", "0.4")
    kill()
    with open("part", "rb") as file:
        part = file.read()
    year = time.strftime("%Y-", time.gmtime()).encode()
    with open("part", "wb") as file:
        file.write(part.replace(b'"read_time":"' + year,
                                b'"read_time":"2019-'))
    try_to_resume("after an hour", (3000, 3000))
    kill()
    with open("part", "rb+") as file:
        file.truncate(os.path.getsize("part") - 20)
    try_to_resume("a torn page", (1000, 2999))
    kill()
    os.chmod("part", 0o666)
    process = start(address, "-m", "0")
    _, errors = process.communicate()
    check("a file that others may change", process.returncode == 78, errors)
    os.unlink("part")


def goes_on_in_a_run():
    """A run of the pipeline whose query is killed goes on with it; but not if
    something was withdrawn meanwhile."""
    address = serve()
    put(address, sorted(interactions(3000), key=order))
    real = os.path.dirname(shutil.which("fs-query"))
    os.mkdir("bin")
    for name in os.listdir(real):
        os.symlink(os.path.join(real, name), os.path.join("bin", name))
    os.unlink("bin/fs-query")
    with open("bin/fs-query", "w", encoding="utf-8") as file:
        # Ended by SIGPIPE, while it writes, if there is a file `stop`.
        file.write('#!/bin/bash\nif [ -e "$STOP" ] && [[ $* = *--resume* ]]; then\n'
                   'rm "$STOP"; %s/fs-query "$@" | head -c 200000\nexit 75\nfi\n'
                   'exec %s/fs-query "$@"\n' % (real, real))
    os.chmod("bin/fs-query", 0o755)

    def export():
        return run(address, "bash", TOP + "/scripts/orchestrate", "export",
                   "--store", "firestore:demo-p", "--min-confidence", "0",
                   "--export-limit", "0", "--output", "out",
                   "--dataset-version", "v1", "--withdraw", "never")

    os.environ.update(ANSWERMILL_BIN=os.path.abspath("bin"),
                      STOP=os.path.abspath("stop"))
    for withdrawn in (False, True):
        with open("stop", "w", encoding="utf-8"):
            pass
        before = reads(address)["documents"]
        stopped = export()
        check("a stopped run", stopped.returncode == 75, stopped.stderr)
        if withdrawn:
            with open("out/.withdrawn.jsonl", "a", encoding="utf-8") as file:
                file.write('{"id":"x","why":"post_deleted"}\n')
        done = export()
        check("the run", done.returncode == 0, done.stderr)
        documents = reads(address)["documents"] - before
        check("documents read by a run", (documents > 3000) == withdrawn,
              documents)
    del os.environ["ANSWERMILL_BIN"], os.environ["STOP"]


class Counter(http.server.BaseHTTPRequestHandler):
    """Passes requests on to Google's emulator and counts the documents in what
    runQuery answers."""
    documents = 0
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        request = urllib.request.Request(
            "http://%s%s" % (os.environ["ANSWERMILL_TEST_FIRESTORE"],
                             self.path), body,
            {"Authorization": "Bearer owner",
             "Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request) as answer:
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read()
        if ":runQuery" in self.path and status == 200:
            Counter.documents += sum("document" in element
                                     for element in json.loads(text))
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


def agrees_with_the_emulator():
    proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Counter)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    lines = list(interactions(20000))
    address = "127.0.0.1:%d" % proxy.server_port
    project = "firestore:demo-%d" % os.getpid()
    done = run(address, "fs-put", "--store", project, input=b"".join(lines))
    assert done.returncode == 0, done.stderr
    kept = sorted((line for line in lines
                   if json.loads(line)["confidence"] >= 0.9), key=order)
    done = run(address, "fs-query", "--store", project, "-m", "0.9", "--limit",
               "1000")
    check("the emulator's newest", done.stdout == b"".join(kept[:1000]),
          done.stderr)
    check("the emulator's documents", Counter.documents <= 1010,
          Counter.documents)
    print("Google's emulator: 1,000 of 20,000, %d documents answered" %
          Counter.documents)


def main():
    try:
        reads_what_it_writes()
        works_without_indexes()
        counts_what_it_can()
        resumes()
        pays_once_more_for_the_page_under_way()
        begins_anew()
        goes_on_in_a_run()
        if os.environ.get("ANSWERMILL_TEST_FIRESTORE"):
            agrees_with_the_emulator()
    finally:
        for server in servers:
            server.terminate()
        os.chdir("/")
        shutil.rmtree(scratch)
    return failures > 0


sys.exit(main())
