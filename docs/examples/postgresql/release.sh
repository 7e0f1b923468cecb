#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# etc/scripts/release.sh: stops PostgreSQL on this host, which is master no longer. Leaves with 0 once it is gone.
set -eu
. "$(dirname "$0")/postgresql.conf.sh"

running() {
    as_postgres "$BIN/pg_ctl" -D "$PGDATA" status >/dev/null
}

running || exit 0
# After a demotion the folder is read-only already, and a fast stop cannot write its checkpoint: then at once.
as_postgres "$BIN/pg_ctl" -D "$PGDATA" -m fast -w -t 8 stop >/dev/null ||
    as_postgres "$BIN/pg_ctl" -D "$PGDATA" -m immediate -w -t 4 stop >/dev/null ||
    ! running
