#!/usr/bin/env python3
"""baseline_dump.py - the join of dump-threads, as one would write it in Python

    bench/baseline_dump.py SUBREDDIT RS.zst RC.zst > threads.jsonl

Streams both files with zstandard, parses each line with json, keeps what is
of the subreddit, and writes threads. What dump-threads is measured against.
"""

import io
import json
import sys

import zstandard


def objects(path):
    with open(path, "rb") as file:
        stream = zstandard.ZstdDecompressor(max_window_size=2**31).stream_reader(file)
        for line in io.TextIOWrapper(stream, encoding="utf-8"):
            yield json.loads(line)


def flatten(answers, parent, depth, out):
    for comment in sorted(answers.get(parent, []), key=lambda c: (c["created_utc"], c["id"])):
        comment["depth"] = depth
        out.append(comment)
        flatten(answers, "t1_" + comment["id"], depth + 1, out)


def main():
    subreddit, submissions, comments = sys.argv[1].lower(), sys.argv[2], sys.argv[3]
    posts = {}
    for post in objects(submissions):
        if post["subreddit"].lower() == subreddit:
            posts["t3_" + post["id"]] = post
    answers = {}
    for comment in objects(comments):
        if comment["subreddit"].lower() == subreddit and comment["link_id"] in posts:
            answers.setdefault(comment["parent_id"], []).append(comment)
    for name, post in posts.items():
        thread = []
        flatten(answers, name, 0, thread)
        if thread:
            json.dump({"post": post, "comments": thread}, sys.stdout, ensure_ascii=False)
            print()


if __name__ == "__main__":
    main()
