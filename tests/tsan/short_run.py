# SPDX-License-Identifier: Apache-2.0
"""One rule through all that it does, under load, with programs that watch their threads. Slow programs: nothing here
measures time."""
import glob
import json
import os
import signal
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.join(os.path.dirname(HERE), "lab")]
import harness  # noqa: E402
from cluster import ETC, RULE_ID, Cluster  # noqa: E402
from host import NODE_ROOT, LabError  # noqa: E402
from lab import VIP, Lab  # noqa: E402

FOLDER, PATIENCE = "/data/orders", 60
GROUP = "9" * 32
LOAD = f"cd {FOLDER}; while :; do for i in $(seq 40); do head -c 20000 /dev/urandom >f$i; sync f$i; done; rm f*; done"

lab = cluster = None


def begin():
    global lab, cluster
    lab = Lab("alpha", "beta", "gamma")
    cluster = Cluster(lab, vip=VIP, settings={"boot_wait": "5s"})
    for host in cluster.ids:
        os.makedirs(lab[host].path(f"{ETC}/groups"))
        with open(lab[host].path(f"{ETC}/groups/shop.xml"), "w", encoding="ascii") as file:
            file.write(f'<group id="{GROUP}" name="shop"><runner node="{cluster.ids["gamma"]}"/>'
                       f'<stage confirm="on"><rule id="{RULE_ID}"/></stage></group>')


def end():
    lab.close()


def level(master):
    return cluster.wait(master, PATIENCE, lambda s: s["source"]["phase"] == "replicating", role="master", state="ready")


def restart(name, number):
    cluster.nodes[name].signal(number)
    cluster.nodes[name].wait(20)
    cluster.start(name)


def reports(host):
    """What the sanitizer wrote, and where."""
    logs = [os.path.join(host.disk, "log", "drnode.log")] + glob.glob(host.path(f"{NODE_ROOT}/log") + "/capture-*.log")
    for path in logs:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
        if "ThreadSanitizer" in text:
            yield f"{host.name}, {os.path.basename(path)}:\n{text[text.index('ThreadSanitizer'):][:4000]}"


def silent():
    found = [report for host in lab.hosts.values() for report in reports(host)]
    assert not found, "\n".join(found)
    dead = [name for name, node in cluster.nodes.items() if not node.alive()]
    assert not dead, f"ended: {dead}"


@harness.limit(180)
def test_mirror_and_stream():
    """A mirror while files change, then the stream; status is asked meanwhile."""
    lab["alpha"].run(f"cd {FOLDER}; for i in $(seq 300); do head -c 30000 /dev/urandom >p$i; done")
    cluster.start()
    cluster.wait("alpha", PATIENCE, role="master", read_write=True)
    load = lab["alpha"].start(LOAD)
    level("alpha")
    time.sleep(2)
    load.stop()
    silent()


@harness.limit(180)
def test_switch():
    """A planned switch, and the stream in the other direction."""
    cluster.wait("beta", PATIENCE, role="slave", peer_heard=True)
    cluster.drctl("alpha", "switch")
    level("beta")
    silent()


def plan_phase():
    """As its runner says; one that starts says nothing yet."""
    try:
        return json.loads(cluster.drctl("gamma", "group", "show", "shop", "--json"))["plan"]["phase"]
    except LabError:
        return "silent"


def plan(phase):
    """Follows the plan of the group, as `show --watch` does."""
    end = time.monotonic() + PATIENCE
    while (found := plan_phase()) != phase:
        assert time.monotonic() < end, f"the plan is {found}, not {phase}"


@harness.limit(240)
def test_group():
    """There and back by a group: confirmed, paused, and asked for all the while; its runner is restarted amid it."""
    for order in ("switch", "fail-back"):
        cluster.drctl("gamma", "group", order, "shop")
        plan("confirm")
        cluster.drctl("gamma", "group", "pause", "shop")
        cluster.drctl("gamma", "group", "confirm", "shop")
        cluster.drctl("gamma", "group", "resume", "shop")
        if order == "fail-back":
            restart("gamma", signal.SIGTERM)
        plan("done")
        level("alpha" if order == "switch" else "beta")
    silent()


@harness.limit(240)
def test_failures():
    """Under load: the master's drnode is killed and restarted, the slave's too, the link is cut, the arbiter goes."""
    load = lab["beta"].start(LOAD)
    for name, number in (("beta", signal.SIGKILL), ("beta", signal.SIGTERM), ("alpha", signal.SIGTERM)):
        restart(name, number)
        cluster.wait("beta", PATIENCE, lambda s: "master" in (s["role"], s["peer_role"]))
        silent()
    lab.cut("alpha", "beta")
    time.sleep(1)
    lab.heal("alpha", "beta")
    restart("gamma", signal.SIGTERM)
    cluster.wait("beta", PATIENCE, lambda s: "ready" in (s["state"], s["peer_state"]), peer_heard=True)
    load.stop()
    silent()


def test_end():
    """Every daemon ends at once, with status 0, and without a word of the sanitizer."""
    for name in list(cluster.nodes):
        status = cluster.stop(name)
        assert status == 0, f"{name}: status {status}"
    silent()


if __name__ == "__main__":
    harness.main(globals())
