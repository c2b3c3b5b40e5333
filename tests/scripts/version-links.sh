#!/bin/bash
# version-links.sh - a link reads the file that it was made for, with nothing
# but curl, until it expires, and no other file: on the loopback cloud, which
# judges links as Cloud Storage does. Signed by a key, or by IAM.
set -u
# shellcheck source=tests/cloud/start.sh
. "$TOP/tests/cloud/start.sh"

robot=robot@p.iam.gserviceaccount.com
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key.pem \
  2>/dev/null || fail "no key"
start_cloud --signer "$robot=key.pem"
# credentials EMAIL: of that account, with the key.
credentials() {
  python3 - "$1" "$url" <<'END'
import json, sys
print(json.dumps({"type": "service_account", "client_email": sys.argv[1],
                  "private_key": open("key.pem").read(),
                  "token_uri": sys.argv[2] + "/token"}))
END
}
umask 077
credentials "$robot" >robot.json
credentials someone@p.iam.gserviceaccount.com >someone.json
export GOOGLE_APPLICATION_CREDENTIALS=robot.json
export ANSWERMILL_STORE=sqlite:a.db

# register VERSION: two files of it.
register() {
  mkdir "$1"
  echo "train of $1" >"$1/a train.jsonl"
  echo "test of $1" >"$1/test.jsonl"
  gcs-put --bucket test-bucket --prefix "sets/$1" "$1"/* >uploads 2>err ||
    fail "gcs-put"
  echo "{\"version\":\"$1\",\"created_at\":\"$2\",\"files\":[]}" >manifest.json
  fs-register --uploads uploads manifest.json >/dev/null 2>err ||
    fail "fs-register"
}
register v1 2026-01-01T00:00:00Z
register v2 2026-01-02T00:00:00Z

# member NAME FILE: of each line.
member() {
  python3 -c 'import json, sys
for line in open(sys.argv[2]): print(json.loads(line)[sys.argv[1]])' "$1" "$2"
}
# get URL: the status; the body is ./body.
get() { curl -s -o body -w '%{http_code}' "$1"; }
# refused CODE URL WHAT
refused() {
  local status
  status=$(get "$2")
  [ "$status" != 200 ] && grep -q "<Code>$1</Code>" body ||
    fail "$3: $status, $(cat body)"
}

expect 0 "version-links v1"
[ "$(member name out)" = "$(printf 'a train.jsonl\ntest.jsonl')" ] ||
  fail "the files: $(cat out)"
mapfile -t urls < <(member url out)
[ "$(get "${urls[0]}")" = 200 ] && cmp body "v1/a train.jsonl" ||
  fail "the first link"
[ "$(get "${urls[1]}")" = 200 ] && cmp body v1/test.jsonl ||
  fail "the second link"
grep -qF "$(head -c 100 key.pem | tail -n 1)" out err &&
  fail "the key is shown"

# Nothing else can be read by it.
refused SignatureDoesNotMatch "${urls[1]/test.jsonl/a%20train.jsonl}" \
  "another file"
refused SignatureDoesNotMatch "${urls[1]/v1/v2}" "another version"
refused SignatureDoesNotMatch "${urls[1]/Expires=3600/Expires=7200}" \
  "a longer time"
refused SignatureDoesNotMatch \
  "$(sed 's/generation=[0-9]*/generation=1/' <<<"${urls[1]}")" \
  "another generation"
last=${urls[1]: -1}
refused SignatureDoesNotMatch "${urls[1]%?}$(tr 0-9a-f 1-9a-f0 <<<"$last")" \
  "another signature"
refused AccessDenied "${urls[1]%%\?*}" "no signature"

# Not after its time.
expect 0 "version-links --expires 1 --file test.jsonl v1"
short=$(member url out)
[ "$(wc -l <out)" = 1 ] || fail "--file gives one: $(cat out)"
sleep 2.1
refused ExpiredToken "$short" "after its time"
expect 0 "SOURCE_DATE_EPOCH=1767225600 version-links --expires 604800 v2"
[ "$(member expires_at out | sort -u)" = 2026-01-08T00:00:00Z ] ||
  fail "expires_at: $(cat out)"

# The last version, if none is named.
expect 0 "version-links"
[ "$(member version out | sort -u)" = v2 ] || fail "not the last: $(cat out)"

# What another account signs with the same key is not taken.
expect 0 "GOOGLE_APPLICATION_CREDENTIALS=someone.json version-links v1"
refused SignatureDoesNotMatch "$(member url out | head -n 1)" \
  "an account that is not known"

# By IAM, for the account that is impersonated: the same links.
python3 - "$url" "$robot" >impersonated.json <<'END'
import json, sys
url, robot = sys.argv[1:]
print(json.dumps({
    "type": "impersonated_service_account", "delegates": [],
    "service_account_impersonation_url":
        "%s/v1/projects/-/serviceAccounts/%s:generateAccessToken" % (url, robot),
    "source_credentials": json.load(open("robot.json"))}))
END
export SOURCE_DATE_EPOCH=1767225600
expect 0 "version-links v1"
mv out by-key
export GOOGLE_APPLICATION_CREDENTIALS=impersonated.json
expect 0 "version-links v1"
cmp out by-key || fail "IAM signs otherwise"
sed -i "s/$robot:/other@p.iam.gserviceaccount.com:/" impersonated.json
expect 77 "version-links v1"
has "needs roles/iam.serviceAccountTokenCreator" err

# What cannot be.
cat >login.json <<'END'
{"type":"authorized_user","client_id":"c","client_secret":"s","refresh_token":"r"}
END
export GOOGLE_APPLICATION_CREDENTIALS=login.json
expect 78 "version-links v1"
has "signing needs a service account" err
export GOOGLE_APPLICATION_CREDENTIALS=robot.json
expect 66 "version-links v3"
has "v3: no such version is registered" err
expect 66 "version-links --file none.jsonl v1"
has "none.jsonl: no such file" err
expect 64 "version-links --expires 604801 v1"
expect 64 "version-links v1 v2"
echo '{"version":"v0","created_at":"2025-01-01T00:00:00Z","files":[]}' >manifest.json
fs-register manifest.json >/dev/null
expect 66 "version-links v0"
has "v0: has no files in a bucket" err

# Files of one name in two folders are told apart.
mkdir -p f/trl
echo of the version >f/test.jsonl
echo for trl >f/trl/test.jsonl
echo '{"version":"f","created_at":"2025-01-02T00:00:00Z","files":[]}' >f/manifest.json
{
  gcs-put --bucket test-bucket --prefix sets/f f/*.json*
  gcs-put --bucket test-bucket --prefix sets/f/trl f/trl/*
} >uploads 2>err || fail "gcs-put"
expect 0 "fs-register --uploads uploads f/manifest.json"
unset SOURCE_DATE_EPOCH
for name in test.jsonl trl/test.jsonl; do
  expect 0 "version-links --file $name f"
  [ "$(member name out)" = "$name" ] || fail "not $name: $(cat out)"
  [ "$(get "$(member url out)")" = 200 ] && cmp body "f/$name" || fail "the link of $name"
done

expect 0 "retire-version v1"
expect 66 "version-links v1"
finish "links read what they were made for, and nothing else"
