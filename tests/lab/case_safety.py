# SPDX-License-Identifier: Apache-2.0
"""Whatever fails, at most one member has the address and can write, and what stands in the way is said."""
import os
import signal
import time

import harness
from cluster import Cluster
from host import NODE_ROOT
from lab import VIP, Lab
from vip import VipWatch
from writers import Writers

LENGTH = 2  # seconds that a promise lasts, by default

lab = cluster = watch = writers = None


def begin():
    global lab, cluster, watch, writers
    lab = Lab("alpha", "beta", "gamma")
    cluster = Cluster(lab, vip=VIP, scripts=scripts(), settings={"boot_wait": "3s"})
    watch = VipWatch(lab, VIP)
    cluster.start()
    cluster.wait("alpha", 40, role="master", state="ready")
    writers = Writers(lab, "/data/orders")
    for name in ("alpha", "beta"):
        writers.start(name)


def end():
    lab.close()


def scripts():
    """An application that is on or off; where /data/slow is, ending it takes a while."""
    lines = {"acquire.sh": "echo on >/data/application",
             "release.sh": "echo off >/data/application\n[ ! -e /data/slow ] || sleep 2"}
    for name, text in lines.items():
        with open(os.path.join(lab.folder, name), "w", encoding="ascii") as file:
            file.write(f"#!/bin/sh\n{text}\n")
    return [os.path.join(lab.folder, name) for name in lines]


def application(name):
    return lab[name].output("cat /data/application || true").strip()


def never_two():
    """Nobody wrote, and nobody had the address, while another did."""
    writers.never_two()
    assert watch.two_holders_ms() == 0, watch.two_holders_ms()


def log_of(name):
    with open(lab[name].path(f"{NODE_ROOT}/log/drnode.log"), encoding="utf-8") as log:
        return log.read().splitlines()


def settled(master, timeout=40):
    """`master` is, the other follows it and is level; nothing was ever held twice."""
    slave = "beta" if master == "alpha" else "alpha"
    status = cluster.wait(master, timeout, role="master", state="ready")
    cluster.wait(slave, timeout, role="slave", peer_heard=True)
    cluster.wait_followed(master, slave, timeout)
    watch.wait_for([master], 10)
    never_two()
    return status


def master_is(name):
    """As each case wants to begin, whatever became of the one before."""
    for host in lab.hosts:
        lab.heal(host)
    other = "beta" if name == "alpha" else "alpha"
    cluster.wait(name, 40, lambda status: "master" in (status["role"], status["peer_role"]))
    if cluster.status(name)["role"] != "master":
        settled(other)
        cluster.switch(other)
    return settled(name)


@harness.limit(90)
def test_partition():
    """Cut off from both others, the master lets go of address and folder before the other has them."""
    master_is("alpha")
    lab.cut("alpha")
    cluster.wait("beta", 15, role="master")
    watch.wait_for(["beta"], 5)
    assert writers.runs("alpha")[-1][2] == "EROFS", writers.runs("alpha")[-1]
    never_two()
    status = cluster.status("alpha")
    assert status["role"] != "master" and status["why"], status["role"]
    lab.heal("alpha")
    settled("beta")


@harness.limit(120)
def test_one_way_cuts():
    """One direction of any one link is lost: the mastership stays where it is (in a newer term, if the slave asked)."""
    master_is("alpha")
    runs = len(writers.runs("alpha"))
    for a, b in (("alpha", "beta"), ("beta", "alpha"), ("alpha", "gamma"), ("gamma", "alpha"), ("beta", "gamma")):
        lab.cut(a, b, one_way=True)
        time.sleep(2 * LENGTH)
        status = cluster.status("alpha")
        assert status["role"] == "master", f"{a} to {b}: {status['role']}"
        assert cluster.status("beta")["role"] != "master", f"{a} to {b}"
        lab.heal(a, b, one_way=True)
        cluster.wait("alpha", 15, role="master", witness="normal", peer_heard=True)
    assert len(writers.runs("alpha")) == runs, "it could not write for a while"
    settled("alpha")


@harness.limit(90)
def test_master_hears_and_is_not_heard():
    """Nothing that the master says arrives anywhere: the other takes over, after it has let go."""
    master_is("alpha")
    for other in ("beta", "gamma"):
        lab.cut("alpha", other, one_way=True)
    cluster.wait("beta", 15, role="master")
    watch.wait_for(["beta"], 5)
    never_two()
    for other in ("beta", "gamma"):
        lab.heal("alpha", other, one_way=True)
    settled("beta")


@harness.limit(90)
def test_arbiter_down_and_up():
    """Two of three are enough, in both directions; that one is missing is shown."""
    before = master_is("alpha")
    lab.kill("gamma")
    cluster.wait("alpha", 10, role="master", witness="broken")
    time.sleep(2 * LENGTH)
    lab.up("gamma")
    cluster.start("gamma")
    status = cluster.wait("alpha", 15, role="master", witness="normal")
    assert status["term"] == before["term"]
    never_two()


