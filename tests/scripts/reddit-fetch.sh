#!/bin/bash
# reddit-fetch.sh - reddit-fetch against a stand-in for Reddit and a collector:
# grants, faults, exit statuses, and where secrets must not show.
#
# labels: faults
set -u
# shellcheck source=tests/checks
. "$TOP/tests/checks"
mkdir logs
serve python3 "$TOP/tests/fake/reddit_replay.py" --log-dir logs \
  --world "$TOP/tests/data/reddit/world.json" 2>server-err
url=http://127.0.0.1:$port
export SOURCE_DATE_EPOCH=1767225600

# no_violation RUN: the server had nothing to object to.
no_violation() {
  grep -F violation "logs/$1.log" >&2 && fail "$1: violations"
}

requests() { wc -l <"logs/$1.log"; }

cat >./env <<'END'
REDDIT_CLIENT_ID=client-f4ke
REDDIT_CLIENT_SECRET=client-s3cret
REDDIT_REFRESH_TOKEN=refresh-s3cret
REDDIT_USER_AGENT='linux:org.example.test:v1.0 (by /u/tester)'
END
chmod 600 env
# fetch RUN [OPTION]...: from the stand-in, in a run of that name.
fetch() {
  local run=$1
  shift
  reddit-fetch --api-base "$url/~$run" --env-file env --retries 1 \
    --subreddit mtgquestions --streams new "$@"
}

# ---- whole threads, and the same interactions as through a pipe
expect 0 "fetch whole --threads --stats stats"
no_violation whole
mv out threads
[ "$(wc -l <threads)" = 4 ] || fail "not 4 threads"
[ "$(grep -o '"depth":' threads | wc -l)" = 62 ] || fail "not 62 comments"
grep -q '"replies"' threads && fail "replies are left"
has '"comments":62,"requests":' stats
has '"retrieved_on":1767225600},"comments":[' threads
expect 0 "fetch picked"
cp out picked
expect 0 "pick-answer threads"
[ -s out ] || fail "no interactions"
cmp -s out picked || fail "differs from reddit-fetch --threads | pick-answer"
expect 0 "fetch strict --min-score 31 --min-length 100"
[ "$(wc -l <out)" = 1 ] || fail "not one answer with 31 points"
expect 0 "fetch none --min-length 100000"
[ ! -s out ] || fail "an answer of 100,000 characters"
has 'none of 4 records came out; the commonest reason is answer_too_short' err

# ---- streams: each post once; the past; the limit
expect 0 "fetch streams --threads --streams hot,new,top,controversial"
[ "$(wc -l <out)" = 4 ] || fail "not each post once"
grep -o '"/comments/[^"]*"' logs/streams.log | sort | uniq -d | grep . >&2 &&
  fail "a post was fetched twice"
no_violation streams
expect 0 "fetch since --threads --since 2023-11-01"
[ "$(wc -l <out)" = 3 ] || fail "not the posts since November"
expect 0 "fetch limit --threads --limit 2"
[ "$(wc -l <out)" = 2 ] || fail "not two posts"

# ---- grants
for grant in password client_credentials; do
  grep -v REFRESH env >env2
  [ $grant = password ] && printf \
    'REDDIT_USERNAME=tester\nREDDIT_PASSWORD=password-s3cret\n' >>env2
  chmod 600 env2
  expect 0 "fetch $grant --env-file env2 --limit 1"
  no_violation $grant
  has "\"grant\": \"$grant\"" logs/$grant.log
done
expect 0 "env \$(sed '/AGENT/d' env) reddit-fetch --api-base $url/~environment \
  --subreddit mtgquestions --limit 1"
no_violation environment
has /r/mtgquestions/top logs/environment.log

# ---- credentials that are wrong, missing, or for all to read
expect 77 "REDDIT_REFRESH_TOKEN=wrong-s3cret fetch bad-refresh"
has "Reddit gave no token: status 400" err
expect 77 "REDDIT_CLIENT_SECRET=wrong-s3cret fetch bad-client"
expect 77 "fetch 'refused;access_token@refuse*all'"
has "credentials refused (invalid_grant)" err
expect 75 "fetch 'no-token;access_token@status-503*all'"
echo REDDIT_CLIENT_ID= >empty
chmod 600 empty
expect 78 "reddit-fetch --subreddit a --env-file empty"
has "REDDIT_CLIENT_ID is not set" err
chmod 604 env
expect 78 "fetch readable"
has "env: holds secrets, but others may read or change it; chmod 600" err
chmod 600 env
expect 66 "reddit-fetch --subreddit a --env-file none"
expect 64 "reddit-fetch --subreddit a --api-base http://192.0.2.1/"
expect 64 "reddit-fetch --subreddit ../a"
expect 64 "reddit-fetch"

