# start.sh - for scripts that use the loopback cloud; to be sourced. Goes to an
# empty folder, which is removed at the end.
#
#   . "$TOP/tests/cloud/start.sh"
#   start_cloud [OPTION]...    # sets url, STORAGE_EMULATOR_HOST
#   ... fail "what is wrong" ...
#   stop_cloud
#   finish                     # exits: 1 if anything failed

cd "$(mktemp -d)" || exit 1
cloud=
failures=0
trap '[ -z "$cloud" ] || kill "$cloud"; rm -rf "$PWD"' EXIT

start_cloud() {
  rm -f port
  loopback-cloud --port-file port --log log "$@" &
  cloud=$!
  wait_for port
  url=http://127.0.0.1:$(cat port)
  export STORAGE_EMULATOR_HOST=$url
}

stop_cloud() {
  kill "$cloud"
  wait "$cloud"
  cloud=
}

# Waits until a file is there, a minute at most.
wait_for() {
  local i
  for i in $(seq 1200); do
    [ -e "$1" ] && return
    sleep 0.05
  done
  echo "$1 does not come" >&2
  exit 1
}

# hold BYTES [cut]: after so many bytes more of content the server makes the
# file `held`, and waits until it has been removed; then it reads on, or cuts
# the connection.
hold() {
  curl -s -X POST \
    "$url/control/storage/hold?after=$1&file=$PWD/held&then=${2-}"
}

fail() {
  echo "$1" >&2
  [ -s err ] && sed 's/^/    /' err >&2
  failures=$((failures + 1))
}

finish() {
  [ $failures = 0 ]
  exit
}
