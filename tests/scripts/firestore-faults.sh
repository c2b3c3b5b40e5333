#!/bin/bash
# firestore-faults.sh - 10,000 interactions through a Firestore that fails one
# request in five, in every way: each is stored once and written out once, and
# comes back byte for byte. A service that never recovers is exit status 75.
set -u
cd "$(mktemp -d)" || exit 1
trap 'kill $(jobs -p) 2>/dev/null; rm -rf "$PWD"' EXIT
count=10000

awk -v n=$count 'BEGIN {
  for (i = 0; i < n; ++i)
    printf "{\"id\":\"%05d\",\"question\":\"q\",\"answer\":\"%0400d\"," \
           "\"confidence\":0.9,\"collected_at\":\"2026-01-02T00:00:00Z\"," \
           "\"timestamp\":\"2026-01-01T00:00:00Z\"}\n", i, i
}' >in

# serve FOLDER OPTION...: sets `address`.
serve() {
  local folder=$1
  shift
  mkdir "$folder"
  loopback-cloud --port-file "$folder/port" --log "$folder/log" "$@" &
  local server=$!
  until [ -e "$folder/port" ]; do
    kill -0 $server || exit 1
    sleep 0.05
  done
  address=127.0.0.1:$(cat "$folder/port")
}

# Puts and queries against a server; says what is wrong.
try() {
  local seed=$1 status
  serve "seed$seed" --fault-rate 0.2 --seed "$seed"
  export FIRESTORE_EMULATOR_HOST=$address
  local options="--store firestore:demo-p --timeout 1 --retries 6"
  # shellcheck disable=SC2086
  fs-put $options in >"seed$seed/new" 2>"seed$seed/err"
  status=$?
  [ $status = 0 ] || echo "fs-put: exit status $status: $(cat "seed$seed/err")"
  cmp "seed$seed/new" in
  # All times are equal, so that ids tell the order.
  # shellcheck disable=SC2086
  fs-query $options --limit 0 >"seed$seed/found" 2>"seed$seed/err"
  status=$?
  [ $status = 0 ] || echo "fs-query: exit status $status: $(cat "seed$seed/err")"
  cmp "seed$seed/found" in
}

for seed in 1 2 3 4 5 6; do
  (try $seed >complaints$seed 2>&1; kill "$(jobs -p)") &
  tries[seed]=$!
done
wait "${tries[@]}"
if [ -s complaints1 ] || grep -q . complaints*; then
  grep . complaints* >&2
  exit 1
fi
for fault in reset_before reset_during reset_after stall_before stall_after \
  truncated status_429 status_503 status_503_after html_502 items_again \
  error_late stale_time; do
  grep -qw $fault seed*/log || {
    echo "no request met $fault" >&2
    exit 1
  }
done

# Several writers: whatever breaks, each interaction is one writer's.
serve crowd --fault-rate 0.2 --faults reset_before,reset_during,reset_after,\
truncated,status_503,status_503_after,html_502,items_again,error_late
export FIRESTORE_EMULATOR_HOST=$address
for writer in 1 2 3 4; do
  fs-put --store firestore:demo-p --retries 9 in >new$writer &
  writers[writer]=$!
done
for writer in 1 2 3 4; do
  wait "${writers[writer]}" || exit 1
done
sort new? | cmp - in || exit 1

serve down --fault-rate 1 --faults status_503
export FIRESTORE_EMULATOR_HOST=$address
fs-put --store firestore:demo-p --retries 1 in >out 2>err
status=$?
if [ $status != 75 ] || [ -s out ]; then
  echo "a service that is down: $(cat err)" >&2
  exit 1
fi
awk '{ ++n[$NF] } END { for (f in n) printf "%s %d, ", f, n[f]; print "" }' \
  seed*/log
