#!/bin/bash
# labels: contract
# whole-run.sh - what orchestrate promises of a run as a whole, a claim a
# function: see its name.
set -u
# shellcheck source=tests/checks
. "$TOP/tests/checks"
export ANSWERMILL_BIN=${PATH%%:*} SOURCE_DATE_EPOCH=1700000000
unset COLLECTOR_URL
threads=$TOP/share/sample/threads.jsonl
data=mtg_llm_training.jsonl
new=$(pick-answer "$threads" | fs-put --store sqlite:none.db --dry-run | wc -l)

# run STATUS [OPTION]...: orchestrate on the sample.
run() {
  local want=$1 got
  shift
  "$TOP/scripts/orchestrate" "$@" >out 2>err </dev/null
  got=$?
  [ $got = "$want" ] || fail "${FUNCNAME[1]}: status $got, not $want: $*"
}
sample() { run "$1" --threads "$threads" "${@:2}"; }
# tree: all files here but what run() leaves.
tree() { find . -type f ! -name out ! -name err ! -name tree -printf '%p %s %T@\n' | sort; }

a_dry_run_writes_nothing() {
  tree >tree
  sample 0 --dry-run --contact me
  tree | cmp - tree || fail "a dry run without a store wrote something"
  has "would store $new interactions in sqlite:answermill.db" out
  has 'would publish training/output/v2' out
  has 'would register v2' out
  sample 0
  tree >tree
  sample 0 --dry-run --split 0.5,0.3,0.2
  tree | cmp - tree || fail "a dry run beside a store wrote something"
}

the_environment_does_not_steer_by_accident() {
  sample 0 --dataset-version v1
  rm answermill.db*
  NAME=x SEED=7 LIMIT=1 THREADS=none OUT=elsewhere PROFILE=qa SPLIT=1,0,0 \
    MIN_CONFIDENCE=0.95 STORE=sqlite:other.db W=w VERSION=v9 \
    sample 0 --output again --dataset-version v1
  diff -r training/output/v1 again/v1 >&2 || fail "it steers"
  ANSWERMILL_NAME=mine ANSWERMILL_OUT=named ANSWERMILL_STORE=sqlite:2.db \
    sample 0 --dataset-version v1
  [ -s named/v1/mine.train.jsonl ] || fail "ANSWERMILL_ names are not taken"
  ANSWERMILL_CONTACT=$'\e[2J' sample 64 --dataset-version v2
  has 'ANSWERMILL_CONTACT: has a control character in it' err
}

an_unchanged_answer_makes_nothing_anew() {
  sample 0 acceptance --dataset-version v1
  touch mark
  sample 0 acceptance --dataset-version v1
  case $(find training/output/.work/v1 -newer mark) in
    *asked*converted* | *converted*asked*) fail "made anew from the same answer" ;;
    *asked*) ;;
    *) fail "the store is not asked" ;;
  esac
}

what_is_withdrawn_is_in_no_later_version() {
  sample 0 acceptance --dataset-version v1
  python3 - <<'END'
import json, sqlite3
db = sqlite3.connect("answermill.db")
id, = db.execute("SELECT id FROM documents WHERE confidence IS NOT NULL"
                 " ORDER BY confidence DESC LIMIT 1").fetchone()
db.execute("UPDATE documents SET body = ?, confidence = NULL, timestamp = NULL,"
           " subreddit = NULL WHERE id = ?", (json.dumps({"id": id}), id))
db.commit()
open("withdrawn", "w").write(id)
END
  sample 0 --dataset-version v1
  [ -s withdrawn ] || fail "nothing was withdrawn"
  grep -rqF "$(cat withdrawn)" training/output/v1 && fail "it is published"
}

