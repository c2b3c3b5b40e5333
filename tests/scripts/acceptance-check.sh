#!/bin/bash
# acceptance-check.sh - versions made by the pipeline from the sample pass, and
# one with four faults fails four times, in four plain sentences.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
export ANSWERMILL_BIN=${PATH%%:*} SOURCE_DATE_EPOCH=1700000000
parts='mtg_llm_training.train.jsonl mtg_llm_training.val.jsonl
  mtg_llm_training.test.jsonl'

fail() {
  echo "acceptance-check: $1" >&2
  cat out err >&2 2>/dev/null || true
  exit 1
}

# version NAME [INPUT]...: a version made by the pipeline, in versions/NAME.
version() {
  make -s -f "$TOP/Makefile.pipeline" all THREADS="$TOP/share/sample/threads.jsonl" \
    OUT=versions STORE=sqlite:s.db VERSION="$1" "${@:2}" >/dev/null
}

# manifest NAME: its manifest anew, after its files were changed.
manifest() (
  cd "versions/$1"
  # shellcheck disable=SC2086  # words are words
  cat $parts >mtg_llm_training.jsonl
  # shellcheck disable=SC2086
  token-stats --json $parts >tokens.json
  # shellcheck disable=SC2086
  make-manifest --dataset-version "$1" --tokens tokens.json --output manifest.json \
    mtg_llm_training.jsonl $parts
)

# check STATUS ARGUMENT...: what acceptance-check says, in out and err.
check() {
  local wanted=$1 status=0
  acceptance-check --min-drift-sample 0 "${@:2}" >out 2>err || status=$?
  [ $status = "$wanted" ] || fail "status $status, not $wanted: ${*:2}"
}

# verdict NAME: what out, which is JSON, says of one check.
verdict() {
  python3 -c 'import json, sys
print(*(c["passed"] for c in json.load(open("out"))["checks"]
        if c["name"] == sys.argv[1]))' "$1"
}

version v1
check 0 --min-confidence 0.7 versions/v1/manifest.json
[ ! -s err ] || fail "a pass is not silent"
check 0 --baseline versions/v1/manifest.json versions/v1/manifest.json

# A further format is of the version, and says what the main one says.
version also ALSO=together,alpaca
check 0 versions/also
sed -i '2s/"output":"/&Not at all. /' versions/also/alpaca/mtg_llm_training.train.jsonl
check 1 versions/also
grep -q '^acceptance-check: alpaca/mtg_llm_training.train.jsonl is not the file that the manifest' err ||
  fail "a changed file of a further format"
(cd versions/also && make-manifest --dataset-version also --also alpaca --output manifest.json \
  mtg_llm_training.jsonl mtg_llm_training.train.jsonl)
check 1 versions/also
grep -q '^acceptance-check: alpaca/mtg_llm_training.train.jsonl does not say .* from line 2 on; nothing' err ||
  fail "another text in a further format"
sed -i 's|"alpaca/mtg|"../mtg|' versions/also/manifest.json
check 65 versions/also

# Tokens counted by a file are counted by that file again, or not at all.
cp -r versions/v1 versions/small
(
  cd versions/small
  # shellcheck disable=SC2086
  token-stats --tokenizer "$TOP/tests/data/tokens/small-gpt2.json" --json $parts \
    >tokens.json
  # shellcheck disable=SC2086
  make-manifest --dataset-version small --tokens tokens.json \
    --output manifest.json mtg_llm_training.jsonl $parts
)
check 64 versions/small/manifest.json
grep -q 'counted by small-gpt2.json@.*: give that file to --tokenizer' err ||
  fail "does not ask for the tokenizer"
check 64 --tokenizer "$TOP/tests/data/tokens/small-qwen2.json" \
  versions/small/manifest.json
check 0 --tokenizer "$TOP/tests/data/tokens/small-gpt2.json" \
  --baseline versions/small/manifest.json versions/small/manifest.json

# The same with 45 more tokens in each system message; then a lowered
# confidence, a leaked example and an e-mail address.
{
  printf 'You are an expert on the rules of Magic: The Gathering. Answer the '
  printf 'question clearly and correctly, explain which rules decide it, and '
  printf 'give the numbers of the Comprehensive Rules where they apply.'
  printf ' Be sure to say so if you are not.%.0s' 1 2 3 4 5
} >prompt
version v2 SYSTEM_PROMPT_FILE=prompt ACCEPTANCE='--min-drift-sample 0' 2>err &&
  fail "the pipeline publishes what is not accepted"
