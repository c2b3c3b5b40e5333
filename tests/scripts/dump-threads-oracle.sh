#!/bin/bash
# dump-threads-oracle.sh - dump-threads writes what tests/oracle/dump_threads.py
# writes, to the byte, and the same in buckets, with the same account: on the sample dump, and on the dumps of real threads
# from every year under ../shared/data where they are there.
#
# labels: contract
set -u
oracle=$TOP/tests/oracle/dump_threads.py
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
compared=0
failures=0

compare() {
  rm -f "$work"/{got,parts}.stats
  dump-threads --max-bad 100% --stats "$work/got.stats" "$@" >"$work/got" \
    2>"$work/err" || { cat "$work/err"; failures=$((failures + 1)); }
  dump-threads --max-bad 100% --stats "$work/parts.stats" --buckets 7 "$@" \
    >"$work/parts" 2>"$work/err" || { cat "$work/err"; failures=$((failures + 1)); }
  python3 "$oracle" "$@" >"$work/want" || failures=$((failures + 1))
  [ -s "$work/want" ] || { echo "nothing to compare: $*"; failures=$((failures + 1)); }
  cmp "$work/got" "$work/want" ||
    { echo "differs: $*"; failures=$((failures + 1)); }
  cmp "$work/parts" "$work/got" ||
    { echo "differs in buckets: $*"; failures=$((failures + 1)); }
  cmp <(sed 's/"seconds":.*//' "$work/parts.stats") \
    <(sed 's/"seconds":.*//' "$work/got.stats") ||
    { echo "another account of buckets: $*"; failures=$((failures + 1)); }
  compared=$((compared + 1))
}

sample=$TOP/share/sample/dump
pair=(--submissions "$sample/RS_sample.ndjson"
  --comments "$sample/RC_sample.ndjson.zst")
compare "${pair[@]}"
compare "${pair[@]}" --min-comments 0
compare "${pair[@]}" --subreddit asktinkers
compare "${pair[@]}" --subreddit GARDENERS --subreddit AskTinkers --min-comments 3
compare "${pair[@]}" --since 1395000000 --until 1709000000
gzip -c "$sample/RS_sample.ndjson" >"$work/RS.gz"
zstd -qdc --long=31 "$sample/RC_sample.ndjson.zst" | gzip -c >"$work/RC.gz"
compare --submissions "$work/RS.gz" --comments "$work/RC.gz"

dumps=$TOP/../shared/data/2_dumps_ndjson
if [ -d "$dumps" ]; then
  derived=$dumps/derived_from_api
  for part in p1 p2; do
    all=(--submissions "$derived/RS_all.$part.ndjson.zst"
      --comments "$derived/RC_all.$part.ndjson.zst")
    compare "${all[@]}"
    compare "${all[@]}" --subreddit askreddit
    compare "${all[@]}" --subreddit reddit.com --subreddit IAmA --subreddit u_spez
    compare "${all[@]}" --min-comments 3 --since 1300000000 --until 1550000000
    compare --submissions "$derived/RS_threads.$part.ndjson" \
      --comments "$derived/RC_threads.$part.ndjson"
    compare --submissions "$derived/RS_threads.$part.ndjson" \
      --comments "$derived/RC_threads.$part.ndjson" --subreddit announcements
  done
  compare --submissions "$derived/RS_all.p1.ndjson.zst" \
    --submissions "$derived/RS_threads.p2.ndjson" \
    --comments "$derived/RC_threads.p2.ndjson" \
    --comments "$derived/RC_all.p1.ndjson.zst"
  arctic=$dumps/arctic_shift_2024-02
  compare --submissions "$arctic/test_submissions.json" \
    --comments "$arctic/test_comments.json" --min-comments 0
else
  echo "no dumps of real threads here: sample only"
fi
echo "$compared comparisons, $failures failures"
exit $((failures > 0))
