#!/bin/bash
# labels: quick
# wrong-files.sh PROGRAM... - what every program with a record loop does with a
# file that is not JSON Lines in UTF-8: it is read if it is compressed or has a
# byte order mark, and named once, with the remedy, if it is something else; and
# the same for the files beside it: names, cards, prompts, keys, checksums.
# shellcheck disable=SC2154  # what describe_filter sets
set -u
# shellcheck source=tests/checks
. "$TOP/tests/checks"
# shellcheck source=/dev/null
. "$TOP/tests/record-filters"

filter() {
  rm -f store.db* part.*
  timeout 60 "$tool" "${arguments[@]}" "$@" </dev/null
}

# reads_as_plain FILE: the same output as of the plain file.
reads_as_plain() {
  filter "$1" >out 2>err || fail "$tool: $1: status $?"
  cmp -s out plain.out || fail "$tool: $1: another output"
}

# refused FILE WORDS REMEDY: named in one line, and the file after it is read.
refused() {
  filter "$1" plain >out 2>err
  local status=$?
  [ $status = 65 ] || [ $status = "$bad_status" ] ||
    fail "$tool: $1: status $status"
  [ "$(grep -c "^$tool: $1: is $2.*$3" err)" = 1 ] || fail "$tool: $1: not '$2'"
  [ "$(grep -c "$1" err)" = 1 ] || fail "$tool: $1: not named once"
  [[ " $traits " != *" streams "* ]] || cmp -s out plain.out ||
    fail "$tool: $1: the next file is not read"
}

bom=$'\xEF\xBB\xBF'
make_inputs() {
  local many
  many=$(for _ in {1..2000}; do echo "$record"; done)
  echo "$record" >plain
  echo "$bom$record" >bom
  printf '%s\n' "$bom$record" | gzip >bom.gz
  for command in gzip zstd xz bzip2; do $command -cq <plain >"by-$command"; done
  cat by-xz <(: | xz -c) >xz-twice
  cat by-bzip2 <(: | bzip2 -c) >bzip2-twice
  iconv -f UTF-8 -t UTF-16 plain >utf-16
  iconv -f UTF-8 -t UTF-16LE plain >utf-16le
  iconv -f UTF-8 -t UTF-16BE plain >utf-16be
  iconv -f UTF-8 -t UTF-32 plain >utf-32
  echo "[$(tr '\n' , <<<"$many" | sed 's/,$//')]" >array
  printf '[\n%s\n]\n' "$(sed '$!s/$/,/' <<<"$many")" >array-of-lines
  python3 -m json.tool plain >pretty
  gzip -c pretty >pretty.gz
  { echo 'id,question,answer'; for _ in {1..2000}; do echo '1,"a, b",c'; done; } >csv
  printf 'id\tquestion\n1\ta b\n' >tsv
  printf 'PAR1\x15\x04\x15' >parquet
  printf 'PK\x03\x04\x14\x00' >zip
  printf 'SQLite format 3\x00\x10\x00' >sqlite
  head -c 40 by-xz >cut-xz
  head -c 40 by-bzip2 >cut-bzip2
}

# at_terminal COMMAND...: with a terminal for standard input, which ends at once;
# what the command said.
at_terminal() {
  python3 - "$@" <<'END'
import os, pty, subprocess, sys
master, slave = pty.openpty()
os.write(master, b"\x04")
done = subprocess.run(sys.argv[1:], stdin=slave, stdout=subprocess.DEVNULL,
                      stderr=subprocess.PIPE, timeout=60)
sys.stdout.buffer.write(done.stderr)
END
}

