#!/bin/bash
# firestore-emulator.sh - what is said of Firestore, held against Google's own
# emulator, where Google Cloud's SDK has it: the suite of all stores, writers
# at once, what a query reads, ten nights, share/firestore.rules, and that the loopback
# cloud answers as it does. Uses the emulator at ANSWERMILL_TEST_FIRESTORE (HOST:PORT), if set.
#
# labels: contract
set -u
# shellcheck source=tests/checks
. "$TOP/tests/checks"

skip() {
  echo "SKIPPED: $1"
  exit 77
}

# Starts the emulator with Java on a free port; sets `address`.
start_emulator() {
  local root jar port
  command -v java >/dev/null || skip "no java"
  root=$(gcloud info --format='value(installation.sdk_root)' 2>/dev/null)
  jar=$(ls "$root"/platform/cloud-firestore-emulator/*.jar 2>/dev/null)
  [ -n "$jar" ] || skip "Google Cloud's SDK has no Firestore emulator here"
  port=$(python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')
  address=127.0.0.1:$port
  java -Duser.language=en -cp "$jar" \
    com.google.cloud.datastore.emulator.firestore.CloudFirestore start \
    --host 127.0.0.1 --port "$port" >emulator.log 2>&1 &
  for _ in $(seq 300); do
    curl -s "http://$address/" >/dev/null && return
    kill -0 $! 2>/dev/null || break
    sleep 0.2
  done
  cat emulator.log >&2
  exit 1
}

address=${ANSWERMILL_TEST_FIRESTORE:-}
[ -n "$address" ] || start_emulator
export ANSWERMILL_TEST_FIRESTORE=$address

serve loopback-cloud
python3 "$TOP/tests/cloud/firestore_contract.py" "$address" \
  "127.0.0.1:$port" || fail "the loopback cloud answers otherwise"

python3 "$TOP/tests/cloud/firestore_rules.py" "$address" \
  "$TOP/share/firestore.rules" || fail "the rules do not hold"

bin=$(dirname "$(command -v loopback-cloud)")/..
"$bin/tests/unit-tests" "A Firestore store keeps its promises in*" >unit.log ||
  fail "$(cat unit.log)"
python3 "$TOP/tests/scripts/firestore-reads.py" >reads.log 2>&1 ||
  fail "what is read: $(cat reads.log)"
tail -n 1 reads.log
for script in stores-agree concurrent-put withdraw; do
  store_kinds=emulator bash "$TOP/tests/scripts/$script.sh" >script.log 2>&1 ||
    fail "$script: $(cat script.log)"
done
bash "$TOP/tests/scripts/nights.sh" >script.log 2>&1 ||
  fail "nights: $(cat script.log)"
finish "Google's emulator agrees"
