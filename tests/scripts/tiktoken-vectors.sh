#!/bin/bash
# tiktoken-vectors.sh - token-stats counts as tiktoken did on thousands of real
# and made texts, in both encodings.
#
# labels: contract
set -u
vectors=$TOP/../shared/data/6_tiktoken
ls "$vectors"/vectors.p*.jsonl >/dev/null 2>&1 || {
  echo "SKIPPED: no vectors in ../shared/data/6_tiktoken"
  exit 77
}
cd "$(mktemp -d)" || exit 1
trap 'rm -rf "$PWD"' EXIT
for encoding in o200k_base cl100k_base; do
  cat "$vectors"/vectors.p*.jsonl | python3 -c "import json, sys
for line in sys.stdin: print(json.loads(line)['$encoding'])" >wanted || exit 1
  token-stats --encoding $encoding --counts "$vectors"/vectors.p*.jsonl >got
  cmp wanted got || exit 1
  echo "$encoding: $(wc -l <got) texts counted alike"
done
