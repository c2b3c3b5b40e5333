#!/bin/bash
# readme.sh - README.md tells the truth: its commands run as pasted, and its
# table has a row for each program and no other.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
ln -s "$TOP"/{share,scripts,Makefile.pipeline} .
export ANSWERMILL_BIN=${PATH%%:*}

# The text between ```sh and ``` is one script, run from the top.
awk '/^```sh$/ { code = 1; next } /^```$/ { code = 0 } code' \
  "$TOP/README.md" >commands
bash -eu commands >out 2>err || {
  echo "README.md: a command failed:"
  tail -n 5 out err
  exit 1
}

# None of them yields nothing; a part of a split may.
find . -maxdepth 1 -type f -empty ! -name err ! -name '*.val.jsonl' \
  ! -name '*.test.jsonl' | grep . && {
  echo "README.md: a command yields nothing"
  exit 1
}

awk -F '`' '/^## / { programs = $0 == "## The programs" }
            programs && /^\| `/ { print $2 }' "$TOP/README.md" | sort >listed
for source in "$TOP"/tools/*.cpp; do basename "$source" .cpp; done | sort >built
diff listed built
echo "README.md: $(wc -l <commands) lines of commands run," \
  "$(wc -l <built) programs listed"
