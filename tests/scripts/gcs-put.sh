#!/bin/bash
# gcs-put.sh - gcs-put on the loopback cloud: what it makes, what it refuses,
# races for one name, and runs that are killed and go on.
#
# labels: quick faults
set -u
# shellcheck source=tests/cloud/start.sh
. "$TOP/tests/cloud/start.sh"
start_cloud --storage-dump "$PWD/dump"

expect() {
  local want=$1
  shift
  "$@" >out 2>err
  local got=$?
  [ $got = "$want" ] || fail "exit status $got, not $want: $*"
}

# random_file NAME BYTES: of its name's own content.
random_file() {
  openssl enc -aes-128-ctr -pass "pass:$1" -nosalt -iter 1 </dev/zero \
    2>/dev/null | head -c "$2" >"$1"
}
mkdir d
random_file d/small.jsonl 1000
random_file d/large.bin 20000000
: >d/empty.txt
all=(d/small.jsonl d/large.bin d/empty.txt)
put=(gcs-put --bucket test-bucket --prefix "v 1/ä")

# --- uploaded, then present; a dry run writes nothing and says the same
expect 0 "${put[@]}" --dry-run "${all[@]}"
[ "$(grep -c would_upload out)" = 3 ] || fail "dry run: not three to upload"
[ "$(curl -s "$url/storage/v1/b/test-bucket/o")" = \
  '{"kind":"storage#objects"}' ] || fail "a dry run wrote something"
expect 0 "${put[@]}" "${all[@]}"
[ -s err ] && fail "messages where all is well"
[ "$(grep -c '"status":"uploaded"' out)" = 3 ] || fail "not three uploaded"
cut -d '"' -f 4 out | cmp -s - <(printf '%s\n' "${all[@]}") ||
  fail "results are not in the order of the operands"
sed 's/uploaded/present/' out >want
for option in --dry-run --no-option; do
  expect 0 "${put[@]}" ${option/--no-option/--jobs=1} "${all[@]}"
  cmp -s out want || fail "$option: not the same results, all present"
done
crc32c=$(checksum --json d/large.bin | sed 's/.*"crc32c":"\([^"]*\)".*/\1/')
grep large.bin want | grep -q "\"bytes\":20000000,\"crc32c\":\"$crc32c\"" ||
  fail "another size or crc32c than checksum's"

# --- what has the name keeps it; the other files go on
cp d/small.jsonl d/new.jsonl
echo more >>d/small.jsonl
head -c 19999999 d/large.bin >large && mv large d/large.bin
expect 73 "${put[@]}" d/small.jsonl d/new.jsonl d/large.bin
[ "$(grep -c '"status":"uploaded"' out)" = 1 ] || fail "new.jsonl is not up"
[ "$(grep -c 'exists with other content' err)" = 2 ] || fail "not two clashes"
expect 73 "${put[@]}" --dry-run d/small.jsonl d/large.bin

# --- what fs-register takes
expect 0 "${put[@]}" d/new.jsonl
cp out uploads
echo '{"version":"v1"}' >manifest.json
expect 0 fs-register --store sqlite:s.db --uploads uploads manifest.json
grep -q '"uri":"gs://test-bucket/v 1/ä/new.jsonl","generation":"17' out ||
  fail "fs-register does not take the results"

# --- a bucket that is not there; a server that is not there
expect 78 gcs-put --bucket no-bucket d/new.jsonl
expect 75 env STORAGE_EMULATOR_HOST=127.0.0.1:1 \
  gcs-put --retries 0 --bucket test-bucket d/new.jsonl
expect 78 env STORAGE_EMULATOR_HOST=http://192.0.2.1 \
  gcs-put --bucket test-bucket d/new.jsonl

# --- a file that changes while it is sent becomes no object
random_file d/changing 30000000
hold 3000000
gcs-put --bucket test-bucket --chunk-size 1M d/changing >out 2>err &
client=$!
wait_for held
echo >>d/changing
rm held
wait $client
[ $? = 75 ] || fail "a file that changes: not exit status 75"
grep -q 'changed while' err || fail "a file that changes: no word of it"
[ "$(curl -so /dev/null -w '%{http_code}' \
  "$url/storage/v1/b/test-bucket/o/changing")" = 404 ] ||
  fail "a file that changed became an object"

# --- fifty for one name: one has it, the others know that they have not
for i in $(seq 50); do
  random_file "racer$i" $((100000 + i))
  mkdir -p "r$i" && mv "racer$i" "r$i/one"
done
for i in $(seq 50); do
  {
    gcs-put --bucket test-bucket --chunk-size 256K "r$i/one" >"r$i/out" 2>&1
    echo $? >"r$i/status"
  } &
  racers[i]=$!
done
wait "${racers[@]}"
winner=$(grep -lx 0 r*/status | cut -d / -f 1)
[ "$(cat r*/status | sort | uniq -c | tr -s ' \n' ' ')" = " 1 0 49 73 " ] ||
  fail "a race: not one success and forty-nine clashes"
curl -s "$url/storage/v1/b/test-bucket/o/one?alt=media" | cmp -s - "$winner/one" ||
  fail "a race: the object is not the winner's"

# --- killed at twenty points, each time it goes on where the server was
random_file d/killed 48000000
chunk=$((1 << 20))
put=(gcs-put --bucket test-bucket --chunk-size 1M --resume-dir sessions)
before=$(curl -s "$url/control/storage/received")
for i in $(seq 20); do
  hold $((i == 1 ? 1 : 1300000 + i * 60013)) cut
  "${put[@]}" d/killed 2>>err >out &
  client=$!
  wait_for held
  kill -9 $client
  wait $client 2>/dev/null
  rm held
done
[ "$(stat -c %a sessions/*.json)" = 600 ] || fail "a session file for others"
expect 0 "${put[@]}" d/killed
sent=$(($(curl -s "$url/control/storage/received") - before))
[ $sent -le $((48000000 + 20 * chunk)) ] ||
  fail "killed: $sent bytes sent, more than a chunk twice each time"
[ -z "$(ls sessions)" ] || fail "killed: a session file is left"

# --- session files that are not its own are left alone, and said so
random_file d/other 3000000
hold 2500000 cut
"${put[@]}" d/other >out 2>&1 &
client=$!
wait_for held
kill -9 $client
wait $client 2>/dev/null
rm held
session=$(echo sessions/*.json)
cp "$session" good
for damage in no-json no-members cut other-size; do
  case $damage in
    no-json) echo '{' ;;
    no-members) echo '{}' ;;
    cut) head -c 100 good ;;
    other-size) sed 's/"3000000/"3000001/' good ;;
  esac >"$session"
  expect 0 "${put[@]}" d/other
  grep -q 'not used' err || fail "no word of a session file: $damage"
  curl -s -X DELETE "$url/storage/v1/b/test-bucket/o/other"
  cp good "$session"
done
chmod 644 "$session"
expect 0 "${put[@]}" d/other
grep -q 'not used: others may' err || fail "no word of a file others may read"
grep -rq 'upload_id' out err && fail "a session's URI is shown"

stop_cloud
cmp -s d/killed dump/test-bucket/killed || fail "killed: another content"
[ "$(grep -c '^created test-bucket/killed$' dump/events)" = 1 ] ||
  fail "killed: not made once"
[ "$(grep -c '^created test-bucket/one$' dump/events)" = 1 ] ||
  fail "a race: not made once"
finish "gcs-put holds"
