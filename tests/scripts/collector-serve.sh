#!/bin/bash
# collector-serve.sh - collector-serve asked by curl, by reddit-fetch and by
# orchestrate: what it answers, what it writes and when it does not.
set -u
# shellcheck source=tests/checks
. "$TOP/tests/checks"
threads=$TOP/share/sample/threads.jsonl

fail() {
  echo "$1" >&2
  head -c 600 answer >&2
  tail collector.log >&2
  failures=$((failures + 1))
}

# start [OPTION]...: leaves $collector and $url behind.
start() {
  serve_collector "$@"
  url=${collector_url%/}
}

# stop SIGNAL: it ends with 0.
stop() {
  kill "-$1" "$collector"
  wait "$collector" || fail "SIG$1: exit status $?"
}

# get STATUS PATH [CURL-OPTION]...: leaves ./answer and ./head behind.
get() {
  local want=$1 path=$2 got
  shift 2
  got=$(curl -s -D head -o answer -w '%{http_code}' "$@" "$url$path")
  [ "$got" = "$want" ] || fail "GET $path: status $got, not $want"
}

# has PYTHON-EXPRESSION: true of the answer, a.
has() {
  python3 -c 'import json, sys
a = json.load(open("answer", encoding="utf-8"))
sys.exit(not eval(sys.argv[1]))' "$1" || fail "not so: $1"
}

# ---- a dry run writes nothing; then each interaction is stored once
pick-answer "$threads" >picked
start --threads "$threads" --store sqlite:store.db
get 200 '/?limit=500&dryRun=true'
has "a['count'] == len(a['interactions']) == $(wc -l <picked)"
has "a['metrics']['persisted'] == 0 and a['metrics']['fetched'] == 43"
[ -e store.db ] && fail "a dry run made a store"
awk -F'"' '!seen[$4]++' picked | sort >first-of-each-id
stored=$(wc -l <first-of-each-id)
get 200 '/collect?limit=500'
has "a['metrics']['persisted'] == $stored"
has "a['metrics']['fetched'] == a['count'] + sum(a['metrics']['dropped'].values())"
get 200 '/collect?limit=500&dryRun=true'
has "a['metrics']['duplicates'] == a['count']"
get 200 '/collect?limit=500'
has "a['metrics']['persisted'] == 0 and a['metrics']['duplicates'] == a['count']"
fs-query --store sqlite:store.db --min-confidence 0 | sort >in-store
cmp first-of-each-id in-store || fail "stored otherwise than picked"

# ---- parameters
get 200 '/?limit=3&dryRun=1'
has "a['count'] == 3"
get 200 '/?sources=MAGICtcg&dryRun=1'
has "{i['subreddit'] for i in a['interactions']} == {'magicTCG'}"
get 200 '/?minScore=20&minLen=200&dryRun=1'
has "0 < a['count'] < $(wc -l <picked)"
has "all(i['upvotes'] >= 20 for i in a['interactions'])"
get 200 '/?strictMagicFlair=true&dryRun=1'
has "a['metrics']['dropped']['no_topic_flair'] > 0"
for query in limit=0 limit=501 limit=x dryRun=maybe streams=warm minLen=-1 \
  'sources=a/b' dryrun=true 'limit=1&limit=2'; do
  get 400 "/?$query"
  has "a['error']"
done
get 404 /other
get 405 / --head --max-time 5
get 405 / -d x=1
get 403 / -H 'Sec-Fetch-Site: cross-site'
get 200 /healthz
[ "$(cat answer)" = ok ] || fail "not ok"
grep -q 'limit=' collector.log && fail "a query is in the log"
[ "$(grep -c 'GET /healthz 200' collector.log)" = 1 ] || fail "no line in the log"

# ---- the same bytes through reddit-fetch, and the whole of orchestrate
reddit-fetch --collector-url "$url/" --limit 500 >fetched 2>err ||
  fail "reddit-fetch: exit status $?"
