#!/bin/sh
# Makes the test worktree below this project, or repairs it, and brings it the .env of today.
# Everything is done by loopx-loop; further words go to it as they are.
set -eu
root=$(cd -- "$(dirname -- "$0")/../.." && pwd -P)
case ${1:-} in
  ensure) ;;
  *)
    echo "Usage: ${0##*/} {ensure}" >&2
    exit 2
    ;;
esac
program=${LOOPX_LOOP_BIN:-$(command -v loopx-loop || echo "$root/node_modules/.bin/loopx-loop")}
exec "$program" worktree "$@" --cwd "$root"
