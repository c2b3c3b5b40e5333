#!/bin/bash
# pipeline.sh - Makefile.pipeline and orchestrate as users meet them: a run
# gives a version folder that checks, and registers it; again, nothing changes;
# other content under the same version is refused, and so are odd names; a run
# killed anywhere goes on to the same bytes; a failing step's status is
# orchestrate's.
#
# labels: faults
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
export ANSWERMILL_BIN=${PATH%%:*}
threads=$TOP/share/sample/threads.jsonl
data='mtg_llm_training.jsonl mtg_llm_training.train.jsonl
  mtg_llm_training.val.jsonl mtg_llm_training.test.jsonl SHA256SUMS'

fail() {
  echo "pipeline: $1" >&2
  exit 1
}

# run FOLDER [INPUT]...: the whole way into FOLDER, with a store of its own.
run() {
  make -s -f "$TOP/Makefile.pipeline" all THREADS="$threads" VERSION=v1 \
    OUT="$1" STORE="sqlite:$1.db" "${@:2}"
}

# same A B: the versions of A and B hold the same files and data.
same() {
  local file
  diff <(ls "$1/v1") <(ls "$2/v1") || return 1
  for file in $data; do
    cmp "$1/v1/$file" "$2/v1/$file" || return 1
  done
}

export SOURCE_DATE_EPOCH=1700000000
run whole >out || fail "a run failed"
documents='report.html README.md croissant.json'
for file in $data manifest.json validation.json acceptance.json $documents; do
  [ -s "whole/v1/$file" ] || fail "no $file"
done
grep -q '"verdict":"pass"' whole/v1/acceptance.json || fail "no verdict"
mkdir again
dataset-report whole/v1 --output again/report.html --card again/README.md \
  --croissant again/croissant.json
for file in $documents; do
  cmp "again/$file" "whole/v1/$file" || fail "$file is another when made again"
done
fs-register --store sqlite:whole.db --dry-run whole/v1/manifest.json >said 2>&1
grep -q 'v1: already registered' said || fail "the version is not registered"
(cd whole/v1 && sha256sum --quiet -c SHA256SUMS) || fail "SHA256SUMS is wrong"
cat whole/v1/mtg_llm_training.{train,val,test}.jsonl | sort |
  cmp - <(sort whole/v1/mtg_llm_training.jsonl) || fail "the parts are not the whole"
[ -z "$(ls whole/.work)" ] || fail "work was left behind"

# Tokens of another model: where the pipeline counts, and in the manifest.
cp "$TOP/tests/data/tokens/small-sentencepiece.model" "a model"
run model TOKENIZER="a model" JOBS=2 >out || fail "--tokenizer: a run failed"
sum=$(sha256sum <"a model")
for word in "\"encoding\": \"a model@${sum:0:12}\"" \
  "\"tokenizer\": \"a model sha256:${sum%% *}\""; do
  grep -qF "$word" model/v1/manifest.json || fail "the manifest has no $word"
done
cmp model/v1/SHA256SUMS whole/v1/SHA256SUMS || fail "a tokenizer changes examples"
[ "$(grep -o '"total_tokens","value":[0-9]*' model/v1/acceptance.json)" != \
  "$(grep -o '"total_tokens","value":[0-9]*' whole/v1/acceptance.json)" ] ||
  fail "acceptance-check counts other tokens"
status=0
run none TOKENIZER="$TOP/README.md" >out 2>&1 || status=$?
[ $status != 0 ] && grep -q 'no tokenizer that is read' out && [ ! -e none/v1 ] ||
  fail "a file that is no tokenizer: status $status"

find whole -printf '%p %s %T@ %i\n' | grep -v '\.work' | sort >before
run whole >out || fail "the second run failed"
grep -q 'published already' out || fail "the second run did not notice"
find whole -printf '%p %s %T@ %i\n' | grep -v '\.work' | sort | cmp - before ||
  fail "the second run changed something"

status=0
run whole MIN_CONFIDENCE=0.9 >out 2>&1 || status=$?
[ $status != 0 ] || fail "other content replaced a version"
find whole/v1 -printf '%p %s %T@ %i\n' | sort | cmp - <(grep '^whole/v1' before) ||
  fail "other content changed a version"

# Killed after ever longer times, with all its children, then run to its end.
for wait in 0.01 0.03 0.05 0.07 0.09 0.12 0.15 0.2 0.3 0.5; do
  setsid make -s -f "$TOP/Makefile.pipeline" all THREADS="$threads" VERSION=v1 \
    OUT=killed STORE=sqlite:killed.db >/dev/null 2>&1 &
  sleep $wait
  kill -KILL -- -$! 2>/dev/null || true
  wait $! 2>/dev/null || true
  run killed >out 2>&1 || { cat out; fail "no going on after $wait s"; }
  same whole killed || fail "other bytes after a kill at $wait s"
  rm -rf killed killed.db*
