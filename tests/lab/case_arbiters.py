# SPDX-License-Identifier: Apache-2.0
"""Two arbiters, one after another: the next serves when the first is gone, alone when none is there."""
import time

import harness
from cluster import Cluster
from lab import VIP, Lab
from vip import VipWatch

lab = cluster = watch = None


def begin():
    global lab, cluster, watch
    lab = Lab("alpha", "beta", "gamma", "delta")
    cluster = Cluster(lab, vip=VIP, arbiters=("gamma", "delta"), settings={"boot_wait": "5s"})
    watch = VipWatch(lab, VIP)
    cluster.start()
    cluster.wait("alpha", 40, role="master", state="ready", witness="normal", witness_name=lab["gamma"].address)


def end():
    lab.close()


@harness.limit(90)
def test_next_arbiter():
    """The arbiter in use dies: the next takes its place, and keeps it when the first is back (B5.1.2-21, B5.1.2-22)."""
    lab.kill("gamma")
    cluster.wait("alpha", 15, role="master", witness="normal", witness_name=lab["delta"].address)
    lab.up("gamma")
    cluster.start("gamma")
    cluster.wait("alpha", 5, role="master", witness_name=lab["delta"].address)
    lab.kill("alpha")
    cluster.wait("beta", 15, role="master", witness="normal", witness_name=lab["delta"].address)
    lab.up("alpha")
    cluster.start("alpha")
    cluster.wait("alpha", 40, role="slave", state="ready")
    assert watch.two_holders_ms() == 0, watch.two_holders_ms()


@harness.limit(90)
def test_no_arbiter():
    """No arbiter is left, and then no slave: the master goes on alone (B5.1.2-23)."""
    before = cluster.wait("beta", 20, role="master", state="ready")
    lab.kill("gamma")
    lab.kill("delta")
    cluster.wait("beta", 20, role="master", witness="broken")
    time.sleep(6)  # 4 s without an answer, and the change
    lab.kill("alpha")
    status = cluster.wait("beta", 10, role="master", peer_heard=False)
    assert status["term"] == before["term"]
    assert watch.two_holders_ms() == 0, watch.two_holders_ms()

