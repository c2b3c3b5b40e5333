"""help_text.py - what a program's --help says, taken apart: for the manuals and
the completions, which are made from the same definitions.

    text = help_text.of("pick-answer")
    text.groups["Records"][0].long   # "--rejects"
"""

import dataclasses
import os
import pathlib
import re
import subprocess

TOP = pathlib.Path(__file__).resolve().parent.parent
# Commands of answermill that are no programs; "sample" is one whose name is
# another package's where it is installed.
SCRIPTS = {
    "run": "collect, export, judge and publish in one go",
    "nightly": "a version every night",
    "demo": "the three steps on a small sample",
    "parallel-filter": "a filter on many cores",
    "spark-version": "the pipeline on a Spark cluster",
    "cloud-setup": "what a team needs of Google Cloud",
    "share": "where profiles, rules, units and samples are",
}
BY_ANSWERMILL = ("answermill", "sample", *SCRIPTS)

OPTION = re.compile(r"^ {2,6}(-\S.*?)(?: {2,}(\S.*))?$")
ITEM = re.compile(r"^ {2}([a-z][a-z-]*(?: [A-Z]+)?)(?: {2,}(\S.*))?$")


@dataclasses.dataclass
class Option:
    names: list[str]   # as written: ["-o", "--output"]
    metavar: str       # "" if it takes no value
    may_lack_value: bool
    help: str
    choices: list[str]

    @property
    def long(self):
        return next((n for n in self.names if n.startswith("--")), "")


@dataclasses.dataclass
class Help:
    usage: list[str]
    purpose: str
    groups: dict[str, list[Option]]        # "Options" and so on
    commands: dict[str, dict[str, str]]    # heading -> command -> what it does
    notes: list[str]
    statuses: list[tuple[str, str]]
    examples: list[str]


def option_of(names, text):
    """"-o, --output FILE" -> Option."""
    words = names.split(", ")
    last, _, metavar = words[-1].partition(" ")
    may_lack = False
    if "[=" in last:
        last, metavar = last.rstrip("]").split("[=")
        may_lack = True
    return Option(words[:-1] + [last], metavar, may_lack, text, [])


def items_of(lines, pattern):
    """[(names, text)] of the lines under a heading."""
    items = []
    for line in lines:
        match = pattern.match(line)
        if match:
            items.append([match[1], match[2] or ""])
        elif items:
            items[-1][1] = (items[-1][1] + " " + line.strip()).strip()
    return items


def parse(text):
    blocks = [block.split("\n") for block in text.rstrip("\n").split("\n\n")]
    head = blocks.pop(0)
    usage = [head.pop(0)]
    while head and head[0].startswith("  "):
        usage.append(head.pop(0))
    found = Help([re.sub(r"^(Usage:)? +", "", line) for line in usage],
                 " ".join(head), {}, {}, [], [], [])
    for block in blocks:
        heading = "More options"
        if block[0].endswith(":") and block[1:2] and block[1].startswith("  "):
            heading = block.pop(0)[:-1]
        if heading in ("Example", "Examples"):
            found.examples += [line[2:] for line in block]
        elif OPTION.match(block[0]):
            found.groups[heading] = [option_of(*item)
                                     for item in items_of(block, OPTION)]
        elif heading != "More options":
            found.commands[heading] = dict(items_of(block, ITEM))
        elif block[0].startswith("Exit status: "):
            words = " ".join(block)[len("Exit status: "):].rstrip(".")
            found.statuses = [tuple(part.split(" ", 1))
                              for part in words.split("; ")]
        else:
            found.notes.append(" ".join(block))
    return found


def of(command, with_choices=False):
    """The Help of a command, a list of words, as it is on PATH now. What an
    option can be is found by giving it a value that it cannot have, a process
    an option."""
    def said(*words):
        return subprocess.run([*command, *words], capture_output=True,
                              stdin=subprocess.DEVNULL, text=True)

    done = said("--help")
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} --help: {done.stderr}")
    found = parse(done.stdout)
    for options in found.groups.values():
        for option in options:
            if option.metavar == "WHEN":
                option.choices = ["auto", "always", "never"]
            elif with_choices and option.metavar and option.long:
                match = re.search(r" is not one of ([^;\n]*)",
                                  said(f"{option.long}=?", "--help").stderr)
                option.choices = match[1].split(", ") if match else []
    return found


def use_what_is_built():
    """Puts ANSWERMILL_BIN, else build/bin, first on PATH."""
    folder = os.environ.get("ANSWERMILL_BIN", str(TOP / "build/bin"))
    os.environ["PATH"] = folder + os.pathsep + os.environ["PATH"]
    for name in ("ANSWERMILL_STORE", "ANSWERMILL_AS", "COLLECTOR_URL"):
        os.environ.pop(name, None)


def write(folder, pattern, made, arguments):
    """Writes what is made, {path under folder: text}, and removes what else
    matches the pattern there; with ["--check"] only says what would change.
    Returns the exit status."""
    there = {str(p.relative_to(folder)) for p in folder.glob(pattern)}
    old = [path for path, text in made.items()
           if path not in there or (folder / path).read_text() != text]
    old += sorted(there - set(made))
    if arguments == ["--check"]:
        for path in old:
            print(f"{folder.name}/{path}: not what is made now")
        if not old:
            print(f"{folder.name}/: {len(made)} files are true")
        return 1 if old else 0
    if arguments:
        print(f"unknown: {' '.join(arguments)}")
        return 64
    for path in old:
        if path in made:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(made[path])
        else:
            (folder / path).unlink()
    print(f"{folder.name}/: {len(old)} files written")
    return 0
