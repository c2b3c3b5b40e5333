#!/bin/bash
# readers.sh - what jsonl-validate takes, the code takes that reads such files:
# vendors' packages and trainers, as far as PYTHON has them. tests/oracle/readers.py
# names them; with --table it prints a table. And they read a version with folders
# of all formats. READER_FILES says how many mutated files of each format (60).
#
# labels: contract
set -euo pipefail
readers() { "${PYTHON:-python3}" "$TOP/tests/oracle/readers.py" "$@"; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export HOME=$scratch HF_HUB_OFFLINE=1 HF_DATASETS_OFFLINE=1
status=0
readers --files "${READER_FILES:-60}" || status=$?
if [ $status = 77 ]; then echo "SKIPPED: ${PYTHON:-python3} has no reader of training files"; fi
[ $status = 0 ] || exit $status
ANSWERMILL_BIN=${PATH%%:*} "$TOP/scripts/orchestrate" \
  --threads "$TOP/share/sample/threads.jsonl" --store "sqlite:$scratch/s.db" \
  --output "$scratch/o" --dataset-version v1 --withdraw never --max-bad 100% \
  --also together,vertex,bedrock,bedrock-claude,openai-rft,sharegpt,alpaca,trl \
  >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
readers --version "$scratch/o/v1"
