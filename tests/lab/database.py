# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL on the members of a cluster, and the load that a client puts on it."""
import os
import re

from lab import REPOSITORY

BIN = "/usr/lib/postgresql/15/bin"
PGDATA = "/data/orders/db"
LOG = "/data/log/postgresql.log"
SCALE = 4  # of pgbench: 15 MB each
SCRIPTS = os.path.join(REPOSITORY, "docs", "examples", "postgresql")
CONF = """
listen_addresses = '*'
unix_socket_directories = '/tmp'
shared_buffers = 64MB
max_wal_size = 256MB
log_line_prefix = '%m '
"""
SCHEMA = "CREATE TABLE ledger (id bigint PRIMARY KEY, began pg_lsn NOT NULL, at timestamptz DEFAULT clock_timestamp())"


def script_files():
    return [os.path.join(SCRIPTS, name) for name in ("acquire.sh", "release.sh", "postgresql.conf.sh")]


class Database:
    def __init__(self, lab, address):
        self.lab, self.address = lab, address
        self.load = None

    def prepare(self, members):
        """Folders on each member, as an administrator would make them."""
        for name in members:
            self.lab[name].run("mkdir -p /data/log /data/orders && chown postgres: /data/log /data/orders")

    def create(self, name):
        """A data base with pgbench's tables and the ledger, made on one host and stopped again."""
        host, start = self.lab[name], f"{BIN}/pg_ctl -D {PGDATA} -l {LOG} -w"
        host.run([f"{BIN}/initdb", "-D", PGDATA, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"], user="postgres")
        host.run(f"cat >>{PGDATA}/postgresql.conf && echo 'host all all 10.26.0.0/24 trust' >>{PGDATA}/pg_hba.conf",
                 user="postgres", stdin=CONF)
        host.run(f"{start} start && createdb -h /tmp orders && {BIN}/pgbench -h /tmp -i -q -s {SCALE} orders && "
                 f"psql -h /tmp -q -d orders -c '{SCHEMA}' && {start} stop", user="postgres")

    def query(self, sql):
        """Through the virtual address, as the client sees it."""
        return self.lab["client"].output(["psql", "-h", self.address, "-U", "postgres", "-d", "orders", "-qAt", "-c", sql])

    def numbers(self):
        return {int(line) for line in self.query("SELECT id FROM ledger").split()}

    def check(self):
        """pg_amcheck of everything; None, or what it found."""
        done = self.lab["client"].run([f"{BIN}/pg_amcheck", "-h", self.address, "-U", "postgres", "--all",
                                       "--install-missing", "--heapallindexed"], check=False, timeout=120)
        return None if done.returncode == 0 else (done.stdout + done.stderr).strip()

    def start_load(self):
        """pgbench for ever: it gives up when its server goes, so it is begun again."""
        where = f"host={self.address} user=postgres dbname=orders connect_timeout=2 tcp_user_timeout=700"
        self.load = self.lab["client"].start(
            f"while :; do {BIN}/pgbench -n -c 2 -R 150 -T 3600 '{where}'; sleep 0.2; done", log="pgbench.log")

    def reached(self, name):
        """Where the log that a new master found on its copy ends: the start of the last record that its crash recovery
        replayed, as a number; None if it had nothing to recover."""
        with open(self.lab[name].path(LOG), encoding="utf-8", errors="replace") as file:
            starts = file.read().split("starting PostgreSQL")
        found = re.findall(r"redo done at ([0-9A-F]+)/([0-9A-F]+)", starts[-1])
        return int(found[-1][0], 16) << 32 | int(found[-1][1], 16) if found else None
