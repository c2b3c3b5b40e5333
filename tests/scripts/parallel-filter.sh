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
while read -r want wrong; do
  status=0
  # shellcheck disable=SC2086  # words
  "$parallel" $wrong <examples >out 2>&1 || status=$?
  [ "$status" = "$want" ] || fail "$wrong: $status, not $want: $(head -c 200 out)"
done <<'END'
64 --jobs 0 cat
64 --block x cat
64 --max-bad x cat
64 --none cat
73 --side nowhere cat
66 cat nowhere
66 cat .
127 no-such-command
64
END
for options in '--block=5k --jobs=2' '--block 5K -j2'; do
  # shellcheck disable=SC2086  # words
  "$parallel" $options cat - <examples | cmp - examples || fail "not $options"
done
"$parallel" --version | grep -q '^answermill [0-9]' || fail "no version"

# A command need not read all, as with one process; what goes by all records
# together is told to see only a block's.
"$parallel" --block 5K 'head -n 1' examples >out || fail "a command that stops reading fails"
[ "$(wc -l <out)" -gt 1 ] || fail "one block"
"$parallel" --block 5K 'anonymize | dedup' examples >out 2>errors
grep -q 'dedup sees only the records of a block' errors || fail "no word of dedup"

# zstd's frame of other data may come first.
{ printf 'P*M\030\004\0\0\0abcd'; zstd -qc examples; } >five.jsonl.zst
"$parallel" --block 1K anonymize five.jsonl.zst | cmp - <(anonymize examples) ||
  fail "a compressed file is cut"

# An input is no output, nor is one output another; a second run writes anew.
cp examples in
for wrong in 'cat <in >>in' 'cat in >>in' '"anonymize --stats \"\$SIDE/in\"" <in >out' \
  '"anonymize --stats \"\$SIDE/out\"" in >out'; do
  status=0
  eval "$parallel $wrong" 2>errors || status=$?
  [ "$status" = 64 ] || fail "$wrong: $status, not 64"
  cmp in examples || fail "$wrong: an input is changed"
done
for _ in 1 2; do
  "$parallel" --block 5K --side parts 'tee "$SIDE/twice"' <examples >out
  cmp parts/twice examples || fail "a side file is not that of this run"
done
[ -z "$(find . -name '.parallel-filter.*')" ] || fail "something was left behind"

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
