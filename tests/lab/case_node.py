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
STALL_MS = 100  # more than the longest on the bare folder at that moment
# A promise lasts 8 s: on a busy machine it takes drnode more than the default of 2 s to end and be back.
SETTINGS = {"boot_wait": "9s", "interval": "2s"}

lab = cluster = database = None


def begin():
    global lab, cluster, database
    lab = Lab("alpha", "beta", "gamma", "client")
    database = Database(lab, VIP)
    database.prepare(("alpha", "beta"))
    database.create("alpha")
    cluster = Cluster(lab, vip=VIP, scripts=script_files(), settings=SETTINGS)
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
    return found


def no_stall(since):
    """No write failed, and none waited longer than one on the bare folder, directly or by way of another process. A
    stall of the whole machine may be counted to one second there and to the next here."""
    time.sleep(3.2)
    seconds = latencies(since - 1)
    bare = {second: max(all_[name][0] for name in (BARE, "handed") if name in all_)
            for second, all_ in seconds.items() if BARE in all_ or "handed" in all_}
    judged = 0
    for second, all_ in seconds.items():
        around = [bare[near] for near in (second - 1, second, second + 1) if near in bare]
        if second < int(since) or PROTECTED not in all_ or not around:
            continue
        longest, _, trouble = all_[PROTECTED]
        judged += 1
        assert trouble == "ok", f"a write failed with {trouble}"
        assert longest <= max(around) + STALL_MS, f"a write waited {longest} ms, on the bare folder {around}"
    assert judged >= 2, seconds


def unharmed(since):
    """No stall, PostgreSQL complained of nothing, and nothing was mirrored again."""
    no_stall(since)
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
    cluster.wait("alpha", 30, role="master", state="ready")
    unharmed(since)


def test_daemon_stopped():
    """SIGSTOP for half as long as a promise lasts, and SIGCONT."""
    before = cluster.status("alpha")["term"]
    since = time.monotonic()
    cluster.nodes["alpha"].signal(signal.SIGSTOP)
    time.sleep(4)
    cluster.nodes["alpha"].signal(signal.SIGCONT)
    status = cluster.wait("alpha", 30, role="master", state="ready")
    assert status["term"] == before, "another term: it was a take-over"
    assert status["source"]["mirrors"] == 0, f"mirrored again: {status['source']['why']}"
    no_stall(since)


def test_daemon_restarted():
    """A restart as a service manager does it, SIGTERM and start, while PostgreSQL works."""
    since = time.monotonic()
    cluster.stop("alpha")
    cluster.start("alpha")
    cluster.wait("alpha", 30, role="master", state="ready")
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