what_depends_on_an_input_is_made_anew_and_only_that() {
  local work=training/output/.work/v1
  echo '{"extends": "mtg"}' >own.json
  head -20 "$threads" >some.jsonl
  touch -d 2001-01-01 some.jsonl
  made() { find $work -type f -newer mark -printf '%P '; }
  again() {
    touch -r $work/version/report.html mark
    sleep 0.02
    run 0 acceptance --dataset-version v1 --store sqlite:d.db "$@"
    made
  }
  run 0 acceptance --dataset-version v1 --store sqlite:d.db \
    --threads "$threads" --profile own.json
  case $(again --threads "$threads" --profile own.json --contact me) in
    *interactions* | *converted*) fail "a contact collects anew" ;;
    *report.html*) ;;
    *) fail "a contact changes no report" ;;
  esac
  echo '{"extends": "mtg", "min_own_words": 61}' >own.json
  touch -d 2001-01-01 own.json
  case $(again --threads "$threads" --profile own.json --contact me) in
    *interactions*) ;;
    *) fail "an edited profile is not taken" ;;
  esac
  case $(again --threads some.jsonl --profile own.json --contact me) in
    *interactions*) ;;
    *) fail "an older file is not taken" ;;
  esac
  echo prompt >prompt
  case $(again --threads some.jsonl --profile own.json --contact me \
    --system-prompt-file prompt) in
    *interactions*) fail "a prompt collects anew" ;;
    *converted*) ;;
    *) fail "a prompt is not taken" ;;
  esac
}

