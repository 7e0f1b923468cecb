# SPDX-License-Identifier: Apache-2.0
"""What a person orders: freeze, reload, stop and start, forced switch, a script that hangs (B5.1.3-12, -18, -21, -25)."""
import os
import signal
import tempfile
import time

from cluster import Cluster, RULE_NAME
from host import LabError
from lab import VIP, Lab

FOLDER = "/data/orders"
RULE_FILE = f"/usr/drbksoft/drnode/etc/rules/{RULE_NAME}.xml"
ACQUIRE = "/usr/drbksoft/drnode/etc/scripts/acquire.sh"

lab = cluster = scripts = None


def begin():
    global lab, cluster, scripts
    scripts = tempfile.TemporaryDirectory()
    files = [os.path.join(scripts.name, name) for name in ("acquire.sh", "release.sh")]
    for path in files:
        with open(path, "w", encoding="ascii") as file:
            file.write("#!/bin/sh\ncase $0 in *release.sh) touch /data/released; esac\n")
    lab = Lab("alpha", "beta", "gamma")
    cluster = Cluster(lab, folder=FOLDER, vip=VIP, scripts=files, settings={"boot_wait": "5s"})
    cluster.start()
    cluster.wait("alpha", 30, role="master", state="ready")


def end():
    lab.close()
    scripts.cleanup()


def holders():
    return [name for name in ("alpha", "beta") if VIP in lab[name].output("ip -4 addr show eth0")]


def refused(name, *order):
    """What drctl says when an order is refused."""
    try:
        cluster.drctl(name, *order)
    except LabError as error:
        return str(error)
    raise AssertionError(f"{name} carried out {order}")


def size(name):
    return int(lab[name].output(f"stat -c %s {FOLDER}/log"))


def test_freeze_at_turn():
    """While changes are held back both sides are equal; then they go on."""
    writer = lab["alpha"].start(["bash", "-c", f"while sleep 0.005; do echo x >>{FOLDER}/log || exit; done"])
    time.sleep(0.5)
    cluster.drctl("alpha", "rep", "freeze", "--at-turn", "--ms", "8000")
    held = size("alpha")
    assert held == size("beta"), "not the same on both sides"
    time.sleep(0.3)
    assert held == size("alpha"), "changes were not held back"
    cluster.drctl("alpha", "rep", "thaw")
    end_of_wait = time.monotonic() + 20
    while size("alpha") == held:
        assert time.monotonic() < end_of_wait, "changes do not go on"
        time.sleep(0.1)
    assert "not the master" in refused("beta", "rep", "freeze", "--at-turn")
    assert writer.alive()
    writer.stop()


def test_orders_at_the_wrong_place():
    """A slave cannot hand over, and an arbiter has nothing to say."""
    assert "not master" in refused("beta", "switch")
    assert "arbiter" in refused("gamma", "switch")


def test_reload():
    """SIGHUP takes a changed rule up without a change of master, and a bad file for a slip."""
    path = lab["alpha"].path(RULE_FILE)
    with open(path, encoding="utf-8") as file:
        good = file.read()
    term = cluster.status("alpha")["term"]
    for text in (good.replace("5s", "6s"), "<rule>", good):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        cluster.nodes["alpha"].signal(signal.SIGHUP)
        time.sleep(1)
        assert cluster.wait("alpha", 10, role="master", state="ready")["term"] == term, text


def test_stop_and_start():
    """B5.1.3-18: the master leaves, nobody takes over; it comes back."""
    cluster.drctl("alpha", "stop")
    assert cluster.status("alpha")["role"] == "detached" and holders() == []
    time.sleep(3)
    assert cluster.status("beta")["role"] == "slave" and holders() == []
    cluster.drctl("alpha", "start")
    cluster.wait("alpha", 20, role="master", state="ready")


def test_stop_of_the_slave():
    """B5.1.3-25: replication and take-overs end, and production is not touched: address, folder and application stay."""
    lab["alpha"].run("rm -f /data/released")
    cluster.drctl("beta", "stop")
    cluster.wait("alpha", 20, role="master", state="unsynced", peer_role="detached")
    assert cluster.status("beta")["role"] == "detached" and holders() == ["alpha"]
    lab["alpha"].run(f"echo alone >{FOLDER}/alone")
    assert not os.path.exists(lab["alpha"].path("/data/released")), "the release script ran"
    assert lab["beta"].run(f"test -e {FOLDER}/alone", check=False).returncode, "it still replicates"
    cluster.drctl("beta", "start")
    cluster.wait("alpha", 30, role="master", state="ready")
    cluster.wait_level("alpha", 20)
    assert lab["beta"].output(f"cat {FOLDER}/alone") == "alone\n"


def test_force_switch():
    """The slave becomes master on a person's word, and the master becomes slave."""
    cluster.drctl("beta", "force-switch", "--yes")
    cluster.wait("beta", 20, role="master", state="ready")
    cluster.wait("alpha", 20, role="slave")
    assert holders() == ["beta"]