# ---- faults that pass: nothing is lost
for fault in "listing;new@status-503" "page;comments.q002@status-500" \
  "more;morechildren@status-502" "waits;comments.q002@wait-1" \
  "limited;comments.q001@limit-1" "spent;new@spent-1" \
  "reset;comments.q002@reset" "half;morechildren@half" \
  "cut;comments.q002@cut" "html;morechildren@html" "slow;new@delay-1" \
  "expired;morechildren@expire" "token;access_token@status-500"; do
  (
    fetch "$fault" --threads --retries 3 >"out.${fault%%;*}" 2>"err.${fault%%;*}"
    echo $? >"status.${fault%%;*}"
  ) &
done
# shellcheck disable=SC2046  # a list of process ids
wait $(jobs -p | grep -vx $server)
for status in status.*; do
  run=${status#status.}
  cp "err.$run" err
  [ "$(cat "$status")" = 0 ] || fail "$run: exit status $(cat "$status")"
  cmp -s "out.$run" threads || fail "$run: something was lost"
  [ -s err ] && fail "$run: messages"
  no_violation "$run"
done

# ---- faults that stay: the rest goes on
expect 75 "fetch 'gone-500;comments.q001@status-500*all' --threads"
has "reddit-fetch: t3_q001: status 500" err
[ "$(wc -l <out)" = 3 ] || fail "the other threads are missing"
expect 69 "fetch 'gone-403;comments.q001@status-403*all' --threads --stats st"
has '"dropped":{"thread_not_fetched":1}' st
[ "$(wc -l <out)" = 3 ] || fail "the other threads are missing"
[ "$(requests gone-403)" = "$(requests whole)" ] || fail "403 was asked again"
expect 75 "fetch 'no-more;morechildren@status-503*all' --threads"
[ "$(wc -l <out)" = 3 ] || fail "a thread that is not whole was written"
expect 69 "fetch nowhere --subreddit nosuchplace --threads"
has "r/nosuchplace/new: status 404 (banned)" err
[ "$(wc -l <out)" = 4 ] || fail "the other subreddit is missing"
expect 69 "fetch 'moved;new@redirect*all'"
has "status 302, a redirect, which is not followed" err
[ "$(requests moved)" = 2 ] || fail "a redirect was followed"
expect 77 "fetch 'never;new@expire*all'"
[ "$(requests never)" = 4 ] || fail "more than one new token"
expect 75 "fetch 'silent;new@delay-3*all' --timeout 1 --retries 0"
has "timed out" err
expect 65 "fetch large --max-response 10K --limit 3 --threads"
has "t3_q002: the answer is larger than 10240 bytes" err
expect 65 "fetch 'shape;new@body-[]*all'"
expect 75 "reddit-fetch --api-base http://127.0.0.1:1 --env-file env \
  --subreddit a --retries 0"

# ---- the collector
collect() {
  local run=$1
  shift
  reddit-fetch --collector-url "$url/~$run/collect" --retries 0 "$@"
}
expect 0 "collect collector --limit 2 --collector-dry-run --sources a,b \
  --streams hot --min-score 3 --min-length 9 --strict-magic-flair --stats st"
no_violation collector
has '"query": {"limit": "2", "dryRun": "true", "sources": "a,b", "streams": "hot", "minScore": "3", "minLen": "9", "strictMagicFlair": "true"}' \
  logs/collector.log
has '"metrics":{"scanned": 40, "kept": 3, "skipped": {"score": 30, "length": 7}}' st
has "the collector's metrics: {\"scanned\": 40," err
[ "$(wc -l <out)" = 2 ] || fail "not two interactions"
id=$(printf %s https://reddit.com/r/mtgquestions/comments/q901/copied/ |
  sha256sum | cut -d' ' -f1)
has "{\"id\":\"$id\",\"question\":\"Is a copied spell cast?" out
has '"confidence":0.85,"upvotes":21,"answered_by_judge":true,"rule_references":["707.10"]' out
has '"collected_at":"2026-01-01T00:00:00Z"' out
while read -r status run message; do
  expect "$status" "collect '$run'"
  has "$message" err
  [ -s out ] && fail "$run: wrote something"
done <<'END'
75 c503;collect@status-503 status 503
75 c429;collect@status-429 status 429
69 c404;collect@status-404 status 404
77 c401;collect@status-401 status 401
77 c403;collect@status-403 status 403
69 cmoved;collect@redirect status 302
65 chtml;collect@html HTML, not JSON
65 ccut;collect@cut the collector's answer: byte
75 chalf;collect@half the connection broke
75 creset;collect@reset the connection broke
65 cshape;collect@body-{} interactions: missing
END
expect 65 "collect csize --max-response 1K"
expect 75 "collect 'cslow;collect@delay-3' --timeout 1"
expect 0 "collect 'calive;collect@delay-2' --progress"
has "no answer yet after 1 s" err
expect 65 "collect 'cmixed;collect@body-{\"count\":5,\"interactions\":[{\"question\":\"q\",\"topAnswer\":\"a\",\"confidenceScore\":1},{},3,{\"question\":4}]}'"
has "interactions[2]: not an object but a number" err
has "interactions[3]: question: not a string" err
has "counts 5 interactions, but sent 4" err
[ "$(wc -l <out)" = 1 ] || fail "the good interaction is missing"

# ---- an identity token: from a service account's key, from the metadata server
openssl genrsa 2048 2>/dev/null >key.pem
python3 - "$url" >account.json <<'END'
import json, sys
print(json.dumps({
    "type": "service_account", "client_email": "a@example.org",
    "private_key": open("key.pem").read(), "private_key_id": "k",
    "token_uri": sys.argv[1] + "/~google/google-token"}))
END
chmod 600 account.json
expect 77 "collect idtoken-none"
GOOGLE_APPLICATION_CREDENTIALS=account.json \
  expect 0 "collect idtoken-key --auth id-token"
has "\"audience\": \"$url/~idtoken-key/collect\"" logs/google.log
CLOUDSDK_CONFIG=/nonexistent GCE_METADATA_HOST=${url#http://}/~metadata \
  expect 0 "collect idtoken-metadata --auth id-token --audience https://a/"
has '"audience": "https://a/"' logs/metadata.log

# ---- a certificate that nobody vouches for
openssl req -x509 -newkey rsa:2048 -nodes -keyout tls.key -out tls.crt \
  -subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null
python3 - <<'END' &
import os, socket, ssl
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("tls.crt", "tls.key")
listener = socket.create_server(("127.0.0.1", 0))
with open("tls.tmp", "w") as port:
    port.write(str(listener.getsockname()[1]))
os.rename("tls.tmp", "tls.port")
try:
    context.wrap_socket(listener.accept()[0], server_side=True)
except ssl.SSLError:
    pass
END
tls=$!
while [ ! -e tls.port ]; do
  kill -0 $tls || exit 1
  sleep 0.05
done
expect 69 "reddit-fetch --collector-url https://localhost:$(cat tls.port)/ \
  --retries 0"
has "the server's certificate cannot be verified" err
wait $tls

# ---- no secret shows: in what was written, nor to who looks at the process
cat out* err* stats st threads picked logs/* | grep -a s3cret >&2 &&
  fail "a secret shows"
reddit-fetch --api-base "$url/~asleep;new@delay-2" --env-file env \
  --subreddit mtgquestions --limit 1 >asleep 2>&1 &
pid=$!
until [ -s logs/asleep.log ]; do sleep 0.05; done
tr '\0' ' ' <"/proc/$pid/cmdline" | grep s3cret && fail "a secret in argv"
grep -q 'Max core file size *0 *0' "/proc/$pid/limits" ||
  fail "a core file may be written"
# What is not dumpable belongs to root, so that its user cannot look into it.
[ "$(stat -c %U "/proc/$pid/environ")" = root ] ||
  fail "the process is dumpable"
wait $pid || fail "asleep: failed"

[ -s server-err ] && fail "the stand-in: $(cat server-err)"
finish "reddit-fetch holds"
