#!/bin/sh
# The primary bot of a loop of two bots (docs/loops.md): lark.sh start|stop|restart|build|logs, and up, down, status.
# It stands in the root of a project with a loopx-loop.yaml; all the work is done by loopx-loop lark primary.
set -eu

verb=${1:-start}
case $verb in
  start | up | stop | down | restart | status | build | logs) ;;
  *) echo "Usage: $0 {start|stop|restart|build|logs}" >&2 && exit 2 ;;
esac
[ "$#" -eq 0 ] || shift
root=$(cd "$(dirname "$0")" && pwd -P)
loop=${LOOPX_LOOP_BIN:-$(command -v loopx-loop || echo "$root/node_modules/.bin/loopx-loop")}
exec "$loop" lark primary "$verb" --root "$root" "$@"
