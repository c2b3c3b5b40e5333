#!/bin/bash
# withdraw.sh - withdraw against a stand-in for Reddit's /api/info: what was
# deleted goes and does not come back; what was not answered stays.
set -u
# shellcheck source=tests/each-store
. "$TOP/tests/each-store"

# Interactions of posts p0..p119 and answers a0..a119, the later the newer:
# 50 of them are a batch. r0 has a URL only, n0 has nothing.
python3 - >interactions <<'END'
import json
def interaction(id, day, **more):
    print(json.dumps({
        "id": id, "question": "q-" + id, "answer": "text-of-" + id,
        "confidence": 0.9, "timestamp": "2025-%02d-%02dT00:00:00Z" %
        (1 + day // 28, 1 + day % 28), "collected_at": "2025-12-01T00:00:00Z",
        **more}))
for i in range(120):
    interaction("i%d" % i, i, post_id="t3_p%d" % i, answer_id="t1_a%d" % i)
interaction("r0", 121, source_url="https://reddit.com/r/s/comments/r0/x/")
interaction("n0", 121)
END
fs-put interactions >put || exit 1
# A document whose body does not repeat its id is named by the store.
if [ "$store_kind" = sqlite ]; then
  python3 - <<'END' || exit 1
import json, sqlite3
database = sqlite3.connect("store-1.db")
body = json.loads(database.execute(
    "SELECT body FROM documents WHERE id = 'i5'").fetchone()[0])
del body["id"]
database.execute("UPDATE documents SET body = ? WHERE id = 'i5'",
                 [json.dumps(body)])
database.commit()
END
fi

# The stand-in: ./faults, if it is there, holds a fullname and what a request
# for it gets.
cat >reddit.py <<'END'
import json, os, sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

DELETED = {"t3_p1": {"selftext": "[deleted]"},
           "t3_p2": {"removed_by_category": "moderator"},
           "t3_p3": {"removed_by_category": "deleted", "selftext": ""},
           "t3_p60": {"author": "[deleted]"},
           "t1_a4": {"body": "[removed]"},
           "t1_a5": {"body": "[deleted]"}}
MISSING = {"t3_r0", "t1_a6", "t3_p70", "t1_a70"}

class Handler(BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(200, json.dumps({"access_token": "t0ken",
                                     "expires_in": 3600}))

    def do_GET(self):
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        names = query["id"][0].split(",")
        good = (url.path == "/api/info" and len(names) <= 100 and
                query["raw_json"] == ["1"] and len(set(names)) == len(names) and
                self.headers["Authorization"] == "bearer t0ken")
        with open("requests", "a") as log:
            log.write("%s %d\n" % ("good" if good else "bad", len(names)))
        children = []
        for name in names:
            if name in MISSING:
                continue
            data = {"name": name, "author": "a"}
            if name.startswith("t3_"):
                data.update(title="T", selftext="S", removed_by_category=None)
            else:
                data.update(body="B")
            data.update(DELETED.get(name, {}))
            children.append({"kind": name[:2], "data": data})
        text = json.dumps({"kind": "Listing", "data": {
            "after": None, "children": children}})
        if os.path.exists("faults"):
            name, fault = open("faults").read().split(maxsplit=1)
            if name in names and fault.isdigit():
                return self.answer(int(fault), "")
            if name in names:
                text = text[:len(text) // 2] if fault == "cut" else fault
        self.answer(200, text)

    def answer(self, status, text):
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

server = HTTPServer(("127.0.0.1", 0), Handler)
with open("port.tmp", "w") as port:
    port.write(str(server.server_port))
os.rename("port.tmp", sys.argv[2])
server.serve_forever()
END
serve python3 reddit.py
printf 'REDDIT_%s\n' CLIENT_ID=client CLIENT_SECRET=s3cret >./env
chmod 600 env
withdraw="withdraw --env-file env --retries 0 --stats stats \
  --api-base http://127.0.0.1:$port"

cat >all <<'END'
{"id":"i1","post_id":"t3_p1","answer_id":"t1_a1","reason":"post_deleted"}
{"id":"i2","post_id":"t3_p2","answer_id":"t1_a2","reason":"post_removed"}
{"id":"i3","post_id":"t3_p3","answer_id":"t1_a3","reason":"post_deleted"}
{"id":"i4","post_id":"t3_p4","answer_id":"t1_a4","reason":"answer_removed"}
{"id":"i5","post_id":"t3_p5","answer_id":"t1_a5","reason":"answer_deleted"}
{"id":"i6","post_id":"t3_p6","answer_id":"t1_a6","reason":"answer_missing"}
{"id":"i60","post_id":"t3_p60","answer_id":"t1_a60","reason":"post_deleted"}
{"id":"i70","post_id":"t3_p70","answer_id":"t1_a70","reason":"post_missing"}
{"id":"r0","post_id":"t3_r0","answer_id":"","reason":"post_missing"}
END
# is LIST: ./out is that, in some order.
is() { sort out | cmp -s - "$1" || fail "not as in $1: $(cat out)"; }

# ---- a dry run lists them and changes nothing
fs-query --limit 0 >before
expect 0 "$withdraw --dry-run"
is all
fs-query --limit 0 | cmp -s - before || fail "a dry run changed the store"
awk '{ n += $2 } END { exit n != 241 || NR != 3 }' requests ||
  fail "not each name once, in three requests: $(cat requests)"
grep bad requests && fail "requests that Reddit would refuse"
tail -n 1 stats | grep -q '"alive":112,"not_checkable":1' ||
  fail "not counted: $(tail -n 1 stats)"

# ---- --since leaves older ones alone
expect 0 "$withdraw --dry-run --since 2025-03-01"
grep -E '"(i60|i70|r0)"' all >newer
is newer

# ---- what is no whole answer withdraws nothing of its batch, all of the others
grep -E '"(i60|i70|r0)"' all >others
grep -vE '"(i60|i70|r0)"' all >rest
while read -r fault; do
  echo "t3_p2 $fault" >faults
  expect 75 "$withdraw --dry-run"
  is others
done <<'END'
500
404
cut
<html>
{}
{"kind":"Listing","data":{"children":[],"after":"t3_x"}}
{"kind":"Listing","data":{"children":[],"after":null}}
{"kind":"Listing","data":{"children":[{"kind":"t3","data":{}}]}}
END
echo "t3_p2 500" >faults
expect 75 "$withdraw"
is others
grep -q 'interactions are not checked' err || fail "not said"
rm faults

# ---- the next run does the rest, and one more finds nothing to do
expect 0 "$withdraw"
is rest
expect 0 "$withdraw"
[ -s out ] && fail "withdrawn twice"

# ---- they are not found, their text is gone, and they do not come back
fs-query --limit 0 >after
python3 - <<'END' || fail "fs-query finds others than what is alive"
import json
ids = lambda name: {json.loads(line).get("id", "i5") for line in open(name)}
assert ids("before") - ids("after") == ids("all"), ids("after")
END
for shard in 1 2 3; do
  expect 0 "fs-query --since 2000-01-01 --until 2040-01-01 --limit 0 --shard $shard/3 --stats shards"
done
fs-query --limit 0 --stats whole >/dev/null
withdrawn() { merge-stats "$1" | grep -o '"withdrawn":[0-9]*'; }
[ "$(withdrawn shards)" = "$(withdrawn whole)" ] && [ -n "$(withdrawn whole)" ] || fail "shards count $(withdrawn shards)"
expect 0 "fs-put interactions"
[ -s out ] && fail "withdrawn documents came back: $(cat out)"
fs-query --limit 0 | cmp -s - after || fail "the store changed"
if [ "$store_kind" = sqlite ]; then
  grep -aq 'text-of-i70' store-1.db* && fail "the text is still in the file"
  grep -aq 'text-of-i71' store-1.db* || fail "the living text is not there"
fi

expect 66 "$withdraw --store sqlite:none.db"
expect 64 "withdraw --api-base http://example.com"
expect 64 "$withdraw --since yesterday"
finish "withdraw holds"
