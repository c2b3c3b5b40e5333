#!/usr/bin/env python3
"""baseline.py - the export pipeline as one would write it in plain Python

    bench/baseline.py filter --min 0.7 < interactions.jsonl > kept.jsonl
    bench/baseline.py chain --output part interactions.jsonl

What the programs are measured against: the standard library, one record at a
time, each stage a function from records to records. Each can be run alone:

    pick       each thread's answer with the highest score
    export     interactions out of an SQLite store or a JSON Lines file
    filter     those at or above a confidence
    convert    interactions into chat messages
    anonymize  personal data out of all texts, by regular expressions
    split      PREFIX.train.jsonl, .val.jsonl and .test.jsonl, by hash
    checksum   SHA-256 of files
    chain      export, filter, convert, anonymize, split, checksum in a process

It does less than the programs: a bad line ends it with a traceback, and the
expressions for personal data are the usual six.
"""

import argparse
import contextlib
import hashlib
import json
import re
import signal
import sqlite3
import sys

SYSTEM_PROMPT = "You answer questions about the rules of the game."
KEPT_FIELDS = ("id", "confidence", "interaction_type", "rule_references")
PERSONAL_DATA = [
    (re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.-]+"), "[EMAIL]"),
    (re.compile(r"https?://[^\s)\]]+"), "[URL]"),
    (re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b"), "[IP]"),
    (re.compile(r"(?:\+1[ -]?)?\(?\b\d{3}\)?[ -]\d{3}-\d{4}\b"), "[PHONE]"),
    (re.compile(r"/?\bu/[A-Za-z0-9_-]{3,20}\b"), "[USER]"),
    (re.compile(r"\b\d+ [A-Z][a-z]+ (?:Street|Avenue|Road)\b"), "[ADDRESS]"),
]


def read_records(path):
    """The records of a JSON Lines file, or of every document in a store."""
    if path.endswith(".db"):
        with contextlib.closing(sqlite3.connect(path)) as store:
            for (body,) in store.execute("SELECT body FROM documents"):
                yield json.loads(body)
        return
    with open(0 if path == "-" else path, encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def to_line(record):
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"


def pick_answers(threads):
    for thread in threads:
        post = thread["post"]
        answers = [one for one in thread["comments"]
                   if one["parent_id"] == post["name"]]
        if answers:
            best = max(answers, key=lambda one: one["score"])
            yield {"question": post["title"], "answer": best["body"]}


def keep_confident(records, least):
    for record in records:
        if record["confidence"] >= least:
            yield record


def to_messages(records):
    for record in records:
        yield {
            "messages": [
                {"role": "system", "content": SYSTEM_PROMPT},
                {"role": "user", "content": record["question"]},
                {"role": "assistant", "content": record["answer"]},
            ],
            "metadata": {name: record[name] for name in KEPT_FIELDS},
        }


def redact(text):
    for pattern, label in PERSONAL_DATA:
        text = pattern.sub(label, text)
    return text


def without_personal_data(records):
    for record in records:
        for message in record.get("messages", ()):
            message["content"] = redact(message["content"])
        for name in ("question", "answer"):
            if name in record:
                record[name] = redact(record[name])
        yield record


def part_of(record, seed):
    """train, val or test, as hash-split decides for 0.8,0.1,0.1."""
    key = f"{seed}:{record['metadata']['id']}"
    digest = hashlib.sha256(key.encode()).digest()
    share = int.from_bytes(digest[:8], "big") / 2**64
    return "train" if share < 0.8 else "val" if share < 0.9 else "test"


def split(records, prefix, seed):
    names = {part: f"{prefix}.{part}.jsonl" for part in ("train", "val", "test")}
    with contextlib.ExitStack() as stack:
        parts = {
            part: stack.enter_context(open(name, "w", encoding="utf-8"))
            for part, name in names.items()
        }
        for record in records:
            parts[part_of(record, seed)].write(to_line(record))
    return list(names.values())


def checksum(names):
    for name in names:
        with open(name, "rb") as file:
            print(hashlib.file_digest(file, "sha256").hexdigest(), "", name)


def main():
    parser = argparse.ArgumentParser(description="The pipeline in plain Python.")
    parser.add_argument("stage", choices=[
        "pick", "export", "filter", "convert", "anonymize", "split", "checksum", "chain"])
    parser.add_argument("--min", type=float, default=0.7)
    parser.add_argument("--output", default="part", help="prefix of split's files")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("files", nargs="*", default=["-"])
    options = parser.parse_intermixed_args()
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.stdout.reconfigure(encoding="utf-8")

    if options.stage == "checksum":
        return checksum(options.files)
    records = (r for name in options.files for r in read_records(name))
    if options.stage == "pick":
        records = pick_answers(records)
    if options.stage in ("filter", "chain"):
        records = keep_confident(records, options.min)
    if options.stage in ("convert", "chain"):
        records = to_messages(records)
    if options.stage in ("anonymize", "chain"):
        records = without_personal_data(records)
    if options.stage in ("split", "chain"):
        names = split(records, options.output, options.seed)
        if options.stage == "chain":
            checksum(names)
        return
    sys.stdout.writelines(map(to_line, records))


if __name__ == "__main__":
    main()
