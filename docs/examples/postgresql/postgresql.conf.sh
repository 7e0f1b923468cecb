# SPDX-License-Identifier: Apache-2.0
# What acquire.sh and release.sh share: where PostgreSQL is on this host.
BIN=/usr/lib/postgresql/15/bin
PGDATA=/data/orders/db
LOG=/data/log/postgresql.log

as_postgres() {
    setpriv --reuid=postgres --regid=postgres --init-groups "$@"
}