def one_lets_go():
    """(it, the other): that of the lower term. A master with a quorum goes above a term that it hears of, so it may be
    either."""
    end_of_wait = time.monotonic() + 20
    while True:
        roles = {name: cluster.status(name)["role"] for name in ("alpha", "beta")}
        if list(roles.values()).count("master") == 1:
            return sorted(roles, key=lambda name: roles[name] == "master")
        assert time.monotonic() < end_of_wait, f"both go on: {roles}"
        time.sleep(0.1)


def test_split_brain_and_a_side():
    """V2-06: a forced switch beside a master that cannot be heard makes two; both say so, nothing is replicated, and the
    side that a person names is on both afterwards."""
    master, slave = ("alpha", "beta") if cluster.status("alpha")["role"] == "master" else ("beta", "alpha")
    cluster.wait(master, 20, role="master", state="ready")
    lab.cut(slave)
    cluster.wait(slave, 20, peer_heard=False)
    cluster.drctl(slave, "force-switch", "--yes")
    cluster.wait(slave, 20, role="master", read_write=True)
    for name in (master, slave):
        lab[name].run(f"echo {name} >{FOLDER}/side")
    lab.heal(slave)
    for name in (master, slave):
        cluster.wait(name, 20, lambda s: s["split_a"] and s["split_b"], peer_heard=True)
        assert "both members were master" in cluster.drctl(name, "status")
    lower, upper = one_lets_go()
    status = cluster.status(lower)
    assert not status["read_write"] and any("split brain" in why["text"] for why in status["why"]), status
    time.sleep(1)
    assert holders() == [upper]
    for name in (master, slave):
        assert lab[name].output(f"cat {FOLDER}/side") == f"{name}\n", "a side was overwritten"
    cluster.drctl(lower, "force-switch", "--yes")
    cluster.wait(lower, 20, role="master", state="ready")
    cluster.wait_level(lower, 20)
    assert holders() == [lower]
    assert all(lab[name].output(f"cat {FOLDER}/side") == f"{lower}\n" for name in (master, slave))
    assert not any(cluster.status(name)["split_a"] for name in (master, slave))


DEAF = """#!/bin/sh
[ ! -e /data/beats ] || exit 0
trap '' TERM
while :; do date +%s%N >>/data/beats; sleep 0.01; done
"""
WRITER = """import time
while True:
    try:
        open("/data/orders/stray", "w").close()
    except OSError as error:
        print(time.time_ns(), error.errno, flush=True)
        break
    time.sleep(0.005)
"""


def test_flip_waits_for_no_script():
    """A member that is forced out amid a release script which is deaf to SIGTERM (and has two seconds then): its folder is
    read-only while that still runs."""
    if cluster.status("beta")["role"] != "master":
        cluster.switch("alpha")
    cluster.wait("beta", 20, role="master", state="ready")
    release = lab["beta"].path(ACQUIRE.replace("acquire", "release"))
    with open(release, "w", encoding="ascii") as file:
        file.write(DEAF)
    writer = lab["beta"].start(["python3", "-c", WRITER], log="writer.log")
    order, end_of_wait = None, time.monotonic() + 20
    while not os.path.exists(lab["beta"].path("/data/beats")):
        assert time.monotonic() < end_of_wait, lab["beta"].log("switch.log")
        if order is None or not order.alive():  # it came too soon after the last switch
            order = lab["beta"].start([lab.program("drctl"), "--local", "switch"], log="switch.log")
        time.sleep(0.05)
    assert writer.alive(), "its folder is read-only too early"
    cluster.drctl("alpha", "force-switch", "--yes")
    cluster.wait("alpha", 30, role="master", state="ready")
    order.stop()
    refused_at, errno = map(int, lab["beta"].log("writer.log").split())
    with open(lab["beta"].path("/data/beats"), encoding="ascii") as file:
        last = int(file.read().split()[-1])
    assert errno == 30 and refused_at < last, f"errno {errno}, {(refused_at - last) / 1e6} ms after the script ended"
    lab["beta"].run("rm /data/beats")
    with open(release, "w", encoding="ascii") as file:
        file.write("#!/bin/sh\nexit 0\n")
    cluster.switch("alpha")
    cluster.wait("beta", 20, role="master", state="ready")


def test_stop_script():
    """B5.1.3-21: a script that hangs keeps the switch; stop-script ends it with its children, and the switch goes on."""
    with open(lab["alpha"].path(ACQUIRE), "w", encoding="ascii") as file:
        file.write("#!/bin/sh\nsleep 1234 &\nsleep 1234\n")
    order = lab["beta"].start([lab.program("drctl"), "--local", "switch"], log="switch.log")
    cluster.wait("alpha", 20, role="switching")
    end_of_wait = time.monotonic() + 10
    while "1234" not in lab["alpha"].output("ps -eo args"):
        assert time.monotonic() < end_of_wait, "the script was never started"
        time.sleep(0.1)
    cluster.drctl("alpha", "stop-script")
    assert order.wait(20) == 0, lab["beta"].log("switch.log")
    cluster.wait("alpha", 20, role="master", state="ready")
    assert "sleep 1234" not in lab["alpha"].output("ps -eo args"), "a child of the script lives on"
    assert holders() == ["alpha"]
