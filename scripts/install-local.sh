#!/bin/sh
# Installs the loopx of this checkout for one user: a copy of what is built now as a release, loopx linked to it,
# loopx-canary onto the checkout itself. Run it again to promote; --dry-run shows the plan, --uninstall takes it back.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
if ! command -v node >/dev/null 2>&1; then
  echo "error: node is not on PATH" >&2
  echo "hint: install Node 20.19 or newer" >&2
  exit 2
fi
exec node "$here/install/main.mjs" "$@"
