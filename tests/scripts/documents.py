#!/usr/bin/env python3
"""documents.py PROGRAM... - what the documents say is so.

- README.md and docs/DESIGN.md have a row for each program, and no other.
- The options in docs/DESIGN.md are those in the program's --help: all of them.
- answermill-profile(5) has each reason for which a thread is dropped by a key.
- ARCHITECTURE.md fits on two screens, and the files it names are there.
- Links between documents, and to their headings, lead somewhere; so do paths in
  backquotes that begin with a folder of ours.
"""

import os
import pathlib
import re
import subprocess
import sys

TOP = pathlib.Path(os.environ.get("TOP", "."))
DOCUMENTS = [TOP / name for name in (
    "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md",
    "SECURITY.md", "docs/DESIGN.md", "docs/TUTORIAL.md", "docs/SCALE.md",
    "bench/README.md")]
MAX_ARCHITECTURE_LINES = 120
OUR_FOLDERS = "bench|docs|lib|man|scripts|share|tests|tools"
# Those that the sentence above the table names.
OF_ALL = {"--help", "--version", "--color", "--rejects", "--max-bad", "--max-line",
          "--quiet", "--stats", "--progress"}
PLACEHOLDER = re.compile(r"\b(NAME|PROGRAM|X)\b|NAME_|X_")

faults = []


def rows(path, heading, column):
    """The programs in that column of the table under heading."""
    text = path.read_text()
    section = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    if not section:
        faults.append(f"{path.name}: no '## {heading}'")
        return []
    lines = re.findall(r"^\|(.*)\|$", section[1], re.M)[2:]
    return [re.split(r" (?<!\\)\| ", line.strip())[column] for line in lines]


def check_programs(programs):
    for path, column in (("README.md", 0), ("docs/DESIGN.md", 1)):
        cells = rows(TOP / path, "The programs", column)
        named = [cell.strip("` ") for cell in cells]
        if sorted(named) != sorted(programs):
            odd = sorted(set(named) ^ set(programs)) or "one of them twice"
            faults.append(f"{path}: 'The programs' and tools/ differ: {odd}")


def check_options():
    table = "Options that others rely on"
    names = [c.strip("` ") for c in rows(TOP / "docs/DESIGN.md", table, 0)]
    cells = rows(TOP / "docs/DESIGN.md", table, 1)
    for program, cell in zip(names, cells):
        help_text = subprocess.run([program, "--help"], capture_output=True,
                                   text=True).stdout
        options = r"^ +(?:-\w, )?(--[a-z0-9-]+)"
        offered = set(re.findall(options, help_text, re.M)) - OF_ALL
        promised = set(re.findall(r"--[a-z0-9-]+", cell))
        for option in sorted(promised - offered):
            faults.append(f"docs/DESIGN.md: {program} has no {option}")
        for option in sorted(offered - promised):
            faults.append(f"docs/DESIGN.md: {program} lacks {option}")


def check_reasons():
    page = (TOP / "man/answermill-profile.5.md").read_text()
    named = set(re.findall(r"\b[a-z]+_[a-z0-9_]+\b", page))
    given = set(re.findall(r'"((?:post|question|answer|subreddit)_[a-z0-9_]+)"',
                           (TOP / "lib/answers/choice.cpp").read_text()))
    for reason in sorted(given - named) or ([] if len(given) > 20 else ["many"]):
        faults.append(f"man/answermill-profile.5.md lacks the reason {reason}")


def anchors(text):
    """The addresses of a document's headings, as GitHub forms them."""
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-")
            for heading in re.findall(r"^#+ (.*)$", text, re.M)}


def check_links(path):
    text = path.read_text()
    without_code = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", without_code):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = path.parent / name if name else path
        if not file.exists():
            faults.append(f"{path.name}: {target}: no such file")
        elif anchor and anchor not in anchors(file.read_text()):
            faults.append(f"{path.name}: {target}: no such heading")
    ours = rf"`((?:{OUR_FOLDERS})/[\w./-]+)`"
    for name in re.findall(ours, without_code):
        if not PLACEHOLDER.search(name) and not (TOP / name).exists():
            faults.append(f"{path.name}: `{name}`: no such file")


def main(programs):
    for path in DOCUMENTS:
        check_links(path)
    check_programs(programs)
    check_options()
    check_reasons()
    lines = len((TOP / "ARCHITECTURE.md").read_text().splitlines())
    if lines > MAX_ARCHITECTURE_LINES:
        faults.append(f"ARCHITECTURE.md: {lines} lines, over "
                      f"{MAX_ARCHITECTURE_LINES}")
    print("\n".join(faults) or f"{len(DOCUMENTS)} documents are true")
    return 1 if faults else 0


sys.exit(main(sys.argv[1:]))
