#!/bin/bash
# installed.sh PROGRAM... - what `cmake --install` puts under a prefix works from
# wherever that is moved to, without a variable of the environment, and
# `uninstall` takes it away; `answermill` runs each program, and lists it.
set -u
# shellcheck source=tests/checks
. "$TOP/tests/checks"
build=$(dirname "${PATH%%:*}")
command -v cmake >/dev/null || { echo "SKIPPED: cmake is missing"; exit 77; }

# A prefix with a blank in it, moved after it was filled.
# All of it is the component without a name, whose list of files is not that of
# the user's own installation.
place() { cmake --install "$build" --component Unspecified "$@" >log; }
DESTDIR=$PWD/stage place --prefix /usr || fail "does not install"
mkdir 'a prefix'
mv stage/usr 'a prefix/usr'
bin=$PWD/'a prefix/usr/bin'
grep -rlF -e "$TOP" -e "$build" --include='*' 'a prefix/usr/share' \
  'a prefix/usr/libexec/answermill/scripts' && fail "names the tree"
find 'a prefix' -xtype l | grep . && fail "a link that leads nowhere"

# All scripts but those of who works on answermill itself are installed.
for script in "$TOP"/scripts/*; do
  name=${script##*/}
  case $name in
    build | setup | test | release | make-* | *.py | __pycache__) ;;
    *) [ -e "a prefix/usr/libexec/answermill/scripts/$name" ] ||
        fail "packaging/install.cmake does not install scripts/$name" ;;
  esac
done

# The links between documents lead somewhere there, too.
find 'a prefix' -path '*/doc/*' -name '*.md' >documents
[ "$(wc -l <documents)" -gt 5 ] || fail "few documents are installed"
while IFS= read -r document; do
  sed '/^```/,/^```/d' "$document" | grep -oE '\]\([^)#[:space:]]+' | sed 's/^](//' |
    grep -v '^[a-z]*:' | while read -r link; do
    [ -e "$(dirname "$document")/$link" ] || echo "${document##*/doc/}: $link"
  done
done <documents >broken
[ ! -s broken ] || fail "links that lead nowhere: $(cat broken)"

# clean COMMAND: with that prefix, and nothing of ours in the environment.
clean() {
  env -i HOME="$PWD" PATH="$bin:/usr/local/bin:/usr/bin:/bin" \
    ASAN_OPTIONS="$ASAN_OPTIONS" sh -c "$1"
}

expect 0 "clean 'answermill --help'"
cp out help
for tool; do
  grep -q "^  $tool  " help || fail "answermill --help does not list $tool"
  expect 0 "clean 'answermill $tool --help'"
  cp out long
  expect 0 "clean 'answermill help $tool'"
  cmp -s out long || fail "answermill help $tool is not its --help"
  if [ "$tool" = sample ]; then
    [ ! -e "$bin/sample" ] || fail "/usr/bin/sample is another package's"
  else
    expect 0 "clean '$tool --version'"
  fi
done
listed=$(sed -n '/^Collect:/,/^Options:/s/^  \([a-z-]*\)  .*/\1/p' help | wc -l)
[ "$listed" = $# ] || fail "answermill --help lists $listed programs, not $#"
awk 'length > 80' help | grep . && fail "answermill --help: over 80 columns"

expect 0 "clean 'answermill demo'"
has 'published demo/output/demo' out
[ -s demo/output/demo/report.html ] || fail "the demo has no report"
expect 0 "clean 'answermill run --threads demo/threads.jsonl --profile qa \
  --dataset-version v1 --acceptance \"--max-near-questions 9\"'"
has 'answermill sample -5 training/output/v1' out
# A file for training that is empty is no surprise.
dumps='--submissions demo/dump/RS_sample.ndjson --profile qa --min-confidence 0.5
  --comments demo/dump/RC_sample.ndjson.zst'
dumps=${dumps//$'\n'/}
expect 0 "clean 'answermill run $dumps --store sqlite:a.db --dataset-version a'"
has 'version: training/output/a, 1 examples (train 0, val 0, test 1)' out
has 'none is for training' out
expect 0 "clean 'answermill run $dumps --store sqlite:b.db --dataset-version b --split 1,0,0'"
has '1 examples (train 1, val 0, test 0)' out
grep -q 'none is for training' out && fail "there is one for training"
expect 0 "clean 'answermill sample -1 training/output/v1/mtg_llm_training.jsonl'"
expect 0 "clean 'cat \"\$(answermill share)/profiles/qa.json\"'"
cmp -s out "$TOP/share/profiles/qa.json" || fail "answermill share: not there"
expect 0 "clean 'answermill run -h'"
has '[--threads FILE]' out
expect 0 "clean 'answermill -h'"
has 'parallel-filter' out
# -h is a screen of what --help says, all options named.
for command in '' run nightly demo parallel-filter spark-version cloud-setup share; do
  expect 0 "clean 'answermill $command --help'"
  cp out long
  expect 0 "clean 'answermill $command -h'"
  [ "$(wc -l <out)" -lt 24 ] || fail "answermill $command -h: more than a screen"
  [ "$(sed '/^$/,$d' out)" = "$(sed '/^$/,$d' long)" ] ||
    fail "answermill $command -h begins unlike --help"
  [ -z "$command" ] || # its own lists commands
    grep -oE '^  (-[a-zA-Z], )?--[a-z-]+' long | grep -oE -e '--[a-z-]+' |
    while read -r option; do
      grep -qF -e "$option" out || echo "$option"
    done >missing
  [ ! -s missing ] || fail "answermill $command -h lacks $(tr '\n' ' ' <missing)"
done
expect 64 "clean 'answermill run --no-such=1'"
has "answermill run: unknown option '--no-such'; try 'answermill run --help'" err
for words in no-such ../scripts/setup setup '' '--no-such'; do
  expect 64 "clean 'answermill \"$words\"'"
  has "answermill: unknown command '$words'; try 'answermill --help'" err
done
expect 64 "clean answermill"
expect 78 "clean 'answermill nightly'"
has 'nightly: COLLECTOR_URL is not set' err

# The same in the tree.
expect 0 "answermill sample -1 training/output/v1/mtg_llm_training.jsonl"
expect 0 "answermill --version"
grep -Eq '^answermill [0-9]+\.[0-9]+\.[0-9]+$' out || fail "--version: $(cat out)"

# What it installed it takes away, and no more.
place --prefix "$PWD/local" || fail "does not install"
touch local/bin/another local/libexec/answermill/mine
cmake -D MANIFEST="$build/install_manifest_Unspecified.txt" \
  -P "$TOP/packaging/uninstall.cmake" >log || fail "does not uninstall"
grep -q 'MANIFEST=.*/install_manifest.txt' "$TOP/packaging/install.cmake" ||
  fail "the target uninstall has not cmake's list"
find local ! -type d | sort >left
printf '%s\n' local/bin/another local/libexec/answermill/mine | cmp -s - left ||
  fail "after uninstall: $(cat left)"
[ ! -e local/share/answermill ] || fail "a folder of answermill is left"
finish "$# programs, installed, moved, run, and uninstalled"
