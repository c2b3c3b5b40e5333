#!/bin/bash
# split-rules.sh - hash-split on 100,000 records: equal to another rendering of
# its rules; adding records moves none; growing a part moves only what it must.
#
# labels: contract
set -u
cd "$(mktemp -d)" || exit 1
trap 'rm -rf "$PWD"' EXIT

cat >split.py <<'END'
import hashlib, json, sys

seed, s0, s1 = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
parts = [open(f"py.{name}.jsonl", "wb") for name in ("train", "val", "test")]
for line in sys.stdin.buffer:
    key = json.loads(line)["metadata"]["id"]
    digest = hashlib.sha256(f"{seed}:{key}".encode()).digest()
    u = int.from_bytes(digest[:8], "big") / 2**64
    parts[0 if u < s0 else 1 if u < s0 + s1 else 2].write(line)
END
fail() { echo "$1"; exit 1; }
# holds A B: every line of A is in B.
holds() { [ -z "$(comm -23 <(sort "$1") <(sort "$2"))" ]; }

seq 100000 | awk '{ printf "{\"n\": %d.0,\"metadata\":{\"id\":\"key-%d-\\u00e9\"}}\n", $1, $1 * 7919 }' >all
for rule in "42 0.8 0.1 0.1" "7 0.333333333333 0.333333333333 0.333333333334" \
  "18446744073709551615 0 0.5 0.5"; do
  read -r seed s0 s1 s2 <<<"$rule"
  hash-split --output our --seed "$seed" --split "$s0,$s1,$s2" all >/dev/null || exit 1
  python3 split.py "$seed" "$s0" "$s1" <all
  for part in train val test; do
    # Byte-identical lines in the order of the input, since Python's are.
    cmp our.$part.jsonl py.$part.jsonl || fail "split $rule: another $part"
  done
  cat our.*.jsonl | sort | cmp - <(sort all) || fail "split $rule: not the input"
done

head -60000 all | hash-split --output some >/dev/null
hash-split --output most all >/dev/null
for part in train val test; do
  holds some.$part.jsonl most.$part.jsonl || fail "more records moved some of $part"
done

hash-split --output more --split 0.85,0.05,0.1 all >/dev/null
holds most.train.jsonl more.train.jsonl || fail "a larger train lost records"
holds more.val.jsonl most.val.jsonl || fail "a smaller val gained records"
cmp most.test.jsonl more.test.jsonl || fail "an equal test changed"
# By question: the same in a few lines of Python.
cat >question.py <<'END'
import hashlib, json, sys, unicodedata

def fold(c):
    return c.casefold() if len(c.casefold()) == 1 else c
parts = [open(f"py.{name}.jsonl", "wb") for name in ("train", "val", "test")]
for line in sys.stdin.buffer:
    question = json.loads(line)["messages"][0]["content"]
    key = " ".join("".join(
        fold(c) if unicodedata.category(c)[0] in "LMN" else " "
        for c in question).split())
    digest = hashlib.sha256(f"42:{key}".encode()).digest()
    u = int.from_bytes(digest[:8], "big") / 2**64
    parts[0 if u < 0.8 else 1 if u < 0.8 + 0.1 else 2].write(line)
END
seq 20000 | awk '{
  printf "{\"messages\":[{\"role\":\"user\",\"content\":\"%s %d: \\u00c9T\\u00c9, \\u039f\\u03a3 stra\\u00dfe -- n\\u00b0%d?\"}]}\n", $1 % 2 ? "Was  DAS" : "was das!", $1 / 4, $1 / 4
}' >asked
hash-split --output our --group-by question asked >/dev/null || exit 1
python3 question.py <asked
for part in train val test; do
  cmp our.$part.jsonl py.$part.jsonl || fail "by question: another $part"
done
head -9000 asked | hash-split --output some --group-by question >/dev/null
for part in train val test; do
  holds some.$part.jsonl our.$part.jsonl || fail "more records moved some of $part"
done
echo "100000 records split by the rules, 20000 by their questions"