a_failed_run_is_over_a_stopped_one_is_continued() {
  local version
  sample 1 --acceptance '--min-examples 1000'
  has 'verdict: fail' out
  has 'at least 1000 are required' out
  has 'report: training/output/.refused/v2' out
  sample 0
  grep -q 'resuming' err && fail "continues what was not accepted"
  version=$(ls training/output)
  sample 73 --dataset-version "$version" --min-confidence 0.9
  sample 0 --split 0.6,0.2,0.2
  [ "$(ls training/output | wc -l)" = 2 ] || fail "no new version"
  # Stopped: a stage that fails meanwhile, as on a full disk.
  mkdir failing
  ln -s "$ANSWERMILL_BIN"/* failing/
  ln -sf "$(type -P false)" failing/dataset-report
  ANSWERMILL_BIN=$PWD/failing sample 74 --contact x
  has 'the same command resumes the run' out
  version=$(cat training/output/.work/unfinished)
  sample 0 --contact x
  has "resuming $version" err
  [ -e "training/output/$version/report.html" ] || fail "not continued"
  ANSWERMILL_BIN=$PWD/failing sample 74 --contact x
  version=$(cat training/output/.work/unfinished)
  sample 0 --contact y
  has "$version, a run that was stopped, had other inputs" err
  [ ! -e "training/output/$version" ] || fail "goes on with other inputs"
}

one_run_at_a_time_has_an_output_folder() {
  mkdir -p training/output/.work
  (
    exec 9<>training/output/.work/.lock
    flock 9
    echo 'process 1 on here' >training/output/.work/.lock
    touch held
    while [ -e held ]; do sleep 0.05; done
  ) &
  until [ -e held ]; do sleep 0.05; done
  sample 75
  has 'another run has it: process 1 on here' err
  (sleep 3; rm held) &
  sample 0 --wait
  has 'waiting for another run' err
  wait
}

versions_of_one_minute_get_a_suffix() {
  local i
  for i in 1 2 3; do
    # The minute may end meanwhile: then there is one without.
    sample 0 --seed $i
  done
  [ "$(ls training/output | wc -l)" = 3 ] || fail "$(ls training/output)"
  ls -d training/output/v*_*_2 >/dev/null || fail "no suffix"
}

two_runs_at_once_do_not_mix() {
  local i first second all
  sample 0 --output alone --dataset-version a
  all=$(wc -l <alone/a/$data)
  rm -f ./*.db*
  for i in 1 2 3 4; do
    "$TOP/scripts/orchestrate" --threads "$threads" --store sqlite:a.db \
      --output "both$i" --dataset-version a --wait >a 2>&1 &
    first=$!
    "$TOP/scripts/orchestrate" --threads <(head -25 "$threads") \
      --store sqlite:b.db --output "both$i" --dataset-version b --wait >b 2>&1 &
    second=$!
    wait $first || fail "one of two fails: $(cat a)"
    wait $second || fail "the other fails: $(cat b)"
    rm -f ./*.db*
    [ "$(wc -l <"both$i/a/$data")" = "$all" ] || fail "a has not its own records"
    [ "$(wc -l <"both$i/b/$data")" -lt "$all" ] || fail "b has not its own records"
  done
}

values_are_carried_byte_for_byte() {
  local odd="it's \"a\" \$(touch made) \`touch made\` \$HOME #1; \\ & ä"
  run 0 --threads "$threads" --contact "$odd" --dataset-version v1
  grep -qF "$odd" training/output/v1/README.md || fail "the contact is another"
  make -s -f "$TOP/Makefile.pipeline" all THREADS="$threads" OUT=by-make STORE=sqlite:by-make.db \
    CONTACT="${odd//\$/\$\$}" VERSION=v1 >out 2>err || fail "make fails"
  grep -qF "$odd" by-make/v1/README.md || fail "make's contact is another"
  [ ! -e made ] || fail "a value was run"
}

every_path_may_have_spaces_parentheses_and_letters() {
  local folder='a b (c)/ä'
  mkdir -p "$folder/checkout (1)/build"
  cp -r "$TOP"/{scripts,share,Makefile.pipeline} "$folder/checkout (1)/"
  ln -s "$ANSWERMILL_BIN" "$folder/checkout (1)/build/bin"
  cp "$threads" "$folder/in put.jsonl"
  cp "$TOP/share/profiles/mtg.json" "$folder/pro file.json"
  (
    unset ANSWERMILL_BIN
    "$folder/checkout (1)/scripts/orchestrate" --threads "$folder/in put.jsonl" \
      --profile "$folder/pro file.json" --store "sqlite:$folder/st ore.db" \
      --output "$folder/out put" --dataset-version v1 >out 2>err &&
      make -s -f "$folder/checkout (1)/Makefile.pipeline" all \
        THREADS="$folder/in put.jsonl" STORE="sqlite:$folder/(2).db" \
        OUT="$PWD/$folder/absolute" VERSION=v1 >out 2>err &&
      make -s -f "$folder/checkout (1)/Makefile.pipeline" sample \
        OUT="$folder/out put" | grep -q '^\[system\]'
  ) || fail "such a folder fails"
  sample 0 --dataset-version v1 --store sqlite:plain.db
  cmp "$folder/out put/v1/$data" "training/output/v1/$data" || fail "other bytes"
  cmp "$folder/absolute/v1/$data" "training/output/v1/$data" || fail "other bytes"
}

threads_come_from_several_files_and_from_standard_input() {
  sample 0 --dataset-version v1
  head -20 "$threads" >one
  tail -n +21 "$threads" >two
  run 0 --threads one --threads two --dataset-version v2 --store sqlite:2.db
  "$TOP/scripts/orchestrate" --threads - --dataset-version v3 \
    --store sqlite:3.db <"$threads" >out 2>err || fail "- fails"
  cmp training/output/v{1,2}/$data || fail "two files give other examples"
  cmp training/output/v{1,3}/$data || fail "standard input gives other examples"
  run 0 --submissions "$TOP/share/sample/dump/RS_sample.ndjson" \
    --comments "$TOP/share/sample/dump/RC_sample.ndjson.zst" --profile qa \
    --min-confidence 0.5 --store sqlite:4.db --dataset-version v4 --output 4
  run 0 --submissions "$TOP/share/sample/dump/RS_sample.ndjson" \
    --comments "$TOP/share/sample/dump/RC_sample.ndjson.zst" --profile qa \
    --subreddit asktinkers --min-confidence 0.5 --store sqlite:6.db \
    --dataset-version v4 --output 6
  [ "$(manifest 'list(m["subreddits"])' 6/v4)" = "['AskTinkers']" ] ||
    fail "--subreddit is not taken"
  run 65 --threads <(echo x; cat "$threads") --store sqlite:5.db --output 5
  run 0 --threads <(echo x; cat "$threads") --store sqlite:5.db --output 5 --max-bad 1
  run 64 --threads one --collector-url http://127.0.0.1:9
}

reddit_itself_is_a_source() {
  mkdir logs asking
  serve python3 "$TOP/tests/fake/reddit_replay.py" --log-dir logs \
    --world "$TOP/tests/data/reddit/world.json"
  printf 'REDDIT_%s\n' CLIENT_ID=client-f4ke CLIENT_SECRET=client-s3cret >.env
  chmod 600 .env
  ln -s "$ANSWERMILL_BIN"/* asking/
  rm asking/reddit-fetch
  cat >asking/reddit-fetch <<END
#!/bin/sh
exec '$ANSWERMILL_BIN/reddit-fetch' --api-base http://127.0.0.1:$port/~run "\$@"
END
  chmod +x asking/reddit-fetch
  ANSWERMILL_BIN=$PWD/asking run 0 --reddit mtgquestions --min-confidence 0.5 \
    --dataset-version v1 --withdraw never
  kill "$server"
  has '  reddit-fetch' out
  [ -s training/output/v1/$data ] || fail "nothing came of it"
  run 64 --reddit a --threads "$threads"
}

programs_that_are_not_built_are_said_to_be() {
  PATH=/usr/bin:/bin ANSWERMILL_BIN=none run 78 --threads "$threads"
  has 'not built: run scripts/build' err
}

the_newest_version_is_shown_and_help_helps() {
  sample 0 --dataset-version v2
  sample 0 --dataset-version v1 --split 0.6,0.2,0.2
  make -s -f "$TOP/Makefile.pipeline" sample >out || fail "no sample"
  has 'training/output/v1/' out
  make -s -f "$TOP/Makefile.pipeline" stats >out || fail "no stats"
  make -s -f "$TOP/Makefile.pipeline" help >out || fail "no help"
  has 'MIN_CONFIDENCE' out
  make -s -f "$TOP/Makefile.pipeline" >out || fail "no help"
  sample 0 --dataset-version v3 --verbose
  has 'fs-put --store' out
}

# manifest EXPRESSION: what Python makes of v1's, as m; json is there.
manifest() {
  python3 -c "import hashlib, json; m = json.load(open('${2:-training/output/v1}/manifest.json'))
print($1)"
}

the_prompt_comes_with_the_profile() {
  echo '{"extends": "mtg", "system_prompt": "Be brief."}' >own.json
  echo 'From a file.' >prompt
  local profile text
  while read -r profile text; do
    run 0 --threads "$threads" --profile "$profile" --min-confidence 0.5 \
      --dataset-version v1 --output "$profile.d" --store "sqlite:$profile.db"
    grep -qF "$text" "$profile.d/v1/$data" || fail "$profile: not '$text'"
    [ "$(manifest 'm["system_prompt"]["text"]' "$profile.d/v1")" = "$(
      command sample -n 1 "$profile.d/v1/$data" | sed -n 4p)" ] ||
      fail "$profile: not the manifest's system message"
  done <<'END'
mtg You are an expert on the rules of Magic
qa Answer the question clearly
own.json Be brief.
END
  grep -q Magic qa.d/v1/report.html && grep -q 'an expert on the rules of Magic' \
    "qa.d/v1/$data" && fail "general data has the Magic prompt"
  [ "$(manifest '[p["name"] for p in m["profile"]]' own.json.d/v1)" = \
    "['own.json', 'mtg', 'qa']" ] || fail "the manifest has not the whole profile"
  [ "$(manifest 'm["profile"][0]["sha256"]' own.json.d/v1)" = \
    "$(sha256sum <own.json | cut -c 1-64)" ] || fail "not the profile's hash"
  run 0 --threads "$threads" --profile qa --system-prompt-file prompt \
    --min-confidence 0.5 --dataset-version v1 --output file --store sqlite:file.db
  grep -q '"content":"From a file."' "file/v1/$data" || fail "a file is not taken"
  has 'From a file.' file/v1/report.html
}

each_format_is_published() {
  local format all
  sample 0 --dataset-version v1
  all=$(wc -l <training/output/v1/$data)
  for format in together sharegpt alpaca vertex bedrock bedrock-claude openai-rft trl; do
    run 0 --threads "$threads" --format $format --output $format --store sqlite:$format.db \
      --dataset-version v1
    to-messages --format $format training/output/v1/$data |
      cmp - $format/v1/$data || fail "$format: other examples"
    [ "$(cat $format/v1/*.{train,val,test}.jsonl | wc -l)" = "$all" ] ||
      fail "$format: not all"
    cmp <(manifest 'm["confidence"]' $format/v1) <(manifest 'm["confidence"]') ||
      fail "$format: another confidence"
  done
  sample 64 --format xml
}

a_version_has_further_formats() {
  local format file
  run 0 --threads "$threads" --also together,vertex,alpaca --output many \
    --store sqlite:many.db --dataset-version v1
  sample 0 --dataset-version v1
  cmp many/v1/$data training/output/v1/$data || fail "--also: other examples"
  (cd many/v1 && sha256sum --quiet -c SHA256SUMS) || fail "--also: other checksums"
  [ "$(wc -l <many/v1/SHA256SUMS)" = 16 ] || fail "--also: not all are in SHA256SUMS"
  for format in together vertex alpaca; do
    for file in many/v1/*.jsonl; do
      to-messages --format $format "$file" |
        cmp - "many/v1/$format/${file##*/}" || fail "--also $format: other ${file##*/}"
    done
    has "$format/$data" many/v1/report.html
  done
  jsonl-validate --profile together many/v1/together/$data >checked 2>&1 ||
    fail "--also: Together would refuse $(cat checked)"
  [ "$(manifest '[(a["format"], len(a["files"])) for a in m["also"]]' many/v1)" = \
    "[('together', 4), ('vertex', 4), ('alpaca', 4)]" ] || fail "--also: not in the manifest"
  sample 64 --also xml
  sample 64 --also together,together
  sample 64 --also openai
}