cmp picked fetched || fail "reddit-fetch writes otherwise than pick-answer"
ANSWERMILL_BIN=${PATH%%:*} "$TOP/scripts/orchestrate" --collector-url "$url" \
  --min-confidence 0.7 --store sqlite:mine.db \
  --output versions --dataset-version v1 >orchestrated 2>&1 ||
  fail "orchestrate: exit status $?, $(tail -n 3 orchestrated)"
(cd versions/v1 && checksum --check SHA256SUMS >/dev/null) ||
  fail "the version does not verify"
stop TERM

# ---- a token
echo 0123456789abcdef0123456789abcdef >token
chmod 644 token
collector-serve --threads "$threads" --token-file token 2>err
[ $? = 78 ] || fail "takes a token that others can read"
chmod 600 token
echo '[{"post": {}}, {"post": {}}]' >array
timeout 20 collector-serve --threads array 2>err
[ $? = 65 ] || fail "takes an array for threads"
grep -q 'array: is a JSON array' err || fail "does not say that it is an array"
timeout 20 collector-serve --threads missing 2>err
[ $? = 66 ] || fail "takes a file that there is not"
collector-serve --subreddit a/b --threads "$threads" 2>err
[ $? = 64 ] || fail "takes any --subreddit"
collector-serve --listen 0.0.0.0:0 --threads "$threads" 2>err
[ $? = 64 ] || fail "listens beyond loopback without a token"
start --threads "$threads" --token-file token --store sqlite:other.db
get 401 /
get 401 / -H 'Authorization: Bearer 0123456789abcdef0123456789abcdeX'
get 401 / -H 'Authorization: 0123456789abcdef0123456789abcdef'
get 200 '/?limit=1&dryRun=1' -H "Authorization: Bearer $(cat token)"
get 200 /healthz
fetch() { reddit-fetch --collector-url "$url/" --limit 500 "$@" 2>err; }
fetch --token-file token --stats stats >fetched ||
  fail "reddit-fetch --token-file: exit status $?"
cmp picked fetched || fail "reddit-fetch writes otherwise with a token"
fetch
[ $? = 77 ] || fail "reddit-fetch needs no token"
echo 0123456789abcdef0123456789abcdeX >wrong
fetch --token-file wrong
[ $? = 78 ] || fail "reddit-fetch takes a token that others can read"
chmod 600 wrong
fetch --token-file wrong
[ $? = 77 ] || fail "reddit-fetch: any token serves"
reddit-fetch --subreddit a --token-file token 2>err
[ $? = 64 ] || fail "reddit-fetch takes a token for Reddit"
grep -q 0123456789 collector.log err stats && fail "the token is in the log"
stop INT

# ---- Reddit itself; a second collection waits; SIGTERM lets the first finish
mkdir logs
serve python3 "$TOP/tests/fake/reddit_replay.py" --log-dir logs \
  --world "$TOP/tests/data/reddit/world.json"
printf 'REDDIT_%s\n' CLIENT_ID=client-f4ke CLIENT_SECRET=client-s3cret >./env
chmod 600 env
start --env-file env --store sqlite:reddit.db --subreddit mtgquestions \
  --api-base "http://127.0.0.1:$port/~serve;comments@delay-1*all"
curl -s -o first "$url/?streams=new" &
client=$!
until [ -e logs/serve.log ]; do sleep 0.05; done
get 503 '/?streams=new'
grep -qi '^retry-after:' head || fail "no Retry-After"
kill -TERM "$collector"
wait $client
wait "$collector" || fail "SIGTERM in the middle: exit status $?"
cp first answer
has "a['metrics']['stoppedEarly']"
start --env-file env --store sqlite:reddit.db --subreddit mtgquestions \
  --api-base "http://127.0.0.1:$port/~again"
get 200 '/?streams=new,top&limit=50'
has "0 < a['count'] == a['metrics']['persisted']"
grep -h violation logs/*.log >&2 && fail "Reddit objects"
get 502 '/?sources=nowhere'
stop TERM
grep s3cret collector.log && fail "a secret in the log"

finish "collector-serve holds"
