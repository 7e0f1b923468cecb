#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The client of the demo: one transaction after another through the virtual address, and a ledger of what the
database acknowledged. usage: client.py ADDRESS LEDGER

Ledger lines: "ack NUMBER MICROSECONDS BEFORE" as soon as the database has acknowledged it (CLOCK_MONOTONIC; BEFORE is
the place in PostgreSQL's log at which the transaction began), then "end NUMBER AFTER" (a place that lies behind its
commit). What was sent and never answered is in no line: the client may not count on it, nor on its absence.
"""
import socket
import sys
import time

import psycopg2

PACE = 0.003       # seconds between two transactions
PATIENCE = 0.1     # for one attempt to reach the server
# A server that is gone must be noticed from silence.
SILENCE = {"connect_timeout": 2, "tcp_user_timeout": 700, "keepalives_idle": 1, "keepalives_interval": 1,
           "keepalives_count": 1}


def reachable(address):
    """libpq waits two seconds at least for a host that does not answer; this is finer."""
    try:
        socket.create_connection((address, 5432), timeout=PATIENCE).close()
        return True
    except OSError:
        return False


def work(connection, number, ledger):
    """Transactions until one fails; returns the last number that was used."""
    connection.autocommit = True
    cursor = connection.cursor()
    while True:
        number += 1
        try:
            cursor.execute("INSERT INTO ledger (id, began) VALUES (%s, pg_current_wal_insert_lsn()) RETURNING began",
                           (number,))
            ledger.write(f"ack {number} {time.monotonic_ns() // 1000} {cursor.fetchone()[0]}\n")
            cursor.execute("SELECT pg_current_wal_insert_lsn()")
            ledger.write(f"end {number} {cursor.fetchone()[0]}\n")
        except psycopg2.Error:
            return number
        time.sleep(PACE)


def main(address, path):
    number = 0
    with open(path, "a", buffering=1, encoding="ascii") as ledger:
        while True:
            if reachable(address):
                try:
                    connection = psycopg2.connect(host=address, user="postgres", dbname="orders", **SILENCE)
                except psycopg2.Error:
                    time.sleep(0.02)  # it is starting, or going
                    continue
                number = work(connection, number, ledger)
                connection.close()
            else:
                time.sleep(0.02)


if __name__ == "__main__":
    main(*sys.argv[1:])
