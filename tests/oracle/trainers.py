"""trainers.py ORACLE COUNT - mutates files at random, and has them judged by a
trainer's own code and by jsonl-validate. Exit status 1: jsonl-validate took
what the trainer does not, or refused a file for a reason that is not meant;
77: the trainer is not installed.

    trainers.py sharegpt 300      LLaMA-Factory's converter (llamafactory)
    trainers.py alpaca 300        the same
    trainers.py mistral 300       mistral-common's validator for fine-tuning
"""
import copy, importlib.machinery, importlib.metadata, json, os, random
import subprocess, sys, tempfile, types, warnings
from unittest.mock import MagicMock

# What llamafactory imports for pictures and sound, and needs for neither text.
UNUSED = ("torchaudio", "av", "librosa", "peft", "torchvision", "gradio",
          "modelscope")


class Unused(types.ModuleType):
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return MagicMock()


def llamafactory(formatting):
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
    import logging
    logging.disable(logging.CRITICAL)
    columns = (dict(messages="conversations", system="system") if
               formatting == "sharegpt" else
               dict(prompt="instruction", query="input", response="output",
                    system="system", history="history"))

    def judge(path, lines):
        rows = datasets.load_dataset("json", data_files=path, split="train",
                                     cache_dir=os.path.dirname(path))
        is_pair = "chosen" in rows.column_names
        wanted = dict(columns)
        if is_pair:
            wanted.update(chosen="chosen", rejected="rejected")
        attr = DatasetAttr("file", dataset_name="t")
        attr.join({"formatting": formatting, "ranking": is_pair, "columns": {
            key: name for key, name in wanted.items()
            if name in rows.column_names}})
        convert = get_dataset_converter(formatting, attr, None)
        for row in rows:
            made = convert(row)
            answers = 2 if is_pair else 1
            if not made["_prompt"] or len(made["_response"]) != answers:
                return False
            texts = [turn["content"]
                     for turn in made["_prompt"] + made["_response"]]
            if not all(isinstance(text, str) for text in texts):
                return False  # the template needs strings
            if not isinstance(made["_system"] or "", str):
                return False
        return True
    return judge


def mistral():
    from mistral_common.protocol.instruct import validator
    from mistral_common.protocol.instruct.request import ChatCompletionRequest
    check = validator.MistralRequestValidatorV3(
        mode=validator.ValidationMode.finetuning)

    def judge(path, lines):
        for line in lines:
            check.validate_request(ChatCompletionRequest(
                messages=line["messages"]))
        return True
    return judge


rng = random.Random(7)


def text():
    return rng.choice(["Why?", "Because.", "é 🌀", "x"])


def sharegpt(is_pair):
    turns = [{"from": who, "value": text()}
             for _ in range(rng.randrange(1, 3)) for who in ("human", "gpt")]
    if rng.random() < 0.2:
        turns = [{"from": "system", "value": text()}] + turns
    made = {"conversations": turns, "system": text()}
    if is_pair:
        made["conversations"] = turns[:-1]
        made["chosen"] = {"from": "gpt", "value": text()}
        made["rejected"] = {"from": "gpt", "value": text()}
    return made


def alpaca(is_pair):
    made = {"instruction": text(), "input": rng.choice(["", text()]),
            "system": text(), "history": [[text(), text()]]}
    if is_pair:
        return made | {"chosen": text(), "rejected": text()}
    return made | {"output": text()}


def chat(is_pair):
    turns = [{"role": who, "content": text()}
             for _ in range(rng.randrange(1, 3)) for who in ("user", "assistant")]
    if rng.random() < 0.5:
        turns = [{"role": "system", "content": text()}] + turns
    return {"messages": turns}


ODD = [None, True, 0, 1.5, "", " ", "x", "user", "assistant", "system", "human",
       "gpt", "observation", "function_call", [], [[]], [1], {}, {"a": 1}]


def places(value, path=()):
    yield path
    items = (value.items() if isinstance(value, dict) else
             enumerate(value) if isinstance(value, list) else ())
    for key, inner in items:
        yield from places(inner, path + (key,))


def mutate(value):
    inside = [path for path in places(value) if path]
    if not inside:  # an earlier mutation took all
        return
    path = rng.choice(inside)
    holder = value
    for key in path[:-1]:
        holder = holder[key]
    kind = rng.randrange(4)
    if kind == 0:
        del holder[path[-1]]
    elif kind == 2 and isinstance(holder, list):
        holder.insert(path[-1], copy.deepcopy(holder[path[-1]]))
    elif kind == 3 and isinstance(holder, list):
        rng.shuffle(holder)
    else:
        holder[path[-1]] = copy.deepcopy(rng.choice(ODD))


# Each: examples, the trainer's judgment, its package, and for which errors
# jsonl-validate may refuse what the trainer takes.
ORACLES = {
    # An answer of the human's, or a system message that is no text: taken, and
    # trained on as if it were gpt's, or text.
    "sharegpt": (sharegpt, lambda: llamafactory("sharegpt"), "llamafactory",
                 {"data_type", "unrecognized_role", "column_type",
                  "missing_content", "preference_output"}),
    # A question that is empty for want of an instruction.
    "alpaca": (alpaca, lambda: llamafactory("alpaca"), "llamafactory",
               {"data_type", "column_type", "missing_content",
                "preference_output"}),
    # An empty text; two system messages, which mistral-finetune refuses.
    "mistral": (chat, mistral, "mistral-common",
                {"missing_content", "message_format"}),
}


def codes_of(report):
    return {finding["code"] for finding in json.load(report)["findings"]
            if finding["severity"] == "error"}


def main():
    warnings.simplefilter("ignore")
    name, count = sys.argv[1], int(sys.argv[2])
    example, make_judge, package, meant = ORACLES[name]
    try:
        judge = make_judge()
    except ImportError as problem:
        print(f"SKIPPED: {problem}")
        return 77
    wrong = good = stricter = 0
    for n in range(count):
        is_pair = rng.random() < 0.4
        lines = [example(is_pair) for _ in range(2)]
        for _ in range(rng.choice([0, 1, 1, 2])):
            mutate(rng.choice(lines))
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "t.jsonl")
            with open(path, "w") as file:
                file.writelines(json.dumps(line) + "\n" for line in lines)
            run = subprocess.run(
                ["jsonl-validate", "--profile", name, "--duplicates", "allow",
                 "--progress=never", "--report", path + ".report", path],
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            with open(path + ".report") as report:
                codes = codes_of(report)
            ours = run.returncode == 0
            why = ""
            try:
                theirs = judge(path, lines)
            except Exception as problem:
                theirs, why = False, repr(problem)[:200]
        good += ours
        if theirs and not ours and codes <= meant:
            stricter += 1
        elif ours != theirs:
            wrong += 1
            print(f"file {n}: theirs {theirs} {why}, ours {run.returncode}",
                  *map(json.dumps, lines), run.stderr, sep="\n")
    print(f"{name}: {package} {importlib.metadata.version(package)}, {count} "
          f"files, {good} good, {wrong} judged otherwise, {stricter} refused "
          "here on purpose")
    return 1 if wrong or not good else 0


if __name__ == "__main__":
    sys.exit(main())
