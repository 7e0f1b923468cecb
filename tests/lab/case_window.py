# SPDX-License-Identifier: Apache-2.0
"""Time windows of auto_switch: outside of them nothing moves by itself, and a person may do as usual."""
import signal
import time

import harness
from cluster import ETC, RULE_NAME, Cluster
from lab import Lab

FOLDER = "/data/orders"
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

lab = cluster = None


def begin():
    global lab, cluster
    today = time.localtime().tm_wday
    lab = Lab("alpha", "beta", "gamma")
    cluster = Cluster(lab, folder=FOLDER, settings={"boot_wait": "3s"},
                      objects={"window": [{"days": DAYS[(today + 3) % 7], "from": "09:00", "to": "10:00"}]})
    cluster.start()
    cluster.wait("alpha", 40, role="master", state="ready")
    cluster.wait("beta", 40, role="slave", state="ready")


def end():
    lab.close()


def reasons(name):
    return [why["text"] for why in cluster.status(name)["why"]]


@harness.limit(90)
def test_outside_the_window():
    """B5.1.2-07 -08, Q-11: outside it the master's host dies, and the slave only warns; a person may switch."""
    assert not cluster.status("alpha")["in_window"]
    cluster.switch("alpha")
    cluster.wait("beta", 20, role="master", state="ready")
    cluster.switch("beta")
    cluster.wait("alpha", 20, role="master", state="ready")
    cluster.wait("beta", 20, role="slave", state="ready")
    lab.kill("alpha")
    cluster.wait("beta", 20, state="warning", peer_heard=False)
    assert any("outside the rule's time windows" in why for why in reasons("beta")), reasons("beta")
    time.sleep(3)
    assert cluster.status("beta")["role"] != "master"
    assert "window     outside" in cluster.drctl("beta", "status")


@harness.limit(60)
def test_when_it_begins():
    """B5.1.2-05: what waited outside the window goes on by itself inside it."""
    path = lab["beta"].path(f"{ETC}/rules/{RULE_NAME}.xml")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    begin_tag = text.index("<window")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text[:begin_tag] + '<window days="mon-sun"' + text[text.index("/>", begin_tag):])
    cluster.nodes["beta"].signal(signal.SIGHUP)
    cluster.wait("beta", 40, role="master")
