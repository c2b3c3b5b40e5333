#!/bin/bash
# dataset-report-loaders.sh - the dataset card and the Croissant description by
# those who read them: Hugging Face's `datasets` and `mlcroissant`, as far as
# PYTHON has them.
#
# labels: contract
set -euo pipefail
python=${PYTHON:-python3}
has() { "$python" -c "import $1" 2>/dev/null; }
has datasets || has mlcroissant || {
  echo "SKIPPED: $python has neither datasets nor mlcroissant"
  exit 77
}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
export HOME=$scratch HF_HUB_OFFLINE=1 HF_DATASETS_OFFLINE=1 PYTHONPATH=

# A version with more fields than usual, with folders of further formats, and one
# that is not split.
cp -r "$TOP/tests/data/version" split
further='together sharegpt alpaca vertex bedrock bedrock-claude openai-rft trl'
for format in $further; do
  mkdir split/$format
  for file in split/rules*.jsonl; do
    to-messages --format $format "$file" >"split/$format/${file##*/}"
  done
done
# shellcheck disable=SC2046  # words are words
(cd split && make-manifest --dataset-version v1 --name rules --output manifest.json \
  $(printf -- '--also %s ' $further) rules.jsonl rules.{train,val,test}.jsonl)
mkdir whole
cp split/rules.jsonl whole/
make-manifest --dataset-version v1 --name rules --output whole/manifest.json whole/rules.jsonl
for folder in split whole; do
  dataset-report "$folder" --output "$folder/report.html" --card "$folder/README.md" \
    --croissant "$folder/croissant.json" --url https://example.org/rules --creator 'Example Lab'
done

cat >load.py <<'EOF'
import sys
import json
which, folder = sys.argv[1:]
files = {f["name"].split(".")[-2]: f["name"] for f in json.load(open(folder + "/manifest.json"))["files"]}
if len(files) == 1:
    files = {"train": files.popitem()[1]}
lines = {part: [json.loads(line) for line in open(folder + "/" + name)]
         for part, name in files.items() if part != "rules"}
if which == "datasets":
    from datasets import load_dataset
    loaded = load_dataset(folder, cache_dir="cache")
    lines = {"validation" if part == "val" else part: rows for part, rows in lines.items()}
    for format in json.load(open(folder + "/manifest.json")).get("also", []):
        further = load_dataset(folder, format["format"], cache_dir="cache")
        assert {part: rows.num_rows for part, rows in further.items()} == {
            part: len(rows) for part, rows in lines.items()}, format["format"]
    assert set(loaded) == set(lines), list(loaded)
    for part, rows in lines.items():
        for row, line in zip(loaded[part], rows, strict=True):
            about = row["metadata"]
            about["timestamp"] = about["timestamp"].strftime("%Y-%m-%dT%H:%M:%SZ")
            assert row == line, (row, line)
else:
    import mlcroissant
    described = mlcroissant.Dataset(folder + "/croissant.json")
    assert not described.metadata.issues.errors
    text = lambda value: value.decode() if isinstance(value, bytes) else value
    got = []
    for record in described.records("examples"):
        said = [{key.split("/")[-1]: text(value) for key, value in message.items()}
                for message in record["examples/messages"]]
        about = {key.split("/")[-1]: value for key, value in record["examples/metadata"].items()}
        got.append((text(record.get("examples/split", b"train")), said, text(about["id"]),
                    round(float(about["confidence"]), 9),
                    [text(rule) for rule in about["rule_references"]]))
    wanted = [(part, line["messages"], line["metadata"]["id"], line["metadata"]["confidence"],
               line["metadata"]["rule_references"]) for part in lines for line in lines[part]]
    key = lambda row: (row[0], row[2])
    assert sorted(got, key=key) == sorted(wanted, key=key), (got[0], wanted[0])
print("%s: %s: %s" % (which, folder, {part: len(rows) for part, rows in lines.items()}))
EOF
for which in datasets mlcroissant; do
  has $which || continue
  for folder in split whole; do
    "$python" load.py $which $folder 2>log || {
      tail -n 20 log
      exit 1
    }
  done
done
