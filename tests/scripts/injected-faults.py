#!/usr/bin/env python3
"""injected-faults.py - a call of the system fails.

A call of the system fails, the Nth of its kind, in one program after the other:
none says that it succeeded with output that is not whole, leaves half a file
under its final name, crashes, or fails without a word.
INJECTED_FAULTS=large tries ten times as many points.
"""
# labels: faults

import errno
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

TOP = pathlib.Path(os.environ["TOP"])
POINTS = 2400 if os.environ.get("INJECTED_FAULTS") == "large" else 240
NO_INPUT = 66
SHORT = 0  # a transfer of one byte
FAULTS = {  # what may go wrong with a call; whether programs must get over it
    "read": [(errno.EIO, False), (errno.EINTR, True), (SHORT, True)],
    "write": [(errno.ENOSPC, False), (errno.EIO, False), (errno.EINTR, True),
              (SHORT, True)],
    "open": [(errno.EMFILE, False), (errno.EACCES, False)],
    "fsync": [(errno.EIO, False), (errno.ENOSPC, False)],
    "rename": [(errno.EIO, False), (errno.ENOSPC, False)],
    "close": [(errno.EIO, False), (errno.ENOSPC, False)],
    "malloc": [(errno.ENOMEM, False)],
}

# Each in a folder of its own with `threads`, `interactions`, `examples`, and
# `version`, a published one; what is behind "|" prepares that.
COMMANDS = [
    "pick-answer threads --rejects bad --stats stats",
    "confidence-filter --min 0.8 interactions --rejects bad --stats stats",
    "to-messages interactions --format alpaca --sidecar side",
    "anonymize examples --report report --rejects bad",
    "dedup examples --removed removed --near 0.8",
    "jsonl-validate examples --report report --profile openai",
    "hash-split examples --output part",
    "fs-put --store sqlite:store interactions --rejects bad",
    "fs-query --store sqlite:store --min-confidence 0.5"
    " | fs-put --store sqlite:store interactions",
    "checksum --check sums | checksum examples threads >sums",
    "checksum examples interactions threads",
    "token-stats examples --json",
    "sample examples",
    "make-manifest --dataset-version v1 --output manifest.json examples",
    "fs-register --store sqlite:store version/manifest.json",
    "acceptance-check version/manifest.json",
    "version-diff version/manifest.json version/rules.val.jsonl",
    "dataset-report version --output page --card card --croissant croissant",
]


def library():
    for folder in os.environ["PATH"].split(":"):
        found = pathlib.Path(folder) / "libfail_nth_call.so"
        if found.exists():
            return found
    sys.exit("no libfail_nth_call.so on PATH")


def program(name):
    return shutil.which(name) or sys.exit(f"no {name}")


def prepare(folder):
    """Makes the inputs, small enough that a point takes milliseconds."""
    threads = (TOP / "share/sample/threads.jsonl").read_bytes()
    (folder / "threads").write_bytes(b"\n".join(threads.split(b"\n")[:40]) + b"\n")

    def run(*command, **rest):
        with open(folder / rest["out"], "wb") as out:
            subprocess.run(command, cwd=folder, stdout=out, check=True)

    run("pick-answer", "threads", out="interactions")
    run("to-messages", "interactions", out="examples")
    for name in ("interactions", "examples"):
        with open(folder / name, "ab") as file:
            file.write(b"bad\n")
    shutil.copytree(TOP / "tests/data/version", folder / "version")


def store_rows(path):
    with sqlite3.connect(path) as store:
        assert store.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        has_table = store.execute(
            "SELECT 1 FROM sqlite_master WHERE name = 'documents'").fetchone()
        return set(store.execute("SELECT collection, id FROM documents")
                   if has_table else ())


def without_clock(path, content):
    """What is the same in every run."""
    if path == "store":
        return None
    if path == "stats":
        content = re.sub(rb'"seconds":[0-9.e-]+', b"", content)
    return content


def state(folder):
    files = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_file() and not re.match(r"store-(wal|shm|journal)$", name):
            files[name] = without_clock(name, path.read_bytes())
    return files


