#!/bin/bash
# parallel-filter.sh - a filter in many processes gives the bytes of one: its
# output, its side files, its account, its status; and so does the pipeline,
# where a stage's input is over a size.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
fail() {
  echo "parallel-filter: $1" >&2
  exit 1
}
parallel=$TOP/scripts/parallel-filter

# Lines that are bad, empty, end in CR, look like other formats, or are long;
# and a file whose last line has no newline.
pick-answer "$TOP/share/sample/threads.jsonl" | to-messages >examples
{
  for i in 1 2 3 4; do
    cat examples
    printf '[1,2]\n\nid,question\n{"messages":"\303("}\nBZh9\n\357\273\277{}\n'
    sed 's/$/\r/' examples | tail -n "$i"
  done
} >one.jsonl
head -c -1 one.jsonl >two.jsonl
: >three.jsonl
zstd -q examples -o four.jsonl.zst
inputs=(one.jsonl two.jsonl three.jsonl four.jsonl.zst)

mkdir whole parts
filter='confidence-filter --min 0.7 --max-bad 100% --rejects "$SIDE/bad" \
  --stats "$SIDE/a.stats" "$@" | anonymize --stats "$SIDE/b.stats"'
SIDE=whole bash -c "$filter" - "${inputs[@]}" >whole/out 2>errors
[ -s whole/out ] && [ -s whole/bad ] || fail "nothing to compare"
for block in 4K 30K 1M; do
  rm -f parts/*
  status=0
  "$parallel" -j 3 --block "$block" --side parts "$filter" "${inputs[@]}" \
    >parts/out 2>errors || status=$?
  [ "$status" = 65 ] || fail "bad records are not told by the status: $status"
  grep -q '40 bad records of .* more than --max-bad 0 allows' errors ||
    fail "bad records are not told"
  for file in out bad; do
    cmp "whole/$file" "parts/$file" || fail "blocks of $block: another $file"
  done
  for file in a.stats b.stats; do
    cmp <(sed 's/"seconds".*//' "whole/$file") <(sed 's/"seconds".*//' "parts/$file") ||
      fail "blocks of $block: another account: $(cat "parts/$file")"
  done
done
"$parallel" --max-bad 40 --side parts "$filter" "${inputs[@]}" >out 2>/dev/null ||
  fail "as many bad records as are allowed are too many"
cmp out whole/out
"$parallel" --block 5K 'anonymize' <examples | cmp - <(anonymize <examples)

# A block's failure is the whole's, and what is not bad records writes nothing.
status=0
"$parallel" --block 5K 'anonymize --mode none' examples >out 2>/dev/null || status=$?
[ "$status" = 64 ] && [ ! -s out ] || fail "wrong options end with $status"
status=0
"$parallel" --block 5K 'head -n 1 >/dev/null; kill -9 $$' examples >out 2>/dev/null ||
  status=$?
[ "$status" = 137 ] && [ ! -s out ] || fail "a killed process ends with $status"
for wrong in '--jobs 0 cat' '--block x cat' '--none cat' '--side nowhere cat' \
  'cat nowhere' ''; do
  # shellcheck disable=SC2086  # words
  ! "$parallel" $wrong <examples >out 2>&1 || fail "takes $wrong"
done

# The pipeline, with bad threads among the good.
export ANSWERMILL_BIN=${PATH%%:*} SOURCE_DATE_EPOCH=1700000000
{
  cat "$TOP/share/sample/threads.jsonl"
  echo '{"post":5}'
} >threads
run() {
  make -s "$1" -f "$TOP/Makefile.pipeline" all THREADS="$(printf 'threads\nthreads')" VERSION=v1 \
    OUT="$2" STORE=sqlite:store.db MAX_BAD=2 DROPPED="$2.dropped" VERBOSE=1 \
    >"$2.log" 2>&1 || { cat "$2.log"; fail "the pipeline failed"; }
  rm -f store.db*
}
run -j1 one
ANSWERMILL_SPREAD_OVER=20000 run -j3 many
diff -r one/v1 many/v1 || fail "another version in several processes"
cmp one.dropped many.dropped || fail "another account of dropped threads"
[ "$(grep -c 'pick-answer: stdin:[0-9]*: post: ' many.log)" -gt 0 ] ||
  fail "the pipeline ran in one process: $(cat many.log)"
