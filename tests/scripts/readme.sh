#!/bin/bash
# readme.sh - README.md and docs/TUTORIAL.md tell the truth: their commands run as
# pasted, and README's table has a row for each program and no other.
#
# The text between ```sh and ``` is run, after `answermill demo`. Where it asks
# Reddit or a collector, stand-ins on loopback answer. ```console is what needs a
# package manager, an account or a model.
set -u
# shellcheck source=tests/checks
. "$TOP/tests/checks"
unset ANSWERMILL_STORE COLLECTOR_URL

# The programs, of which reddit-fetch asks the stand-in.
bin=$(dirname "$(command -v fs-query)")
mkdir bin
ln -s "$bin"/* "$(dirname "$(readlink -f "$bin/fs-query")")"/* bin 2>/dev/null
serve python3 "$TOP/tests/fake/reddit_replay.py" --log-dir . \
  --world "$TOP/tests/data/reddit/world.json"
rm bin/reddit-fetch
cat >bin/reddit-fetch <<END
#!/bin/sh
case " \$* " in
  *' --collector-url '*) exec $bin/reddit-fetch "\$@" ;;
esac
export REDDIT_CLIENT_ID=client-f4ke REDDIT_CLIENT_SECRET=client-s3cret
exec $bin/reddit-fetch --api-base http://127.0.0.1:$port/~mtgrules "\$@"
END
chmod +x bin/reddit-fetch
export PATH=$PWD/bin:$PATH ANSWERMILL_BIN=$PWD/bin
serve_collector --threads "$TOP/share/sample/threads.jsonl" --store sqlite:collector.db
export COLLECTOR_URL=$collector_url

mkdir text
cd text || exit 1
answermill demo >demo.log 2>&1 || fail "answermill demo: $(tail -n 3 demo.log)"

# commands HEADING: what is to be run there, "" being all other places. The
# sources are run one after the other in a folder of their own.
sources='From Reddit to training files'
commands() {
  awk -v only="$1" -v sources="$sources" '
    /^## / { here = substr($0, 4); if (here != sources) here = "" }
    /^```sh$/ { code = 1; ++block; next }
    /^```$/ { code = 0 }
    code && here == only { print block "\t" $0 }' "$TOP/README.md"
}

# play FILE: runs it here as a script.
play() {
  bash -eu "$1" >out 2>err || {
    tail -n 5 out
    fail "a command failed: $(cat "$1")"
  }
}

# What the demo is shown to say is what it says, piece by piece between dots.
python3 - "$TOP/README.md" demo.log demo/output/demo/mtg_llm_training.jsonl <<'END' ||
import re, sys
readme, *outputs = [open(path, encoding="utf-8").read() for path in sys.argv[1:]]
shown = re.findall(r"^    (?!\$)(.*)", readme[:readme.index("A version is a folder")], re.M)
pieces = [piece.strip() for line in shown for piece in line.split("...")]
pieces = [piece for piece in pieces if piece.strip("{}")]
assert len(pieces) > 12, pieces
sys.exit("\n".join(piece for piece in pieces
                   if not any(piece in output for output in outputs)) or 0)
END
  fail "README.md: the demo says something else"

commands "$sources" >../sources
[ "$(cut -f 1 ../sources | sort -u | wc -l)" = 4 ] || fail "not four sources"
mkdir ../from
cp -r demo ../from/demo
cut -f 2- ../sources >../script
(cd ../from && play ../script && exit $failures) || failures=$((failures + 1))
python3 - ../from/training/output/from-*/manifest.json <<'END' ||
import json, sys
assert len(sys.argv) == 4, sys.argv
for path in sys.argv[1:]:
    stage = {one["stage"]: one for one in json.load(open(path))["stages"]}
    if stage["fs-put"]["records_written"] != stage["fs-query"]["records_read"]:
        sys.exit(f"{path}: more is in the store than came from the source")
END
  fail "README.md: one source gets in the way of another"
grep -h violation ../*.log && fail "Reddit objects"

commands '' | cut -f 2- >../script
play ../script
# None of them yields nothing; a part of a split may.
find . -maxdepth 1 -type f -empty ! -name err ! -name '*.val.jsonl' \
  ! -name '*.test.jsonl' | grep . && fail "README.md: a command yields nothing"

mkdir ../tutorial
cd ../tutorial || exit 1
awk '/^```sh$/ { code = 1; next } /^```$/ { code = 0 } code' \
  "$TOP/docs/TUTORIAL.md" >../tutorial.sh
play ../tutorial.sh
has 'asks_where_to_buy' out
has 'status 1' out

awk -F '`' '/^## / { programs = $0 == "## The programs" }
            programs && /^\| `/ { print $2 }' "$TOP/README.md" | sort >listed
for source in "$TOP"/tools/*.cpp; do basename "$source" .cpp; done | sort >built
diff listed built || fail "README.md: other programs than tools/"
finish "README.md, TUTORIAL.md: $(cat ../script ../sources ../tutorial.sh | wc -l) lines of commands run,\
 $(wc -l <built) programs listed"
