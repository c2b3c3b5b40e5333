#!/bin/bash
# concurrent-put.sh - eight fs-put at once on a store that none has made yet:
# each interaction is created once and written out by one of them. Then some
# are killed half-way: what they wrote is stored, and a second run ends it.
#
# labels: quick faults
set -u
# shellcheck source=tests/each-store
. "$TOP/tests/each-store"

fail() {
  echo "$1" >&2
  exit 1
}

# interactions COUNT
interactions() {
  awk -v n="$1" 'BEGIN {
    for (i = 0; i < n; ++i)
      printf "{\"id\":\"%d\",\"question\":\"q\",\"answer\":\"%0400d\"," \
             "\"confidence\":1,\"collected_at\":\"2026-01-02T00:00:00Z\"," \
             "\"timestamp\":\"2026-01-01T00:00:00Z\"}\n", i, i
  }'
}

interactions 10000 >in
for i in 1 2 3 4 5 6 7 8; do
  fs-put in >out.$i & pids[i]=$!
done
for i in 1 2 3 4 5 6 7 8; do
  wait "${pids[i]}" || fail "fs-put $i: exit status $?"
done
sort in >want
sort out.* | cmp - want || fail "not each interaction was written once"
fs-query --limit 0 | sort | cmp - want || fail "not each was stored once"

rm -f out.*
new_store
for i in 1 2 3 4 5; do
  fs-put in >out.$i & pid=$!
  while [ ! -s out.$i ] && kill -0 $pid 2>/dev/null; do sleep 0.01; done
  kill -9 $pid 2>/dev/null
  wait $pid 2>/dev/null
  # A line that was cut off is not one.
  while IFS= read -r line; do echo "$line"; done <out.$i >>written
  fs-query --limit 0 | sort >stored
  [ -z "$(sort written | comm -23 - stored)" ] || fail "written, yet not stored"
  [ "$store_kind" = emulator ] || [ $(($(wc -l <stored) % 500)) = 0 ] ||
    fail "part of a batch was stored"
done
fs-put in >/dev/null || fail "a run after killed ones: exit status $?"
fs-query --limit 0 | sort | cmp - want || fail "killed runs left a hole"
echo "eight writers, and five that were killed, stored each interaction once"
