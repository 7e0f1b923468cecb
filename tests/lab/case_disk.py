# SPDX-License-Identifier: Apache-2.0
"""A shared folder as the third voter: two mounts of one folder, then two that cache as NFS clients do (stalefs.c).
Covers B5.1.2-27, B5.1.2-28, V3-03."""
import os
import signal
import time

import harness
from cluster import RULE_ID, Cluster
from host import SHARED
from lab import VIP, Lab, build_folder
from stores import LENGTH, Stand

STALE = "/mnt/vote"

lab = stand = None
mounts = {}  # of each member: stalefs


def begin():
    global lab, stand
    lab = Lab("alpha", "beta")
    for name in lab.hosts:
        mount(name)
    stand = Stand(lab, Cluster(lab, vip=VIP, arbiters=(), disk=STALE, settings={"boot_wait": "3s"}))


def end():
    lab.close()


def mount(name):
    program = os.path.join(build_folder(), "tests", "lab", "stalefs")
    lab[name].run(f"mkdir -p {STALE}")
    mounts[name] = lab[name].start([program, SHARED, STALE, "-f"], log="stalefs.log")
    lab[name].run(f"until mountpoint -q {STALE}; do sleep 0.02; done", timeout=10)


def back(name):
    lab.up(name)
    mount(name)
    stand.cluster.start(name)


def claim(name, direct):
    """The bytes of alpha's record, as that member sees them."""
    flags = "iflag=direct" if direct else ""
    return lab[name].output(f"dd if={STALE}/{RULE_ID}.a bs=4096 count=1 status=none {flags} | sha256sum")


@harness.limit(60)
def test_disk_mount_is_stale():
    """What these cases rest on: an ordinary read gives an old record again and again, a direct one the present one."""
    plain = {claim("beta", False) for _ in range(5) if time.sleep(LENGTH / 4) is None}
    direct = {claim("beta", True) for _ in range(5) if time.sleep(LENGTH / 4) is None}
    assert len(plain) == 1 and len(direct) > 2, (len(plain), len(direct))


@harness.limit(120)
def test_disk_master_dies():
    """The master loses its power: the other takes over once the dead one's claim has run out, and it comes back as slave."""
    stand.master_dies(back)


@harness.limit(120)
def test_disk_lines_are_cut():
    """The members do not hear each other: the master stays, by its claim, and the other gets none."""
    stand.lines_are_cut()


@harness.limit(120)
def test_disk_mount_hangs():
    """The master's mount hangs: nothing moves, and it is said on that member."""
    term = stand.alpha_is_master()["term"]
    mounts["alpha"].signal(signal.SIGSTOP)
    stand.said("alpha", "has not answered for")
    stand.said("alpha", "does not answer: check that /mnt/vote is mounted here")
    stand.stays("alpha", term, 2 * LENGTH)
    mounts["alpha"].signal(signal.SIGCONT)
    stand.settled("alpha")


@harness.limit(120)
def test_disk_mount_hangs_and_lines_are_cut():
    """Both at once: the other takes over, after the master let go; what then still was to be written harms nobody."""
    stand.alpha_is_master()
    lab.cut("alpha", "beta")
    mounts["alpha"].signal(signal.SIGSTOP)
    stand.taken_over("beta")
    mounts["alpha"].signal(signal.SIGCONT)
    time.sleep(2 * LENGTH)
    stand.taken_over("beta")
    lab.heal("alpha", "beta")
    stand.settled("beta")


@harness.limit(120)
def test_disk_daemon_ends_while_the_mount_hangs():
    """SIGTERM ends drnode at once; the next one waits for what the old one still has in the mount, and then votes."""
    stand.alpha_is_master()
    mounts["beta"].signal(signal.SIGSTOP)
    stand.said("beta", "has not answered for")
    began = time.monotonic()
    assert stand.cluster.stop("beta") == 0
    assert time.monotonic() - began < 9, time.monotonic() - began  # SIGKILL comes after 10 s
    stand.cluster.start("beta")
    stand.said("beta", "gives no vote here")
    mounts["beta"].signal(signal.SIGCONT)
    stand.settled("alpha")
    stand.cluster.wait("beta", 20, lambda status: not any("no vote" in reason["text"] for reason in status["why"]))


@harness.limit(120)
def test_disk_mount_is_missing():
    """One member's mount is gone: the folder below it holds no record of the other, so it gives no vote."""
    term = stand.alpha_is_master()["term"]
    mounts["beta"].stop()
    stand.said("beta", "the other member has not written its record there")
    lab.cut("alpha", "beta")
    time.sleep(LENGTH)
    stand.stays("alpha", term, 2 * LENGTH)
    assert stand.cluster.status("beta")["role"] != "master"
    lab.heal("alpha", "beta")
    mount("beta")
    stand.settled("alpha")


@harness.limit(200)
def test_disk_two_mounts_of_one_folder():
    """The same without a cache between: the rule is changed to the folder itself; take-over and return."""
    stand.alpha_is_master()
    for name in ("alpha", "beta"):
        stand.cluster.stop(name)
    stand.cluster.disk = SHARED
    for name in ("alpha", "beta"):
        stand.cluster.configure(name)
    stand.cluster.start()
    stand.cluster.wait("alpha", 40, lambda status: "master" in (status["role"], status["peer_role"]))
    stand.alpha_is_master()
    lab.kill("alpha")
    stand.taken_over("beta")
    back("alpha")
    stand.settled("beta")
