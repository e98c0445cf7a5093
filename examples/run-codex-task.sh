#!/usr/bin/env bash
# Asks a running Looper for one run, as the older wrapper of this name did: run-codex-task.sh "message" [--prompt-file F ...]
# The service has to run (loopx-loop looper serve); its token is found in its own folder.
set -euo pipefail
exec "${LOOPX_LOOP_BIN:-loopx-loop}" looper run "$@"