grep -q 'tokens of an example, at the median, rose by' err || fail "no word of why"
[ ! -e versions/v2 ] || fail "what is not accepted has a version folder"
version v2 SYSTEM_PROMPT_FILE=prompt ACCEPTANCE='--max-token-drift 1000%'
check 1 --baseline versions/v1/manifest.json versions/v2/manifest.json
[ "$(wc -l <err)" = 1 ] || fail "only the tokens are others"

# Few examples may be so by luck; a person may accept what is no luck.
check 0 --min-drift-sample 100 --baseline versions/v1/manifest.json versions/v2/manifest.json
grep -qF -- 'is not checked: the tokens of an example' err || fail 'no such word: ''is not checked: the tokens of an example'
check 0 --json --accept-as-baseline 'ana: a longer prompt' \
  --baseline versions/v1/manifest.json versions/v2/manifest.json
grep -qF -- 'accepted by ana: the tokens of an example' err || fail 'no such word: ''accepted by ana: the tokens of an example'
grep -qF -- '"accepted_as_baseline":{"who":"ana","why":"a longer prompt"}' out || fail 'no such word: ''"accepted_as_baseline":{"who":"ana","why":"a longer prompt"}'
check 64 --accept-as-baseline 'because' --baseline versions/v1/manifest.json \
  versions/v2/manifest.json

# A baseline without figures is said to have none.
python3 - versions/v1/manifest.json >bare.json <<'END'
import json, sys
manifest = json.load(open(sys.argv[1]))
manifest["interaction_types"] = {"combat": 0}
json.dump(manifest, sys.stdout)
END
check 0 --baseline bare.json versions/v1/manifest.json
grep -qF -- "type_drift_percent is not checked: the baseline's interaction types are not known" err || fail 'no such word: '"type_drift_percent is not checked: the baseline's interaction types are not known"

train=versions/v2/mtg_llm_training.train.jsonl
test=versions/v2/mtg_llm_training.test.jsonl
sed -i '1s/"confidence":[0-9.]*/"confidence":0.25/
  3s/"role":"assistant","content":"/&Write to judge@example.com. /' $train
sed -n 2p $train >>$test
manifest v2
check 1 --baseline versions/v1/manifest.json --min-confidence 0.7 versions/v2/manifest.json
grep -q '^v2, compared with v1: FAIL$' out || fail "the table has no verdict"
[ "$(grep -c ' FAIL$' out)" = 5 ] || fail "not four checks failed"
sed 's/[0-9.]*%, from [0-9.]* to [0-9.]*;/P%, from A to B;/
  s/test.jsonl:[0-9]*/test.jsonl:N/; /is not checked:/d' err | cmp - <(cat <<'END'
acceptance-check: the least confidence is 0.25; at least 0.7 is required
acceptance-check: the tokens of an example, at the median, rose by P%, from A to B; at most 20% is allowed
acceptance-check: 1 example is in another part of the split, too (1 same id), first at mtg_llm_training.test.jsonl:N and in train; at most 0 are allowed
acceptance-check: 1 piece of personal data is left (1 EMAIL_ADDRESS), first at mtg_llm_training.train.jsonl:3, messages[2].content; at most 0 are allowed
END
) || fail "not the four sentences"
check 0 --baseline versions/v1/manifest.json --max-token-drift 50% --max-leaks 1 \
  --max-pii 1 versions/v2/manifest.json

# The verdict as JSON, which make-manifest takes.
check 1 --json --baseline versions/v1/manifest.json versions/v2/manifest.json
[ "$(verdict pii) $(verdict duplicates)" = 'False True' ] || fail "wrong JSON"
make-manifest --dataset-version v2 --acceptance out $train | grep -q '"verdict": "fail"' ||
  fail "the manifest has no verdict"

# Marks: all are good, and so few that not even half need be.
sed -n 's/.*"metadata":{"id":"\([^"]*\)".*/{"id":"\1","mark":"good"}/p' \
  versions/v1/mtg_llm_training.jsonl | head -4 >marks
check 0 --marks marks --min-good 0.5 versions/v1/manifest.json
check 0 --json --marks marks --min-good 0.5 versions/v1/manifest.json
python3 - marks versions/v1/mtg_llm_training.jsonl <<'END' || fail "not the reliability of the marks"
import json, sys
marks, examples = ([json.loads(line) for line in open(path)] for path in sys.argv[1:])
confidence = {e["metadata"]["id"]: e["metadata"]["confidence"] for e in examples}
verdict = json.load(open("out"))
for row in verdict["reliability"]:
    of = [m for m in marks if int(confidence[m["id"]] * 10) == round(row["from"] * 10)]
    assert row["marked"] == len(of) and row["good"] == len(of), (row, of)
    assert row["low"] < 1 and row["high"] == 1
