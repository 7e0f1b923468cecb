# SPDX-License-Identifier: Apache-2.0
"""Virtual addresses: several, of both kinds; never fought for; announced; left-overs go. Covers V5-01, V5-06, Q-18."""
import signal
import time

import harness
from cluster import Cluster, reasons
from host import NODE_ROOT
from lab import Lab
from vip import VipWatch

V4, OTHER_V4, V6 = "10.26.0.100", "10.26.0.101", "fd26::100"
LENGTHS = {V4: 24, OTHER_V4: 24, V6: 64}
NOBODY = "02:00:00:00:00:99"

lab = cluster = watch = None


def begin():
    global lab, cluster, watch
    lab = Lab("alpha", "beta", "gamma", "client")
    lab.give_v6()
    cluster = Cluster(lab, vips=[f"{address}/{length}" for address, length in LENGTHS.items()],
                      settings={"boot_wait": "3s"})
    watch = VipWatch(lab, V4)
    cluster.start()
    settled("alpha")


def end():
    lab.close()


def addresses(name):
    shown = lab[name].output("ip -o addr show dev eth0")
    return {address for address in LENGTHS if f" {address}/" in shown}


def hardware(name):
    return lab[name].output("cat /sys/class/net/eth0/address").strip()


def settled(name):
    other = "beta" if name == "alpha" else "alpha"
    status = cluster.wait(name, 40, role="master", state="ready")
    cluster.wait(other, 20, role="slave", state="ready")
    assert addresses(name) == set(LENGTHS) and not addresses(other), (addresses(name), addresses(other))
    assert [vip["held"] for vip in status["vip"]] == [True] * 3, status["vip"]


def believed(address):
    """The hardware address that the client has for it."""
    shown = lab["client"].output(f"ip neigh show {address} dev eth0").split()
    return shown[shown.index("lladdr") + 1] if "lladdr" in shown else ""


def wait_until(test, seconds, what):
    end_at = time.monotonic() + seconds
    while not test():
        assert time.monotonic() < end_at, what()
        time.sleep(0.05)


def log_of(name):
    with open(lab[name].path(f"{NODE_ROOT}/log/drnode.log"), encoding="utf-8", errors="replace") as log:
        return log.read()


@harness.limit(120)
def test_all_move():
    """Each of them is where the master is, and neighbours know at once, however they had it before."""
    for address in LENGTHS:
        lab["client"].run(f"ping -c 1 -W 2 {address}")
        assert believed(address) == hardware("alpha"), believed(address)
    cluster.switch("alpha")
    wait_until(lambda: all(believed(address) == hardware("beta") for address in LENGTHS), 10,
               lambda: [believed(address) for address in LENGTHS])
    settled("beta")
    for address in LENGTHS:
        lab["client"].run(f"ping -c 1 -W 2 {address}")
    assert watch.two_holders_ms() == 0


@harness.limit(180)
def test_foreign_holder_is_not_fought():
    """Somebody else has one: he is named with his hardware address, nothing is taken, nothing is announced, the rule
    warns; when he lets go the take-over goes on by itself. One of each kind."""
    for address in (OTHER_V4, V6):
        master = "alpha" if addresses("alpha") else "beta"
        settled(master)
        cluster.drctl(master, "stop")
        assert not addresses(master)
        lab["gamma"].run(f"ip addr add {address}/{LENGTHS[address]} dev eth0 nodad")
        lab["client"].run(f"ip neigh flush dev eth0; ping -c 1 -W 2 {address}")
        cluster.drctl(master, "start")
        status = cluster.wait(master, 20, lambda status: any(hardware("gamma") in why for why in reasons(status)))
        assert status["state"] == "warning" and status["role"] == "switching", status["role"]
        assert any(address in why and "take it from that host" in why for why in reasons(status)), reasons(status)
        time.sleep(2)
        assert not addresses(master) and status["read_write"] is False, addresses(master)
        assert believed(address) == hardware("gamma")
        assert log_of(master).count("checking the address failed") >= 1
        lab["gamma"].run(f"ip addr del {address}/{LENGTHS[address]} dev eth0")
        settled(master)


@harness.limit(120)
def test_healed_partition_announces():
    """While a link was away somebody may have learnt something else: after it the addresses are announced again."""
    master = "alpha" if addresses("alpha") else "beta"
    other = "beta" if master == "alpha" else "alpha"
    settled(master)
    time.sleep(4)  # the announcements of the take-over are over
    lab.cut(master, other)
    cluster.wait(master, 10, role="master", peer_heard=False)
    time.sleep(4)  # and those that another link may have caused, which this cut brought into a newer term
    before = log_of(master).count("announced again")
    for address in LENGTHS:
        lab["client"].run(f"ip neigh replace {address} lladdr {NOBODY} nud stale dev eth0")
    lab.heal(master, other)
    wait_until(lambda: all(believed(address) == hardware(master) for address in LENGTHS), 10,
               lambda: [believed(address) for address in LENGTHS])
    settled(master)
    assert log_of(master).count("announced again") > before


@harness.limit(120)
def test_left_overs_go():
    """What a former life left, for whatever reason for ever, is gone before the daemon's first word."""
    master = "alpha" if addresses("alpha") else "beta"
    other = "beta" if master == "alpha" else "alpha"
    settled(master)
    cluster.nodes[master].signal(signal.SIGKILL)
    cluster.nodes[master].wait(5)
    cluster.wait(other, 20, role="master")
    lab.cut(master)
    for address, length in LENGTHS.items():
        lab[master].run(f"ip addr replace {address}/{length} dev eth0 nodad")
    assert addresses(master) == set(LENGTHS)
    cluster.start(master)
    wait_until(lambda: not addresses(master), 10, lambda: addresses(master))
    lab.heal(master)
    settled(other)
