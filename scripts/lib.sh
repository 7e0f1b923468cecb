# SPDX-License-Identifier: Apache-2.0
# scripts/lib.sh - what the scripts share; sourced, never run.
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
LOGS=$ROOT/build/logs

# One line: what is wrong and what to do.
die() {
    echo "${0##*/}: $*" >&2
    exit 1
}

[ -f "$ROOT/CMakePresets.json" ] || die "$ROOT is not the drnode repository: run the scripts where they lie in it"

need_root() {
    [ "$(id -u)" -eq 0 ] || die "must be root (it makes namespaces and mounts): run it with sudo"
}

# Builds must not take the machine from what runs on it.
quietly() {
    local log=$LOGS/$1
    shift
    { mkdir -p "$LOGS" && : >"$log"; } 2>/dev/null || die "cannot write below $ROOT/build: be its owner, or run it with sudo"
    nice "$@" >"$log" 2>&1 </dev/null
}
