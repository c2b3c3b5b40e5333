#!/bin/bash
# side-files.sh - what a program writes beside its output: never over what it
# reads, never two into one file, and a file of its own for every process.
set -u
# shellcheck source=tests/checks
. "$TOP/tests/checks"
unset SOURCE_DATE_EPOCH
mkdir data
pick-answer "$TOP/share/sample/threads.jsonl" >data/in 2>/dev/null
to-messages data/in >data/ex
lines=$(wc -l <data/ex)
cp data/ex data/part.val.jsonl
cp -r data good

# refuses COMMAND: with status 64, and what is in data stays.
refuses() {
  expect 64 "$1"
  diff -r data good >/dev/null || { fail "changed by: $1"; rm -r data; cp -r good data; }
}

ln -s data/in link
ln data/in data/hard && ln good/in good/hard
refuses 'confidence-filter --rejects data/in data/in'
refuses 'confidence-filter --rejects link data/in'
refuses 'confidence-filter --rejects data/hard data/in'
refuses 'confidence-filter --rejects ./data//in - <data/in'
refuses 'confidence-filter --stats data/in data/in'
refuses 'confidence-filter data/in >>data/in'
refuses 'confidence-filter <data/in >>data/hard'
refuses 'to-messages --sidecar data/in data/in'
refuses 'to-messages --system-prompt-file data/in --sidecar data/in data/ex'
refuses 'anonymize --report data/ex data/ex'
echo name >data/names && cp data/names good/
refuses 'anonymize --report data/names --names data/names data/ex'
refuses 'dedup --removed data/ex data/ex'
refuses 'dedup --against data/ex --removed data/ex data/in'
printf '{"extends": "qa"}\n' >data/own && cp data/own good/
printf '{"id": "a", "mark": "good"}\n' >data/marks && cp data/marks good/
refuses 'pick-answer --profile data/own --dropped data/own "$TOP/share/sample/threads.jsonl"'
refuses 'to-messages --profile data/own --sidecar data/own data/in'
refuses 'make-manifest --dataset-version v --profile data/own --output data/own data/ex'
refuses 'calibrate --marks data/marks --picture data/marks data/in'
refuses 'calibrate --marks data/marks --profile data/own --output data/own data/in'
refuses 'calibrate --marks data/marks --output data/in data/in'
refuses 'jsonl-validate --report data/ex data/ex'
refuses 'hash-split --output data/part data/part.val.jsonl'
refuses 'token-stats --rejects data/ex data/ex'
refuses 'sample --rejects data/ex data/ex'
refuses 'fs-put --store sqlite:s.db --rejects data/in data/in'
refuses 'make-manifest --dataset-version v --output data/ex data/ex'
refuses 'confidence-filter --rejects new --stats new data/in'
refuses 'to-messages --sidecar new --rejects ./new data/in'
refuses 'to-messages --sidecar data/hard data/in >data/hard.out; exit_status=$?; rm -f data/hard.out; (exit $exit_status)'
refuses 'to-messages --rejects out data/in'
[ ! -e new ] && [ ! -e s.db ] || fail "a refused program made a file"

# A symbolic link is followed.
echo keep >target
ln -s target through
ln -s nowhere dangling
expect 0 'to-messages --sidecar through data/in'
[ -L through ] && [ "$(wc -l <target)" = "$lines" ] || fail "a link is replaced"
expect 0 'to-messages --sidecar dangling data/in'
[ -L dangling ] && [ "$(wc -l <nowhere)" = "$lines" ] || fail "a dangling link is replaced"
ln -s circle2 circle1
ln -s circle1 circle2
expect 73 'to-messages --sidecar circle1 data/in'

# Standard output, standard error, descriptors and pipes are written to.
expect 0 'to-messages --sidecar /dev/stderr data/in'
[ "$(wc -l <err)" = "$lines" ] || fail "/dev/stderr is not written to"
expect 0 'to-messages --sidecar /dev/stdout data/in'
[ "$(wc -l <out)" = "$((2 * lines))" ] || fail "/dev/stdout is not written to"
expect 0 'to-messages --stats /dev/stdout data/in'
[ "$(wc -l <out)" = "$((lines + 1))" ] || fail "/dev/stdout has no --stats"
expect 0 'to-messages --sidecar - data/in'
[ "$(wc -l <out)" = "$((2 * lines))" ] || fail "- is not standard output"
expect 0 'to-messages --stats - data/in'
[ "$(wc -l <out)" = "$((lines + 1))" ] || fail "- has no --stats"
expect 0 'echo bad | confidence-filter --max-bad 1 --rejects -'
[ "$(cat out)" = bad ] || fail "- has no rejects"
expect 0 'make-manifest --dataset-version v --output - data/ex'
has '"version":' out
[ ! -e ./- ] || fail "a file named - was made"
expect 0 'to-messages --sidecar /dev/fd/5 data/in 5>five'
[ "$(wc -l <five)" = "$lines" ] || fail "/dev/fd/5 is not written to"
[ -L /dev/stdout ] && [ -L /dev/stderr ] || fail "a device is replaced"
mkfifo pipe
cat pipe >piped &
expect 0 'to-messages --sidecar pipe data/in'
wait $!
[ -p pipe ] && [ "$(wc -l <piped)" = "$lines" ] || fail "a pipe is not written to"

# Without bad records --rejects makes an empty file, and leaves another alone.
expect 0 'confidence-filter --rejects none data/in'
[ -e none ] && [ ! -s none ] || fail "no empty file of rejects"
echo mine >other
expect 0 'confidence-filter --rejects other data/in'
has 'other: left as it is, since there are no bad records' err
[ "$(cat other)" = mine ] || fail "a file is emptied"
expect 65 'echo bad | confidence-filter --rejects other'
[ "$(cat other)" = bad ] || fail "rejects are not written"

# Many processes, each with a file of its own.
for _ in 1 2 3; do
  echo bad | confidence-filter --rejects 'bad.%p.jsonl' 2>/dev/null &
done
wait
[ "$(cat bad.*.jsonl | wc -l)" = 3 ] || fail "rejects are lost"
finish "side files: refused, followed, kept apart"
