#!/bin/bash
# spark-version.sh - what a Spark cluster of two workers makes is what one
# process makes, byte for byte: the version folder, what was dropped, what was
# rejected. From dumps with lines that are bad, end in CR, come twice, in another
# dump, or have no post; from an empty one; with a worker killed in the middle.
# Too many bad records end it as they end one process. README's commands, too, on
# this machine. Needs pyspark and Java 17.
#
# labels: contract
set -euo pipefail
python=${PYTHON:-python3}
"$python" -c 'import pyspark' 2>/dev/null || {
  echo "SKIPPED: no pyspark"
  exit 77
}
major=$({ "${JAVA_HOME:+$JAVA_HOME/bin/}java" -version 2>&1 || :; } |
  sed -nE 's/.* version "([0-9]+).*/\1/p')
[ "${major:-0}" -ge 17 ] || {
  echo "SKIPPED: no Java 17 or later"
  exit 77
}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
fail() {
  echo "spark-version: $1" >&2
  tail -n 40 log >&2
  exit 1
}
bin=${PATH%%:*}
export ANSWERMILL_BIN=$bin SOURCE_DATE_EPOCH=1700000000 SPARK_LOCAL_IP=127.0.0.1
export PYSPARK_PYTHON=$python

# on_cluster FOLDER [OPTION]...
on_cluster() {
  HADOOP_CONF_DIR='' "$python" "$TOP/scripts/spark-version" --master 'local-cluster[2,1,1024]' \
    --conf spark.ui.enabled=false --scratch "$scratch/between" --block 1M \
    --dataset-version v1 --output "$1" --store sqlite:store.db \
    --dropped "$1.dropped" --rejects "$1.rejects" "${@:2}" >log 2>&1
}
# alone FOLDER [OPTION]...
alone() {
  "$TOP/scripts/orchestrate" --dataset-version v1 --output "$1" --jobs 1 \
    --store sqlite:store.db --dropped "$1.dropped" --rejects "$1.rejects" \
    "${@:2}" >log 2>&1
}
# compare ONE ANOTHER
compare() {
  for file in SHA256SUMS manifest.json acceptance.json; do
    [ -s "$1/v1/$file" ] || fail "no $file to compare"
  done
  diff -r --exclude='.*.crc' "$1/v1" "$2/v1" || fail "another version"
  cmp "$1.dropped" "$2.dropped" || fail "another account of what was dropped"
  cmp <(sort "$1.rejects") <(sort "$2.rejects") || fail "other rejects"
  rm -f store.db*
}

sample=$TOP/share/sample
"$TOP/bench/make-dump" --bytes "${DUMP_BYTES:-200M}" posts comments
bad() { printf '%s\n' '[1,2]' '{"id":"\303("}' '{"id":5,"created_utc":7}' '{'; }
{ cat "$sample/dump/RS_sample.ndjson"; bad; sed 's/$/\r/' posts; } >RS_a
{ head -n 300 posts; cat "$sample/dump/RS_sample.ndjson"; } | gzip >RS_b.gz
{ bad; zstd -qdc --long=31 "$sample/dump/RC_sample.ndjson.zst"; cat comments; } >RC_a
{ tail -n 3000 comments; sed -n '5,9s/"link_id":"t3_[^"]*"/"link_id":"t3_zzz"/p' comments; } >RC_b
: >RC_c
rm posts comments
dumps=()
for file in RS_*; do dumps+=(--submissions "$file"); done
for file in RC_*; do dumps+=(--comments "$file"); done
choice=(--profile shp --min-confidence 0 --export-limit 0)

alone one "${dumps[@]}" "${choice[@]}" --max-bad 8 || fail "one process fails"
[ "$(wc -l <one.rejects)" = 8 ] && [ -s one.dropped ] || fail "nothing to compare"
rm -f store.db*

