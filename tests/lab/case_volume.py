# SPDX-License-Identifier: Apache-2.0
"""A disk that both members reach: the master has it mounted, and nobody else. Covers B5.1.2-65, -66, -70."""
import os
import signal
import time

import harness
from cluster import Cluster, reasons
from disk import SharedDisk
from host import NODE_ROOT
from lab import VIP, Lab

MOUNT = "/data/shared"
LENGTH = 2  # seconds that a promise lasts, by default
GRACE = 1.05 * (1 + 1)  # fence_timeout and what killing takes: the least that the rule allows itself

lab = cluster = disk = None


def begin():
    global lab, cluster, disk
    lab = Lab("alpha", "beta", "gamma")
    for name in ("alpha", "beta"):
        lab[name].run(f"mkdir -p {MOUNT}")
    disk = SharedDisk(lab, ("alpha", "beta"))
    cluster = Cluster(lab, vip=VIP, scripts=scripts(), settings={"boot_wait": "3s", "fence_timeout": "1s"},
                      objects={"volume": [{"uuid": disk.uuid, "mount": MOUNT, "options": "noatime"}]})
    cluster.start()
    settled("alpha")


def end():
    lab.close()
    disk.close()


def scripts():
    """The application needs the volume: each start of it is a line there."""
    lines = {"acquire.sh": f"mountpoint -q {MOUNT} && hostname >>{MOUNT}/starts",
             "release.sh": f"! mountpoint -q {MOUNT} || echo off >>{MOUNT}/starts"}
    for name, text in lines.items():
        with open(os.path.join(lab.folder, name), "w", encoding="ascii") as file:
            file.write(f"#!/bin/sh\n{text}\n")
    return [os.path.join(lab.folder, name) for name in lines]


def mounted(name):
    return lab[name].run(f"grep -q ' {MOUNT} ' /proc/self/mountinfo", check=False).returncode == 0


def settled(name):
    other = "beta" if name == "alpha" else "alpha"
    status = cluster.wait(name, 60, role="master", state="ready")
    cluster.wait(other, 20, role="slave", state="ready")
    assert mounted(name) and not mounted(other), f"mounted: alpha {mounted('alpha')}, beta {mounted('beta')}"
    assert [volume["held"] for volume in status["volume"]] == [True], status["volume"]
    assert cluster.status(other)["volume"][0]["held"] is False
    return status


def log_of(name):
    with open(lab[name].path(f"{NODE_ROOT}/log/drnode.log"), encoding="utf-8", errors="replace") as log:
        return log.read()


def test_risk_is_shown():
    """The kernel takes no volume from a master that hangs: that is said."""
    assert any("tune2fs -O mmp" in reason for reason in reasons(cluster.status("alpha")))


@harness.limit(120)
def test_volume_follows_a_switch():
    """Unmounted on the old master before it is mounted on the new one, with what was written, and the options."""
    lab["alpha"].run(f"echo kept >{MOUNT}/file")
    cluster.switch("alpha")
    settled("beta")
    assert lab["beta"].output(f"cat {MOUNT}/file") == "kept\n"
    assert "noatime" in lab["beta"].output(f"grep ' {MOUNT} ' /proc/self/mountinfo")
    assert lab["beta"].output(f"tail -n 3 {MOUNT}/starts") == "alpha\noff\nbeta\n"


@harness.limit(120)
def test_users_are_ended():
    """Who keeps the volume busy is named in the log and ended; one that does not listen is killed."""
    settled("beta")
    hold = f"exec 9>{MOUNT}/held; cd {MOUNT}; while :; do sleep 0.1 9>&-; done"
    polite = lab["beta"].start(hold)
    stubborn = lab["beta"].start(f"trap '' TERM; {hold}")
    time.sleep(0.5)
    cluster.switch("beta")
    settled("alpha")
    for process in (polite, stubborn):
        process.wait(5)
    said = [line for line in log_of("beta").splitlines() if "is in use by" in line]
    assert any("told to end" in line for line in said) and any("killed" in line for line in said), said
    assert all("bash" in line for line in said), said


