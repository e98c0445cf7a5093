#!/bin/sh
# The main server of this project, two folders above: started from what was tested, stopped by its identity.
# Everything is done by loopx-loop; further words go to it as they are.
set -eu
root=$(cd -- "$(dirname -- "$0")/../.." && pwd -P)
case ${1:-} in
  start | stop | restart | status | logs | build) ;;
  *)
    echo "Usage: ${0##*/} {start|stop|restart|status|logs|build}" >&2
    exit 2
    ;;
esac
program=${LOOPX_LOOP_BIN:-$(command -v loopx-loop || echo "$root/node_modules/.bin/loopx-loop")}
exec "$program" main "$@" --cwd "$root"