tools=0
for tool; do
  describe_filter "$tool" || continue
  tools=$((tools + 1))
  make_inputs
  filter plain >plain.out 2>err || fail "$tool: status $?"
  for file in bom bom.gz by-{gzip,zstd,xz,bzip2} xz-twice bzip2-twice; do
    [[ $tool != token-stats && $tool != sample && $tool != hash-split ]] ||
      continue  # they print the file's name
    reads_as_plain "$file"
  done
  for file in utf-16 utf-16le utf-16be; do refused $file UTF-16 iconv; done
  refused utf-32 UTF-32 iconv
  refused array 'a JSON array' jq
  refused array-of-lines 'a JSON array' jq
  refused pretty 'JSON over several lines' jq
  refused pretty.gz 'JSON over several lines' jq
  refused csv CSV mlr
  refused tsv TSV mlr
  refused parquet Parquet pandas
  refused zip 'a zip archive' unzip
  refused sqlite 'an SQLite database' fs-query
  for file in cut-xz cut-bzip2; do
    filter $file >out 2>err
    grep -q "^$tool: $file: ${file#cut-} data cut off near byte" err ||
      fail "$tool: $file: not said to be cut off"
  done
  filter . >out 2>err
  [ $? = 66 ] || fail "$tool: a directory: not 66"
  has ".: is a directory; name the files in it" err
  at_terminal "$tool" "${arguments[@]}" >said
  has "$tool: waits for lines from the terminal" said
  at_terminal "$tool" "${arguments[@]}" - >said
  [ ! -s said ] || [[ $(cat said) != *waits* ]] || fail "$tool -: says that it waits"
done
[ $tools = 0 ] && fail "no program with a record loop"

# ---- one bad record is none of these
describe_filter confidence-filter
echo "$record" >plain
for first in "[$record]" '{' '{"a":' 'a,b' '1,2' '[1]'; do
  printf '%s\n%s\n' "$first" "$record" >in
  expect 65 "confidence-filter in"
  cmp -s out plain || fail "$first: takes the records after it away"
  has "in:1: " err
done

# ---- files beside the records
example='{"messages":[{"role":"user","content":"I am Jo Roe, jo@roe.org"},{"role":"assistant","content":"Hi."}]}'
echo "$example" >in
printf 'Jo Roe\n' >names
printf '%sJo Roe\r\n' "$bom" >names-bom
printf 'Jo Roe\r\n' | iconv -f UTF-8 -t UTF-16 >names-16
printf '0123456789abcdef\n' >key
printf '0123456789abcdef\r\n' >key-crlf
printf '%s0123456789abcdef' "$bom" >key-bom
iconv -f UTF-8 -t UTF-16 key >key-16
chmod 600 key*
for list in names names-list allow; do
  anonymize --$list names in >plain.out
  expect 0 "anonymize --$list names-bom in"
  cmp -s out plain.out || fail "anonymize --$list: a byte order mark matters"
  expect 65 "anonymize --$list names-16 in"
  has "names-16: is UTF-16" err
done
anonymize --mode pseudonym --key-file key in >plain.out
for key in key-crlf key-bom; do
  expect 0 "anonymize --mode pseudonym --key-file $key in"
  cmp -s out plain.out || fail "$key: other pseudonyms"
done
expect 65 "anonymize --mode pseudonym --key-file key-16 in"
describe_filter to-messages
echo "$record" >in
printf 'You answer.\n' >prompt
printf '%sYou answer.\r\n' "$bom" >prompt-bom
to-messages --system-prompt-file prompt in >plain.out
expect 0 "to-messages --system-prompt-file prompt-bom in"
cmp -s out plain.out || fail "--system-prompt-file: a byte order mark matters"
describe_filter pick-answer
echo "$record" >in
echo 'Tarmogoyf' >cards
printf '%sTarmogoyf\r\n' "$bom" >cards-bom
pick-answer --cards cards in >plain.out
expect 0 "pick-answer --cards cards-bom in"
cmp -s out plain.out || fail "--cards: a byte order mark matters"
{ printf '%s' "$bom"; cat "$TOP/share/profiles/qa.json"; } >qa.json
pick-answer --profile qa in >plain.out
expect 0 "pick-answer --profile ./qa.json in"
cmp -s out plain.out || fail "--profile: a byte order mark matters"
checksum in names >sums
{ printf '%s' "$bom"; sed 's/$/\r/' sums; } >sums-bom
expect 0 "checksum --check sums-bom"
cp -r "$TOP/tests/data/version" version
{ printf '%s' "$bom"; cat version/manifest.json; } >version/bom.json
expect 1 "version-diff version/manifest.json version/rules.val.jsonl"
cp out plain.out
expect 1 "version-diff version/bom.json version/rules.val.jsonl"
cmp -s out plain.out || fail "a manifest: a byte order mark matters"
at_terminal checksum >said
has "checksum: waits for lines from the terminal" said
finish "$tools programs name what is wrong with a file once"