done

# Killed while it wrote a file, and while it cleaned up, when the inputs are
# gone, and some more.
make -s -f "$TOP/Makefile.pipeline" acceptance THREADS="$threads" VERSION=v1 \
  OUT=killed STORE=sqlite:killed.db >out
echo '{' >killed/.work/v1/version/mtg_llm_training.train.jsonl.aB3dE6
rm -r killed/.work/v1/{in,parts,version/SHA256SUMS}
run killed >out || fail "no going on after a kill at the end"
same whole killed || fail "other bytes after a kill at the end"

# A published version can be registered elsewhere.
make -s -f "$TOP/Makefile.pipeline" register VERSION=v1 OUT=whole \
  STORE=sqlite:other.db >out || fail "make register fails"

# -n shows every program, and makes nothing.
make -n -f "$TOP/Makefile.pipeline" all THREADS="$threads" VERSION=v1 \
  OUT=plan STORE=sqlite:plan.db GCS_BUCKET=b >plan.txt
for program in pick-answer fs-put fs-query confidence-filter to-messages \
  anonymize dedup jsonl-validate hash-split checksum token-stats \
  make-manifest acceptance-check dataset-report gcs-put fs-register; do
  grep -qE "(^|[(&] ?| )$program " plan.txt || fail "make -n: no $program"
done
[ -z "$(ls -d plan plan.db 2>/dev/null)" ] || fail "make -n made something"

# Names that are no folder's, or no word of make's.
for name in 'v 1' a/b .v -v; do
  for how in "make -s -f $TOP/Makefile.pipeline all" "$TOP/scripts/orchestrate"; do
    ! ANSWERMILL_VERSION=$name $how >out 2>&1 || fail "VERSION='$name' is taken"
    grep -q "VERSION '$name'" out || fail "VERSION='$name': no clear word of it"
  done
done
status=0
"$TOP/scripts/orchestrate" --dataset-version '' >out 2>&1 || status=$?
[ $status = 64 ] || fail "--dataset-version '': $status, not 64"
[ -z "$(ls -d v* training 2>/dev/null)" ] || fail "odd names made something"

# A version that was not named is taken up again, and its name with it.
make -s -f "$TOP/Makefile.pipeline" export THREADS="$threads" OUT=named \
  STORE=sqlite:named.db >out
version=$(cat named/.work/unfinished)
make -s -f "$TOP/Makefile.pipeline" all THREADS="$threads" OUT=named \
  STORE=sqlite:named.db >out
[ -e "named/$version/manifest.json" ] || fail "another version than $version"

status=0
echo 'not json' | cat - "$threads" >broken.jsonl
"$TOP/scripts/orchestrate" --threads broken.jsonl --store sqlite:o.db \
  --output o >out 2>&1 || status=$?
[ $status = 65 ] || fail "orchestrate ended with $status, not its step's 65"
mkdir failing
# Status 1 is a version that is not accepted, and nothing else.
for want in 65 69 70 73 74 75 77 78; do
  printf '#!/bin/sh\nexit %s\n' $want >failing/fs-put
  chmod +x failing/fs-put
  status=0
  ANSWERMILL_BIN=$PWD/failing \
    "$TOP/scripts/orchestrate" --threads "$threads" --store sqlite:o.db \
    --output o >out 2>&1 || status=$?
  [ $status = $want ] || fail "orchestrate ended with $status, not its step's $want"
done
for words in '--threads' '--nope x' '--skip-collector --threads x' 'operand'; do
  status=0
  # shellcheck disable=SC2086  # words are words
  "$TOP/scripts/orchestrate" $words >out 2>&1 || status=$?
  [ $status = 64 ] || fail "orchestrate $words: $status, not 64"
done
status=0
"$TOP/scripts/orchestrate" --threads none.jsonl >out 2>&1 || status=$?
[ $status = 66 ] || fail "orchestrate with no file: $status, not 66"
"$TOP/scripts/orchestrate" --threads "$threads" --store sqlite:o.db \
  --output=o/mine.jsonl --dataset-version=v2 --min-confidence 0.8 >out
[ -s o/v2/mine.train.jsonl ] || fail "--output FOLDER/NAME.jsonl names no files"
grep -q '== publish: ' out || fail "orchestrate does not say what it does"
echo "pipeline: whole, repeated, refused, killed ten times, resumed, orchestrated"
