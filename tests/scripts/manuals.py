#!/usr/bin/env python3
"""manuals.py PROGRAM... - manuals and completions are what --help says.

- man/ and share/completions/ hold what scripts/make-manuals and
  scripts/make-completions make of the programs as they are now.
- What man/*.md shows of commands has options that there are.
- answermill-profile(5) names each key and signal; its example is a profile.
- bash completes commands, options, choices and profiles; the files for zsh and
  fish are read by these, where they are installed.
- Where mandoc is installed, it has nothing to say about the pages.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

TOP = pathlib.Path(os.environ.get("TOP", ".")).resolve()
PROGRAMS = os.path.dirname(shutil.which("fs-query") or sys.exit("not built"))
faults = []


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, **options)


def check_made():
    environment = {**os.environ, "ANSWERMILL_BIN": PROGRAMS}
    for script in ("make-manuals", "make-completions"):
        done = run(str(TOP / "scripts" / script), "--check", env=environment)
        if done.returncode:
            faults.append(f"run scripts/{script}: {done.stdout}{done.stderr}")


def check_commands(programs):
    offered = {}
    for program in programs:
        text = run(program, "--help").stdout
        offered[program] = set(re.findall(r"--[a-z][a-z0-9-]*", text))
    text = run("answermill", "run", "--help").stdout
    offered["run"] = set(re.findall(r"--[a-z][a-z0-9-]*", text))
    for page in (TOP / "man").glob("*.md"):
        for block in re.findall(r"^```\n(.*?)^```", page.read_text(),
                                re.M | re.S):
            for command in re.split(r"\s*[|;&<>()]+\s*|\n(?! )",
                                    block.replace("\\\n", " ")):
                words = command.split()
                if words[:1] == ["answermill"]:
                    words = words[1:]
                if not words or words[0] not in offered:
                    continue
                for word in words[1:]:
                    name = word.split("=")[0]
                    if name.startswith("--") and \
                            name not in offered[words[0]]:
                        faults.append(f"{page.name}: {words[0]} has no {name}")


def check_profile_page():
    page = (TOP / "man/answermill-profile.5.md").read_text()
    source = (TOP / "lib/answers/profile.cpp").read_text()
    names = re.search(r"kSignals = \{(.*?)\}", source, re.S)[1]
    keys = re.search(r'\{"extends".*?\{"calibration"', source, re.S)
    names += keys[0] if keys else ""
    if not keys:
        faults.append("profile.cpp: its table of keys is not found")
    # A key of an object within is in italics: {*type*, *matches*}.
    for name in sorted(set(re.findall(r'"([a-z_0-9]+)"', names))):
        if not re.search(rf"(?<![a-z_]){name}(?![a-z_])", page):
            faults.append(f"answermill-profile(5) lacks {name}")
    example = re.search(r"^```\n(\{.*?^\})\n```", page, re.M | re.S)[1]
    json.loads(example)
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(example)
        file.flush()
        done = run("pick-answer", "--profile", file.name, "/dev/null")
    if done.returncode:
        faults.append(f"answermill-profile(5)'s example: {done.stderr}")


# What is typed, and words that must come up; a word with ! must not.
BASH = [
    ("answermill r", "run reddit-fetch review reader-claim !nightly"),
    ("answermill --", "--help --version"),
    ("answermill run --thr", "--threads"),
    ("answermill run pub", "publish"),
    ("answermill sample --s", "--seed --stats !--store"),
    ("pick-answer --pro", "--profile --progress"),
    ("pick-answer --profile m", "mtg mtg-first"),
    ("pick-answer -p q", "qa"),
    ("anonymize --mode ", "redact pseudonym !file.jsonl"),
    ("anonymize --mode=p", "pseudonym"),
    ("anonymize --names f", "file.jsonl"),
    ("dedup f", "file.jsonl"),
    ("dedup --removed r", "!redact"),
    ("/usr/bin/hash-split --sp", "--split"),
]
TYPED = r"""
cd "$2" && . "$1" || exit 1
# As readline splits them: = stands alone.
read -ra COMP_WORDS <<<"${3//=/ = }"
case $3 in *[\ =]) [ "${3: -1}" = = ] || COMP_WORDS+=('') ;; esac
COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$3 COMP_POINT=${#3}
_answermill
printf '%s\n' "${COMPREPLY[@]}"
"""


def check_completions():
    bash = TOP / "share/completions/bash/answermill"
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "file.jsonl").touch()
        for typed, wanted in BASH:
            done = run("bash", "-c", TYPED, "bash", str(bash), folder, typed)
            given = done.stdout.split()
            if done.returncode or done.stderr:
                faults.append(f"bash: '{typed}': {done.stderr}")
            for word in wanted.split():
                if (word.lstrip("!") in given) != (word[0] != "!"):
                    faults.append(f"bash: '{typed}': {word}: {given}")
    for shell, pattern in (("zsh", "zsh/_*"), ("fish", "fish/*.fish")):
        for file in (TOP / "share/completions").glob(pattern):
            if not shutil.which(shell):
                break
            done = run(shell, "-n", str(file))
            if done.returncode or done.stderr:
                faults.append(f"{shell}: {file.name}: {done.stderr}")
    if shutil.which("fish"):
        file = TOP / "share/completions/fish/anonymize.fish"
        done = run("fish", "--no-config", "-c",
                   f"source {file}; complete -C 'anonymize --mode '")
        if "pseudonym" not in done.stdout:
            faults.append(f"fish: no choices: {done.stdout}{done.stderr}")


def check_pages():
    if not shutil.which("mandoc"):
        return
    for page in sorted((TOP / "man").glob("man[157]/*")):
        done = run("mandoc", "-T", "lint", "-W", "warning", str(page))
        said = [line for line in done.stdout.splitlines()
                if "missing date" not in line]
        faults.extend(said)
    with tempfile.TemporaryDirectory() as folder:
        done = run(str(TOP / "scripts/make-manuals"), "--html", folder,
                   env={**os.environ, "ANSWERMILL_BIN": PROGRAMS})
        if done.returncode or 'href="calibrate.1.html"' not in \
                (pathlib.Path(folder) / "answermill-profile.5.html").read_text():
            faults.append(f"--html: no page with links: {done.stderr}")


def main(programs):
    check_made()
    check_commands(programs)
    check_profile_page()
    check_completions()
    check_pages()
    print("\n".join(faults) or "manuals and completions are true")
    return 1 if faults else 0


sys.exit(main(sys.argv[1:]))
