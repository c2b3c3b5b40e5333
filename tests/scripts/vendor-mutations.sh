#!/bin/bash
# vendor-mutations.sh - jsonl-validate --profile together and Together's own
# checker judge alike what was changed at random in good files of all its
# formats. VENDOR_FILES says how many (300). Needs a PYTHON that has the package
# together, version 2.0 to 2.14: later ones leave the messages to the server.
# Three differences are meant. Half of a surrogate pair, which has no UTF-8, is a
# bad record here. Content that is empty but no text, such as null or 0, is
# invalid here, unless tool_calls stand beside it: their checker passes over it.
# So are tools that are no list.
#
# labels: contract
python=${PYTHON:-python3}
export TOGETHER_NO_BANNER=1
if ! "$python" -c 'from together.lib.utils.files import validate_messages' >/dev/null 2>&1; then
  echo "SKIPPED: $python has no package together, version 2.0 to 2.14"
  exit 77
fi
cd "$(mktemp -d)" || exit 1
trap 'rm -rf "$PWD"' EXIT
"$python" - "${VENDOR_FILES:-300}" 2>errors <<'PYTHON'
import json, os, random, subprocess, sys, tempfile
sys.path.insert(0, os.environ["TOP"] + "/tests/oracle")
from mutations import mutate
from together.lib.utils.files import check_file

rng = random.Random(5)


def message(role):
    made = {"role": role, "content": rng.choice(["Why?", "Because.", "é 🌀", "x"])}
    if rng.random() < 0.2:
        made["weight"] = rng.choice([0, 1])
    if role == "assistant" and rng.random() < 0.1:
        made["tool_calls"] = [{"id": "1", "function": {"name": "f"}}]
        if rng.random() < 0.5:
            del made["content"]
    return made


def chat():
    made = [message("system")] if rng.random() < 0.5 else []
    for _ in range(rng.randrange(1, 3)):
        made += [message("user"), message("assistant")]
        if rng.random() < 0.1:
            made += [message("tool"), message("assistant")]
    return made


def example(format):
    if format == "text":
        return {"text": "some text"}
    if format == "messages":
        made = {"messages": chat()}
        if rng.random() < 0.2:
            made["tools"] = [{"type": "function"}]
        return made
    if format == "instruction":
        return {"prompt": "2 + 2?", "completion": "4"}
    return {"input": {"messages": chat()[:-1]},
            "preferred_output": [message("assistant")],
            "non_preferred_output": [message("assistant")]}


ODD = [None, True, False, 0, 1, 2, -1, 1.0, "", " ", "x", "user", "assistant", "tool",
       "system", [], [[]], [1], {}, {"a": 1}, [{"type": "text", "text": "t"}],
       [{"role": "assistant", "content": "x"}], 10**20]
KEYS = ["id", "weight", "name", "text", "role", "messages", "prompt", "tools",
        "tool_calls", "content"]


def is_meant(line):
    """Whether the line has what is invalid here on purpose."""
    try:
        value = json.loads(line)
    except ValueError:
        return False
    if not isinstance(value, dict):
        return False
    if not isinstance(value.get("tools", []), list):
        return True
    messages = value.get("messages", [])
    if isinstance(value.get("input"), dict):
        messages = value["input"].get("messages", [])
    return isinstance(messages, list) and any(
        isinstance(each, dict) and "content" in each and
        not each["content"] and each["content"] not in ("", [])
        for each in messages)


def spoil(data):
    """Damage to the bytes of a file."""
    kind = rng.randrange(8)
    at = rng.randrange(len(data) + 1)
    if kind == 0:
        return data[:at]
    if kind == 1:
        return data[:at] + rng.choice([b"\n", b"\n\n", b"\r\n", b" ", b"\xff",
                                       b"{}", b"[", b"\"", b"\\"]) + data[at:]
    if kind == 2:
        return b"\xef\xbb" + data
    if kind == 3:
        return data[:-1]
    return data + rng.choice([b"\n", b"\n\n", b" \n", b"{}\n", b"null\n", b"[]\n"])


formats = ["text", "messages", "messages", "instruction", "preference"]
different = passed = meant = 0
count = int(sys.argv[1])
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "t.jsonl")
    for n in range(count):
        format = rng.choice(formats)
        lines = [example(format) for _ in range(rng.randrange(1, 4))]
        for _ in range(rng.choice([0, 1, 1, 1, 2])):
            mutate(rng, rng.choice(lines), ODD, KEYS)
        if rng.random() < 0.1:
            lines.append(example(rng.choice(formats)))
        data = b"".join(json.dumps(line, ensure_ascii=n % 2 == 0).encode() + b"\n"
                        for line in lines)
        if rng.random() < 0.15:
            data = spoil(data)
        with open(path, "wb") as file:
            file.write(data)
        try:
            theirs = check_file(path)["is_check_passed"]
        except Exception as problem:  # the checker fell over: no verdict
            continue
        run = subprocess.run(["jsonl-validate", "--profile", "together",
                              "--duplicates", "allow", path],
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        ours = run.returncode == 0
        passed += ours
        if theirs and not ours and any(map(is_meant, data.splitlines())):
            meant += 1
        elif ours != theirs and b"half a surrogate pair" not in run.stderr:
            different += 1
            print(f"file {n}: theirs {theirs}, ours {run.returncode}\n"
                  f"{data.decode(errors='replace')}{run.stderr.decode()}")
print(f"{count} files, {passed} good, {different} judged otherwise, {meant} on purpose")
sys.exit(different > 0 or passed == 0)
PYTHON
status=$?
grep -av "Validating file:" errors
exit $status