what_was_dropped_has_an_account() {
  sample 0 --dataset-version v1 --dropped dropped
  local left
  left=$(manifest 'sum(m["stages"][0]["dropped"].values())')
  [ "$(wc -l <dropped)" = "$left" ] || fail "not a line for each dropped thread"
  python3 - dropped <<'END' || fail "not id, reason, detail"
import json, sys
for line in open(sys.argv[1]):
    assert list(json.loads(line)) == ["id", "reason", "detail"], line
END
  [ "$(manifest 'sum(d["count"] for d in m["dropped"] if d["stage"] == "pick-answer")')" \
    = "$left" ] || fail "the manifest has not all reasons"
  has "https://redd.it/$(sed -n '1s/.*"t3_\([^"]*\).*/\1/p' dropped)" \
    training/output/v1/report.html
  cp "$threads" in.jsonl
  run 64 --threads in.jsonl --dropped in.jsonl
  cmp "$threads" in.jsonl || fail "an input is overwritten"
  run 64 --skip-collector --dropped dropped
}

what_the_query_left_out_is_counted() {
  sample 0 --dataset-version v1 --export-limit 5
  has 'fs-query: --limit 5 left out' err
  has 'over_limit' out
  [ "$(manifest '[s["dropped"].get("over_limit", 0) > 0 for s in m["stages"]
     if s["stage"] == "fs-query"]')" = '[True]' ] || fail "not in the manifest"
}

a_check_that_was_not_made_has_not_passed() {
  local first=training/output/v1 second=training/output/v2
  sample 0 --dataset-version v1
  has 'had no limit or no baseline' out
  python3 - <<'END' || fail "acceptance.json says more than is so"
import json
checks = json.load(open("training/output/v1/acceptance.json"))["checks"]
assert checks == json.load(open("training/output/v1/manifest.json"))["acceptance"]["checks"]
for check in checks:
    made = check["limit"] is not None and check["value"] is not None
    assert check["passed"] is (True if made else None), check
    assert made or check["sentence"], check
assert any(check["passed"] is None for check in checks)
END
  has 'not checked' $first/report.html
  has 'There was no version to compare with' $first/report.html
  sample 0 --dataset-version v2 --min-confidence 0.8 --acceptance \
    '--max-confidence-drop 1 --max-token-drift 100 --max-type-drift 100'
  has 'Against <code>v1</code>' $second/report.html
  has 'r/<code>mtgrules</code>' $second/report.html
  python3 - $first $second $second/report.html <<'END' || fail "not what was added and removed"
import json, re, sys
first, second, page = sys.argv[1:]
ids = [{json.loads(line)["metadata"]["id"] for line in
        open(folder + "/mtg_llm_training.jsonl")} for folder in (first, second)]
cells = re.search(r"Examples since the last version</caption>.*?>all<(.*?)</tr>",
                  open(page).read(), re.S) or sys.exit("no table")
numbers = [int(n) for n in re.findall(r">(\d+)<", cells[1])]
assert numbers[:4] == [len(ids[0]), len(ids[1]), len(ids[1] - ids[0]),
                       len(ids[0] - ids[1])], numbers
END
}

the_report_leads_to_threads_and_to_what_is_extreme() {
  local page=training/output/v1/report.html
  sample 0 --dataset-version v1 --include-fields timestamp,subreddit,source_url,margin
  has '<a href="https://reddit.com/r/mtgrules/comments/' $page
  has 'The longest, the least confident, the closest' $page
  has ' examples have one; a tenth of them at most ' $page
  has '<h3>Margin ' $page
  has '<h3>Confidence 0.7</h3>' $page
  python3 "$TOP/tests/page_check.py" $page >/dev/null || fail "no good page"
}

a_terminal_shows_progress() {
  python3 - "$TOP/scripts/orchestrate" "$threads" >seen <<'END' || fail "a run fails"
import os, pty, sys
program, threads = sys.argv[1:]
status = pty.spawn([program, "--threads", threads, "--dataset-version", "v1"])
sys.exit(os.waitstatus_to_exitcode(status))
END
  local stage
  for stage in pick-answer fs-put dedup jsonl-validate hash-split; do
    grep -q "$stage: [0-9]* records, [0-9]*/s" seen || fail "$stage shows none"
  done
  has 'published training/output/v1' seen
  grep -q ': 0 records' seen && fail "progress of what reads nothing"
}

what_is_wrong_is_said_before_anything_is_made() {
  run 66
  has 'there is no store sqlite:answermill.db yet, and no source' err
  sample 64 --min-confidence 2
  has 'fs-query: --min-confidence must lie between 0 and 1' err
  sample 64 --split 1,2
  sample 64 --max-bad x
  sample 64 --overlap x
  sample 64 --acceptance '--min-examples x'
  sample 64 --acceptance "--min-examples '10"
  has "a quote is not closed" err
  sample 66 --profile none
  run 66 --threads none
  has 'none: no such file' err
  run 66 --threads .
  has '.: is a folder' err
  sample 66 --against none
  run 64 upload --dataset-version v1
  has 'upload needs --gcs-bucket' err
  run 66 register --dataset-version v1
  has 'training/output/v1: no such version' err
  [ "$(ls -A)" = "$(printf 'err\nout')" ] || fail "something was made: $(ls -A)"
}

an_output_is_neither_input_nor_store_nor_another() {
  local option
  cp "$threads" in.jsonl
  cp "$TOP/share/profiles/mtg.json" mine.json
  touch answermill.db
  for option in --dropped --rejects; do
    run 64 --threads in.jsonl $option in.jsonl
    run 64 --threads in.jsonl --profile mine.json $option mine.json
    run 64 --threads in.jsonl --against mine.json $option mine.json
    run 64 --threads in.jsonl $option ./answermill.db
    run 64 --skip-collector $option file
    run 73 --threads in.jsonl $option .
    run 73 --threads in.jsonl $option none/file
    run 64 --threads in.jsonl $option -
  done
  run 64 --threads in.jsonl --dropped file --rejects ./file
  cmp "$threads" in.jsonl && cmp "$TOP/share/profiles/mtg.json" mine.json ||
    fail "an input is overwritten"
}

a_file_may_have_the_name_of_an_option() {
  cp "$threads" ./-d
  run 0 --threads -d --dataset-version v1
}

a_version_that_is_there_already_is_named_where_it_is() {
  sample 0 --dataset-version v1
  sample 0 --dataset-version v1
  has 'version: training/output/v1, ' out
  grep -q '\.work' out && fail "names what is gone"
}

of_makes_words_only_jobs_are_taken() {
  # plan JOBS [WORD]...: what Makefile.pipeline plans with these words of make.
  plan() {
    make -n -s -f "$TOP/Makefile.pipeline" all THREADS="$threads" VERSION=v1 \
      "${@:2}" >out 2>err || fail "make ${*:2}: fails"
    grep -qx "export JOBS=$1" out || fail "make ${*:2}: $(grep JOBS= out)"
  }
  plan 3 -j3
  plan "$(nproc)"
  JOBS=5 plan 3 -j3
  plan 7 -j3 JOBS=7
  plan "$(nproc)" CONTACT='x -j9;touch made;:'
  make -s -f "$TOP/Makefile.pipeline" collect THREADS="$threads" VERSION=v1 \
    CONTACT='x -j;touch made;:' >out 2>err || fail "make fails"
  [ ! -e made ] || fail "a value was run"
}

tokens_are_the_same_in_one_process_and_in_many() {
  sample 0 --dataset-version v1 --output one
  rm answermill.db*
  ANSWERMILL_SPREAD_OVER=3000 sample 0 --dataset-version v1 --output many --jobs 3 --verbose
  grep -q 'parallel-filter\|token-stats' err out || fail "nothing is shown"
  [ "$(manifest 'm["tokens"]' one/v1)" = "$(manifest 'm["tokens"]' many/v1)" ] ||
    fail "other tokens"
  (cd one/v1 && token-stats --json mtg_llm_training.{train,val,test}.jsonl) >tokens.json
  [ "$(manifest 'm["tokens"]' one/v1)" = "$(python3 -c 'import json
print(json.load(open("tokens.json")))')" ] || fail "not what token-stats says"
}

nothing_came_out_is_said_in_a_run() {
  run 1 --threads "$threads" --min-confidence 1
  has 'fs-query: none of' err
  has 'below_threshold' err
  run 0 --threads "$threads" --include-fields timestmap --output other
  has "to-messages: --include-fields: no record has 'timestmap'" err
}

an_interrupted_run_is_continued() {
  python3 - "$TOP/scripts/orchestrate" "$threads" <<'END' || fail "SIGINT"
import os, signal, subprocess, sys, time
program, threads = sys.argv[1:]
command = [program, "--threads", threads, "--dataset-version", "v1"]
for delay in 0.1, 0.2, 0.3, 0.5:
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=2,
                           start_new_session=True)
    time.sleep(delay)
    for _ in range(2):
        os.killpg(run.pid, signal.SIGINT)
        time.sleep(0.02)
    assert run.wait() in (0, 130, -signal.SIGINT), run.returncode
END
  sample 0 --dataset-version v1
  rm answermill.db*
  sample 0 --dataset-version v1 --output other
  diff -r training/output/v1 other/v1 >&2 || fail "other bytes"
}

claims=${ONLY:-$(declare -F | sed -n 's/^declare -f \(.*_.*_.*\)/\1/p')}
for claim in $claims; do
  before=$failures
  mkdir "$claim" && cd "$claim" || exit
  $claim
  cd .. && rm -rf "$claim"
  [ $failures = "$before" ] || echo "failed: $claim" >&2
done
finish "whole-run: $(wc -w <<<"$claims") claims hold"
