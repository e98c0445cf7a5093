#!/bin/sh
# A loop that costs no token while there is nothing to do: LoopX is asked first, and only "run" starts the agent,
# which gets its prompt by standard input. Once:       AGENT="codex exec -" examples/shell-loop.sh parser
# Every ten minutes, until LoopX itself fails:         AGENT="codex exec -" examples/shell-loop.sh parser 600
set -u

GOAL=${1:?"usage: AGENT=COMMAND shell-loop.sh GOAL [SECONDS]"}
WAIT=${2:-}
: "${AGENT:?"AGENT is the command that reads a prompt from standard input"}"

# Ends with 0 for a wake-up that needs nobody, 11 or 13 when a person has to act, 1 when the agent failed.
look() {
  loopx should-run -g "$GOAL"
  verdict=$?
  case $verdict in
    0) loopx heartbeat-prompt -g "$GOAL" --thin --quiet | sh -c "$AGENT" || return 1 ;;
    10 | 12) return 0 ;; # nothing to do; paused or throttled
    11 | 13) loopx why -g "$GOAL" ;; # a question is open or something is broken: who has to act, by which command
  esac
  return "$verdict"
}

look
ended=$?
# A question, a failed agent or a held lock (3) may be over next time; 2 and 70 mean that the call itself is wrong.
while [ -n "$WAIT" ] && [ "$ended" -ne 2 ] && [ "$ended" -ne 70 ]; do
  sleep "$WAIT"
  look
  ended=$?
done
exit "$ended"
