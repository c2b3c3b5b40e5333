#!/bin/bash
# cloud-run.sh - orchestrate from threads to the registered version on the
# loopback cloud: what ends up where, and in which order; again; dry; other
# content; a version that is not fit; from a collector; killed at every kind of
# request; with requests failing.
#
# labels: faults
set -u
# shellcheck source=tests/cloud/start.sh
. "$TOP/tests/cloud/start.sh"
export ANSWERMILL_BIN=${PATH%%:*} SOURCE_DATE_EPOCH=1700000000
threads=$TOP/share/sample/threads.jsonl
new=$(pick-answer "$threads" | fs-put --store sqlite:none.db --dry-run | wc -l)
indexes=$TOP/share/firestore.indexes.json

# new_cloud [OPTION]...: a new cloud, without anything in it.
new_cloud() {
  start_cloud --storage-dump dump --firestore-indexes "$indexes" "$@"
  export FIRESTORE_EMULATOR_HOST=${url#http://}
}

# run STATUS [OPTION]...: orchestrate as the nightly job calls it. Leaves `new`,
# the lines that it added to the server's log, behind.
source=(--threads "$threads")
options=(--export-project p --min-confidence 0.7 --output o --dataset-version v1
  --gcs-bucket test-bucket --gcs-prefix nightly/x/v1)
run() {
  local want=$1 got before
  shift
  before=$(wc -l <log)
  "$TOP/scripts/orchestrate" "${source[@]}" "${options[@]}" "$@" >out 2>err
  got=$?
  tail -n "+$((before + 1))" log >new
  [ $got = "$want" ] || fail "exit status $got, not $want: orchestrate $*"
}

# registered VERSION: its document, as the server tells it.
registered() {
  curl -s -H 'Authorization: Bearer owner' \
    "$url/v1/projects/p/databases/(default)/documents/training_artifacts/$1"
}
is_registered() {
  registered "$1" | grep -q '"createTime"'
}

# state: the version's folder, its objects and its document, but for what no
# two clouds share; to be asked for before the cloud stops.
state() {
  (cd o && find v1 -type f -exec sha256sum {} +) | sort
  curl -s "$url/storage/v1/b/test-bucket/o" | grep -oE '"(name|md5Hash)":"[^"]*"'
  registered v1 | sed -E \
    's/"(generation|write_id|createTime|updateTime)":("[^"]*"|\{[^}]*\})//g' |
    tr , '\n'
}

# once WHEN: each object of the stopped cloud was made once, the manifest last,
# and is the file in the folder.
once() {
  diff -r o/v1 dump/test-bucket/nightly/x/v1 >&2 || fail "$1: objects differ"
  sort dump/events | uniq -d | grep -q . && fail "$1: an object was made twice"
  [ "$(tail -n 1 dump/events)" = 'created test-bucket/nightly/x/v1/manifest.json' ] ||
    fail "$1: the manifest was not the last"
}
tidy() {
  [ -z "$(ls o/.work)" ] || fail "$1: work is left behind"
}

# ---- a whole run: folder, bucket, registry; the manifest before the registry
new_cloud
run 0
last_upload=$(grep -n ' /upload/.* 200 ' new | tail -n 1 | cut -d : -f 1)
register=$(grep -n ':batchWrite 200 ' new | tail -n 1 | cut -d : -f 1)
[ "${last_upload:-99}" -lt "${register:-0}" ] || fail "registered too early"
[ "$(grep -c '"status":"uploaded"' out)" = "$(ls o/v1 | wc -l)" ] ||
  fail "does not say of each file that it was uploaded"
registered v1 >document
curl -s "$url/storage/v1/b/test-bucket/o" >objects
python3 - <<'END' || fail "uploads are not registered as they are"
import json
fields = json.load(open("document"))["fields"]
def plain(value):
    kind, content = next(iter(value.items()))
    if kind == "arrayValue":
        return [plain(one) for one in content["values"]]
    if kind == "mapValue":
        return {name: plain(one) for name, one in content["fields"].items()}
    return content
import hashlib
folder = "gs://test-bucket/nightly/x/v1/"
objects = json.load(open("objects"))["items"]
assert len(objects) == 11, len(objects)
assert plain(fields["gcs_prefix"]) == folder
assert plain(fields["uris"]) == sorted(folder + one["name"].split("/")[-1]
                                       for one in objects)
files = {one["name"]: one for one in plain(fields["files"])}
assert len(files) == 11, files
for one in objects:
    name = one["name"].split("/")[-1]
    content = open("o/v1/" + name, "rb").read()
    file = files[name]
    assert (file["uri"], file["bytes"], file["generation"], file["sha256"]) == (
        folder + name, one["size"], one["generation"],
        hashlib.sha256(content).hexdigest()), file
assert fields["version"]["stringValue"] == "v1"
END
state >undisturbed
tidy "undisturbed"

# ---- again: nothing is made, nothing changes
list() {
  find o -type f ! -name .lock -printf '%p %s %T@ %i\n' | sort
}
list >before
run 0
grep ' /upload/.* 200 ' new && fail "again: something was uploaded"
registered v1 | cmp - document || fail "again: the document changed"
list | cmp - before || fail "again: the folder changed"

# ---- other content under the same version
run 73 --min-confidence 0.9
grep -q 'exists with other content' err || fail "other content: no word of it"
grep /upload/ new && fail "other content: an upload was tried"

# ---- what would fail late fails before anything is collected
early() {
  run "$@"
  grep -q 'nothing was collected or published' err || fail "$*: no word of it"
  grep -q ':batchWrite\|/upload/' new && fail "$*: something was stored"
  [ -e o/early ] && fail "$*: there is a folder"
}
early 78 --dataset-version early --gcs-bucket no-bucket
has 'gs://no-bucket: status 404 (notFound)' err
early 64 --dataset-version early --gcs-bucket gs://test-bucket/folder
early 64 --dataset-version early --min-confidence 7O
early 64 --dataset-version early --split 0.5,0.6
early 66 --dataset-version early --profile no-such-profile
run 0 --gcs-bucket gs://test-bucket/
registered v1 | cmp - document || fail "gs://: the document changed"

# ---- a version that is not fit
run 1 --dataset-version v2 --acceptance '--min-examples 1000'
grep -q 'step acceptance failed' err || fail "not fit: another step failed"
grep /upload/ new && fail "not fit: an upload was tried"
[ -e o/v2 ] && fail "not fit: there is a folder"
is_registered v2 && fail "not fit: registered"

# ---- dry: says all, and writes nothing
# dry_run [OPTION]...: a dry run of the whole; nothing changes but what is said.
dry_run() {
  list >before
  run 0 "$@" --upload-dry-run
  list | cmp - before || fail "dry: a file changed"
  grep -vE ' (GET [^ ]* (200|404)|POST [^ ]*:(runQuery|runAggregationQuery|batchGet) 200) none$' new &&
    fail "dry: something else was asked for"
}
dry_run --dataset-version v3 --gcs-prefix nightly/x/v3
[ "$(grep -c '"status":"would_upload"' out)" = 11 ] ||
  fail "dry: does not say of each file that it would be uploaded"
grep -q 'would publish o/v3:' out || fail "dry: no word of the version"
grep -q 'would register v3' out || fail "dry: no word of the registration"
is_registered v3 && fail "dry: registered"
dry_run
[ "$(grep -c '"status":"present"' out)" = 11 ] || fail "dry: not all is present"

# The commands of the first system, word for word. A store without documents
# gets none, whatever the collector has; what is judged is what would be stored.
serve_collector --threads "$threads" --store sqlite:c.db
threads_source=("${source[@]}") v1_options=("${options[@]}") source=() options=()
dry_run --collector-url "$collector_url" --collector-dry-run --export-project r \
  --min-confidence 0.7 --upload-dry-run
grep -q "would store $new interactions" out || fail "dry: no word of the store"
grep -q 'would publish training/output/v2' out || fail "dry: no word of a version"
[ ! -e training ] || fail "dry: there is a folder"
dry_run --collector-dry-run --export-project p --upload-dry-run
grep -q 'skipped: no source is given; for a collector, set COLLECTOR_URL' out ||
  fail "does not say that step 1 is skipped"
COLLECTOR_URL=$collector_url dry_run --collector-dry-run --export-project r
grep -q "would store $new interactions" out || fail "COLLECTOR_URL is not taken"
# As a Windows editor saves it.
(umask 077; printf "\357\273\277COLLECTOR_URL='%s'\r\n" "$collector_url" >.env)
dry_run --collector-dry-run --export-project r
grep -q "would store $new interactions" out || fail ".env is not taken"
rm .env
kill "$collector"
run 0 --export-project p --gcs-bucket test-bucket \
  --gcs-prefix mtg_llm_training/v20250823_1500
grep -q 'test-bucket/mtg_llm_training/v20250823_1500/manifest.json"' out ||
  fail "the prefix is not the folder as given"
token-stats training/output/v20250823_1500/mtg_llm_training.train.jsonl >stats ||
  fail "the prefix does not name the version"
run 0 --export-project p --gcs-bucket test-bucket --dataset-version v4 \
  --split 0.5,0.25,0.25
grep -q 'test-bucket/mtg_llm_training/v4/manifest.json"' out ||
  fail "without a prefix it is not NAME/VERSION"
source=("${threads_source[@]}") options=("${v1_options[@]}")

# ---- what is published can be uploaded and registered at any time
before=$(wc -l <log)
make -s -f "$TOP/Makefile.pipeline" upload register OUT=o VERSION=v1 \
  STORE=firestore:p GCS_BUCKET=test-bucket GCS_PREFIX=nightly/x/v1 >out 2>err ||
  fail "make upload register fails"
tail -n "+$((before + 1))" log | grep ' /upload/.* 200 ' &&
  fail "make upload register: something was uploaded"
registered v1 | cmp - document || fail "make upload register: another document"

# ---- from the bucket alone, the document is the same
fs-register --store firestore:p gs://test-bucket/nightly/x/v1/manifest.json >out 2>err ||
  fail "from the bucket: it is another document"
has 'v1: already registered' err
fs-register --store firestore:p gs://test-bucket/nightly/x/v0/manifest.json 2>err
[ $? = 66 ] || fail "from the bucket: no such manifest"

# ---- from a collector
serve_collector --threads "$threads" --store sqlite:c.db
source=(--collector-url "$collector_url")
run 0 --export-project q --collector-limit 500 --output c --gcs-prefix c/v1
kill "$collector"
cmp o/v1/mtg_llm_training.jsonl c/v1/mtg_llm_training.jsonl ||
  fail "a collector: other examples"
registered v1 | cmp - document || fail "a collector: another project's document"
source=(--threads "$threads")
stop_cloud
diff -r c/v1 dump/test-bucket/c/v1 >&2 || fail "a collector: other objects"
sed -i '/test-bucket\/[cm]/d' dump/events
once "undisturbed"

# ---- killed while the server has request N, before or after it did its work;
# then run to its end: as if nothing had been
# kill_at N before|after
kill_at() {
  mkdir "kill-$1-$2" && cd "kill-$1-$2" || return
  new_cloud --fault-at "$1" --faults "stall_$2"
  setsid "$TOP/scripts/orchestrate" "${source[@]}" "${options[@]}" \
    >out 2>err &
  local victim=$!
  until grep -q "^$1 .*stall_$2" log; do
    kill -0 $victim || { fail "request $1 is never made"; break; }
    sleep 0.02
  done
  kill -KILL -- -$victim
  wait $victim 2>/dev/null
  # What is published is not made again with another time.
  [ ! -e o/v1 ] || export SOURCE_DATE_EPOCH=1800000000
  run 0
  state | diff ../undisturbed - >&2 || fail "killed $2 request $1: another state"
  stop_cloud
  once "killed $2 request $1"
  tidy "killed $2 request $1"
  finish
}
children=()
for point in '3 before' '3 after' '4 before' '4 after' '5 before' '6 after' \
  '7 before' '8 after' '11 before' '13 after' '16 before' '17 before' \
  '17 after' '18 before' '18 after'; do
  # shellcheck disable=SC2086
  (kill_at $point) &
  children+=($!)
done

# ---- one request in five fails, in every way but silence and damage
# faulty SEED: started again for as long as the status says so.
faulty() {
  local tries=0 status=75
  mkdir "seed-$1" && cd "seed-$1" || return
  new_cloud --fault-rate 0.2 --seed "$1" --faults reset_before,reset_during,\
reset_after,truncated,status_429,status_503,status_503_after,html_502,\
items_again,error_late,stale_time
  while [ $status = 75 ] && [ $((++tries)) -le 5 ]; do
    "$TOP/scripts/orchestrate" "${source[@]}" "${options[@]}" >out 2>err
    status=$?
  done
  [ $status = 0 ] || fail "seed $1: exit status $status after $tries tries"
  stop_cloud
  once "seed $1"
  tidy "seed $1"
  echo "seed $1: $tries tries, $(wc -l <log) requests," \
    "$(grep -vc ' none$' log) faults"
  finish
}
for seed in 1 2 3; do
  (faulty $seed) &
  children+=($!)
done

# ---- all of them fail; then the service is there again
(
  mkdir down && cd down || exit
  new_cloud --fault-rate 1 --faults status_503
  run 75
  grep -q 'nothing was collected or published' err || fail "down: went on"
  stop_cloud
  new_cloud
  run 0
  stop_cloud
  once "down"
  tidy "down"
  finish
) &
children+=($!)
for child in "${children[@]}"; do
  wait "$child" || failures=$((failures + 1))
done
finish
