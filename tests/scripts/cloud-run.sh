#!/bin/bash
# cloud-run.sh - orchestrate from threads to the registered version on the
# loopback cloud: what ends up where, and in which order; again; dry; other
# content; a version that is not fit; from a collector; killed at every kind of
# request; with requests failing.
set -u
# shellcheck source=tests/cloud/start.sh
. "$TOP/tests/cloud/start.sh"
export BIN=${PATH%%:*} SOURCE_DATE_EPOCH=1700000000
threads=$TOP/share/sample/threads.jsonl
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
  --gcs-bucket test-bucket --gcs-prefix nightly/x)
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
uploads = [{name: list(value.values())[0]
            for name, value in one["mapValue"]["fields"].items()}
           for one in fields["uploads"]["arrayValue"]["values"]]
objects = json.load(open("objects"))["items"]
assert len(objects) == 11, len(objects)
def key(one): return one["uri"]
assert sorted(uploads, key=key) == sorted(
    [{"uri": "gs://test-bucket/" + one["name"], "bytes": one["size"],
      "generation": one["generation"], "crc32c": one["crc32c"]}
     for one in objects], key=key)
assert fields["version"]["stringValue"] == "v1"
END
state >undisturbed
tidy "undisturbed"

# ---- again: nothing is made, nothing changes
list() {
  find o -type f -printf '%p %s %T@ %i\n' | sort
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

# ---- a version that is not fit
run 1 --dataset-version v2 --acceptance '--min-examples 1000'
grep -q 'step acceptance failed' err || fail "not fit: another step failed"
grep /upload/ new && fail "not fit: an upload was tried"
[ -e o/v2 ] && fail "not fit: there is a folder"
is_registered v2 && fail "not fit: registered"

# ---- dry: says all, and writes nothing
source=(--skip-collector)
run 0 --dataset-version v3 --upload-dry-run
[ "$(grep -c '"status":"would_upload"' out)" = "$(ls o/v3 | wc -l)" ] ||
  fail "dry: does not say of each file that it would be uploaded"
grep -q 'would register v3' out || fail "dry: no word of the registration"
grep -vE ' (GET /storage/[^ ]* 404|POST [^ ]*:(runQuery|batchGet) 200) none$' new &&
  fail "dry: something else was asked for"
is_registered v3 && fail "dry: registered"
run 0 --dataset-version v1 --upload-dry-run
[ "$(grep -c '"status":"present"' out)" = 11 ] || fail "dry: not all is present"
rm -r o/v3

# ---- what is published can be uploaded and registered at any time
before=$(wc -l <log)
make -s -f "$TOP/Makefile.pipeline" upload register OUT=o VERSION=v1 \
  STORE=firestore:p GCS_BUCKET=test-bucket GCS_PREFIX=nightly/x >out 2>err ||
  fail "make upload register fails"
tail -n "+$((before + 1))" log | grep ' /upload/.* 200 ' &&
  fail "make upload register: something was uploaded"
registered v1 | cmp - document || fail "make upload register: another document"

# ---- from a collector
: >collector
collector-serve --listen 127.0.0.1:0 --threads "$threads" --store sqlite:c.db \
  2>>collector &
server=$!
until grep -q 'listening on' collector; do
  kill -0 $server || exit 1
  sleep 0.05
done
source=(--collector-url "http://$(sed -n 's/.*listening on //p' collector)")
run 0 --export-project q --collector-limit 500 --output c --gcs-prefix c
kill $server
cmp o/v1/mtg_llm_training.jsonl c/v1/mtg_llm_training.jsonl ||
  fail "a collector: other examples"
registered v1 | cmp - document || fail "a collector: another project's document"
source=(--threads "$threads")
stop_cloud
diff -r c/v1 dump/test-bucket/c/v1 >&2 || fail "a collector: other objects"
sed -i '/test-bucket\/c\//d' dump/events
once "undisturbed"

# ---- the same where the interactions had been put before: what a run finds
# that is started again after the store took them
pick-answer "$threads" >interactions
mkdir put
(
  cd put || exit
  new_cloud
  fs-put --store firestore:p ../interactions >/dev/null
  run 0
  state >../undisturbed-put
  stop_cloud
  finish
) || failures=$((failures + 1))

# ---- killed while the server has request N, before or after it did its work;
# then run to its end: as if nothing had been
# kill_at N before|after STATE
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
  state | diff "$3" - >&2 || fail "killed $2 request $1: another state"
  stop_cloud
  once "killed $2 request $1"
  tidy "killed $2 request $1"
  finish
}
children=()
for point in '1 before' '2 before' '3 after' '4 before' '5 after' '8 before' \
  '10 after' '13 before' '14 before' '14 after' '15 before' '15 after'; do
  # shellcheck disable=SC2086
  (kill_at $point ../undisturbed) &
  children+=($!)
done
(kill_at 1 after ../undisturbed-put) &
children+=($!)

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
  grep -q 'step collect failed' err || fail "down: another step failed"
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
