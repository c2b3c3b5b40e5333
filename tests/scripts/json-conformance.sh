#!/bin/bash
# json-conformance.sh PROGRAM... - what is JSON and what is not, by two suites:
# tests/data/json, and the JSON parsing suite under ../shared/data if it is
# there. Every program with a record loop must report each text that is not
# JSON, with its line and byte, keep its bytes in --rejects, and report no
# other text so. Texts on which the RFC leaves the choice must only not crash.
#
# labels: contract
# shellcheck disable=SC2154  # what describe_filter sets
set -u
# shellcheck source=/dev/null
. "$TOP/tests/record-filters"
suite=$TOP/../shared/data/5_json_torture
cd "$(mktemp -d)" || exit 1
trap 'rm -rf "$PWD"' EXIT
failures=0

complain() {
  echo "$1"
  failures=$((failures + 1))
}

# The suite's files as lines. A newline outside strings becomes a space; a text
# with one inside a string cannot be a line, and is left out and counted.
cp "$TOP/tests/data/json/accept.jsonl" accept
cp "$TOP/tests/data/json/reject.jsonl" reject
: >either
if [ -d "$suite" ] && command -v python3 >/dev/null; then
  python3 - "$suite" <<'END'
import json, pathlib, re, sys
suite, left_out = pathlib.Path(sys.argv[1]), 0
files = {word: open(word, "ab") for word in ("accept", "reject", "either")}
for line in open(suite / "index.jsonl"):
    entry = json.loads(line)
    text = (suite / entry["file"]).read_bytes()
    expect = entry["expect"].split()[0]
    outside = re.sub(rb'"(\\.|[^"\\])*("|$)', b"", text, flags=re.S)
    if text.count(b"\n") != outside.count(b"\n") or not text.strip():
        left_out += 1
        continue
    if not entry["file"].endswith(".ndjson"):
        text = text.replace(b"\n", b" ") + b"\n"
    files.get(expect, files["either"]).write(text)
print(f"{left_out} texts of the suite cannot be lines and were left out")
END
else
  echo "without the JSON parsing suite, which is not here"
fi
# Only the first 20 bad records of a run are named, so 20 texts a run.
for kind in accept reject either; do
  split -l 20 -d -a 3 $kind $kind.
done

tools=0
for tool; do
  describe_filter "$tool" || continue
  tools=$((tools + 1))
  for texts in accept.??? reject.??? either.???; do
    rm -f rejects
    timeout 60 "$tool" "${arguments[@]}" --rejects rejects "$texts" >out 2>err
    status=$?
    [ $status -lt 124 ] || complain "$tool: exit status $status on $texts"
    grep -aoE ':[0-9]+: byte [0-9]+:' err | cut -d: -f2 >named
    case $texts in
      accept.*)
        [ -s named ] && complain "$tool: reports JSON as none: $(cat err)" ;;
      reject.*)
        seq "$(wc -l <"$texts")" | cmp -s - named ||
          complain "$tool: does not report each line of $texts: $(cat err)"
        cmp "$texts" rejects || complain "$tool: $texts: other bytes in --rejects"
        ;;
    esac
  done
done
wc -l accept reject either | sed '$d' | tr -s ' \n' ' '
echo "texts, $tools programs, $failures failures"
exit $((failures > 0))
