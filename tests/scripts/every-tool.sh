#!/bin/bash
# every-tool.sh PROGRAM... - the contract that every program keeps: --help,
# --version, wrong options, /dev/full, exit statuses.
set -u
cd "$(mktemp -d)" || exit 1
trap 'rm -rf "$PWD"' EXIT
failures=0

# expect STATUS COMMAND: runs it, leaving ./out and ./err behind.
expect() {
  eval "$2" >out 2>err </dev/null
  local got=$?
  [ $got = "$1" ] || complain "$2: exit status $got, not $1"
}

complain() {
  echo "$1" >&2
  sed 's/^/    /' err >&2
  failures=$((failures + 1))
}

for tool; do
  expect 0 "$tool --help"
  grep -q "^Usage: $tool " out || complain "$tool --help: no usage line"
  grep -q "^Examples\?:" out || complain "$tool --help: no example"
  grep -q -- "--version" out || complain "$tool --help: does not name --version"
  [ -s err ] && complain "$tool --help: writes to stderr"
  awk 'length > 80' out | grep . && complain "$tool --help: line over 80 columns"
  expect 0 "$tool --version"
  grep -Eq "^$tool \(answermill\) [0-9]+\.[0-9]+\.[0-9]+$" out ||
    complain "$tool --version: unlike the others"
  expect 64 "$tool --no-such-option"
  grep -q "^$tool: " err || complain "$tool --no-such-option: message without name"
  [ -s out ] && complain "$tool --no-such-option: writes to stdout"
  expect 74 "$tool --help >/dev/full"
  expect 74 "$tool --help >&-"
  grep -q "\`$tool\`" "$TOP/README.md" || complain "README.md does not list $tool"
done
[ $failures = 0 ] && echo "$# programs keep the contract"
exit $((failures > 0))
