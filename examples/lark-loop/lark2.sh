#!/bin/sh
# The secondary bot, which tests, repairs and restarts the primary: lark2.sh start|stop|restart|test|logs, and up, down, status.
# It stands in the root of a project with a loopx-loop.yaml; all the work is done by loopx-loop lark secondary.
set -eu

verb=${1:-start}
case $verb in
  start | up | stop | down | restart | status | test | logs) ;;
  *) echo "Usage: $0 {start|stop|restart|test|logs}" >&2 && exit 2 ;;
esac
[ "$#" -eq 0 ] || shift
root=$(cd "$(dirname "$0")" && pwd -P)
loop=${LOOPX_LOOP_BIN:-$(command -v loopx-loop || echo "$root/node_modules/.bin/loopx-loop")}
exec "$loop" lark secondary "$verb" --root "$root" "$@"
