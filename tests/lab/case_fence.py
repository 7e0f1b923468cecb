# SPDX-License-Identifier: Apache-2.0
"""Addresses behind a fence (guard = watchdog), with the shortest heartbeats: they go to the other member, are never on two,
and answer nobody when their time is over, though the card still has them. Covers V5-06."""
import signal
import time

import harness
from cluster import ETC, Cluster
from lab import Lab
from vip import VipWatch

V4, V6 = "10.26.0.100", "fd26::100"
# A host of the lab that is busy with the sanitizers and with other suites keeps these; 50 ms is what may be set.
SETTINGS = {"interval": "150ms", "max_fail": "3", "guard": "watchdog", "release_grace": "1ms", "boot_wait": "3s"}

lab = cluster = watch = None


def begin():
    global lab, cluster, watch
    lab = Lab("alpha", "beta", "gamma", "client")
    lab.give_v6()
    cluster = Cluster(lab, vips=[f"{V4}/24", f"{V6}/64"], settings=SETTINGS)
    watch = VipWatch(lab, V4)
    cluster.start()
    cluster.wait("alpha", 40, role="master", state="ready")


def end():
    lab.close()


def answers(address):
    return lab["client"].run(f"ping -c 1 -W 1 {address}", check=False).returncode == 0


def master():
    """Who is, however often it has moved on a busy machine."""
    while True:
        for name in ("alpha", "beta"):
            if watch.holders() == {name} and (cluster.status(name) or {}).get("role") == "master":
                return name
        time.sleep(0.05)


@harness.limit(120)
def test_behind_a_fence_a_stopped_daemon_loses_its_address():
    """Stopped, and then put back by hand: nobody hears of the address; the fence goes with its rule."""
    for address in (V4, V6):
        assert any(answers(address) for _ in range(10)), address
    name = master()
    other, = {"alpha", "beta"} - {name}
    cluster.nodes[name].signal(signal.SIGSTOP)
    watch.wait_for({other}, 30)
    lab.kill(other)
    lab[name].run(f"ip addr add {V4}/32 dev lo")  # put back by somebody: nobody hears of it
    lab["client"].run(f"ip neigh flush to {V4}")
    assert not answers(V4)
    lab[name].run("nft flush ruleset")  # it was the fence
    assert any(answers(V4) for _ in range(5))
    lab[name].run(f"ip addr del {V4}/32 dev lo")
    lab.up(other)
    cluster.start(other)
    cluster.nodes[name].signal(signal.SIGCONT)
    cluster.wait(master(), 40, role="master")
    assert watch.two_holders_ms() == 0, watch.two_holders_ms()
    name = master()
    lab[name].run(f"rm {ETC}/rules/*.xml")
    cluster.nodes[name].signal(signal.SIGHUP)
    end_at = time.monotonic() + 20
    while "drnode_" in lab[name].output("nft list tables") and time.monotonic() < end_at:
        time.sleep(0.1)
    assert "drnode_" not in lab[name].output("nft list tables"), "the fence of a rule that is no more stays"
