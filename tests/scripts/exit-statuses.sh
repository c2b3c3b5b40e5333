#!/bin/sh
# exit-statuses.sh PROGRAM... - each status with which a golden case of a program
# ends is one that the program's --help lists.
set -u
cd "$TOP/tests/cases" || exit 1
wrong=0
for tool; do
  "$tool" --help | tr '\n' ' ' | sed 's/.*Exit status: //; s/\..*//' |
    tr ';' '\n' | sed 's/^ *//; s/ .*//' >"${TMPDIR:-/tmp}/statuses.$$"
  for status in "$tool"/*/status; do
    [ -e "$status" ] || continue
    grep -qx "$(cat "$status")" "${TMPDIR:-/tmp}/statuses.$$" && continue
    echo "$status: $(cat "$status") is not in $tool --help"
    wrong=1
  done
done
rm -f "${TMPDIR:-/tmp}/statuses.$$"
exit $wrong