class Trial:
    """One command in a copy of a folder."""

    def __init__(self, template, command, environment):
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=template.parent))
        shutil.copytree(template, self.folder, dirs_exist_ok=True)
        self.before = state(self.folder)
        words = command.split()
        done = subprocess.run(
            [program(words[0]), *words[1:]], cwd=self.folder,
            env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000",
                 **environment},
            stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
        self.status, self.out, self.err = (
            done.returncode, done.stdout, done.stderr)
        self.after = state(self.folder)
        store = self.folder / "store"
        self.rows = store_rows(store) if store.exists() and \
            store.stat().st_size else set()

    def close(self):
        shutil.rmtree(self.folder)


def complaints(trial, whole, kind, must_succeed):
    # Without memory libcrypto may use a lock that it could not make; what it
    # leaves behind is judged all the same.
    if trial.status < 0 and kind != "malloc":
        yield f"crashed: {trial.status}"
        return
    if trial.status == whole.status:
        if trial.out != whole.out:
            yield "another output, though its status is the same"
        if trial.after != whole.after:
            yield "other files, though its status is the same"
        if trial.rows != whole.rows:
            yield "another store, though its status is the same"
        return
    if must_succeed:
        yield f"status {trial.status}"
    if not trial.err.strip() and trial.status > 0:
        yield f"status {trial.status} without a word"
    if not trial.rows <= whole.rows:
        yield "rows in the store that nobody put there"
    if trial.status == NO_INPUT:
        return  # a FILE is left out; the others' account is whole
    for name, content in trial.after.items():
        if content in (whole.after.get(name, b"?"),
                       trial.before.get(name, b"?")):
            continue
        if name == "stats" and not content:
            continue  # it is appended to, and was made for that
        if kind == "malloc" and re.search(r"\.\w{6}$", name):
            continue  # no final name; where nothing catches, nothing is removed
        yield f"{name}: neither whole, nor as it was, nor away"


def points_of(counts, share):
    """share points, spread over the kinds and, within each, over its calls."""
    faults = sorted(((counts[kind], kind, *fault) for kind in FAULTS
                     for fault in FAULTS[kind] if counts[kind] > 0))
    for done, (count, kind, error, must_succeed) in enumerate(faults):
        points = min(share // (len(faults) - done), count)
        share -= points
        for i in range(points):
            # The first and the last call are always among them.
            yield (kind, 1 + i * (count - 1) // max(1, points - 1), error,
                   must_succeed)


def main():
    for_asan = subprocess.run(["ldd", program("sample")], capture_output=True)
    if b"asan" in for_asan.stdout:
        print("SKIPPED: a sanitizer does not come first with a preloaded library")
        return 77
    preload = {"LD_PRELOAD": str(library())}
    failures = points = crashes = 0
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        inputs = scratch / "inputs"
        inputs.mkdir()
        prepare(inputs)
        for command in COMMANDS:
            command, _, preparation = command.partition(" | ")
            template = scratch / "template"
            shutil.copytree(inputs, template)
            if preparation:
                subprocess.run(["sh", "-c", preparation], cwd=template,
                               check=False, capture_output=True)
            whole = Trial(template, command,
                          {**preload, "FAIL_COUNTS": str(scratch / "counts")})
            if whole.status not in (0, 1, 65):
                failures += 1
                print(f"{command}: undisturbed, status {whole.status}:",
                      whole.err.decode("utf-8", "replace")[:300])
            lines = (scratch / "counts").read_text().split("\n")[:-1]
            counts = {kind: int(count)
                      for kind, count in (line.split() for line in lines)}
            for kind, nth, error, must_succeed in points_of(
                    counts, POINTS // len(COMMANDS) + 1):
                points += 1
                trial = Trial(template, command, {
                    **preload, "FAIL_CALL": kind, "FAIL_NTH": str(nth),
                    "FAIL_WITH": str(error)})
                crashes += trial.status < 0
                for what in complaints(trial, whole, kind, must_succeed):
                    failures += 1
                    name = errno.errorcode.get(error, "one byte only")
                    print(f"{command}: {kind} {nth}, {name}: {what}",
                          trial.err[:300])
                trial.close()
            whole.close()
            shutil.rmtree(template)
    print(f"{points} points in {len(COMMANDS)} commands, {failures} failures; "
          f"{crashes} crashes of libraries without memory")
    return int(failures > 0)


sys.exit(main())
