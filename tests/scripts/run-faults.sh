#!/bin/bash
# labels: faults
# run-faults.sh - a whole run that is hit, and started again, ends as if nothing
# had been: the same bytes of every published file, manifest and report included,
# the same store and registration, nothing twice. Hits: kill -9 at random times
# and at every stage's border, a full disk, SIGINT twice, two runs at once; on
# SQLite, and on the loopback cloud. RUN_FAULTS=large makes many times as many.
set -u
# shellcheck source=tests/cloud/start.sh
. "$TOP/tests/cloud/start.sh"
export ANSWERMILL_BIN=${PATH%%:*} SOURCE_DATE_EPOCH=1700000000
unset COLLECTOR_URL
case ${RUN_FAULTS:-} in
  large) kills=100 disks=20 pairs=20 interrupts=20 ;;
  *) kills=4 disks=4 pairs=2 interrupts=2 ;;
esac
RANDOM=${SEED_OF_RUN:-20260101}
hits=0

# The backend's options, what it starts with, and what is there at the end.
# shellcheck disable=SC2034  # used by name
options_sqlite=(--threads "$TOP/share/sample/threads.jsonl" --store sqlite:s.db
  --output o --dataset-version v1)
# shellcheck disable=SC2034
options_cloud=(--threads "$TOP/share/sample/threads.jsonl" --export-project p
  --output o --dataset-version v1 --gcs-bucket test-bucket)
