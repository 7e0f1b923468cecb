# SPDX-License-Identifier: Apache-2.0
"""drnode fails on the host where PostgreSQL works: the application does not notice, and nothing is copied again."""
import os
import signal
import time

from cluster import Cluster
from database import LOG, Database, script_files
from lab import VIP, Lab

HERE = os.path.dirname(os.path.abspath(__file__))
BARE, PROTECTED = "/data/bare", "/data/orders"
STALL_MS = 100  # more than the bare folder's longest in the same second

lab = cluster = database = None


def begin():
    global lab, cluster, database
    lab = Lab("alpha", "beta", "gamma", "client")
    database = Database(lab, VIP)
    database.prepare(("alpha", "beta"))
    database.create("alpha")
    cluster = Cluster(lab, vip=VIP, scripts=script_files(), settings={"boot_wait": "5s"})
    cluster.start()
    cluster.wait("alpha", 40, role="master", state="ready")
    database.start_load()
    lab["alpha"].run(f"mkdir -p {BARE}")
    lab["alpha"].start([os.path.join(HERE, "latency.py"), BARE, PROTECTED], log="latency.log")
    time.sleep(2)


def end():
    lab.close()


def latencies(since):
    """{second: {folder: (longest ms, writes, trouble)}} of the seconds from `since` on."""
    found = {}
    for line in lab["alpha"].log("latency.log").splitlines():
        second, folder, longest, writes, trouble = line.split()
        if int(second) >= int(since):
            found.setdefault(int(second), {})[folder] = (float(longest), int(writes), trouble)
    return {second: both for second, both in found.items() if len(both) == 2}


def unharmed(since):
    """No write failed, none waited, PostgreSQL complained of nothing, and nothing was mirrored again."""
    time.sleep(2.2)
    seconds = latencies(since)
    assert len(seconds) >= 2, seconds
    for second, both in seconds.items():
        assert both[PROTECTED][2] == "ok", f"a write failed with {both[PROTECTED][2]}"
        assert both[PROTECTED][0] <= both[BARE][0] + STALL_MS, f"a write waited {both[PROTECTED][0]} ms: {both}"
    with open(lab["alpha"].path(LOG), encoding="utf-8") as log:
        bad = [line for line in log if "PANIC" in line or "could not" in line or "terminated by" in line]
    assert not bad, bad
    status = cluster.wait_level("alpha", 20)
    assert status["source"]["mirrors"] == 0, f"mirrored again: {status['source']['why']}"


def test_daemon_killed():
    """SIGKILL of the master's drnode, and a start: capture and the mastership outlive it."""
    since = time.monotonic()
    cluster.nodes["alpha"].signal(signal.SIGKILL)
    cluster.nodes["alpha"].wait(5)
    time.sleep(0.2)
    cluster.start("alpha")
    cluster.wait("alpha", 10, role="master", state="ready")
    unharmed(since)


def test_daemon_stopped():
    """SIGSTOP for less than a promise lasts, and SIGCONT."""
    before = cluster.status("alpha")["term"]
    since = time.monotonic()
    cluster.nodes["alpha"].signal(signal.SIGSTOP)
    time.sleep(0.8)
    cluster.nodes["alpha"].signal(signal.SIGCONT)
    status = cluster.wait("alpha", 10, role="master", state="ready")
    assert status["term"] == before, "another term: it was a take-over"
    assert status["source"]["mirrors"] == 0, f"mirrored again: {status['source']['why']}"
    time.sleep(2.2)
    for second, both in latencies(since).items():
        assert both[PROTECTED][2] == "ok", second
        assert both[PROTECTED][0] <= both[BARE][0] + STALL_MS, both


def test_daemon_restarted():
    """A restart as a service manager does it, SIGTERM and start, while PostgreSQL works."""
    since = time.monotonic()
    cluster.stop("alpha")
    cluster.start("alpha")
    cluster.wait("alpha", 10, role="master", state="ready")
    unharmed(since)


def test_stray_writer():
    """After a demotion a writer that the release script does not know gets EROFS, on what it has open too."""
    holder = ("import errno, os, sys, time\n"
              "f = os.open('/data/orders/stray', os.O_RDWR | os.O_CREAT)\n"
              "while True:\n"
              "    try:\n"
              "        os.pwrite(f, b'x', 0)\n"
              "    except OSError as error:\n"
              "        print(errno.errorcode[error.errno], flush=True)\n"
              "        sys.exit(0)\n"
              "    time.sleep(0.01)\n")
    writer = lab["alpha"].start(["python3", "-c", holder], log="stray.log")
    time.sleep(0.3)
    assert writer.alive(), lab["alpha"].log("stray.log")
    cluster.switch("alpha")
    cluster.wait("beta", 20, role="master")
    if writer.alive():
        writer.wait(5)
    assert lab["alpha"].log("stray.log") == "EROFS\n", lab["alpha"].log("stray.log")
    made = lab["alpha"].run("touch /data/orders/new", check=False)
    assert made.returncode and "Read-only file system" in made.stderr, made
