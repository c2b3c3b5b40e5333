#!/bin/bash
# tiktoken-random.sh - token-stats counts as tiktoken does on random texts, made
# of what is hard: all scripts, marks, cases, white space, digits, contractions,
# long runs, and what looks like special tokens. TIKTOKEN_TEXTS says how many
# (20000). Needs a PYTHON that has tiktoken.
#
# labels: contract
python=${PYTHON:-python3}
if ! { command -v zstd && "$python" -c 'import tiktoken'; } >/dev/null 2>&1; then
  echo "SKIPPED: no zstd, or no tiktoken for $python"
  exit 77
fi
exec "$python" - "${TIKTOKEN_TEXTS:-20000}" <<'PYTHON'
import json, os, random, subprocess, sys, tempfile
sys.path.insert(0, os.path.join(os.environ["TOP"], "tests"))
import tiktoken_here

rng = random.Random(1)
words = [token.decode() for token in tiktoken_here.tokens("o200k_base")
         if token.decode("utf-8", "ignore").encode() == token]
spaces = [" ", "  ", "\n", "\r", "\r\n", "\t", "\v", "\f", "\x85", "\xa0",
          "\u1680", "\u2003", "\u2028", "\u202f", "\u205f", "\u3000"]
specials = ["<|endoftext|>", "<|endofprompt|>", "<|im_start|>", "<|fim_prefix|>"]
contractions = ["'" + end for end in
                ["s", "S", "t", "re", "RE", "rE", "ve", "m", "M", "ll", "lL",
                 "d", "l", "r", "v", "\u017f", "x", "\u212a", "", " s", "'s"]]
marks = ["\u0301", "\u0903", "\u20dd", "\u0e31", "\ufe0f", "\U000e0101"]
numbers = ["0", "12", "2024", "\u0661\u0662", "\u00bd", "\u2163", "\u0be7\u0be8"]
cases = ["A", "b", "AB", "Ab", "\u01c5", "\u02b0", "\u4e2d", "\u00c9", "\u00df",
         "\u0416", "\u0436", "\u03a3", "\U00010400", "\U0001d49c", "\uff21"]


def code_point():
    while True:
        kind = rng.random()
        limit = (0x80 if kind < .3 else 0x800 if kind < .6 else
                 0x10000 if kind < .9 else 0x110000)
        c = rng.randrange(limit)
        if not 0xD800 <= c < 0xE000:
            return chr(c)


def part():
    return rng.choice([
        lambda: rng.choice(words), lambda: rng.choice(words),
        lambda: rng.choice(spaces) * rng.choice([1, 1, 2, 3, 17]),
        lambda: rng.choice(specials), lambda: rng.choice(contractions),
        lambda: rng.choice(marks), lambda: rng.choice(numbers),
        lambda: rng.choice(cases), lambda: rng.choice("/.,'\"!?-_#*()<>|"),
        code_point, code_point,
        lambda: rng.choice("ab1 \n.\u4e2d") * rng.randrange(1, 40),
        lambda: "".join(rng.choices("abcdefghijklmnopqrstuvwxyzABC+/=09",
                                    k=rng.randrange(1, 100)))])()


def text():
    return "".join(part() for _ in range(rng.randrange(1, 14)))


texts = [text() for _ in range(int(sys.argv[1]))]
with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
    for one in texts:
        file.write(json.dumps({"text": one}) + "\n")
    file.flush()
    for name in ("o200k_base", "cl100k_base"):
        encoding = tiktoken_here.encoding(name)
        counts = subprocess.run(
            ["token-stats", "--encoding", name, "--counts", file.name],
            stdout=subprocess.PIPE, check=True, text=True).stdout.split()
        wrong = [(one, int(count)) for one, count in zip(texts, counts)
                 if len(encoding.encode_ordinary(one)) != int(count)]
        for one, count in wrong[:5]:
            print(f"{name}: {count} tokens, not "
                  f"{len(encoding.encode_ordinary(one))}: {one!r}")
        if wrong or len(counts) != len(texts):
            sys.exit(f"{name}: {len(wrong)} of {len(texts)} counted otherwise")
        print(f"{name}: {len(texts)} random texts counted alike")
PYTHON
