#!/bin/bash
# chat-templates.sh - token-stats --chat-template counts what a model's own
# tokenizer finds in an example that its template has written. On the small
# tokenizers of tests/data/tokens, with the templates as they are published; and
# with Jinja on folders that CHAT_MODELS names as TEMPLATE=FOLDER, separated by
# colons, which hold a model's tokenizer.json and tokenizer_config.json. Needs a
# PYTHON with tokenizers, and jinja2 for such a folder.
#
# labels: contract
python=${PYTHON:-python3}
if ! "$python" -c 'import tokenizers' 2>/dev/null; then
  echo "SKIPPED: no tokenizers for $python"
  exit 77
fi
exec "$python" - "${TOKENIZER_TEXTS:-2000}" <<'PYTHON'
import json, os, random, sys, tempfile
import tokenizers
top = os.environ["TOP"]
sys.path.insert(0, top + "/tests/oracle")
from token_counts import compare
rng = random.Random(2)
with open(f"{top}/tests/data/tokens/texts.jsonl", encoding="utf-8") as lines:
    # What looks like a template's token counts as text, which libraries do not.
    texts = [json.loads(line)["text"].replace("<|", "< |") for line in lines]
odd = [" ", "\n", "\n\n", "  ", "\t", "\u3000", "\x85", "\u200b", "e\u0301",
       "\U0001f600", "user", "\x1c", "."]


def text():
    words = rng.choice(texts)
    at = rng.randrange(max(1, len(words)))
    ends = ["".join(rng.choices(odd, k=rng.randrange(3))) for _ in range(2)]
    return ends[0] + words[at:at + rng.randrange(200)] + ends[1]


def example():
    messages = []
    if rng.random() < .5:
        messages.append({"role": "system", "content": text()})
    for _ in range(rng.randrange(1, 4)):
        messages += [{"role": "user", "content": text()},
                     {"role": "assistant", "content": text()}]
    return messages


def chatml(messages):
    return "".join(f"<|im_start|>{m['role']}\n{m['content']}<|im_end|>\n"
                   for m in messages)


def llama3(messages):
    return "<|begin_of_text|>" + "".join(
        f"<|start_header_id|>{m['role']}<|end_header_id|>\n\n"
        f"{m['content'].strip()}<|eot_id|>" for m in messages)


def gemma(messages):
    first, system = messages[0], ""
    if first["role"] == "system":
        messages, system = messages[1:], first["content"] + "\n\n"
    names = {"user": "user", "assistant": "model"}
    return "<bos>" + "".join(
        f"<start_of_turn>{names[m['role']]}\n{'' if i else system}"
        f"{m['content'].strip()}<end_of_turn>\n" for i, m in enumerate(messages))


TOKENS = ["<|im_start|>", "<|im_end|>", "<|begin_of_text|>", "<|eot_id|>",
          "<|start_header_id|>", "<|end_header_id|>", "<bos>",
          "<start_of_turn>", "<end_of_turn>"]
data = f"{top}/tests/data/tokens"
models = [(chatml, f"{data}/small-qwen2.json"), (llama3, f"{data}/small-llama3.json"),
          (gemma, f"{data}/small-gemma.json")]
models = [(write.__name__, write, path, TOKENS) for write, path in models]
for model in filter(None, os.environ.get("CHAT_MODELS", "").split(":")):
    import jinja2
    name, folder = model.split("=")
    with open(f"{folder}/tokenizer_config.json", encoding="utf-8") as file:
        config = json.load(file)
    written = jinja2.Environment(trim_blocks=True, lstrip_blocks=True).from_string(
        config["chat_template"])
    begin = config.get("bos_token") or ""
    models.append((name, lambda messages, written=written, begin=begin:
                   written.render(messages=messages, bos_token=begin),
                   f"{folder}/tokenizer.json", []))

examples = [example() for _ in range(int(sys.argv[1]))]
with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as lines:
    for messages in examples:
        lines.write(json.dumps({"messages": messages}) + "\n")
    lines.flush()
    for name, write, path, tokens in models:
        its = tokenizers.Tokenizer.from_file(path)
        its.add_special_tokens(tokens)
        compare(f"{name}, {path}",
                ["--tokenizer", path, "--chat-template", name], lines.name,
                [len(its.encode(write(messages), add_special_tokens=False))
                 for messages in examples], examples)
PYTHON
