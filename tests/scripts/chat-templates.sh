#!/bin/bash
# chat-templates.sh - token-stats --chat-template counts what a model's own
# tokenizer finds in an example that its template has written. On the small
# tokenizers of tests/data/tokens, with the templates as they are published; with
# mistral-common, where PYTHON has it; and with Jinja on folders that CHAT_MODELS
# names as TEMPLATE=FOLDER, separated by colons, which hold a model's
# tokenizer.json and tokenizer_config.json. Needs a PYTHON with tokenizers, and
# jinja2 for such a folder.
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


def answer():
    """Now and then with thoughts, as models that have such write them."""
    if rng.random() < .7:
        return text()
    mark = rng.choice(["</think>", "</think>\n\n", "</think></think>"])
    return rng.choice(["", "<think>", "<think>\n"]) + text() + mark + text()


def example():
    messages = []
    if rng.random() < .5:
        messages.append({"role": "system", "content": text()})
    for _ in range(rng.randrange(1, 4)):
        messages += [{"role": "user", "content": text()},
                     {"role": "assistant", "content": answer()}]
    if rng.random() < .1:
        messages.append({"role": "assistant", "content": answer()})
    return messages


def chatml(messages):
    return "".join(f"<|im_start|>{m['role']}\n{m['content']}<|im_end|>\n"
                   for m in messages)


def qwen3(messages):
    last = max(i for i, m in enumerate(messages) if m["role"] == "user")
    out = ""
    for i, m in enumerate(messages):
        text, thoughts = m["content"], ""
        if m["role"] == "assistant":
            if "</think>" in text:
                thoughts = text.split("</think>")[0].rstrip("\n")
                thoughts = thoughts.split("<think>")[-1].lstrip("\n")
                text = text.split("</think>")[-1].lstrip("\n")
            if i > last and (i == len(messages) - 1 or thoughts):
                thoughts = thoughts.strip("\n")
                text = f"<think>\n{thoughts}\n</think>\n\n" + text.lstrip("\n")
        out += f"<|im_start|>{m['role']}\n{text}<|im_end|>\n"
    return out


def mistral(messages):
    tokens = {"system": ["[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]"],
              "user": ["[INST]", "[/INST]"], "assistant": ["", "</s>"]}
    return "<s>" + "".join(
        m["content"].rstrip(" " if m["role"] == "assistant" else "").join(
            tokens[m["role"]]) for m in messages)


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
          "<start_of_turn>", "<end_of_turn>", "<s>", "</s>",
          "[INST]", "[/INST]", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]"]
data = f"{top}/tests/data/tokens"
models = [(chatml, f"{data}/small-qwen2.json"),
          (qwen3, f"{data}/small-qwen2.json"),
          (mistral, f"{data}/small-llama3.json"), (llama3, f"{data}/small-llama3.json"),
          (gemma, f"{data}/small-gemma.json")]
models = [(write.__name__, write, path,
           TOKENS + ["<think>", "</think>"] * (write == qwen3))
          for write, path in models]
for model in filter(None, os.environ.get("CHAT_MODELS", "").split(":")):
    import jinja2
    name, folder = model.split("=")
    with open(f"{folder}/tokenizer_config.json", encoding="utf-8") as file:
        config = json.load(file)
    templates = jinja2.Environment(trim_blocks=True, lstrip_blocks=True)
    templates.globals["raise_exception"] = lambda why: ""  # of answers in a row
    written = templates.from_string(config["chat_template"])
    begin = config.get("bos_token") or ""
    models.append((name, lambda messages, written=written, begin=begin:
                   written.render(messages=messages, bos_token=begin),
                   f"{folder}/tokenizer.json", []))

try:
    from mistral_common.protocol.instruct import messages as kinds
    from mistral_common.tokens.tokenizers.mistral import MistralTokenizer
    its_mistral = MistralTokenizer.v7().instruct_tokenizer
except ImportError:
    its_mistral = None


def count_by_mistral(messages):
    """Message by message: what checks a whole request merges some."""
    its = its_mistral
    count = len(its.start())
    for m in messages:
        if m["role"] == "system":
            count += len(its.encode_system_message(kinds.SystemMessage(**m))[0])
        elif m["role"] == "user":
            count += len(its.encode_user_message(
                kinds.UserMessage(**m), [], is_last=False, is_first=False)[0])
        elif not m["content"]:  # refused there; here its end alone
            count += 1
        else:
            count += len(its.encode_assistant_message(
                kinds.AssistantMessage(**m), False))
    return count


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
    if its_mistral:
        path = str(its_mistral.tokenizer.file_path)
        compare("mistral, mistral-common's of version 7",
                ["--tokenizer", path, "--chat-template", "mistral"], lines.name,
                [count_by_mistral(messages) for messages in examples], examples)
PYTHON
