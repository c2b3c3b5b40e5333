"""readers.py [--files N] [--table] [--version FOLDER] [READER...] - holds jsonl-validate against
the code that reads training files: of vendors' packages, and of trainers. Good
files of each format, and the same files mutated at random, are judged by both.

Prints for each format and reader how many files both accepted, both refused, and
jsonl-validate alone refused, with its reasons (--table: as a table in Markdown).
What it refuses for a reason that is not meant, or accepts alone, is printed in
full and is exit status 1; 77: no reader is installed. With --version the files
of a version are read instead, and those of its further formats: each must be
good. All readers are
    together mistral openai openai-rft fireworks anthropic google botocore
    trl axolotl sharegpt alpaca
"""
import argparse, collections, contextlib, copy, importlib.machinery
import importlib.metadata, io, json, os, random, subprocess, sys, tempfile
import types, typing, warnings
from unittest.mock import MagicMock

from mutations import mutate

rng = random.Random(7)

# Examples that have more in them than to-messages writes.


def text():
    return rng.choice(["Why?", "Because.", "é 🌀", "x"])


def turns(role, user, assistant, content, text_of, system=None):
    made = [{role: who, content: text_of(text())}
            for _ in range(rng.randrange(1, 3)) for who in (user, assistant)]
    if system and rng.random() < 0.5:
        made = [{role: system, content: text_of(text())}] + made
    return made


def messages(system="system", tools=False):
    made = turns("role", "user", "assistant", "content", str, system)
    for message in made:
        if rng.random() < 0.1 and message["role"] == "assistant":
            message["weight"] = rng.choice([0, 1])
    if tools and rng.random() < 0.2:
        made[-1:-1] = [
            {"role": "assistant", "tool_calls": [{
                "id": "call00001", "type": "function",
                "function": {"name": "f", "arguments": "{}"}}]},
            {"role": "tool", "content": text(), "tool_call_id": "call00001"}]
    return made


def answer():
    return {"role": "assistant", "content": text()}


def part(value):
    return [{"text": value}]


def contents():
    return turns("role", "user", "model", "parts", part)


def conversations():
    return turns("from", "human", "gpt", "value", str, "system")


def alpaca():
    return {"instruction": text(), "input": rng.choice(["", text()]),
            "system": text(), "history": [[text(), text()]]}


def rich(format, tools):
    if format in ("openai", "together"):
        return {"messages": messages(tools=tools)}
    if format == "openai-rft":
        return {"messages": messages()[:-1], "reference_answer": text()}
    if format in ("openai-preference", "together-preference"):
        return {"input": {"messages": messages()[:-1]},
                "preferred_output": [answer()],
                "non_preferred_output": [answer()]}
    if format == "vertex":
        return {"systemInstruction": {"role": "system", "parts": part(text())},
                "contents": contents()}
    if format == "vertex-preference":
        return {"contents": contents()[:-1], "completions": [
            {"score": score, "completion": {"role": "model", "parts": part(text())}}
            for score in (1, 0)]}
    if format == "bedrock":
        return {"schemaVersion": "bedrock-conversation-2024",
                "system": part(text()),
                "messages": turns("role", "user", "assistant", "content", part)}
    if format == "bedrock-claude":
        return {"system": text(), "messages": messages(None)}
    if format == "sharegpt":
        return {"conversations": conversations(), "system": text()}
    if format == "sharegpt-preference":
        return {"conversations": conversations()[:-1], "system": text(),
                "chosen": {"from": "gpt", "value": text()},
                "rejected": {"from": "gpt", "value": text()}}
    if format == "alpaca":
        return alpaca() | {"output": text()}
    if format == "alpaca-preference":
        return alpaca() | {"chosen": text(), "rejected": text()}
    if format == "axolotl-preference":
        return {"messages": messages()[:-1], "chosen": answer(),
                "rejected": answer()}
    if format == "trl":
        return {"prompt": messages()[:-1], "completion": [answer()]}
    if format == "trl-preference":
        return {"prompt": messages()[:-1], "chosen": [answer()],
                "rejected": [answer()]}
    return {"text": text()}


def written(format):
    """What to-messages writes in the format."""
    lines = "".join(json.dumps({
        "id": f"{n:064x}", "question": text(), "answer": text(),
        "rejected": text(), "confidence": rng.random(),
        "source_url": f"https://example.org/{n}"}) + "\n" for n in range(50))
    if format == "text":
        return [{"text": text()}]
    command = ["to-messages", "--progress=never", "--format", format]
    made = []
    for prompt in ("", "Answer."):
        run = subprocess.run(command + ["--system-prompt", prompt], input=lines,
                             stdout=subprocess.PIPE, check=True, text=True)
        made += map(json.loads, run.stdout.splitlines())
    return made


# Damage.

