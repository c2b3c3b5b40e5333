#!/bin/bash
# old-processor.sh - on a processor of 2006, by qemu-user, programs give the same
# bytes as here: what is written for SSE 4.2 and AVX2, by us and by libraries,
# has a form for machines without.
set -u
# shellcheck source=tests/checks
. "$TOP/tests/checks"
qemu=$(command -v qemu-x86_64-static || command -v qemu-x86_64) || {
  echo "SKIPPED: qemu-user is missing"
  exit 77
}
bin=${PATH%%:*}
case $(head -c 20 "$bin/checksum" | od -An -tx1 -j 18 -N 1) in
  *3e) ;;
  *) echo "SKIPPED: no programs for amd64"; exit 77 ;;
esac
if ldd "$bin/checksum" | grep -q san; then
  echo "SKIPPED: qemu-user has no room for AddressSanitizer"
  exit 77
fi
for feature in sse4_2 avx2; do
  grep -qw $feature /proc/cpuinfo || { echo "SKIPPED: no $feature here"; exit 77; }
done

# Conroe has SSSE3 and nothing later. qemu says nothing of what it lacks.
old() { "$qemu" -cpu Conroe "$bin/$1" "${@:2}"; }

cp "$TOP/share/sample/threads.jsonl" .
pick-answer threads.jsonl >rows
to-messages rows >examples
# Near copies, so that there is something to find.
sed 's/ the / a /; s/"id":"/"id":"x/' examples | cat examples - >twice
count=0
# same PROGRAM ARGUMENT...: the same status and output on both.
same() {
  "$@" >here 2>here.err
  echo $? >>here
  old "$@" >there 2>there.err
  echo $? >>there
  cmp here there && cmp here.err there.err || fail "otherwise there: $*"
  count=$((count + 1))
}
same pick-answer threads.jsonl
same confidence-filter --min 0.7 rows
same to-messages rows
same anonymize examples
same dedup twice
same dedup --key question --near 0.5 --mark cluster twice
same checksum --algorithm crc32c threads.jsonl "$bin/checksum"
same checksum threads.jsonl
same token-stats examples
same jsonl-validate examples
same hash-split --output split examples
[ "$(wc -l <twice)" -gt "$(dedup twice | wc -l)" ] || fail "dedup finds nothing"
if [ -x "$bin/../tests/unit-tests" ]; then
  "$qemu" -cpu Conroe "$bin/../tests/unit-tests" \
    'hashes*,*crc32c*,JsonReader refuses*,parsing is right*,many edited*' >out 2>err ||
    fail "unit tests: $(tail -n 20 out)"
fi
finish "$count runs give the same bytes on an old processor"
