#!/usr/bin/env python3
"""dump_threads.py - what dump-threads is to write, by a slow and obvious way

    tests/oracle/dump_threads.py --submissions RS... --comments RC...

Takes the options of dump-threads that choose (times in Unix seconds). Loads
everything, parses every line, and leaves out bad records without a word.
"""

import argparse
import gzip
import json
import re
import subprocess
import sys


def lines(paths):
    for path in paths:
        if path.endswith(".zst"):
            command = ["zstd", "-dc", "--long=31", "-q", path]
            data = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
        elif path.endswith(".gz"):
            data = gzip.open(path).read()
        else:
            data = open(path, "rb").read()
        for line in data.split(b"\n"):
            yield line.strip(b" \t\r")


def objects(paths):
    """Each line that is a JSON object, as text and parsed."""
    for line in lines(paths):
        try:
            text = line.decode("utf-8")
            value = json.loads(text)
        except ValueError:
            continue
        if isinstance(value, dict):
            yield text, value


def seconds(value):
    """A time as a number or a string of digits; None if it is neither."""
    if isinstance(value, str):
        return int(value) if re.fullmatch("-?[0-9]+", value) else None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return int(value // 1)
    return None


def retrieved(value):
    meta = value.get("_meta")
    times = [value.get("retrieved_on"), value.get("retrieved_utc")]
    if isinstance(meta, dict):
        times.append(meta.get("retrieved_2nd_on"))
    return max((s for s in map(seconds, times) if s is not None), default=-10**18)


def fullname(value, prefix):
    """The number of an id in base 36 after prefix; None if it is none."""
    if not isinstance(value, str):
        return None
    match = re.fullmatch(prefix + "([0-9a-z]{1,12})", value)
    return int(match[1], 36) if match else None


def with_depth(text, depth):
    """The object's text with the member depth replaced or added."""
    decoder = json.JSONDecoder()
    place = None
    at = text.index("{") + 1
    while True:
        at = re.compile(r"[\s,]*").match(text, at).end()
        if text[at] == "}":
            break
        key, at = decoder.raw_decode(text, at)
        at = re.compile(r"\s*:\s*").match(text, at).end()
        begin = at
        _, at = decoder.raw_decode(text, at)
        if key == "depth":
            place = begin, at
    if place:
        return text[: place[0]] + str(depth) + text[place[1] :]
    return text[:-1] + ',"depth":' + str(depth) + "}"


def is_wanted(value, options):
    if not options.subreddit:
        return True
    name = value.get("subreddit")
    names = [wanted.lower() for wanted in options.subreddit]
    return isinstance(name, str) and name.lower() in names


def keep_last_retrieved(table, key, entry):
    if key not in table or entry["retrieved"] >= table[key]["retrieved"]:
        table[key] = entry  # a dict keeps the place of a key's first insertion


def read_posts(options):
    posts = {}
    for text, value in objects(options.submissions):
        id = fullname(value.get("id"), "")
        created = seconds(value.get("created_utc"))
        if not is_wanted(value, options) or "link_id" in value:
            continue
        if id is None or created is None:
            continue
        if options.since is not None and created < options.since:
            continue
        if options.until is not None and created >= options.until:
            continue
        keep_last_retrieved(posts, id, {"text": text, "retrieved": retrieved(value)})
    return posts


def read_comments(options, posts):
    comments = {}
    for text, value in objects(options.comments):
        id = fullname(value.get("id"), "")
        post = fullname(value.get("link_id"), "t3_")
        parent = fullname(value.get("parent_id"), "t1_")
        answers_post = fullname(value.get("parent_id"), "t3_") is not None
        created = seconds(value.get("created_utc"))
        if not is_wanted(value, options) or post not in posts:
            continue
        if id is None or created is None or (parent is None and not answers_post):
            continue
        keep_last_retrieved(comments, id, {
            "text": text, "retrieved": retrieved(value), "id": id, "post": post,
            "parent": parent, "created": created})
    return comments


def flatten(comments):
    """The comments of one post as text, in order, with their depth."""
    comments = sorted(comments, key=lambda c: (c["created"], c["id"]))
    ids = {comment["id"] for comment in comments}
    done = set()
    texts = []

    def add(comment, depth):
        if comment["id"] in done:
            return
        done.add(comment["id"])
        texts.append(with_depth(comment["text"], depth))
        for answer in comments:
            if answer["parent"] == comment["id"]:
                add(answer, depth + 1)

    for comment in comments:
        if comment["parent"] is None:
            add(comment, 0)
    for comment in comments:
        if comment["parent"] is not None and comment["parent"] not in ids:
            add(comment, 1)
    for comment in comments:  # circles
        add(comment, 1)
    return texts


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--submissions", action="append", default=[])
    parser.add_argument("--comments", action="append", default=[])
    parser.add_argument("--subreddit", action="append", default=[])
    parser.add_argument("--since", type=int)
    parser.add_argument("--until", type=int)
    parser.add_argument("--min-comments", type=int, default=1)
    options = parser.parse_args()
    sys.setrecursionlimit(100000)
    posts = read_posts(options)
    comments = read_comments(options, posts)
    of_post = {id: [] for id in posts}
    for comment in comments.values():
        of_post[comment["post"]].append(comment)
    for id, post in posts.items():
        if len(of_post[id]) >= options.min_comments:
            texts = ",".join(flatten(of_post[id]))
            thread = '{"post":' + post["text"] + ',"comments":[' + texts + "]}\n"
            sys.stdout.buffer.write(thread.encode("utf-8"))


if __name__ == "__main__":
    main()
