#!/bin/bash
# dedup-memory.sh - dedup's memory follows the number of records, not their
# length: 20,000 records of 60 bytes or of 4 KB fit into the same space; and
# the same bytes come out however the input comes in.
set -eu
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
fail() { echo "$1"; exit 1; }

make_records() {  # make_records WORDS: 20,000, each tenth a repetition
  awk -v words="$1" 'BEGIN {
    srand(1)
    for (i = 0; i < 20000; ++i) {
      if (i % 10 || !i) {
        text = ""
        for (w = 0; w < words; ++w) text = text " " int(rand() * 1e6)
      }
      printf "{\"id\":%d,\"question\":\"q%s\",\"answer\":\"a\"}\n", i, text
    }
  }'
}

limited() {  # 20,000 times 550 bytes are 11 MB; the program alone takes 30 of addresses
  if (ulimit -v 60000 && dedup --version) >version 2>&1; then
    (ulimit -v 60000 && dedup "$@")
  else
    dedup "$@"
  fi
}

for words in 6 600; do
  make_records $words >records
  limited --stats stats records >kept || fail "$words words: status $?"
  [ "$(wc -l <kept)" = 18001 ] || fail "$words words: $(wc -l <kept) kept"
  limited <records | cmp - kept || fail "$words words: a pipe gives other bytes"
  [ "$(echo ./*)" = "./kept ./records ./stats ./version" ] || fail "leaves $(ls)"
  dedup kept | cmp - kept || fail "$words words: the second run removes more"
done
echo "20000 records of 4 KB in the memory of 20000 short ones"
