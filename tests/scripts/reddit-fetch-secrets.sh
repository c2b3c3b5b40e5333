#!/bin/bash
# reddit-fetch-secrets.sh - Reddit's credentials from Secret Manager: which are
# asked for, what is refused, and that they show nowhere.
set -u
# shellcheck source=tests/checks
. "$TOP/tests/checks"
mkdir logs
serve python3 "$TOP/tests/fake/reddit_replay.py" --log-dir logs \
  --world "$TOP/tests/data/reddit/world.json" 2>server-err
host=127.0.0.1:$port
unset "${!REDDIT_@}" "${!GOOGLE_@}"

# expect STATUS COMMAND: runs it, leaving ./out and ./err behind, neither of
# which holds a secret.
expect() {
  eval "$2" >out 2>err </dev/null
  local got=$?
  [ $got = "$1" ] || fail "$2: exit status $got, not $1"
  grep -qF -e s3cret -e f4ke out err && fail "$2: shows a secret"
}

# fetch RUN PROJECT [OPTION]...: with the secrets of a project of the run
# "RUN-secrets"; what follows a ';' in RUN are faults of those.
fetch() {
  local run=${1%%;*} faults=${1#"${1%%;*}"} project=$2
  shift 2
  SECRET_MANAGER_EMULATOR_HOST="$host/~$run-secrets$faults" reddit-fetch \
    --api-base "http://$host/~$run" --secrets "$project" --retries 0 \
    --subreddit mtgquestions --streams new "$@"
}

# asked RUN NAME...: those secrets, in that order, and no other.
asked() {
  local run=$1
  shift
  grep -oE 'REDDIT_[A-Z_]+' "logs/$run-secrets.log" >names
  [ "$(tr '\n' ' ' <names)" = "$(printf 'REDDIT_%s ' "$@")" ] ||
    fail "$run: asked for $(tr '\n' ' ' <names)"
  grep -F violation "logs/$run.log" "logs/$run-secrets.log" >&2 &&
    fail "$run: violations"
}

# ---- each kind of login, and no secret that it does not need
expect 0 "fetch app app"
asked app CLIENT_ID CLIENT_SECRET REFRESH_TOKEN USER_AGENT USERNAME
has '"grant": "client_credentials"' logs/app.log
[ -s out ] || fail "no interactions"
expect 0 "fetch login login"
asked login CLIENT_ID CLIENT_SECRET REFRESH_TOKEN USER_AGENT USERNAME PASSWORD
has '"grant": "password"' logs/login.log
expect 0 "fetch all all"
asked all CLIENT_ID CLIENT_SECRET REFRESH_TOKEN USER_AGENT
has '"grant": "refresh_token"' logs/all.log

# ---- the environment first, then the env file, then the secrets
printf 'REDDIT_%s\n' CLIENT_ID=wrong CLIENT_SECRET=client-s3cret >./env
chmod 600 env
expect 0 "REDDIT_CLIENT_ID=client-f4ke fetch mixed all --env-file env"
asked mixed REFRESH_TOKEN USER_AGENT

# ---- what is refused
expect 65 "fetch 'flip;CLIENT_SECRET@flip' all"
has "secret REDDIT_CLIENT_SECRET of all: the answer does not fit its checksum" \
  err
expect 77 "fetch 'denied;CLIENT_ID@status-403' all"
has "secret REDDIT_CLIENT_ID of all: status 403" err
expect 75 "fetch 'down;CLIENT_ID@status-503' all"
expect 69 "fetch 'redirect;CLIENT_ID@redirect' all"
expect 78 "fetch 'unset;CLIENT_ID@status-404' app"
has "REDDIT_CLIENT_ID is not set, nor in .env, nor a secret of app" err
expect 64 "fetch name ../all"
expect 78 "SECRET_MANAGER_EMULATOR_HOST=example.org:80 reddit-fetch \
  --subreddit mtgquestions --secrets all"
expect 64 "reddit-fetch --collector-url 'http://$host/~c/collect' --secrets all"
find logs -name 'name*' -o -name 'c.*' | grep -q . && fail "something was sent"

# ---- the other programs that speak to Reddit
export SECRET_MANAGER_EMULATOR_HOST="$host/~others;CLIENT_ID@status-403*all"
export ANSWERMILL_STORE=sqlite:store.db
echo '{"id":"i","question":"q","answer":"a","confidence":0.5}' | fs-put >put ||
  fail "fs-put failed"
expect 77 "withdraw --secrets all"
expect 77 "collector-serve --listen 127.0.0.1:0 --secrets all"
unset SECRET_MANAGER_EMULATOR_HOST

# ---- nor do secrets show in the list of processes
SECRET_MANAGER_EMULATOR_HOST="$host/~argv-secrets" reddit-fetch --secrets all \
  --api-base "http://$host/~argv;new@delay-20" --subreddit mtgquestions \
  --streams new >out 2>err &
fetching=$!
until grep -qs refresh_token logs/argv.log; do
  kill -0 $fetching || break
  sleep 0.05
done
tr '\0' '\n' <"/proc/$fetching/cmdline" >argv
has --secrets argv
grep -F -e s3cret -e f4ke argv && fail "a secret among the arguments"
kill $fetching

finish "reddit-fetch --secrets: as expected"
