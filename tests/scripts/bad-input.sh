#!/bin/bash
# bad-input.sh PROGRAM... - what every program with a record loop does with bad
# records, bad files, bad descriptors, endless input, and lines of 100 MB.
#
# labels: faults
# shellcheck disable=SC2154  # what describe_filter sets
set -u
# shellcheck source=/dev/null
. "$TOP/tests/record-filters"
cd "$(mktemp -d)" || exit 1
trap 'rm -rf "$PWD"' EXIT
failures=0

# run STATUS WHAT INPUT [OPTION]...: gives INPUT, backslash escapes resolved, to
# the program and leaves ./out and ./err behind.
run() {
  local status=$1 what=$2 input=$3
  shift 3
  printf '%b' "$input" | filter "$@" >out 2>err
  check "$status" "${PIPESTATUS[1]}" "$what"
}

# run_on STATUS WHAT FILE [OPTION]...: the same with a file as operand.
run_on() {
  local status=$1 what=$2 file=$3
  shift 3
  filter "$@" "$file" >out 2>err </dev/null
  check "$status" $? "$what"
}

filter() {
  rm -f store.db* part.*
  timeout 60 "$tool" "${arguments[@]}" "$@"
}

check() {
  [ "$2" = "$1" ] || complain "$3: exit status $2, not $1"
}

complain() {
  echo "$tool: $1"
  head -3 err | cut -c1-200 | sed 's/^/    /'
  failures=$((failures + 1))
}

reported() {  # reported LINE...: these, and no others, were named on stderr
  [ "$(grep -aoE 'stdin:[0-9]+:' err | cut -d: -f2 | tr '\n' ' ')" = "$* " ] ||
    complain "does not report line $*"
}

has() { [[ " $traits " == *" $1 "* ]]; }

lines_out() {  # lines_out COUNT: so many records on standard output
  has streams || return
  [ "$(wc -l <out)" = "$1" ] || complain "$(wc -l <out) lines out, not $1"
}

# ---- records
try_records() {
  local good=${record//\\/\\\\}
  run 0 "empty input" ''
  lines_out 0
  run 0 "empty lines" '\n\r\n\n'
  lines_out 0
  run 0 "no newline at the end" "$good\n$good"
  lines_out 2
  run 0 "carriage returns" "$good\r\n$good\r\n"
  if has copies; then
    printf '%s\r\n' "$record" | cmp -s - <(head -1 out) ||
      complain "loses a carriage return"
  fi
  run 0 "duplicate keys" "{\"metadata\":null,${good#\{}\n"
  run "$bad_status" "bad bytes" \
    "$good\n{\"a\":\"\\0000\"}\n$good\n{\"a\":\"\\0377\"}\n\\0000\n\\0377\n"
  reported 2 4 5 6
  lines_out 2
  run "$bad_status" "wrong types" "$good\n[$good]\n1\n\"{}\"\nnull\n$good\n"
  reported 2 3 4 5
  lines_out 2
  local many='' i
  for i in {1..30}; do many+="$i\n"; done
  run "$bad_status" "many bad records" "$many" --rejects rejects
  reported {1..20}
  grep -q ': 10 more bad records$' err || complain "does not count the others"
  printf '%b' "$many" | cmp - rejects || complain "--rejects: other bytes"
  run "$bad_status" "a bad last line" "$good\n{\"a\":" --rejects rejects
  [ "$(cat rejects)" = '{"a":' ] || complain "--rejects: loses the last line"
}

try_options() {
  local input="${record//\\/\\\\}\nbad\n${record//\\/\\\\}\n${record//\\/\\\\}\n"
  local row allowed
  for row in "$bad_status:0" 0:1 0:2 "$bad_status:24%" 0:25% 0:100%; do
    allowed=${row#*:}
    run "${row%%:*}" "--max-bad $allowed" "$input" --max-bad "$allowed"
    reported 2
  done
  run 64 "--max-bad many" "$input" --max-bad many
  rm -f stats
  run 0 "--stats" "$input" --max-bad 1 --stats stats
  local bytes member
  bytes=$(printf '%b' "$input" | wc -c)
  for member in "\"tool\":\"$tool\"" '"records_read":4' '"bad":1' '"seconds":' \
    "\"bytes_in\":$bytes" '"records_written":' '"dropped":{' '"bytes_out":'; do
    grep -qF "$member" stats || complain "--stats: no $member: $(cat stats)"
  done
  [ "$(wc -l <stats)" = 1 ] || complain "--stats: not one line"
}

# ---- files and descriptors
try_files() {
  printf '%s\n' "$record" >good
  run_on 66 "a missing file" none
  run_on 66 "a directory" .
  filter good none good >out 2>err </dev/null
  check 66 $? "a missing file between others"
  lines_out 2
  if [ "$as_nobody" ]; then
    rm -f store.db* part.*
    timeout 60 setpriv --reuid 65534 --clear-groups \
      "$(command -v "$tool")" "${arguments[@]}" secret >out 2>err </dev/null
    check 66 $? "a file that may not be read"
  fi
  filter <&- >out 2>err
  check 74 $? "standard input closed"
  filter good >out 2>err </dev/null
  if [ -s out ]; then
    filter good >/dev/full 2>err </dev/null
    check 74 $? "a full disk"
    filter good >&- 2>err </dev/null
    check 74 $? "standard output closed"
  fi
}

# ---- pipes and signals
try_signals() {
  if has streams; then
    yes "$record" | filter 2>err | head -1 >out
    check 141 "${PIPESTATUS[1]}" "a reader that goes away"
    [ -s err ] && complain "says something when its reader goes away"
    lines_out 1
  fi
  rm -f rejects fifo
  mkfifo fifo
  "$tool" "${arguments[@]}" --rejects rejects >out 2>err <fifo &
  local pid=$!
  exec 3>fifo
  echo bad >&3
  until [ -s err ] || ! kill -0 $pid; do sleep 0.01; done
  kill $pid
  wait $pid 2>/dev/null
  exec 3>&-
  [ -e rejects ] && complain "killed, leaves half a file for --rejects"
  rm -f rejects.*
}

# ---- long lines; `limited` bounds the memory where that can be done
limited() {
  if (ulimit -v 250000 && "$tool" --version) >version 2>&1; then
    (ulimit -v 250000 && filter "$@")
  else
    filter "$@"
  fi
}

try_long_lines() {
  (printf '%s\n' "$record"; cat long; printf '\n%s\n' "$record") |
    limited --max-line 1M --rejects rejects >out 2>err
  check "$bad_status" "${PIPESTATUS[1]}" "a line of 100 MB"
  reported 2
  lines_out 2
  (cat long; echo) | cmp - rejects || complain "--rejects: not the long line"
  # White space inside a record leaves it what it was.
  (printf '{'; tr x ' ' <long; printf '%s\n' "${record#\{}") >wide
  run_on "$bad_status" "a record of 100 MB" wide
  run_on 0 "a record of 100 MB with --max-line 200M" wide --max-line 200M
  lines_out 1
}

head -c 104857600 /dev/zero | tr '\0' x >long
as_nobody=
: >secret
chmod 0 secret
chmod 777 .
if setpriv --reuid 65534 --clear-groups true 2>/dev/null; then
  as_nobody=yes
else
  echo "not tried, since this is not root: a file that may not be read"
fi

tools=0
for tool; do
  describe_filter "$tool" || continue
  tools=$((tools + 1))
  try_records
  try_options
  try_files
  try_signals
  try_long_lines
done
echo "$tools programs, $failures failures"
exit $((failures > 0))