begin_sqlite() { :; }
begin_cloud() {
  start_cloud --storage-dump dump --firestore-indexes "$TOP/share/firestore.indexes.json"
  export FIRESTORE_EMULATOR_HOST=${url#http://}
}
published() {
  (cd o && find . -type f ! -path './.work/.lock' -exec sha256sum {} +) | sort -k 2
}
state_sqlite() {
  published
  python3 - <<'END'
import sqlite3
for row in sqlite3.connect("s.db").execute(
        "SELECT * FROM documents ORDER BY collection, id"):
    print(row)
END
}
state_cloud() {
  local collection
  published
  curl -s "$url/storage/v1/b/test-bucket/o" | grep -oE '"(name|md5Hash)":"[^"]*"'
  for collection in reddit_interactions training_artifacts; do
    curl -s -H 'Authorization: Bearer owner' \
      "$url/v1/projects/p/databases/(default)/documents/$collection?pageSize=300" |
      sed -E 's/"(generation|write_id|createTime|updateTime)":("[^"]*"|\{[^}]*\})//g' |
      tr , '\n'
  done
  stop_cloud
  sort dump/events | uniq -d
}

run() {
  local -n options=options_$backend
  "$TOP/scripts/orchestrate" "${options[@]}" "$@" </dev/null
}

# trial WHAT HIT [ARGUMENT]...: in a folder and a backend of its own, the hit,
# then runs to the end; the state must be the undisturbed one.
trial() {
  local what=$1 status
  shift
  mkdir trial && cd trial || exit
  begin_$backend
  "$@"
  run --wait >out 2>err
  status=$?
  [ $status = 0 ] || fail "$backend, $what: status $status"
  state_$backend >../state
  cmp -s ../state "../undisturbed-$backend" || {
    fail "$backend, $what: another state"
    diff "../undisturbed-$backend" ../state | head -n 20 >&2
  }
  hits=$((hits + 1))
  cd .. && rm -rf trial
}

# in_session COMMAND...: starts it as leader of a session; sets leader.
in_session() {
  local -n options=options_$backend
  setsid "$@" "$TOP/scripts/orchestrate" "${options[@]}" >/dev/null 2>&1 </dev/null &
  leader=$!
}

kill_after() {
  in_session
  sleep "$1"
  kill -KILL -- -$leader 2>/dev/null
  wait $leader 2>/dev/null
}

# kill_at_border before|after PROGRAM: a program that kills its session.
kill_at_border() {
  mkdir bin
  ln -s "$ANSWERMILL_BIN"/* bin/
  rm "bin/$2"
  {
    echo '#!/bin/bash'
    [ "$1" = before ] || printf '"%s" "$@"\n' "$ANSWERMILL_BIN/$2"
    # shellcheck disable=SC2016
    echo 'kill -KILL -- -$(ps -o sid= -p $$ | tr -d " ")'
  } >"bin/$2"
  chmod +x "bin/$2"
  in_session env ANSWERMILL_BIN="$PWD/bin"
  wait $leader 2>/dev/null
  rm -r bin
}

interrupt_twice() {
  python3 - "$1" "$TOP/scripts/orchestrate" "${options_sqlite[@]}" <<'END'
import os, signal, subprocess, sys, time
run = subprocess.Popen(sys.argv[2:], stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, start_new_session=True)
time.sleep(float(sys.argv[1]))
for _ in range(2):
    os.killpg(run.pid, signal.SIGINT)
    time.sleep(0.01)
run.wait()
END
}

# two_at_once: the same run twice; one of them at least succeeds.
two_at_once() {
  local first second statuses
  in_session
  first=$leader
  in_session
  second=$leader
  wait $first
  statuses=$?
  wait $second
  statuses="$statuses $?"
  case $statuses in
    '0 0' | '0 75' | '75 0') ;;
    *) fail "two at once: statuses $statuses" ;;
  esac
}

programs='pick-answer fs-put fs-query confidence-filter to-messages anonymize dedup
  jsonl-validate hash-split checksum token-stats make-manifest acceptance-check
  dataset-report fs-register'
for backend in sqlite cloud; do
  mkdir trial && cd trial || exit
  begin_$backend
  SECONDS=0
  began=$(date +%s%N)
  run >out 2>err || fail "$backend: an undisturbed run fails"
  took=$((($(date +%s%N) - began) / 1000000))
  state_$backend >"../undisturbed-$backend"
  cd .. && rm -rf trial

  for ((i = 0; i < kills; ++i)); do
    ms=$((RANDOM * 32768 + RANDOM))
    ms=$((ms % (took * 11 / 10)))
    delay=$(printf '%d.%03d' $((ms / 1000)) $((ms % 1000)))
    trial "killed after $delay s" kill_after "$delay"
  done
  borders=$programs
  [ $backend = sqlite ] || borders="$programs gcs-put"
  for program in $borders; do
    trial "killed after $program" kill_at_border after "$program"
    [ -z "${RUN_FAULTS:-}" ] ||
      trial "killed before $program" kill_at_border before "$program"
  done
  for ((i = 0; i < pairs; ++i)); do trial "two at once" two_at_once; done
  [ $backend = sqlite ] || continue
  for ((i = 1; i <= interrupts; ++i)); do
    ms=$((took * i / (interrupts + 1)))
    trial "SIGINT twice after $ms ms" interrupt_twice \
      "$(printf '%d.%03d' $((ms / 1000)) $((ms % 1000)))"
  done
done

# ---- a full disk, at more and more kilobytes; then there is room
backend=sqlite
full_disk() {
  # shellcheck disable=SC2016  # for the shell that has the disk
  unshare -m bash -c '
    mkdir disk && mount -t tmpfs -o "size=$1k" none disk && cd disk || exit 2
    TMPDIR=$PWD "${@:2}" >../out 2>../err </dev/null
    status=$?
    cp -a . ..
    echo $status >../status' - "$1" "$TOP/scripts/orchestrate" "${options_sqlite[@]}"
  case $(cat status) in
    0) ;;
    73 | 74) fulls=$((fulls + 1)) ;;
    *) fail "a disk of $1 kB: status $(cat status)" ;;
  esac
  [ ! -e o/v1 ] || [ -e o/v1/report.html ] || fail "a disk of $1 kB: half a version"
}
fulls=0
if unshare -m true 2>/dev/null; then
  for ((i = 1; i <= disks; ++i)); do
    trial "a disk of $((i * 900 / disks)) kB" full_disk $((i * 900 / disks))
  done
  [ $fulls -gt 0 ] || fail "no disk was full"
else
  echo "SKIPPED: full disks, since no file system can be mounted here"
fi
finish "run-faults: $hits hits, each as if nothing had been; full disks: $fulls"
