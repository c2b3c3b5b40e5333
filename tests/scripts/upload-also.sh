#!/bin/bash
# upload-also.sh - a version with folders of further formats in a bucket: every
# file under its own name, registered with it, from this machine and from
# another, and retired whole.
#
# labels: faults
set -u
# shellcheck source=tests/cloud/start.sh
. "$TOP/tests/cloud/start.sh"
start_cloud --storage-dump dump
export ANSWERMILL_BIN=${PATH%%:*}
run() { # STATUS OPTION...
  local want=$1
  shift
  expect "$want" "'$TOP/scripts/orchestrate' --threads '$TOP/share/sample/threads.jsonl' \
    --store sqlite:a.db --output o --withdraw never --gcs-bucket test-bucket \
    --also together,vertex --dataset-version v1 $*"
}
objects() { curl -s "$url/storage/v1/b/test-bucket/o" | grep -o '"name":"[^"]*"' | cut -d '"' -f 4 | sort; }

run 0 --dry-run
[ -z "$(objects)" ] || fail "a dry run uploads"
run 0
objects >uploaded
(cd o/v1 && find . -type f | sed 's|^\.|mtg_llm_training/v1|' | sort) | cmp - uploaded ||
  fail "not all is uploaded, or not as it lies: $(cat uploaded)"
python3 - >registered <<'END'
import sqlite3
print(sqlite3.connect("a.db").execute(
    "SELECT body FROM documents WHERE collection = 'training_artifacts'")
    .fetchone()[0])
END
cat >check.py <<'END'
import hashlib, json, sys
version = json.loads(open(sys.argv[1]).readline())
folder = "gs://test-bucket/mtg_llm_training/v1/"
assert version["gcs_prefix"] == folder, version["gcs_prefix"]
wanted = [line.strip().removeprefix("mtg_llm_training/v1/")
          for line in open("uploaded")]
assert sorted(file["name"] for file in version["files"]) == wanted
for file in version["files"]:
    assert file["uri"] == folder + file["name"], file
    content = open("o/v1/" + file["name"], "rb").read()
    assert file["sha256"] == hashlib.sha256(content).hexdigest(), file
END
python3 check.py registered || fail "not registered as it lies"

# From another machine, which has no file of it.
expect 0 'fs-register --store sqlite:b.db gs://test-bucket/mtg_llm_training/v1/manifest.json'
mv out other
python3 check.py other || fail "not registered alike from the bucket"

# What is retired is all of it. The last version stays, so there is another.
echo '{"version":"v2","created_at":"2100-01-01T00:00:00Z"}' >manifest.json
expect 0 'fs-register --store sqlite:a.db manifest.json'
expect 0 'retire-version --store sqlite:a.db v1'
has '"objects":'"$(wc -l <uploaded)"',' out
[ -z "$(objects)" ] || fail "left are $(objects)"
stop_cloud
grep '^created' dump/events | tail -n 1 | grep -q 'v1/manifest.json$' ||
  fail "the manifest is not the last"
finish "further formats: uploaded, registered, retired"
