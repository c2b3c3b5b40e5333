#!/bin/bash
# reddit-fetch-replay.sh - a recorded thread, fetched again: 1,428 comments that
# Reddit sent in 236 answers. None is lost, and nothing is asked for twice.
#
# labels: contract
set -u
recorded=$TOP/../shared/data/1_reddit_api/exchanges/expansions.p1.jsonl
[ -e "$recorded" ] || {
  echo "SKIPPED: the recorded exchanges are not here"
  exit 77
}
# shellcheck source=tests/checks
. "$TOP/tests/checks"
serve python3 "$TOP/tests/fake/reddit_replay.py" --log-dir . \
  --exchanges "$recorded"
printf 'REDDIT_%s\n' CLIENT_ID=client-f4ke CLIENT_SECRET=client-s3cret >./env
chmod 600 env

reddit-fetch --api-base "http://127.0.0.1:$port/~whole" --env-file env \
  --subreddit announcements --threads >threads || exit 1
grep violation whole.log && exit 1
python3 - "$recorded" <<'END'
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
requests = sum(1 for _ in open("whole.log", encoding="utf-8"))
print(len(places), "comments in", requests, "requests")
END
