#!/bin/bash
# tiktoken-vectors.sh - token-stats counts as tiktoken did: on the texts of
# tests/data/tokens, and on thousands more where ../shared/data has them.
#
# labels: quick contract
set -u
cd "$(mktemp -d)" || exit 1
trap 'rm -rf "$PWD"' EXIT
vectors=("$TOP/tests/data/tokens/texts.jsonl")
for more in "$TOP"/../shared/data/6_tiktoken/vectors.p*.jsonl; do
  [ -e "$more" ] && vectors+=("$more")
done
for encoding in o200k_base cl100k_base; do
  cat "${vectors[@]}" | python3 -c "import json, sys
for line in sys.stdin:
    tokens = json.loads(line)['$encoding']  # ids, or how many there are
    print(len(tokens) if isinstance(tokens, list) else tokens)" >wanted || exit 1
  token-stats --encoding $encoding --counts "${vectors[@]}" >got
  cmp wanted got || exit 1
  echo "$encoding: $(wc -l <got) texts counted alike"
done