# A program that kills, once, the Python process of its worker.
mkdir lethal
ln -s "$bin"/* lethal/
rm lethal/pick-answer
cat >lethal/pick-answer <<'END'
#!/bin/bash
case "$*" in
  *--stats*)
    if mkdir "$KILLED" 2>/dev/null; then
      head -c 100000 >/dev/null
      process=$PPID
      while ! grep -q python "/proc/$process/comm"; do
        process=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$process/status")
      done
      kill -9 "$process"
      sleep 1
    fi ;;
esac
exec "$PICK_ANSWER" "$@"
END
chmod +x lethal/pick-answer
KILLED=$scratch/killed PICK_ANSWER=$bin/pick-answer on_cluster many \
  --programs "$scratch/lethal" --buckets 3 "${dumps[@]}" "${choice[@]}" --max-bad 8 ||
  fail "the cluster fails"
[ -d killed ] || fail "no worker was killed"
compare one many
[ -z "$(ls between)" ] || fail "something was left behind: $(ls between)"

status=0
on_cluster few --buckets 3 "${dumps[@]}" "${choice[@]}" --max-bad 7 || status=$?
[ "$status" = 65 ] && [ ! -e few/v1 ] || fail "too many bad records end with $status"
grep -q '^merge-stats: dump-threads: 8 bad records of .* read, more than --max-bad 7 allows' log ||
  fail "too many bad records are not told"
rm -f store.db*

# A program's status is the run's, on dumps that are copied, too, where the copy
# fails because the program has ended.
mkdir wrong
ln -s "$bin"/* wrong/
mkdir dumps
cp RS_a dumps/RS_a
for program in dump-split pick-answer; do
  rm wrong/$program
  cat >wrong/$program <<END
#!/bin/bash
case "\$*" in *--stats*) echo 'cannot be' >&2; exit 70 ;; esac
exec $bin/$program "\$@"
END
  chmod +x wrong/$program
  status=0
  on_cluster none --programs "$scratch/wrong" --buckets 2 "${choice[@]}" \
    --submissions "file://$scratch/dumps/RS_a" --comments "$scratch/RC_c" || status=$?
  [ "$status" = 70 ] || fail "$program ends with 70, the run with $status"
  grep -q 'cannot be' log || fail "the words of $program are not told"
  rm wrong/$program
  ln -s "$bin/$program" wrong/
done
[ -z "$(ls between)" ] || fail "something was left behind: $(ls between)"

# Compressed threads are one block, also if a frame of other data comes first.
{ printf 'P*M\030\004\0\0\0abcd'; zstd -qc "$sample/threads.jsonl"; } >threads.zst
alone six --threads threads.zst || fail "one process fails"
rm -f store.db*
on_cluster seven --block 1K --threads threads.zst || fail "compressed threads are cut"
compare six seven

# Threads at a URL are cut into blocks, too.
cp "$sample/threads.jsonl" .
alone eight --threads threads.jsonl || fail "one process fails"
rm -f store.db*
on_cluster nine --block 10K --threads "file://$scratch/threads.jsonl" || fail "threads at a URL"
compare eight nine

# What is no option, or without Spark.
for wrong in --none '--scratch x --buckets 900' '--scratch x --block -1' ''; do
  status=0
  # shellcheck disable=SC2086  # words
  "$python" "$TOP/scripts/spark-version" $wrong 2>log || status=$?
  [ "$status" = 64 ] || fail "'$wrong' ends with $status"
done
while read -r want options; do
  status=0
  # shellcheck disable=SC2086  # words
  "$python" "$TOP/scripts/spark-version" $options 2>log || status=$?
  [ "$status" = "$want" ] || fail "'$options' ends with $status, not $want"
  ! grep -q Traceback log || fail "'$options' ends with a traceback"
done <<'END'
69 --scratch x --master nonsense
73 --pack nowhere/x.tar.gz
78 --programs nowhere --pack x.tar.gz
END
status=0
env -u SPARK_HOME "$python" -S "$TOP/scripts/spark-version" --scratch x 2>log || status=$?
[ "$status" = 78 ] || fail "without pyspark it ends with $status"
"$python" "$TOP/scripts/spark-version" --version | grep -q '^answermill ' || fail "no version"

# README's commands, on files that Hadoop's file systems read and write.
cp "$sample/dump/RS_sample.ndjson" dumps/RS_2015-01.zst
cp "$sample/dump/RC_sample.ndjson.zst" dumps/RC_2015-01.zst
sed -n '/^\$ answermill spark-version/,/^```/{s/^\$ //; /^```/!p}' "$TOP/README.md" |
  sed "s|--master yarn|--master 'local-cluster[2,1,1024]' --buckets 2 --conf spark.ui.enabled=false|
    s|hdfs:///|file://$scratch/|g" >commands
[ "$(grep -c '^answermill spark-version' commands)" = 2 ] || fail "README has no commands"
answermill() { "$python" "$TOP/scripts/$1" "${@:2}"; }
. ./commands >log 2>&1 || fail "README's commands fail"
rm -f answermill.db*
alone five --store sqlite:answermill.db --submissions dumps/RS_2015-01.zst \
  --comments dumps/RC_2015-01.zst --profile qa --export-limit 0 || fail "one process fails"
diff -r --exclude='.*.crc' five/v1 versions/v1 || fail "README's commands make another version"
[ -z "$(find between tmp/answermill -mindepth 1)" ] || fail "something was left behind"
