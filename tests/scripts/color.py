#!/usr/bin/env python3
"""color.py PROGRAM... - --color: in each program's messages its name stands out
on a terminal, and nothing else does, nowhere else, nor where it is not wanted.
"""

import os
import pty
import subprocess
import sys
import tty

BOLD = {True: "\x1b[1m%s:\x1b[m ", False: "%s: "}
CASES = [  # on a terminal?, environment, options, colored?
    (True, {"TERM": "xterm"}, [], True),
    (True, {"TERM": "xterm", "NO_COLOR": ""}, ["--color=auto"], True),
    (True, {"TERM": "xterm", "NO_COLOR": "1"}, [], False),
    (True, {"TERM": "xterm", "NO_COLOR": "1"}, ["--color", "always"], True),
    (True, {"TERM": "xterm"}, ["--color=never"], False),
    (True, {"TERM": "dumb"}, [], False),
    (True, {}, [], False),
    (False, {"TERM": "xterm"}, [], False),
    (False, {"TERM": "xterm"}, ["--color", "auto"], False),
    (False, {}, ["--color", "always"], True),
    (False, {}, ["--color", "always", "--color", "never"], False),
]
failures = 0


def messages(command, at_terminal, variables):
    """Standard output and error of the command."""
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("TERM", "NO_COLOR")}
    master, slave = pty.openpty()
    tty.setraw(slave)  # else \n becomes \r\n
    done = subprocess.run(command, env={**environment, **variables}, timeout=60,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=slave if at_terminal else subprocess.PIPE)
    os.set_blocking(master, False)
    try:
        said = os.read(master, 1 << 16) if at_terminal else done.stderr
    except BlockingIOError:
        said = b""
    os.close(master)
    os.close(slave)
    return done.stdout.decode(), said.decode()


def check(command, at_terminal, variables, is_colored, rest):
    global failures
    out, err = messages(command, at_terminal, variables)
    wanted = BOLD[is_colored] % command[0] + rest
    if not err.startswith(wanted) or "\x1b" in err[len(wanted):] + out:
        failures += 1
        print(f"{command}, {at_terminal=}, {variables}: {err!r}, not {wanted!r}")


for at_terminal, variables, options, is_colored in CASES:
    check(["checksum", *options, "none"], at_terminal, variables, is_colored,
          "none: cannot open")
for program in sys.argv[1:]:  # what is wrong with a command line, too
    check([program, "--no-such-option"], True, {"TERM": "xterm"}, True,
          "unknown option")
    check([program, "--color", "red"], False, {}, False,
          "--color: 'red' is not one of auto, always, never")
print(f"{len(CASES)} cases, {len(sys.argv) - 1} programs, {failures} failures")
sys.exit(failures > 0)
