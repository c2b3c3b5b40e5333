#!/bin/bash
# gcs-put-faults.sh - 200 files to a cloud that fails one request in five, in
# every way it knows: before, during and after the work; by reset, silence, a
# status, half an answer, a session that is gone, content kept in part or not
# as it was sent. What gcs-put says is there is there; what it could not do it
# says; and run again it ends with each object made once, byte for byte.
#
# labels: faults
set -u
# shellcheck source=tests/cloud/start.sh
. "$TOP/tests/cloud/start.sh"
start_cloud --storage-dump "$PWD/dump" --fault-rate 0.2 --seed 7

mkdir files
openssl enc -aes-128-ctr -pass pass:faults -nosalt -iter 1 </dev/zero \
  2>/dev/null | head -c 40000000 >bytes
for i in $(seq 200); do
  case $((i % 20)) in
    0) size=$((1048577 + i * 4099)) ;;
    [1-4]) size=$((i * 2503)) ;;
    *) size=$((i * 7)) ;;
  esac
  [ "$i" = 7 ] && size=0
  [ "$i" = 8 ] && size=262144
  [ "$i" = 9 ] && size=524288
  [ "$i" -ge 199 ] && size=$((8388609 + i))
  tail -c +$((i * 65537)) bytes | head -c $size >"files/$i.bin"
done

# put OPTION...: until all is there; each run's results and messages tell of
# every file once.
put() {
  local run status
  for run in $(seq 20); do
    gcs-put --bucket test-bucket --timeout 1 --retries 6 --jobs 40 \
      --stats stats "$@" files/*.bin >out 2>err
    status=$?
    [ $(($(grep -c . out) + $(grep -c '^gcs-put: files/' err))) = 200 ] ||
      fail "run $run: not a word on each file"
    case $status in
      0) return ;;
      1 | 75) ;;
      *) fail "run $run: exit status $status" ;;
    esac
  done
  fail "not done after $run runs"
}
put --prefix chunks --chunk-size 512K
put --prefix whole
grep -o '"seconds.*' stats

stop_cloud
for prefix in chunks whole; do
  for file in files/*.bin; do
    object=test-bucket/$prefix/${file#files/}
    cmp "$file" "dump/$object" || fail "$object: not what was sent"
    made=$(grep -cx "created $object" dump/events)
    removed=$(grep -cx "deleted $object" dump/events)
    [ $((made - removed)) = 1 ] ||
      fail "$object: made $made times, removed $removed times"
    [ "$removed" = 0 ] || echo "$object: removed $removed times"
  done
done
cut -d ' ' -f 5 log | sort | uniq -c
[ "$(grep -vc ' none$' log)" -gt 100 ] || fail "hardly a request met a fault"
finish "200 files are there, each made once"