@harness.limit(90)
def test_arbiter_restarts_amid_a_partition():
    """What the arbiter has promised it keeps after a restart, for the whole length."""
    master_is("alpha")
    lab.cut("alpha", "beta")
    time.sleep(LENGTH + 1)
    lab.cut("alpha", "gamma")
    cluster.nodes["gamma"].signal(signal.SIGKILL)
    cluster.nodes["gamma"].wait(5)
    cluster.start("gamma")
    cluster.wait("beta", 20, role="master")
    watch.wait_for(["beta"], 5)
    never_two()
    lab.heal("alpha", "beta")
    lab.heal("alpha", "gamma")
    settled("beta")


@harness.limit(90)
def test_both_daemons_restarted():
    """Both members' daemons are killed at once and come back: one master, and never two."""
    master_is("alpha")
    for name in ("alpha", "beta"):
        cluster.nodes[name].signal(signal.SIGKILL)
    for name in ("alpha", "beta"):
        cluster.nodes[name].wait(5)
        cluster.start(name)
    settled("alpha")


@harness.limit(120)
def test_both_hosts_lose_power():
    """The last master is master again, with what it had."""
    master_is("alpha")
    lab["alpha"].run("echo kept >/data/orders/kept; sync /data/orders/kept")
    for name in ("alpha", "beta"):
        lab.kill(name)
        writers.died(name)
    for name in ("alpha", "beta"):
        lab.up(name)
        cluster.start(name)
    cluster.wait("alpha", 40, role="master", state="ready")
    for name in ("alpha", "beta"):
        writers.start(name)
    settled("alpha")
    assert lab["alpha"].output("cat /data/orders/kept") == "kept\n"
    assert lab["beta"].output("cat /data/orders/kept") == "kept\n"


@harness.limit(120)
def test_daemon_stands_still():
    """SIGSTOP of the master's drnode for 10 s: address and folder go by themselves, and it comes back as slave."""
    master_is("alpha")
    cluster.nodes["alpha"].signal(signal.SIGSTOP)
    began = time.monotonic()
    cluster.wait("beta", 9, role="master")
    watch.wait_for(["beta"], 5)
    assert writers.runs("alpha")[-1][2] == "EROFS", writers.runs("alpha")[-1]
    never_two()
    time.sleep(max(0, began + 10 - time.monotonic()))
    cluster.nodes["alpha"].signal(signal.SIGCONT)
    settled("beta")


@harness.limit(120)
def test_daemon_dies_amid_a_switch():
    """The master's drnode is killed while the release script runs, and is back at once: it does not take a mastership
    for complete whose application has been ended."""
    master_is("alpha")
    assert application("alpha") == "on"
    lab["alpha"].run("touch /data/slow")
    order = None
    while application("alpha") == "on":
        if order is None or not order.alive():  # it came too soon after the last switch
            order = lab["alpha"].start([lab.program("drctl"), "--local", "switch"])
        time.sleep(0.02)
    cluster.nodes["alpha"].signal(signal.SIGKILL)
    cluster.nodes["alpha"].wait(5)
    cluster.start("alpha")
    order.stop()
    lab["alpha"].run("rm /data/slow")
    time.sleep(2 * LENGTH)
    cluster.wait("alpha", 30, lambda status: "master" in (status["role"], status["peer_role"]))
    master = "alpha" if cluster.status("alpha")["role"] == "master" else "beta"
    settled(master)
    assert application(master) == "on", f"{master} is master of an application that is off"


@harness.limit(120)
def test_capture_dies():
    """SIGKILL of the master's drcapture: the other takes over, it is said why, and the folders are covered again."""
    master_is("alpha")
    before = len(log_of("alpha"))
    lab["alpha"].run("kill -9 $(pgrep -x drcapture)")
    cluster.wait("beta", 15, role="master")
    settled("beta")
    said = [line for line in log_of("alpha")[before:] if "capture" in line and "has ended" in line]
    assert len(said) == 1, said
    made = lab["alpha"].run("touch /data/orders/new", check=False)
    assert made.returncode and "Read-only file system" in made.stderr, made


@harness.limit(120)
def test_full_disk_of_the_state():
    """A slave whose state cannot be stored becomes nothing, says so once, and does as soon as there is room."""
    master_is("alpha")
    cluster.stop("beta")
    state = f"{NODE_ROOT}/var"
    lab["beta"].run(f"cp -a {state} /tmp/state && mount -t tmpfs -o size=16m none {state} && cp -a /tmp/state/. {state}")
    cluster.start("beta")
    settled("alpha")
    lab["beta"].run(f"cat /dev/zero >{state}/filler || true")
    before = len(log_of("beta"))
    lab.cut("alpha")
    time.sleep(3 * LENGTH)
    status = cluster.status("beta")
    said = [line for line in log_of("beta")[before:] if "store" in line or "No space" in line]
    assert status["role"] != "master" and watch.holders() == frozenset(), status["role"]
    assert any("cannot be stored" in reason["text"] for reason in status["why"]), status["why"]
    assert 1 <= len(said) <= 4, said
    lab["beta"].run(f"rm {state}/filler")
    cluster.wait("beta", 15, role="master")
    watch.wait_for(["beta"], 5)
    never_two()
    lab.heal("alpha")
    settled("beta")
