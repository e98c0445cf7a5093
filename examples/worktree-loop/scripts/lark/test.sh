#!/bin/sh
# The watcher in the background, which tests each new commit of the main branch, and the test server.
# Everything is done by loopx-loop; further words go to it as they are.
set -eu
root=$(cd -- "$(dirname -- "$0")/../.." && pwd -P)
case ${1:-} in
  start | stop | restart | status | logs) ;;
  *)
    echo "Usage: ${0##*/} {start|stop|restart|status|logs}" >&2
    exit 2
    ;;
esac
program=${LOOPX_LOOP_BIN:-$(command -v loopx-loop || echo "$root/node_modules/.bin/loopx-loop")}
exec "$program" test "$@" --cwd "$root"
