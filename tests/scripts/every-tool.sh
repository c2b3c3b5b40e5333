#!/bin/bash
# every-tool.sh PROGRAM... - the contract that every program keeps: --help,
# --version, wrong options, /dev/full, exit statuses.
set -u
# shellcheck source=tests/checks
. "$TOP/tests/checks"

for tool; do
  expect 0 "$tool --help"
  grep -q "^Usage: $tool " out || fail "$tool --help: no usage line"
  grep -q "^Examples\?:" out || fail "$tool --help: no example"
  grep -q -- "--version" out || fail "$tool --help: does not name --version"
  [ -s err ] && fail "$tool --help: writes to stderr"
  awk 'length > 80' out | grep . && fail "$tool --help: line over 80 columns"
  cp out whole
  expect 0 "$tool -h"
  [ "$(wc -l <out)" -lt 24 ] || fail "$tool -h: more than a screen"
  awk 'length > 80' out | grep . && fail "$tool -h: line over 80 columns"
  head -n 2 whole | cmp -s - <(head -n 2 out) ||
    fail "$tool -h begins unlike --help"
  grep -oE -- '^ +(-., )?--[a-z0-9-]+' whole | grep -oE -- '--[a-z0-9-]+' |
    while read -r option; do
      grep -q -- "$option\>" out || echo "$option"
    done >missing
  [ -s missing ] && fail "$tool -h: lacks $(tr '\n' ' ' <missing)"
  expect 0 "$tool -V"
  cp out short
  expect 0 "$tool --version"
  cmp -s out short || fail "$tool -V: not --version"
  grep -Eq "^$tool \(answermill\) [0-9]+\.[0-9]+\.[0-9]+$" out ||
    fail "$tool --version: unlike the others"
  expect 64 "$tool --no-such-option"
  grep -q "^$tool: " err || fail "$tool --no-such-option: message without name"
  [ -s out ] && fail "$tool --no-such-option: writes to stdout"
  expect 74 "$tool --help >/dev/full"
  expect 74 "$tool --help >&-"
  grep -q "\`$tool\`" "$TOP/README.md" || fail "README.md does not list $tool"
done
finish "$# programs keep the contract"
