#!/bin/bash
# stores-agree.sh - the same commands on every store: what they write is the
# same, to the byte, where records are spelled as Firestore gives them back.
#
# labels: contract
set -u
# shellcheck source=tests/each-store
. "$TOP/tests/each-store"

python3 - >in <<'END'
import json
for i in range(600):
    print(json.dumps({
        "id": "i%d" % i, "question": "q\n" + "é" * (i % 7),
        "answer": "a" * (i + 1), "confidence": round(0.5 + i % 46 / 100, 2),
        "upvotes": i - 300, "answered_by_judge": i % 2 == 0,
        "rule_references": ["716.2b"] * (i % 3), "cards_mentioned": [],
        "subreddit": ["mtgrules", "askjudge", "magictcg"][i % 3],
        "collected_at": "2026-01-02T03:04:05.123456Z",
        "timestamp": "2026-01-%02dT00:00:00Z" % (1 + i * 7 % 31),
        "more": {"a": [1, {"b": None}], "c": 0.1}, "z": -9007199254740993},
        ensure_ascii=False, separators=(",", ":")))
END
cat >manifest.json <<'END'
{"version": "v1", "created_at": "2026-01-02T03:04:05Z",
 "files": [{"name": "a", "bytes": 1, "mean": 0.50, "none": null, "list": []}]}
END
sed s/0.50/0.51/ manifest.json >other.json
echo '{"uri":"gs://b/a","generation":"1","bytes":1,"crc32c":"AAAAAA=="}' >uploads
python3 -c 'import json
print(json.dumps({"id": "big", "question": "q" * 600000, "answer": "x" * 600000,
                  "confidence": 1}))' >big

commands() {
  fs-put --dry-run in | cksum
  fs-put in | cmp - in && echo "all were new"
  fs-put in | cksum
  fs-put --dry-run in | cksum
  for query in "" "--limit 0 -m 0" "--limit 7" "--min-confidence 0.9" \
    "--since 2026-01-10 --until 2026-01-12" "--subreddit askjudge --limit 0" \
    "--subreddit askjudge --subreddit magictcg --since 2026-01-30" \
    "--subreddit none" "--limit 550 --min-confidence 0.51" \
    "--collection other"; do
    echo "$query"
    # shellcheck disable=SC2086
    fs-query $query
  done
  fs-register --dry-run manifest.json
  fs-register --uploads uploads manifest.json
  fs-register --uploads uploads manifest.json 2>&1
  fs-register --uploads uploads other.json 2>&1
  echo "exit status $?"
}
ANSWERMILL_STORE=sqlite:reference.db commands >wanted 2>/dev/null
commands >out 2>err
grep -q "^all were new$" wanted || exit 1
cmp out wanted || exit 1
[ "$store_kind" = sqlite ] && exit 0

if [ "$store_kind" = loopback ]; then  # only our collection has its indexes
  grep -q '^fs-query: firestore:.*https://console.firebase.google.com' err || {
    echo "a missing index is not said: $(cat err)" >&2
    exit 1
  }
fi
sed -n '2s/i1/new/p' in >new
(head -n 2 in; cat big new) >mixed
for option in --dry-run --max-line=64M; do
  fs-put $option --rejects rejected mixed >out 2>err
  status=$?
  if [ $status != 65 ] || ! grep -q '^fs-put: mixed:3: is larger' err ||
    ! cmp out new || ! cmp rejected big; then
    echo "$option, a document that is too large: $(cat err)" >&2
    exit 1
  fi
done