assert sum(row["marked"] for row in verdict["reliability"]) == len(marks)
END
check 1 --marks marks --min-good 0.6 versions/v1/manifest.json
[ "$(cat err)" = "acceptance-check: of 4 marked examples 4 are good, so that at least \
0.51 of all are (Wilson's interval, 95 %); at least 0.6 is required" ] || fail "no word of the marks"
echo '{"id":"none","mark":"good"}' >marks
check 1 --marks marks --min-good 0.1 versions/v1/manifest.json
grep -q ': no example has a mark by its id' err || fail "no word of no marks"
check 64 --marks marks versions/v1/manifest.json

# Leaks by the same question, and by nearly the same text.
version v3 ACCEPTANCE=
test=versions/v3/mtg_llm_training.test.jsonl
train=versions/v3/mtg_llm_training.train.jsonl
cp $test kept
for leak in 's/"id":"/&x/; s/"role":"assistant","content":"[^"]*"/"role":"assistant","content":"Another."/' \
  's/"id":"/&x/; s/"role":"user","content":"/&Hello! /'; do
  { sed -n 2p $train | sed "$leak"; cat kept; } >$test
  manifest v3
  check 1 versions/v3/manifest.json
  sed -n 's/.*too (\(.*\)), first.*/\1/p' err
done >kinds
printf '1 same question\n1 near duplicate\n' | cmp - kinds || fail "not these leaks"
cp kept $test

# A repetition within a part; a lower mean; another mix; nothing at all.
sed -i 2p $train
manifest v3
check 1 versions/v3/manifest.json
grep -q ': 1 example repeats another of the same part, first at' err || fail "no duplicate"
sed -i '2d
  s/"confidence":[0-9.]*/"confidence":0.7/; s/"interaction_type":"[a-z_]*"/"interaction_type":"combat"/' $train
manifest v3
check 1 --json --baseline versions/v1/manifest.json --min-mean-confidence 0.75 versions/v3/manifest.json
for name in confidence_drop type_drift_percent mean_confidence; do
  [ "$(verdict $name)" = False ] || fail "$name passed"
done
check 1 --min-examples 1000 versions/v3/manifest.json
: >$train && : >$test && : >versions/v3/mtg_llm_training.val.jsonl
manifest v3
check 1 --baseline versions/v1/manifest.json versions/v3/manifest.json
grep -q 'there are 0 examples; at least 1 is required' err || fail "no word of no examples"

# The last registered version is the baseline; this one is not.
check 66 --store sqlite:registry.db versions/v2/manifest.json
SOURCE_DATE_EPOCH=1600000000 version v0 ACCEPTANCE=
for name in v1 v0 v2; do
  fs-register --store sqlite:registry.db versions/$name/manifest.json >/dev/null
done
check 1 --store sqlite:registry.db versions/v2/manifest.json
grep -q '^v2, compared with v1' out || fail "the baseline is not the newest other"
check 0 --store sqlite:registry.db --collection none versions/v1/manifest.json
grep -q 'without a baseline' out || fail "a baseline of nothing"

# A version may be named by its folder.
check 0 --store sqlite:registry.db --collection none --json versions/v1/manifest.json
cp out by-manifest
check 0 --store sqlite:registry.db --collection none --json versions/v1/
cmp out by-manifest || fail "a folder is judged otherwise"
mkdir empty
check 66 empty
grep -q 'empty/manifest.json: cannot open: no such file' err || fail "no word of the manifest"

# Files that are others than the manifest's; statuses of what makes no sense.
echo >>versions/v1/mtg_llm_training.jsonl
check 1 versions/v1/manifest.json
grep -q 'mtg_llm_training.jsonl is not the file that the manifest names' err ||
  fail "another file went unnoticed"
rm versions/v1/mtg_llm_training.jsonl
check 66 versions/v1/manifest.json
check 66 none.json
mkdir moved && mv versions/v0/*.jsonl moved
check 66 versions/v0/manifest.json
check 0 --folder moved versions/v0/manifest.json
for text in '' '{}' '{"version":"v"}' '{"version":"v","files":[{"name":"a"}]}' \
  '{"version":"v","files":[{"name":"../a","sha256":""}]}'; do
  echo "$text" >bad.json
  check 65 bad.json
done
echo '{"a":1}' >a.jsonl
make-manifest --dataset-version a --output a.json a.jsonl
check 65 a.json
check 64
check 64 --baseline a.json --store sqlite:s.db a.json
check 64 --max-type-drift much a.json
echo "acceptance-check: four faults are four sentences; leaks, limits, baselines and statuses"