@harness.limit(180)
def test_master_dies():
    """The other member has the volume, with what the dead one had made durable, after the grace."""
    settled("alpha")
    lab["alpha"].run(f"echo last >{MOUNT}/file; sync {MOUNT}/file")
    lab.kill("alpha")
    began = time.monotonic()
    cluster.wait("beta", 60, role="master")
    assert time.monotonic() - began >= GRACE, "mounted before the other had its time to let go"
    assert mounted("beta") and lab["beta"].output(f"cat {MOUNT}/file") == "last\n"
    lab.up("alpha")
    disk.plug("alpha")
    cluster.start("alpha")
    settled("beta")


@harness.limit(240)
def test_daemon_dies_and_comes_late():
    """A volume outlives its drnode. The other member finds out by the disk's own protection, says so, and does not mount
    it; the daemon that comes back unmounts what a former life left, and then it moves."""
    if cluster.status("alpha")["role"] == "master":
        cluster.switch("alpha")
    settled("beta")
    cluster.nodes["beta"].signal(signal.SIGKILL)
    cluster.nodes["beta"].wait(5)
    cluster.wait("alpha", 60, lambda status: any("multiple-mount protection" in why for why in reasons(status)))
    assert mounted("beta") and not mounted("alpha")
    status = cluster.status("alpha")
    assert status["role"] != "master" and status["state"] == "warning", status["role"]
    cluster.start("beta")
    cluster.wait("alpha", 90, lambda status: "master" in (status["role"], status["peer_role"]))
    settled("alpha" if cluster.status("alpha")["role"] == "master" else "beta")


@harness.limit(120)
def test_daemon_comes_back_in_time():
    """Within the authority nothing moves, and nothing is unmounted."""
    name = "alpha" if mounted("alpha") else "beta"
    before = lab[name].output(f"grep ' {MOUNT} ' /proc/self/mountinfo")
    starts = lab[name].output(f"cat {MOUNT}/starts")
    cluster.nodes[name].signal(signal.SIGKILL)
    cluster.nodes[name].wait(5)
    cluster.start(name)
    settled(name)
    assert lab[name].output(f"grep ' {MOUNT} ' /proc/self/mountinfo") == before
    assert lab[name].output(f"cat {MOUNT}/starts") == starts


@harness.limit(120)
def test_cut_off_master_unmounts():
    """Authority ends: the volume is gone within fence_timeout and the time to kill, although a program holds it."""
    name, other = ("alpha", "beta") if mounted("alpha") else ("beta", "alpha")
    settled(name)
    holder = lab[name].start(f"trap '' TERM; exec 9>{MOUNT}/held; while :; do sleep 0.1 9>&-; done")
    time.sleep(0.5)
    lab.cut(name)
    began = time.monotonic()
    while mounted(name):
        assert time.monotonic() - began < 30, "still mounted"
        assert not mounted(other)
        time.sleep(0.02)
    holder.wait(5)
    cluster.wait(other, 60, role="master")
    assert mounted(other)
    lab.heal(name)
    settled(other)


@harness.limit(60)
def test_no_lsof():
    """The rule does not run on a node where nobody could be named (2143)."""
    name = "alpha" if not mounted("alpha") else "beta"
    cluster.stop(name)
    lab[name].run("mount --bind /dev/null /usr/bin/lsof")
    cluster.start(name)
    end_at = time.monotonic() + 20
    while "2143" not in log_of(name):
        assert time.monotonic() < end_at, log_of(name)[-2000:]
        time.sleep(0.1)
    assert cluster.status(name) is None
    cluster.stop(name)
    lab[name].run("umount /usr/bin/lsof")
    cluster.start(name)
    settled("beta" if name == "alpha" else "alpha")


@harness.limit(120)
def test_rule_is_removed():
    """No lease ends a mount: without its rule the volume is unmounted, and the other member takes over."""
    name, other = ("alpha", "beta") if mounted("alpha") else ("beta", "alpha")
    settled(name)
    lab[name].run(f"mv {NODE_ROOT}/etc/rules/orders.xml /tmp/")
    cluster.nodes[name].signal(signal.SIGHUP)
    cluster.wait(other, 60, role="master")
    assert not mounted(name) and mounted(other)
    lab[name].run(f"mv /tmp/orders.xml {NODE_ROOT}/etc/rules/")
    cluster.nodes[name].signal(signal.SIGHUP)
    settled(other)
