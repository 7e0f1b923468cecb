#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# etc/scripts/acquire.sh: starts PostgreSQL on this host, which has just become master. Leaves with 0 once it answers.
set -eu
. "$(dirname "$0")/postgresql.conf.sh"

# The copy may hold the lock file of the other host's postmaster, whose number means nothing here. Nobody else can run
# on this folder: it is writable on the master only, and this script runs on no other.
if ! as_postgres "$BIN/pg_ctl" -D "$PGDATA" status >/dev/null; then
    rm -f "$PGDATA/postmaster.pid"
fi
as_postgres "$BIN/pg_ctl" -D "$PGDATA" -l "$LOG" -w -t 30 start >/dev/null