ODD = [None, True, False, 0, 1, 1.5, -1, "", " ", "x", "user", "assistant",
       "system", "tool", "human", "gpt", "model", "observation",
       "function_call", [], [[]], [1], {}, {"a": 1}, [{"text": "t"}],
       [{"type": "text", "text": "t"}], [{"role": "assistant", "content": "x"}]]
KEYS = ["name", "weight", "text", "role", "content", "messages"]


# Readers. Each is made by a function that imports its package, and gives a
# function of (format, path of the file, its lines) which returns false or raises
# what it finds wrong.


def together():
    os.environ["TOGETHER_NO_BANNER"] = "1"
    # A later version leaves the messages to the server.
    from together.lib.utils.files import check_file, validate_messages

    def judge(format, path, lines):
        with contextlib.redirect_stderr(io.StringIO()):  # a bar of progress
            return check_file(path)["is_check_passed"]
    return judge


def mistral():
    from mistral_common.protocol.instruct import validator
    from mistral_common.protocol.instruct.request import ChatCompletionRequest
    check = validator.MistralRequestValidatorV3(
        mode=validator.ValidationMode.finetuning)

    # mistral-finetune takes these keys of a message, and leaves the others.
    keys = {"role", "content", "tool_calls", "tool_call_id"}

    def judge(format, path, lines):
        for line in lines:
            check.validate_request(ChatCompletionRequest(messages=[
                {key: message[key] for key in keys & message.keys()}
                for message in line["messages"]]))
        return True
    return judge


def exhaust(value):
    """Lets pydantic check what it leaves for later: each iterable."""
    if isinstance(value, dict):
        value = value.values()
    if not isinstance(value, (str, int, float, type(None))):
        for inner in value:
            exhaust(inner)


def openai():
    from openai.types.chat import ChatCompletionMessageParam
    import pydantic
    messages = pydantic.TypeAdapter(list[ChatCompletionMessageParam])

    def judge(format, path, lines):
        for line in lines:
            for part in ([line["input"]["messages"], line["preferred_output"],
                          line["non_preferred_output"]]
                         if format == "openai-preference" else
                         [line["messages"]]):
                exhaust(messages.validate_python(part))
        return True
    return judge


def anthropic():
    from anthropic.types import MessageParam, TextBlockParam
    import pydantic
    check = pydantic.TypeAdapter(list[MessageParam])
    system = pydantic.TypeAdapter(typing.Union[str, list[TextBlockParam]])

    def judge(format, path, lines):
        for line in lines:
            exhaust(check.validate_python(line["messages"]))
            if "system" in line:
                exhaust(system.validate_python(line["system"]))
        return True
    return judge


def google():
    from google.genai import types as genai
    import pydantic
    contents = pydantic.TypeAdapter(list[genai.Content])

    def judge(format, path, lines):
        for line in lines:
            rest = dict(line)
            for key in ("systemInstruction", "system_instruction"):
                if key in rest:
                    genai.Content.model_validate(rest.pop(key))
            if format == "vertex-preference":
                genai.GeminiPreferenceExample.model_validate(rest)
            else:
                contents.validate_python(rest["contents"])
        return True
    return judge


def botocore():
    import botocore.session
    from botocore.validate import ParamValidator
    shape = botocore.session.get_session().get_service_model(
        "bedrock-runtime").operation_model("Converse").input_shape

    def judge(format, path, lines):
        for line in lines:
            request = dict(line, modelId="m")
            if request.pop("schemaVersion") != "bedrock-conversation-2024":
                return False
            report = ParamValidator().validate(request, shape)
            if report.has_errors():
                raise ValueError(report.generate_report())
        return True
    return judge


