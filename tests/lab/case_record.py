# SPDX-License-Identifier: Apache-2.0
"""The flight recorder of a real rule: it outlives its drnode, plays again, and tells what happened and why."""
import glob
import os
import time

from cluster import Cluster, RULE_ID
from lab import VIP, Lab

FLIGHT = f"/usr/drbksoft/drnode/var/rules/{RULE_ID}/flight"

lab = cluster = None


def begin():
    global lab, cluster
    lab = Lab("alpha", "beta", "gamma")
    cluster = Cluster(lab, vip=VIP, settings={"boot_wait": "5s"})
    cluster.start()
    cluster.wait("alpha", 30, role="master", state="ready")


def end():
    lab.close()


def replay(name, *options):
    done = lab[name].run([lab.program("drctl"), "replay", FLIGHT, *options], check=False, timeout=60)
    return done.returncode, done.stdout + done.stderr


def test_a_switch_is_recorded():
    """After a planned switch both records play again, and say who did what."""
    cluster.switch("alpha")
    cluster.wait("beta", 20, role="master", state="ready")
    time.sleep(1.5)
    status, story = replay("alpha")
    assert status == 0 and "the same answers" in story, story
    for words in ("a person orders: switch", "-> releasing the address", "handed over", "slave of the other member"):
        assert words in story, f"{words!r} is not in\n{story}"
    status, story = replay("beta")
    assert status == 0 and "asks this one to take over" in story and "=> master" in story, story


def test_why():
    """One account: this member, the other, the arbiter with ages, and what happened last."""
    account = lab["beta"].run([lab.program("drctl"), "--local", "why"]).stdout
    for words in ("orders is master", "this member, beta", "master in term 2 since", "the other member, alpha", "ago: slave, term 2",
                  "who votes besides", "promised to this member in term 2", "what happened last", "=> master"):
        assert words in account, f"{words!r} is not in\n{account}"
    account = lab["alpha"].run([lab.program("drctl"), "--local", "why"]).stdout
    assert "slave of beta's mastership, term 2" in account and "handed over" in account, account


def test_it_outlives_its_drnode():
    """Killed, started again: two lives in one record; what was decided before is there."""
    cluster.nodes["beta"].signal(9)
    cluster.nodes["beta"].stop()
    cluster.wait("alpha", 20, role="master")
    cluster.start("beta")
    cluster.wait("beta", 40, role="slave", state="ready")
    time.sleep(1.5)
    status, story = replay("beta")
    assert status == 0 and story.count("-- drnode started") == 2, story
    assert story.index("=> master") < story.rindex("-- drnode started") < story.rindex("slave of the other member"), story


def test_damage_is_told():
    """A file that is none, or a record changed behind its checksum's back, is not taken for whole."""
    first = sorted(glob.glob(os.path.join(lab["alpha"].path(FLIGHT), "*")))[0]
    with open(first, "r+b") as file:
        file.write(b"garbage!")
    done = lab["alpha"].run([lab.program("drctl"), "replay", f"{FLIGHT}/{os.path.basename(first)}"], check=False)
    assert done.returncode == 1 and "no flight record" in done.stderr, done.stdout + done.stderr
