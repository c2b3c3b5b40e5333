#!/bin/bash
# tokenizer-files.sh - token-stats --tokenizer counts as the library that each
# file is for does: Hugging Face's tokenizers for a tokenizer.json, tiktoken for
# a tekken.json, sentencepiece for a SentencePiece model. On the small ones of
# tests/data/tokens, and on any others that TOKENIZER_FILES names, separated by
# colons; with the texts of tests/data/tokens and random ones, TOKENIZER_TEXTS of
# them (5000). Needs a PYTHON that has all three.
#
# labels: contract
python=${PYTHON:-python3}
if ! "$python" -c 'import sentencepiece, tiktoken, tokenizers' 2>/dev/null; then
  echo "SKIPPED: no sentencepiece, tiktoken or tokenizers for $python"
  exit 77
fi
exec "$python" - "${TOKENIZER_TEXTS:-5000}" <<'PYTHON'
import base64, glob, json, os, random, sys, tempfile
import sentencepiece, tiktoken, tokenizers
top = os.environ["TOP"]
sys.path.insert(0, top + "/tests/oracle")
from token_counts import compare
rng = random.Random(1)
with open(f"{top}/tests/data/tokens/texts.jsonl", encoding="utf-8") as lines:
    texts = [json.loads(line)["text"] for line in lines]
parts = ["'s", "'RE", "'\u017f", " ", "  ", "\n", "\r\n", "\t", "\x85", "\u3000",
         "12345", "\u0661", "\u00bd", "a", "B", "\u01c5", "\u02b0", "\u4e2d",
         "\u0301", "\u0316", "\u0903", "e\u0301", "\u1100\u1161\u11a8", "\u212b",
         "\u0958", "\u2581", "\u2581\u2581", "\0", "<b>", "<br>", "<s>", "<0x41>",
         "    ", "\n\n\n", "\t\t", "[REF]", "<start_of_turn>", "aaaa", "/", "!", "//", "<|end|>", "\U0001f600", "\u200d", "don't"]


def code_point():
    while True:
        limit = rng.choice([0x80, 0x800, 0x3000, 0x10000, 0x110000])
        c = rng.randrange(limit)
        if not 0xD800 <= c < 0xE000:
            return chr(c)


def part():
    kind = rng.random()
    if kind < .5:
        return rng.choice(parts) * rng.choice([1, 1, 1, 2, 5])
    if kind < .7:
        return code_point()
    text = rng.choice(texts)
    at = rng.randrange(max(1, len(text)))
    return text[at:at + rng.randrange(1, 30)]


for _ in range(int(sys.argv[1])):
    texts.append("".join(part() for _ in range(rng.randrange(1, 14))))


def counter(path):
    """What counts a text's tokens as the file's own library does."""
    if not path.endswith(".json"):
        its = sentencepiece.SentencePieceProcessor(model_file=path)
        return lambda text: len(its.encode(text))
    with open(path, encoding="utf-8") as file:
        form = json.load(file)
    if "config" in form:
        size = (form["config"]["default_vocab_size"] -
                form["config"]["default_num_special_tokens"])
        its = tiktoken.Encoding(
            "tekken", pat_str=form["config"]["pattern"], special_tokens={},
            mergeable_ranks={base64.b64decode(token["token_bytes"]): token["rank"]
                             for token in form["vocab"][:size]})
        return lambda text: len(its.encode_ordinary(text))
    # What is added counts as text, but for what SentencePiece's user added.
    form["added_tokens"] = [
        added for added in form["added_tokens"]
        if form["model"].get("byte_fallback") and not added["special"]]
    form["post_processor"] = None
    its = tokenizers.Tokenizer.from_str(json.dumps(form))
    return lambda text: len(its.encode(text, add_special_tokens=False).ids)


files = sorted(glob.glob(f"{top}/tests/data/tokens/small-*.json") +
               glob.glob(f"{top}/tests/data/tokens/small-*.model"))
files += filter(None, os.environ.get("TOKENIZER_FILES", "").split(":"))
with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as lines:
    for text in texts:
        lines.write(json.dumps({"text": text}) + "\n")
    lines.flush()
    for path in files:
        compare(path, ["--tokenizer", path], lines.name,
                list(map(counter(path), texts)), texts)
PYTHON
