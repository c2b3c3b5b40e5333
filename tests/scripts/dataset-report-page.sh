#!/bin/bash
# dataset-report-page.sh - the report's page as a strict reader sees it: of a
# version as the pipeline makes it, and of one whose every text is hostile.
# The same folder gives the same bytes, and files appear all or none.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
check() { python3 "$TOP/tests/page_check.py" "$@"; }

fail() {
  echo "dataset-report-page: $1" >&2
  exit 1
}

# A version as the pipeline makes it.
ANSWERMILL_BIN=${PATH%%:*} make -s -f "$TOP/Makefile.pipeline" all VERSION=v1 OUT=out \
  THREADS="$TOP/share/sample/threads.jsonl" STORE=sqlite:s.db >log
dataset-report out/v1 --output page.html --card card.md --croissant c.json
check page.html

# The same folder elsewhere, by another path, in another place of the world.
cp -r out/v1 moved
(cd moved && LC_ALL=C TZ=Asia/Kolkata dataset-report . -o ../page2.html \
  --card ../card2.md --croissant ../c2.json)
cmp page.html page2.html
cmp card.md card2.md
cmp c.json c2.json

# The ten examples are those of sample(1).
sample -n 10 out/v1/mtg_llm_training.jsonl | sed -n 's/^=== .*:\([0-9]*\) ===/\1/p' >wanted
grep -o '<dt>line</dt> <dd>[0-9]*' page.html | grep -o '[0-9]*$' |
  head -n "$(wc -l <wanted)" | cmp - wanted ||
  fail "other examples than sample -n 10 prints"

# All or none, and a full disk is no success.
status=0
dataset-report out/v1 -o new.html --card no/such/folder/card.md 2>err || status=$?
[[ $status = 73 && ! -e new.html ]] || fail "status $status, or half of the files"
status=0
dataset-report out/v1 >/dev/full 2>err || status=$?
[ $status = 74 ] || fail "status $status on a full disk"

# Texts that would break out of where they are put.
mkdir hostile
python3 - <<'EOF'
import json
bad = "</script></style></div>--><script>alert(1)</script>&lt;&amp;\"'` |\n# a"
turns = "a\u202eb\u2066c\u200fd\x00e\x07f\x1bg\x7fh\x85i\ufffej\tk"
rtl = "שלום, <b>מהירות</b>? 👨‍👩‍👧 é"
with open("hostile/x.jsonl", "w") as out:
    for i, text in enumerate([bad, turns, rtl, "x" * 9000]):
        print(json.dumps({
            "messages": [{"role": bad, "content": text},
                         {"role": "user", "content": text},
                         {"role": "assistant", "content": [text, 1]}],
            "metadata": {"id": i, bad: turns, "interaction_type": bad,
                         "subreddit": bad, "post_id": "t3_" + bad,
                         "source_url": "https://reddit.com/r/" + bad,
                         "confidence": 0.5, "timestamp": "2024-0%d-01" % (i + 1)},
            bad: None}), file=out)
    print('{"messages":7,"metadata":[]}\n{"messages":[3,{}],"metadata":null}', file=out)
with open("hostile.stats", "w") as out:
    print(json.dumps({"tool": bad, "version": turns, "records_read": 9,
                      "records_written": 6, "bad": 1, "dropped": {bad: 1}}), file=out)
with open("hostile/validation.json", "w") as out:
    json.dump({"codes": [{"sentence": bad, "code": bad, "first": turns,
                          "severity": bad, "count": 1}],
               "summary": {"profile": bad, "valid": False}}, out)
with open("hostile/acceptance.json", "w") as out:
    json.dump({"verdict": bad, "baseline": bad,
               "checks": [{"name": bad, "sentence": bad, "value": "1"},
                          {"name": bad, "value": 1, "baseline": 2}],
               "subreddits": [{"name": bad, "before": 1, "now": 2}]}, out)
with open("hostile.dropped", "w") as out:
    print(json.dumps({"id": bad, "reason": bad, "detail": turns}), file=out)
with open("hostile.json", "w") as out:
    json.dump({"description": bad, "system_prompt": turns}, out)
shown = ("a\\u202eb\\u2066c\\u200fd\\u0000e\\u0007f\\u001bg\\u007fh\\u0085i"
         "\\ufffej\tk")
with open("texts", "w") as out:
    print(*map(json.dumps, [bad, shown, rtl, "x" * 8000]), sep="\n", file=out)
EOF
make-manifest --dataset-version "<h1><script>" --name '"><script>' \
  --parameter "p=</code><script>" --stats hostile.stats \
  --dropped '<b>=hostile.dropped' --profile hostile.json \
  --output hostile/manifest.json hostile/x.jsonl
dataset-report hostile -o hostile.html --card hostile.md --croissant hostile.json
mapfile -t texts <texts
check hostile.html "${texts[@]}"
grep -q 'and 1,000 more characters' hostile.html || fail "what was cut off is not counted"
python3 -m json.tool hostile.json >/dev/null
python3 - <<'EOF' || fail "the card's head is no YAML"
import re
head = open("hostile.md", encoding="utf-8").read().split("---\n")[1]
assert not re.search("[^\t\n\x20-\x7e\xa0-\ufffd\U00010000-\U0010ffff]", head)
EOF
[ "$(grep -c '^---$' hostile.md)" = 2 ] || fail "the card's head has other ends"
# shellcheck disable=SC2016  # backquotes are backquotes
awk '/^---$/ { ++ends; next } ends == 2' hostile.md | sed 's/`[^`]*`//g' >prose
! grep -P '(?<!\\)<script' prose || fail "the card has a live tag"

# The check itself fails where a page is broken.
for break in 's/<h2 /<h4 /' 's/<\/table>//' 's/&lt;script/<script/' \
  's/scope="row"//' 's/id="files"/id="stages"/' 's/<desc/<p/'; do
  sed "$break" hostile.html >broken.html
  check broken.html >log && fail "page_check.py finds nothing after $break"
done
echo "dataset-report-page: well-formed, repeatable, all or none, hostile texts are texts"
