#!/bin/bash
# firestore-faults.sh - 10,000 interactions through a Firestore that fails one
# request in five, in every way: each is stored once and written out once, and
# comes back byte for byte. A service that never recovers is exit status 75.
#
# labels: faults
set -u
# shellcheck source=tests/checks
. "$TOP/tests/checks"
count=10000

awk -v n=$count 'BEGIN {
  for (i = 0; i < n; ++i)
    printf "{\"id\":\"%05d\",\"question\":\"q\",\"answer\":\"%0400d\"," \
           "\"confidence\":0.9,\"collected_at\":\"2026-01-02T00:00:00Z\"," \
           "\"timestamp\":\"2026-01-01T00:00:00Z\"}\n", i, i
}' >in

# start OPTION...: a Firestore that logs to ./log.
start() {
  serve loopback-cloud --log log "$@"
  export FIRESTORE_EMULATOR_HOST=127.0.0.1:$port
}

# Puts and queries, in the folder seedN; says what is wrong.
try() {
  local seed=$1 status
  mkdir "seed$seed"
  cd "seed$seed" || exit 1
  start --fault-rate 0.2 --seed "$seed"
  local options="--store firestore:demo-p --timeout 1 --retries 6"
  # shellcheck disable=SC2086
  fs-put $options ../in >new 2>err
  status=$?
  [ $status = 0 ] || echo "fs-put: exit status $status: $(cat err)"
  cmp new ../in
  # All times are equal, so that ids tell the order.
  # shellcheck disable=SC2086
  fs-query $options --limit 0 >found 2>err
  status=$?
  [ $status = 0 ] || echo "fs-query: exit status $status: $(cat err)"
  cmp found ../in
}

for seed in 1 2 3 4 5 6; do
  (try $seed >complaints$seed 2>&1; kill "$server") &
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
start --fault-rate 0.2 --faults reset_before,reset_during,reset_after,\
truncated,status_503,status_503_after,html_502,items_again,error_late
for writer in 1 2 3 4; do
  fs-put --store firestore:demo-p --retries 9 in >new$writer &
  writers[writer]=$!
done
for writer in 1 2 3 4; do
  wait "${writers[writer]}" || exit 1
done
sort new? | cmp - in || exit 1

start --fault-rate 1 --faults status_503
fs-put --store firestore:demo-p --retries 1 in >out 2>err
status=$?
if [ $status != 75 ] || [ -s out ]; then
  echo "a service that is down: $(cat err)" >&2
  exit 1
fi
awk '{ ++n[$NF] } END { for (f in n) printf "%s %d, ", f, n[f]; print "" }' \
  seed*/log
