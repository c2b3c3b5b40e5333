#!/bin/bash
# retire-version.sh - a retired version's own objects go, and nothing beside
# them: not those of a version below its folder, not what others put there.
#
# labels: quick
set -u
# shellcheck source=tests/cloud/start.sh
. "$TOP/tests/cloud/start.sh"
start_cloud
export ANSWERMILL_STORE=sqlite:a.db

# publish VERSION FOLDER: uploads and registers two files.
publish() {
  mkdir -p "$1"
  echo "{\"version\":\"$1\",\"created_at\":\"2026-01-0${1#v}T00:00:00Z\"}" \
    >"$1/manifest.json"
  echo "$1" >"$1/a.jsonl"
  gcs-put --bucket test-bucket --prefix "$2" "$1"/* 2>/dev/null |
    fs-register --uploads - "$1/manifest.json" >/dev/null || exit 1
}
objects() { curl -s "$url/storage/v1/b/test-bucket/o" | grep -o '"name":"[^"]*"' | cut -d '"' -f 4 | tr '\n' ' '; }

publish v1 mtg
publish v2 mtg/v2
publish v3 mtg/v3
echo mine >mine
gcs-put --bucket test-bucket --prefix mtg mine >/dev/null || exit 1
all=$(objects)

bytes=$(cat v1/* | wc -c)
expect 0 'retire-version --dry-run v1'
has '"objects":2,"bytes":'"$bytes"',"status":"would_retire"' out
[ "$(objects)" = "$all" ] || fail "a dry run deletes"
expect 0 'retire-version v1'
has '"objects":2,"bytes":'"$bytes"',"status":"retired"' out
left=$(objects)
[ "$left" = "mtg/mine mtg/v2/a.jsonl mtg/v2/manifest.json mtg/v3/a.jsonl mtg/v3/manifest.json " ] ||
  fail "left are $left"
expect 66 'retire-version v1' # it is no version any more

# An object that was replaced by hand is no longer what was registered.
curl -s -X DELETE "$url/storage/v1/b/test-bucket/o/mtg%2Fv2%2Fa.jsonl" >/dev/null
echo other >a.jsonl
gcs-put --bucket test-bucket --prefix mtg/v2 a.jsonl >/dev/null || exit 1
expect 0 'retire-version v2'
[ "$(objects)" = "mtg/mine mtg/v2/a.jsonl mtg/v3/a.jsonl mtg/v3/manifest.json " ] ||
  fail "left are $(objects)"
expect 64 'retire-version v3' # the last one stays

# What a bucket's URI cannot be.
expect 64 'fs-register gs://test-bucket'
expect 64 'fs-register gs://test-bucket/manifest.json'
expect 64 'fs-register gs://Bad/v1/manifest.json'
expect 66 'fs-register gs://test-bucket/none/manifest.json'
printf '%s\n' \
  '{"uri":"gs://b/v/a","generation":"1","bytes":1,"crc32c":"AAAAAA=="}' \
  '{"uri":"gs://b/v/a","generation":"2","bytes":2,"crc32c":"AAAAAA=="}' >twice
expect 65 'fs-register --uploads twice v3/manifest.json'
has 'gs://b/v/a: uploaded twice' err
finish "retired: what was registered, and nothing else"