def chatml_tokenizer():
    """Bytes as tokens, with ChatML's template."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast
    names = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokens = Tokenizer(models.BPE(
        {name: n for n, name in enumerate(names + ["<|im_end|>"])}, []))
    tokens.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokens, eos_token="<|im_end|>", pad_token="<|im_end|>",
        chat_template="{% for m in messages %}<|im_start|>{{ m.role }}\n"
                      "{{ m.content }}<|im_end|>\n{% endfor %}")


def trl():
    from trl.data_utils import maybe_apply_chat_template
    import datasets
    datasets.disable_progress_bars()
    tokenizer = chatml_tokenizer()

    def judge(format, path, lines):
        for row in datasets.load_dataset("json", data_files=path, split="train",
                                         cache_dir=os.path.dirname(path)):
            made = maybe_apply_chat_template(row, tokenizer)
            for key in ("prompt", "completion", "chosen", "rejected", "text"):
                if key in made:
                    tokenizer(made[key])
        return True
    return judge


def axolotl():
    from axolotl.prompt_strategies.chat_template import load
    from axolotl.prompt_strategies.dpo.chat_template import default
    from axolotl.utils.dict import DictDefault
    import datasets
    datasets.disable_progress_bars()
    tokenizer = chatml_tokenizer()
    chat = DictDefault({"sequence_len": 2048, "train_on_inputs": False,
                        "chat_template": "chatml"})
    strategy = load(tokenizer, chat, DictDefault({"type": "chat_template"}))
    pair, _ = default(DictDefault({
        "chat_template": "chatml",
        "datasets": [{"type": "chat_template.default"}]}))

    def judge(format, path, lines):
        for row in datasets.load_dataset("json", data_files=path, split="train",
                                         cache_dir=os.path.dirname(path)):
            if format == "axolotl-preference":
                pair(row, tokenizer=tokenizer)
            else:
                made = strategy.tokenize_prompt(row)
                if all(label == -100 for label in made["labels"]):
                    return False  # nothing to learn
        return True
    return judge


# What llamafactory imports for pictures and sound, and needs for neither text.
UNUSED = ("torchaudio", "av", "librosa", "peft", "torchvision", "gradio",
          "modelscope")


class Unused(types.ModuleType):
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return MagicMock()


def llamafactory():
    import transformers.utils.import_utils  # before the stand-ins
    for name in UNUSED:
        try:
            __import__(name)
        except ImportError:
            sys.modules[name] = Unused(name)
            sys.modules[name].__spec__ = importlib.machinery.ModuleSpec(name, None)
    from llamafactory.data.converter import get_dataset_converter
    from llamafactory.data.parser import DatasetAttr
    import datasets
    datasets.disable_progress_bars()
    columns = {
        "sharegpt": dict(messages="conversations", system="system"),
        "alpaca": dict(prompt="instruction", query="input", response="output",
                       system="system", history="history")}

    def judge(format, path, lines):
        rows = datasets.load_dataset("json", data_files=path, split="train",
                                     cache_dir=os.path.dirname(path))
        formatting, _, is_pair = format.partition("-")
        wanted = columns[formatting]
        if is_pair:
            wanted = wanted | dict(chosen="chosen", rejected="rejected")
        attr = DatasetAttr("file", dataset_name="t")
        attr.join({"formatting": formatting, "ranking": bool(is_pair),
                   "columns": {key: name for key, name in wanted.items()
                               if name in rows.column_names}})
        convert = get_dataset_converter(formatting, attr, None)
        for row in rows:
            made = convert(row)
            answers = 2 if is_pair else 1
            if not made["_prompt"] or len(made["_response"]) != answers:
                return False
            said = [turn["content"]
                    for turn in made["_prompt"] + made["_response"]]
            said.append(made["_system"] or "")
            if not all(isinstance(each, str) for each in said):
                return False  # the template needs strings
        return True
    return judge


class Reader(typing.NamedTuple):
    package: str
    profile: str
    formats: list
    make: typing.Callable
    # For which of jsonl-validate's errors it may refuse what the reader takes.
    meant: set = set()


# What readers that know no more than types let pass: roles in any order, empty
# texts and lists, keys that are no one's, weights, a pair of one.
TYPES = {"role_order", "last_message_not_assistant", "last_message_not_user",
         "missing_content", "missing_messages_list", "message_missing_key",
         "example_missing_assistant_message", "unrecognized_key",
         "message_unrecognized_key", "unrecognized_role", "content_part",
         "invalid_weight", "preference_input", "preference_output",
         "inconsistent_format", "data_type"}
# Columns of several types, which datasets reads from version 5 on as JSON.
TRAINERS = TYPES | {"column_type", "unrecognized_format", "mixed_content"}

READERS = {
    "together": Reader("together", "together", [
        "together", "together-preference", "text"], together,
        # Content that is empty but no text, such as null.
        {"missing_content"}),
    # An empty text, a part of no type that we know; two system messages, which
    # mistral-finetune refuses.
    "mistral": Reader("mistral-common", "mistral", ["openai"], mistral,
                      {"missing_content", "content_part", "message_format",
                       "invalid_weight"}),
    "openai": Reader("openai", "openai", ["openai", "openai-preference"], openai,
                     TYPES),
    "openai-rft": Reader("openai", "openai-rft", ["openai-rft"], openai, TYPES),
    "fireworks": Reader("openai", "fireworks", ["openai", "openai-preference"],
                        openai, TYPES | {"too_few_examples"}),
    "anthropic": Reader("anthropic", "bedrock-claude", ["bedrock-claude"],
                        anthropic, TYPES),
    "google": Reader("google-genai", "vertex", ["vertex", "vertex-preference"],
                     google, TYPES),
    "botocore": Reader("botocore", "bedrock", ["bedrock"], botocore, TYPES),
    "trl": Reader("trl", "hf", ["trl", "trl-preference", "openai", "text"], trl,
                  TRAINERS),
    "axolotl": Reader("axolotl", "axolotl", ["openai", "axolotl-preference"],
                      axolotl, TRAINERS),
    # An answer of the human's, or a system message that is no text, is trained
    # on as if it were gpt's, or text; so is an empty question.
    "sharegpt": Reader("llamafactory", "sharegpt", [
        "sharegpt", "sharegpt-preference"], llamafactory,
        {"data_type", "unrecognized_role", "column_type", "missing_content",
         "preference_output"}),
    "alpaca": Reader("llamafactory", "alpaca", ["alpaca", "alpaca-preference"],
                     llamafactory, {"data_type", "column_type",
                                    "missing_content", "preference_output"}),
}


def errors_of(profile, path):
    """The codes of what jsonl-validate finds wrong; and what it says."""
    run = subprocess.run(
        ["jsonl-validate", "--profile", profile, "--duplicates", "allow",
         "--progress=never", "--report", path + ".report", path],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if run.returncode not in (0, 1, 65):
        sys.exit(run.stderr)
    with open(path + ".report") as report:
        codes = {finding["code"] for finding in json.load(report)["findings"]
                 if finding["severity"] == "error"}
    return codes or ({"bad record"} if run.returncode else set()), run.stderr


class Result:
    accepted = refused = wrong = 0

    def __init__(self):
        self.alone = collections.Counter()


def compare(reader, judge, format, count):
    result, pool = Result(), written(format)
    for n in range(count):
        lines = [copy.deepcopy(rng.choice(pool)) if rng.random() < 0.3 else
                 rich(format, tools=reader.profile not in ("hf", "axolotl"))
                 for _ in range(3)]
        for _ in range(rng.choice([0, 1, 1, 2])):
            mutate(rng, rng.choice(lines), ODD, KEYS, keep=("metadata",))
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "t.jsonl")
            with open(path, "w") as file:
                file.writelines(json.dumps(line) + "\n" for line in lines)
            codes, said = errors_of(reader.profile, path)
            why = ""
            try:
                theirs = judge(format, path, lines)
            except Exception as problem:
                theirs, why = False, repr(problem)[:200]
        if theirs and codes and codes <= reader.meant:
            result.alone.update(codes)
        elif theirs == bool(codes):
            result.wrong += 1
            print(f"{format}, file {n}: theirs {theirs} {why}, ours {codes}",
                  *map(json.dumps, lines), said, sep="\n")
        elif theirs:
            result.accepted += 1
        else:
            result.refused += 1
    return result


def read_version(folder, reader, judge, format):
    """Has each file of the format judged; gives how many examples they are."""
    with open(folder + "/manifest.json") as file:
        manifest = json.load(file)
    lists = {each["format"]: each["files"] for each in manifest.get("also", [])}
    examples = 0
    for each in lists.get(format, manifest["files"] if format == "openai" else []):
        path = folder + "/" + each["name"]
        with open(path) as file:
            lines = list(map(json.loads, file))
        if lines and not judge(format, path, lines):
            sys.exit(f"{path}: refused by {reader.package}")
        examples += len(lines)
    return examples


def main():
    warnings.simplefilter("ignore")
    import logging
    logging.disable(logging.CRITICAL)
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=300)
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--version", metavar="FOLDER")
    parser.add_argument("readers", nargs="*", default=list(READERS))
    options = parser.parse_args()
    as_table, count = options.table, options.files
    if as_table:
        print("| format | profile | reader | both accept | both refuse | "
              "refused here alone | judged otherwise |\n|---|---|---|--:|--:|---|--:|")
    ran = wrong = 0
    for name in options.readers:
        reader = READERS[name]
        try:
            judge = reader.make()
        except ImportError as problem:
            print(f"skipped {name}: {problem}", file=sys.stderr)
            continue
        version = importlib.metadata.version(reader.package)
        for format in reader.formats:
            ran += 1
            if options.version:
                examples = read_version(options.version, reader, judge, format)
                if examples:
                    print(f"{format}: {reader.package} {version} reads {examples} examples")
                continue
            result = compare(reader, judge, format, count)
            wrong += result.wrong + (result.accepted == 0)
            alone = count - result.accepted - result.refused - result.wrong
            why = ", ".join(f"{code} {n}" for code, n in
                            result.alone.most_common())
            cells = (format, reader.profile, f"{reader.package} {version}",
                     result.accepted, result.refused,
                     f"{alone} ({why})" if alone else 0, result.wrong)
            print("| " + " | ".join(map(str, cells)) + " |" if as_table else
                  "{}: --profile {}, {}: {} accepted, {} refused, {} refused here "
                  "alone, {} judged otherwise".format(*cells), flush=True)
    return 77 if not ran else 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
