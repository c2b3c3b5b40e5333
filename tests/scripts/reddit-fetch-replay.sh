#!/bin/bash
# reddit-fetch-replay.sh - recorded threads, fetched again: one of nine comments,
# and, where ../shared/data is there, one of 1,428 that Reddit sent in 236
# answers. None is lost, and nothing is asked for twice.
#
# labels: contract
set -u
# shellcheck source=tests/checks
. "$TOP/tests/checks"
made=$TOP/tests/data/reddit/exchanges.jsonl
real=$TOP/../shared/data/1_reddit_api/exchanges/expansions.p1.jsonl
printf 'REDDIT_%s\n' CLIENT_ID=client-f4ke CLIENT_SECRET=client-s3cret >./env
chmod 600 env

# replay SUBREDDIT EXCHANGES: fetches its thread, and compares.
replay() {
  serve python3 "$TOP/tests/fake/reddit_replay.py" --log-dir . --exchanges "$2"
  reddit-fetch --api-base "http://127.0.0.1:$port/~$1" --env-file env \
    --subreddit "$1" --threads >threads || exit 1
  grep violation "$1.log" && exit 1
  python3 compare.py "$2" "$1.log" || exit 1
}

cat >compare.py <<'END'
import json, sys
recorded = {}

def walk(things):
    for thing in things:
        if thing["kind"] == "t1":
            data = thing["data"]
            replies = data.pop("replies")
            recorded[data["name"]] = data
            walk(replies["data"]["children"] if replies else [])

for line in open(sys.argv[1], encoding="utf-8"):
    body = json.loads(json.loads(line)["response"]["body"])
    walk(body[1]["data"]["children"] if isinstance(body, list)
         else body["json"]["data"]["things"])
[thread] = [json.loads(line) for line in open("threads", encoding="utf-8")]
places = {}
for place, comment in enumerate(thread["comments"]):
    name, parent = comment["name"], comment["parent_id"]
    assert name not in places, "a comment twice"
    places[name] = place
    depth = comment.pop("depth")
    if parent == thread["post"]["name"]:
        assert depth == 0
    else:
        above = thread["comments"][places[parent]]
        assert depth == above["depth_seen"] + 1, "not depth first"
    assert comment == recorded[name], "not as recorded"
    comment["depth_seen"] = depth
assert places.keys() == recorded.keys(), "a comment is lost"
requests = sum(1 for _ in open(sys.argv[2], encoding="utf-8"))
print(len(places), "comments in", requests, "requests")
END
replay mtgrules "$made"
if [ -e "$real" ]; then
  replay announcements "$real"
else
  echo "the long recorded thread is not here: the short one only"
fi
