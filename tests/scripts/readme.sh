#!/bin/bash
# readme.sh - README.md tells the truth: its commands run as pasted, and its
# table has a row for each program and no other.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
ln -s "$TOP"/{share,scripts,Makefile.pipeline} .
export BIN=${PATH%%:*}

# The text between ```sh and ``` is one script, run from the top.
sed -n '/^```sh$/,/^```$/{/^```/d;p}' "$TOP/README.md" >commands
bash -euo pipefail commands >out 2>err || {
  echo "README.md: a command failed:"
  tail -5 out err
  exit 1
}

sed -n 's/^| `\([a-z-]*\)` .*/\1/p' "$TOP/README.md" |
  grep -vxE '(id|question|answer|confidence|upvotes|timestamp)' | sort >listed
for source in "$TOP"/tools/*.cpp; do basename "$source" .cpp; done | sort >built
diff listed built
echo "README.md: $(wc -l <commands) lines of commands run, $(wc -l <built) programs listed"
