# shellcheck shell=bash
# start.sh - tests/checks, for scripts that use Cloud Storage on the loopback
# cloud.
#
#   . "$TOP/tests/cloud/start.sh"
#   start_cloud [OPTION]...    # sets url, STORAGE_EMULATOR_HOST
#   stop_cloud                 # when its files are to be read

# shellcheck source=tests/checks
. "$TOP/tests/checks"

start_cloud() {
  serve loopback-cloud --log log "$@"
  cloud=$server
  url=http://127.0.0.1:$port
  export STORAGE_EMULATOR_HOST=$url
}

stop_cloud() {
  kill "$cloud"
  wait "$cloud"
}

# Waits until a file is there, a minute at most.
wait_for() {
  for _ in $(seq 1200); do
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
