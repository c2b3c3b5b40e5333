#!/bin/bash
# nights.sh - scripts/nightly night after night on the loopback cloud, with a
# clock that is set: growth, a night that fails at each stage and is finished on
# an empty folder, drift that is refused and then accepted, a withdrawal, a
# version retired; the store, the bucket and the registrations as they should be.
# NIGHTS=31 is a month (default 10). The store is in Google's emulator at
# ANSWERMILL_TEST_FIRESTORE (HOST:PORT), if that is set.
#
# labels: faults
set -u
# shellcheck source=tests/cloud/start.sh
. "$TOP/tests/cloud/start.sh"
export PROJECT=p BUCKET=gs://test-bucket/
export WITHDRAW=never ANSWERMILL_ACCEPTANCE='--min-drift-sample 5'
nights=${NIGHTS:-10}
start_cloud --storage-dump dump \
  --firestore-indexes "$TOP/share/firestore.indexes.json"
export FIRESTORE_EMULATOR_HOST=${ANSWERMILL_TEST_FIRESTORE:-${url#http://}}
[ "$FIRESTORE_EMULATOR_HOST" = "${url#http://}" ] || PROJECT=demo-nights-$$-$RANDOM
store=firestore:$PROJECT
printf 'collector-token-%032d\n' 1 >token
chmod 600 token
export COLLECTOR_TOKEN_FILE=$PWD/token

# What Reddit says was deleted; and the programs, with a withdraw that asks it.
echo '{}' >info
serve python3 "$TOP/tests/fake/reddit_info.py" --others-alive
reddit=$server
mkdir bin
ln -s "${PATH%%:*}"/* bin
rm bin/withdraw
cat >bin/withdraw <<END
#!/bin/sh
exec '${PATH%%:*}/withdraw' --api-base http://127.0.0.1:$port "\$@"
END
chmod +x bin/withdraw
export ANSWERMILL_BIN=$PWD/bin

# collect_from N: the collector has the first N threads from now on.
collect_from() {
  [ -z "${collector:-}" ] || { kill "$collector"; wait "$collector"; } 2>/dev/null
  head -n "$1" "$TOP/share/sample/threads.jsonl" >threads
  serve_collector --threads threads --token-file token --store "sqlite:$PWD/collector.db"
  export COLLECTOR_URL=$collector_url
}

# at DAY TIME: in seconds.
at() { date -u -d "2026-03-01 +$1 days $2" +%s; }

# night STATUS DAY [NAME=VALUE]...: on a machine that has nothing.
night() {
  local want=$1 day=$2 got
  shift 2
  rm -rf runner
  mkdir runner
  (cd runner && env SOURCE_DATE_EPOCH="$(at "$day" 03:17)" \
    ANSWERMILL_COLLECTOR_LIMIT=500 OUTPUT=o "$@" "$TOP/scripts/nightly") >out 2>err
  got=$?
  [ $got = "$want" ] || fail "night $day: exit status $got, not $want"
}
version_of() { date -u -d "2026-03-01 +$1 days" +v%Y%m%d; }

# registered: names and examples of the versions, the newest first; last.json is
# the newest as it is registered.
registered() {
  curl -s -H 'Content-Type: application/json' -H 'Authorization: Bearer owner' -d '{"structuredQuery":{
    "from":[{"collectionId":"training_artifacts"}],
    "orderBy":[{"field":{"fieldPath":"timestamp"},"direction":"DESCENDING"}]}}' \
    "http://$FIRESTORE_EMULATOR_HOST/v1/projects/$PROJECT/databases/(default)/documents:runQuery" >registered.json
  python3 - <<'END'
import json
def plain(value):
    kind, content = next(iter(value.items()))
    if kind == "arrayValue":
        return [plain(one) for one in content.get("values", [])]
    if kind == "mapValue":
        return {name: plain(one)
                for name, one in content.get("fields", {}).items()}
    return int(content) if kind == "integerValue" else content
versions = [plain({"mapValue": one["document"]})
            for one in json.load(open("registered.json")) if "document" in one]
if versions:
    json.dump(versions[0], open("last.json", "w"))
for one in versions:
    print(one["version"], one["examples"])
END
}
objects() { curl -s "$url/storage/v1/b/test-bucket/o?prefix=$1" | grep -o '"name":"[^"]*"' | wc -l; }

# check DAY VERSION: it is registered last, and each of its files is what the
# registration says.
check() {
  [ "$(registered | sed -n 1p | cut -d ' ' -f 1)" = "$2" ] ||
    fail "night $1: $2 is not registered last"
  python3 - "$url" <<'END' || fail "night $1: the bucket is not as registered"
import hashlib, json, sys, urllib.parse, urllib.request
last = json.load(open("last.json"))
assert len(last["files"]) == len(last["uris"]) == 11, last["uris"]
for file in last["files"]:
    bucket, name = file["uri"][5:].split("/", 1)
    assert file["uri"] == last["gcs_prefix"] + file["name"]
    with urllib.request.urlopen(f"{sys.argv[1]}/storage/v1/b/{bucket}/o/"
                                f"{urllib.parse.quote(name, safe='')}?alt=media"
                                f"&generation={file['generation']}") as answer:
        content = answer.read()
    assert len(content) == file["bytes"], file
    assert hashlib.sha256(content).hexdigest() == file["sha256"], file
END
}

printf '%-6s %-14s %8s %9s   %s\n' night version examples objects what
row() {
  printf '%-6s %-14s %8s %9s   %s\n' "$1" "$2" \
    "$(registered | sed -n "s/^$2 //p")" "$(objects nightly/)" "$3"
}

for ((day = 0; day < nights; ++day)); do
  version=$(version_of $day)
  what=''
  collect_from $((20 + day % 24))
  case $day in
    1) # the collector is gone; the night is finished by another machine
      kill $collector
      wait $collector 2>/dev/null
      night 75 $day
      is=$(registered | wc -l)
      [ "$is" = 1 ] || fail "night 1: registered without a collection"
      collector=''
      collect_from 21
      night 0 $day
      what='no collector; finished' ;;
    2) # the service fails when the first object is uploaded
      curl -s -X POST "$url/control/refuse?path=/upload/" >/dev/null
      night 77 $day
      curl -s -X POST "$url/control/refuse" >/dev/null
      night 0 $day
      what='no upload; finished' ;;
    3) # after four objects
      curl -s -X POST "$url/control/refuse?path=/upload/&after=4" >/dev/null
      night 77 $day
      curl -s -X POST "$url/control/refuse" >/dev/null
      [ "$(objects "nightly/$(date -u -d "2026-03-01 +3 days" +%F)/")" = 4 ] ||
        fail "night 3: not four objects"
      night 0 $day
      grep -q 'has a part of a version' err || fail "night 3: no word of the part"
      version=${version}_2
      what='part of an upload; made anew under the next name' ;;
    4) # all is uploaded, and not registered; an emulator refuses nothing
      if [ "$PROJECT" != p ]; then
        night 0 $day
        row $day "$version" ''
        continue
      fi
      curl -s -X POST "$url/control/refuse?path=:batchWrite&counting=/upload/&after=11" >/dev/null
      night 77 $day
      curl -s -X POST "$url/control/refuse" >/dev/null
      registered | grep "^$version " >all && fail "night 4: registered"
      before=$(objects nightly/)
      night 0 $day
      [ "$(objects nightly/)" = "$before" ] || fail "night 4: uploaded again"
      grep -q 'registered' err || fail "night 4: not from the bucket"
      what='not registered; registered from the bucket' ;;
    5) # drift: refused, kept, accepted
      export ANSWERMILL_SYSTEM_PROMPT_FILE=$PWD/prompt
      for _ in 1 2 3 4 5 6 7 8; do
        echo 'You are an expert on the rules. Say which of them decide, and why.'
      done >prompt
      night 1 $day
      grep -q '"verdict":"fail"' "runner/o/.refused/$version/acceptance.json" ||
        fail "night 5: the verdict is not kept"
      [ -s "runner/o/.refused/$version/report.html" ] || fail "night 5: no report"
      registered | grep "^$version " >all && fail "night 5: registered"
      night 0 $day ACCEPT_AS_BASELINE='ana: a longer prompt'
      registered >all
      grep -q '"accepted_as_baseline": {"who": "ana", "why": "a longer prompt"}' last.json ||
        fail "night 5: who accepted it is not registered"
      what='drift refused; accepted by ana' ;;
    8) # as a version is made the oldest goes
      night 0 $day RETAIN_DAYS=4 SOURCE_DATE_EPOCH="$(at $day 04:00)"
      registered | grep "^$(version_of 4) " >all && fail "night 8: nothing is retired"
      what='1 older than 4 days retired' ;;
    9) # what was deleted at Reddit goes before the version is made
      fs-query --store "$store" --min-confidence 0 --limit 0 2>/dev/null >before
      python3 - <<'END' || fail "night 9: nothing to withdraw"
import json
rows = [json.loads(line) for line in open("before")]
gone = max((row for row in rows if row["confidence"] >= 0.7),
           key=lambda row: (row["confidence"], row["id"]))
json.dump({gone["post_id"]: {"name": gone["post_id"], "author": "a", "title": "T",
                             "selftext": "[deleted]"}}, open("info", "w"))
open("gone", "w").write(gone["id"])
END
      night 0 $day WITHDRAW=always REDDIT_CLIENT_ID=c REDDIT_CLIENT_SECRET=s
      fs-query --store "$store" --min-confidence 0 --limit 0 2>/dev/null >after
      python3 - <<'END' || fail "night 9: not withdrawn, or not alone"
import json
before, after = ({json.loads(line)["id"] for line in open(name)}
                 for name in ("before", "after"))
assert before - after == {open("gone").read()}, before - after
END
      curl -s "$url/storage/v1/b/test-bucket/o/nightly%2F$(date -u -d "2026-03-01 +9 days" +%F)%2Fmtg_llm_training.jsonl?alt=media" >made
      [ -s made ] && ! grep -q "$(cat gone)" made || fail "night 9: it is published"
      registered >all
      grep -q "$(cat gone)" last.json || fail "night 9: the version does not say so"
      what='1 withdrawn, and not published' ;;
    *) night 0 $day ;;
  esac
  check $day "$version"
  # a day that has its version is done
  if [ $day = 6 ]; then
    before=$(objects nightly/)
    night 0 $day
    [ "$(objects nightly/)" = "$before" ] || fail "night 6: made twice"
    what='run twice; made once'
  fi
  if [ $day = 7 ]; then # four days are kept: those of before are retired
    registered >before
    before=$(objects nightly/)
    SOURCE_DATE_EPOCH=$(at $day 04:00) retire-version --dry-run \
      --store "$store" --older-than 4 >would 2>err ||
      fail "night 7: retire-version: exit status $?"
    [ "$(grep -c '"objects":11,.*"status":"would_retire"' would)" = 4 ] ||
      fail "night 7: a dry run would not retire four: $(cat would)"
    [ "$(objects nightly/)" = "$before" ] && registered | cmp - before ||
      fail "night 7: a dry run retired something"
    night 0 $day RETAIN_DAYS=4 SOURCE_DATE_EPOCH="$(at $day 04:00)"
    sed 's/would_retire/retired/' would | cmp - <(grep '"status":"retired"' out) ||
      fail "night 7: not retired as the dry run said"
    [ "$(registered)" = "$(head -n -4 before)" ] || fail "night 7: not registered otherwise"
    [ "$(objects "nightly/$(date -u -d "2026-03-01" +%F)/")" = 0 ] ||
      fail "night 7: objects of a retired version are there"
    check 7 "$version"
    what='4 older than 4 days retired'
  fi
  row $day "$version" "$what"
done
stored=$(fs-query --store "$store" --min-confidence 0 --limit 0 2>/dev/null | sort | uniq -d | wc -l)
[ "$stored" = 0 ] || fail "something is stored twice"
[ "$(registered | cut -d ' ' -f 1 | sort | uniq -d)" = '' ] || fail "registered twice"
stop_cloud
grep '^created' dump/events | sort | uniq -d | grep . && fail "an object was made twice"
kill "$collector" "$reddit"
finish "$nights nights, as they should be"
