#!/bin/bash
# reader-claim.sh - reader-claim against the loopback cloud: which claims a user
# has afterwards, what is sent, and what is refused.
set -u
# shellcheck source=tests/checks
. "$TOP/tests/checks"
server=
export GOOGLE_APPLICATION_CREDENTIALS=/nonexistent # the emulator needs none

# start [OPTION]...: a cloud with the users below, and a new ./log.
start() {
  [ -z "$server" ] || kill $server
  rm -f log
  serve loopback-cloud --log log --users users "$@"
  export FIREBASE_AUTH_EMULATOR_HOST=127.0.0.1:$port
}

says() { [ "$(cat out)" = "$1" ] || fail "$(cat out), not: $1"; }
warns() { has "$1" err; }
updates() { [ "$(grep -c :update log)" = "$1" ] || fail "not $1 updates"; }

# Claims with spellings that must not change, and room for some more.
# shellcheck disable=SC2089
kept='"big":12345678901234567890,"e":1.50e+01,"u":"\\u00e9 é","o":{ "a" : [1, 2] }'
escaped=${kept//\\/\\\\}
escaped=${escaped//\"/\\\"}
long=$(printf '%0967d' 0)
cat >users <<EOF
{"localId":"none","email":"none@example.org","emailVerified":true}
{"localId":"some","email":"some@example.org","customAttributes":"{ $escaped }"}
{"localId":"has","email":"has@example.org","customAttributes":"{\"a\":1, \"pipelineReader\" : true}"}
{"localId":"odd","email":"odd@example.org","customAttributes":"{\"pipelineReader\":\"yes\",\"a\":1}"}
{"localId":"full","email":"twin@example.org","customAttributes":"{\"long\":\"$long\"}"}
{"localId":"over","email":"twin@example.org","customAttributes":"{\"long\":\"1$long\"}"}
{"localId":"broken","email":"b@example.org","customAttributes":"[1]"}
EOF
start
shown='"big":12345678901234567890,"e":1.50e+01,"u":"\\u00e9 é","o":{"a":[1,2]}'

# ---- what is set, kept and removed
expect 0 "reader-claim --project p --uid none"
says '{"uid":"none","email":"none@example.org","claims":{"pipelineReader":true},"changed":true}'
[ -s err ] && fail "not silent"
expect 0 "reader-claim --project p --email some@example.org --dry-run"
says '{"uid":"some","email":"some@example.org","claims":{'"$shown"',"pipelineReader":true},"changed":true}'
warns "is not verified"
updates 1
expect 0 "reader-claim --project p --uid some --show"
says '{"uid":"some","email":"some@example.org","claims":{'"$shown"'},"changed":false}'
expect 0 "reader-claim --project p --uid some"
expect 0 "reader-claim --project p --uid some --show"
says '{"uid":"some","email":"some@example.org","claims":{'"$shown"',"pipelineReader":true},"changed":false}'
updates 2
expect 0 "reader-claim --project p --uid some --revoke"
says '{"uid":"some","email":"some@example.org","claims":{'"$shown"'},"changed":true}'
expect 0 "reader-claim --project p --uid odd"
says '{"uid":"odd","email":"odd@example.org","claims":{"a":1,"pipelineReader":true},"changed":true}'
updates 4

# ---- nothing is sent where nothing is to be done
expect 0 "reader-claim --project p --uid has"
says '{"uid":"has","email":"has@example.org","claims":{"a":1,"pipelineReader":true},"changed":false}'
expect 0 "reader-claim --project p --uid full --revoke"
updates 4

# ---- 1000 characters are the most: 11 and what is long, and 22 for the claim
expect 0 "reader-claim --project p --uid full"
updates 5
expect 65 "reader-claim --project p --uid over"
warns "the claims would have 1001 characters; 1000 are the most"
updates 5

# ---- what is refused
expect 66 "reader-claim --project p --email nobody@example.org"
warns "email nobody@example.org in project p: no such user"
expect 65 "reader-claim --project p --email twin@example.org"
warns "several users; name one by uid"
expect 65 "reader-claim --project p --uid broken"
warns "the claims are not a JSON object"
expect 78 "reader-claim --project unset --uid none"
warns "project unset: Firebase Authentication is not set up in this project"
expect 77 "reader-claim --project denied --uid none"
warns "project denied: status 403 (PERMISSION_DENIED); the caller needs roles/firebaseauth.admin"
expect 64 "reader-claim --project ../p --uid none"
expect 64 "reader-claim --uid none"
expect 64 "reader-claim --project p"
expect 64 "reader-claim --project p --uid none --email none@example.org"
expect 64 "reader-claim --project p --uid none --revoke --show"
expect 74 "reader-claim --project p --uid none --show >/dev/full"
expect 78 "FIREBASE_AUTH_EMULATOR_HOST=example.org reader-claim --project p --uid none"
expect 78 "FIREBASE_AUTH_EMULATOR_HOST= reader-claim --project p --uid none"
warns "GOOGLE_APPLICATION_CREDENTIALS: /nonexistent: "

# ---- another writer, and a service that fails
start --fault-rate 1 --faults another_writer
expect 75 "reader-claim --project p --uid has --revoke"
warns "another writer changed the claims meanwhile"
for seed in 1 2 3 4 5; do
  start --fault-rate 0.3 --seed $seed \
    --faults reset_before,reset_after,truncated,status_429,status_503_after
  expect 0 "reader-claim --project p --uid none"
  says '{"uid":"none","email":"none@example.org","claims":{"pipelineReader":true},"changed":true}'
done

finish "reader-claim: as expected"
