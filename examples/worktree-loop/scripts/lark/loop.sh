#!/bin/sh
# The loop in the foreground: watch, or one cycle of one commit (run --base-sha SHA).
# Everything is done by loopx-loop; further words go to it as they are.
set -eu
root=$(cd -- "$(dirname -- "$0")/../.." && pwd -P)
case ${1:-} in
  watch | run) ;;
  *)
    echo "Usage: ${0##*/} {watch|run}" >&2
    exit 2
    ;;
esac
program=${LOOPX_LOOP_BIN:-$(command -v loopx-loop || echo "$root/node_modules/.bin/loopx-loop")}
exec "$program" worktree "$@" --cwd "$root"
