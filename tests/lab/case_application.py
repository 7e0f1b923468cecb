# SPDX-License-Identifier: Apache-2.0
"""Applications inside a protected folder: they work as on the bare one, and the copy is the same afterwards."""
import os
import signal
import subprocess
import time

import harness
from cluster import Cluster
from database import BIN
from lab import REPOSITORY, Lab

FOLDER = "/data/orders"

lab = cluster = None


def begin():
    global lab, cluster
    lab = Lab("alpha", "beta", "gamma")
    cluster = Cluster(lab, folder=FOLDER, settings={"boot_wait": "3s"})
    cluster.start()
    cluster.wait("alpha", 40, role="master", state="ready")
    lab["alpha"].run(f"chown postgres: {FOLDER} && mkdir -p /data/log && chown postgres: /data/log")


def end():
    lab.close()


def differences():
    a, b = (lab[name].path(FOLDER) + "/" for name in ("alpha", "beta"))
    assert os.listdir(a), "there is nothing to compare"
    return subprocess.run(["rsync", "-aHAXcni", "--delete", a, b], capture_output=True, text=True, check=True).stdout


def same():
    """Both members' folders are equal: content, names, modes, owners, links, times, attributes. The lab looks at their
    disks, below what covers them. Times of modification are told, and set, when a file has been idle for a while."""
    cluster.wait_level("alpha", 60)
    end = time.monotonic() + 10
    while (found := differences()) and time.monotonic() < end:
        time.sleep(0.5)
    assert not found, f"the copy differs:\n{found[:2000]}"


@harness.limit(120)
def test_postgresql():
    """initdb, start, load, SIGKILL of all of it, recovery from the crash, and a clean check."""
    alpha, data = lab["alpha"], f"{FOLDER}/second"
    control = f"{BIN}/pg_ctl -D {data} -l /data/log/second.log -w"
    alpha.run([f"{BIN}/initdb", "-D", data, "-A", "trust"], user="postgres", timeout=60)
    alpha.run(f"echo \"unix_socket_directories = '/tmp'\" >>{data}/postgresql.conf; {control} start", user="postgres")
    alpha.run(f"{BIN}/pgbench -h /tmp -i -q -s 1 postgres && {BIN}/pgbench -h /tmp -c 2 -t 200 postgres", user="postgres")
    head = int(alpha.output(f"head -1 {data}/postmaster.pid"))
    alpha.run(f"kill -9 {head} $(ps -o pid= --ppid {head})")
    alpha.run(f"{control} start", user="postgres")
    alpha.run(f"{BIN}/pg_amcheck -h /tmp --install-missing postgres && {control} stop", user="postgres")
    assert "automatic recovery in progress" in alpha.output("cat /data/log/second.log")
    same()


@harness.limit(240)
def test_build():
    """A build of part of this project, from scratch, and its test runs."""
    lab["alpha"].run(f"cmake -S {REPOSITORY} -B {FOLDER}/build -G Ninja -DCMAKE_BUILD_TYPE=Release >/dev/null && "
                     f"nice ninja -j2 -C {FOLDER}/build test_record >/dev/null && "
                     f"find {FOLDER}/build -name test_record -type f -exec {{}} ';'", timeout=200)
    same()


def test_many_files():
    """Ten thousand small files come and half of them go; the copy has exactly the other half."""
    lab["alpha"].run(f"mkdir {FOLDER}/many && cd {FOLDER}/many && for i in $(seq 10000); do echo $i >$i; done && "
                     "for i in $(seq 1 2 10000); do echo $i; done | xargs rm")
    same()
    assert len(os.listdir(lab["beta"].path(f"{FOLDER}/many"))) == 5000


def test_copy_survives_its_host():
    """The target loses power amid a load and comes back: nothing is missing, nothing was mirrored from the start."""
    load = lab["alpha"].start(f"cd {FOLDER}; for i in $(seq 400); do head -c 20000 /dev/urandom >f$i; sync f$i; done")
    time.sleep(0.6)
    lab.kill("beta")
    cluster.nodes.pop("beta")
    time.sleep(0.5)
    lab.up("beta")
    cluster.start("beta")
    load.wait(60)
    status = cluster.wait("alpha", 60, lambda s: s["source"]["phase"] == "replicating", role="master")
    assert status["source"]["mirrors"] <= 1, "the ring held everything: no second mirror was needed"
    same()


def writes(folder, name):
    """Seconds that 200 small files take."""
    begun = time.monotonic()
    lab["alpha"].run(f"mkdir -p {folder}; for i in $(seq 200); do head -c 20000 /dev/urandom >{folder}/{name}$i; done")
    return time.monotonic() - begun


def unhindered(name):
    """The application writes as on the bare folder at this moment, give or take what this machine is busy with."""
    bare, protected = writes("/data/bare", name), writes(FOLDER, name)
    assert protected < 5 + 5 * bare, (protected, bare)


def test_link_cut():
    """The link to the target is cut amid a load: the application does not wait, and the stream goes on where it was."""
    lab.cut("alpha", "beta")
    unhindered("g")
    time.sleep(1)
    lab.heal("alpha", "beta")
    status = cluster.wait("alpha", 60, lambda s: s["source"]["phase"] == "replicating", role="master")
    assert status["source"]["mirrors"] <= 1
    same()


def test_target_paused():
    """The target's drnode hangs: the application does not wait."""
    cluster.nodes["beta"].signal(signal.SIGSTOP)
    try:
        unhindered("h")
    finally:
        cluster.nodes["beta"].signal(signal.SIGCONT)
    same()
