#!/usr/bin/env python3
"""rooms.py - lib/ is built as ARCHITECTURE.md says: rooms, lowest first.

  rooms.py [TOP]

Reads every file of lib/ and fails, naming file and line, on

- an include that points up, to a room listed later in ARCHITECTURE.md;
- a file in no room, a room that is not listed, and one listed but not there;
- a file of a room without I/O that includes io/ or cli/;
- a .cpp that does not include its own header first, by which the build proves
  that each header compiles alone; a header without a .cpp is compiled here;
- two headers that cannot be included together, and two classes or enums of
  one name in the same namespace (each compiles; together they are undefined).
"""

import os
import pathlib
import re
import subprocess
import sys

TOP = pathlib.Path(os.environ.get("TOP", "."))
CXX = os.environ.get("CXX", "c++")

# Rooms that turn values into values. What reads or writes for them is a file
# of its own, named NAME_file or NAME_files, or one of these.
WITHOUT_IO = "json pii tokens text record answers examples".split()
DOES_IO = re.compile(r"_files?\.(h|cpp)$"
                     r"|text/near_duplicates\.(h|cpp)$"  # its scratch file
                     r"|answers/profile_text\.cpp$"  # profile_texts()
                     r"|examples/anonymize\.cpp$"   # read_key_file()
                     r"|examples/validate\.(h|cpp)$"  # its report
                     r"|examples/hash_split\.cpp$")   # --split

INCLUDE = re.compile(r'\s*#\s*include\s*"([^"]+)"')
# clang-format puts what stands in a namespace at the start of its line.
NAMESPACE = re.compile(r"(?:inline )?namespace( [\w:]+)? \{")
CLOSED = re.compile(r"\}  // namespace")
TYPE = re.compile(r"(?:class|struct|union|enum(?: class)?) ((?:\w+::)*\w+)"
                  r"(?: final)?(?: : [^;]*)?(?: \{|$)|using (\w+) =")

faults = []


def fault(path, line, what):
    faults.append(f"{path.relative_to(TOP)}:{line}: {what}")


def listed_rooms():
    """The first column of the table of rooms, in its order."""
    text = (TOP / "ARCHITECTURE.md").read_text()
    return re.findall(r"^\| `lib/(\w+)/` \|", text, re.M)


def check_includes(path, text, rank):
    room = path.parent.name
    first = None
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        target = match[1]
        first = first or target
        parts = target.split("/")
        if len(parts) != 3 or parts[0] != "lib" or parts[1] not in rank:
            if not target.startswith("lib/") and (TOP / "lib" / target).exists():
                fault(path, number, f'"{target}" should be "lib/{target}"')
            continue
        if rank[parts[1]] > rank[room]:
            fault(path, number, f"{target} is in a room above {room}")
        if (parts[1] in ("io", "cli") and room in WITHOUT_IO
                and not DOES_IO.search(str(path))):
            fault(path, number, f"{room} does no I/O, but includes {target}")
    own = path.with_suffix(".h")
    if path.suffix == ".cpp" and own.exists():
        if first != str(own.relative_to(TOP)):
            fault(path, 1, f"does not include {own.name} first")


def types_of(path, text):
    """(qualified name, line) of each type that is visible outside the file."""
    scopes = []
    for number, line in enumerate(text.splitlines(), 1):
        opened = NAMESPACE.match(line)
        if opened:
            scopes.append((opened[1] or " (unnamed)").strip())
        elif CLOSED.match(line):
            scopes.pop()
        else:
            match = TYPE.match(line)
            if match and "(unnamed)" not in scopes:
                yield "::".join(scopes + [match[1] or match[2]]), number


def compiles(lines):
    done = subprocess.run(
        [CXX, "-std=c++20", f"-I{TOP}", "-Wall", "-Wextra", "-Werror",
         "-fsyntax-only", "-x", "c++", "-"],
        input="".join(lines), capture_output=True, text=True)
    if done.returncode == 0:
        return None
    errors = [e for e in done.stderr.splitlines() if "error:" in e]
    return "\n".join("  " + e for e in (errors or [done.stderr])[:5])


def main():
    rooms = listed_rooms()
    rank = {room: place for place, room in enumerate(rooms)}
    files = sorted(p for p in (TOP / "lib").rglob("*") if p.is_file())
    if not rooms or not files:
        sys.exit("rooms.py: no table of rooms in ARCHITECTURE.md, or no lib/")

    known = {}
    headers = []
    for path in files:
        if path.parent.parent != TOP / "lib" or path.parent.name not in rank:
            fault(path, 1, "in no room that ARCHITECTURE.md lists")
            continue
        text = path.read_text()
        check_includes(path, text, rank)
        if path.suffix == ".h":
            headers.append(path)
        for name, number in types_of(path, text):
            if name in known:
                fault(path, number, f"{name} is defined in {known[name]} too")
            known[name] = path.relative_to(TOP)
    for room in rooms:
        if not any(path.parent.name == room for path in files):
            faults.append(f"ARCHITECTURE.md: there is no lib/{room}/")

    include = '#include "{}"\n'.format
    names = [str(path.relative_to(TOP)) for path in headers]
    wrong = compiles([include(name) for name in names])
    if wrong:
        faults.append("headers do not go together:\n" + wrong)
    for path, name in zip(headers, names):
        if not path.with_suffix(".cpp").exists():
            wrong = compiles([include(name)])
            if wrong:
                fault(path, 1, "does not compile alone:\n" + wrong)

    print("\n".join(faults) or f"{len(files)} files in {len(rooms)} rooms")
    return 1 if faults else 0


sys.exit(main())
