# SPDX-License-Identifier: Apache-2.0
"""Groups: three rules on two pairs of hosts in two stages, run by a node that is the arbiter of two of them and a member
of the third (B5.2.2-03, -04, -05; B5.2.3-02; V8-01, V8-05..-07)."""
import json
import os
import signal
import time

import harness
from cluster import ETC, RULE_ID, RULE_NAME, Cluster
from host import LabError
from lab import Lab

RUNNER = "gamma"
GROUP_ID = "9" * 32
PLAN = f"/usr/drbksoft/drnode/var/groups/{GROUP_ID}/plan"
SETTINGS = {"boot_wait": "5s", "interval": "200ms", "auto_switch": "off"}
# name: members A and B, arbiter
RULES = {"web": (("alpha", "beta"), "gamma"), "db": (("alpha", "beta"), "gamma"), "mail": (("beta", "gamma"), "alpha")}
STAGES = (("web", "db"), ("mail",))
# The release of db fails while this file is there.
RELEASE = "#!/bin/sh\nwhile test -e /data/release-hangs; do sleep 0.1; done\n! test -e /data/release-fails\n"

lab = cluster = None


def rule_id(name):
    return f"{list(RULES).index(name) + 1:032X}"


def write(host, path, text, mode=0o644):
    file = lab[host].path(path)
    os.makedirs(os.path.dirname(file), exist_ok=True)
    with open(file, "w", encoding="utf-8") as out:
        out.write(text)
    os.chmod(file, mode)


def rule(name):
    members, arbiter = RULES[name]
    cluster.members, cluster.arbiters, cluster.folders = members, (arbiter,), (f"/data/{name}",)
    text = cluster.rule().replace(RULE_ID, rule_id(name)).replace(f"<name>{RULE_NAME}<", f"<name>{name}<")
    return text.replace("</rule>", '<script release="release.sh"/></rule>') if name == "db" else text


def group(stages, name="shop", number=GROUP_ID, on_error="stop", more=("", "")):
    """more: attributes of each stage."""
    text = "".join(f"<stage{also}>" + "".join(f'<rule id="{rule_id(one)}"/>' for one in stage) + "</stage>"
                   for stage, also in zip(stages, more))
    return (f'<group id="{number}" name="{name}" on_error="{on_error}"><runner node="{cluster.ids[RUNNER]}"/>'
            f"{text}</group>")


def begin():
    global lab, cluster
    lab = Lab("alpha", "beta", "gamma")
    cluster = Cluster(lab, folder="/data/web", settings=SETTINGS)
    for host in cluster.ids:
        os.unlink(lab[host].path(f"{ETC}/rules/{RULE_NAME}.xml"))
        for name in RULES:
            write(host, f"{ETC}/rules/{name}.xml", rule(name))
            os.makedirs(lab[host].path(f"/data/{name}"), exist_ok=True)
        write(host, f"{ETC}/groups/shop.xml", group(STAGES))
        write(host, f"{ETC}/groups/front.xml", group((("web",),), "front", "8" * 32))
        write(host, f"{ETC}/scripts/release.sh", RELEASE, 0o755)
    cluster.start()
    for name, (members, _) in RULES.items():
        wait_master(name, members[0], 40)


def end():
    lab.close()


def status_of(name, host):
    return json.loads(cluster.drctl(host, "status", name, "--json"))["rules"][0]


def role(name, host):
    try:
        status = status_of(name, host)
    except LabError:
        return "silent", "unknown"
    return status["role"], status["state"]


def wait_master(name, host, patience=20):
    until = time.monotonic() + patience
    while role(name, host) != ("master", "ready"):
        assert time.monotonic() < until, f"{name}: {host} is {role(name, host)}, not master and ready"
        time.sleep(0.1)


def switch_back(name, host):
    """As soon as `host` has heard that it has a slave, which is a beat after it is master."""
    wait_master(name, host)
    until = time.monotonic() + 20
    while (peer := status_of(name, host)["peer_role"]) != "slave":
        assert time.monotonic() < until, f"{name}: the other member is {peer}"
        time.sleep(0.1)
    cluster.drctl(host, "switch", name)


def ask(*words):
    return cluster.drctl(RUNNER, "group", *words)


def wait_plan(test, what, patience=40):
    """The plan when test(plan) holds; a drnode that starts is waited for too."""
    until = time.monotonic() + patience
    while True:
        try:
            found = json.loads(ask("show", "shop", "--json"))["plan"]
        except LabError:
            found = None
        if found and test(found):
            return found
        assert time.monotonic() < until, f"not {what}: {[event['text'] for event in found['event']] if found else 'silent'}"
        time.sleep(0.1)


def wait_phase(phase):
    return wait_plan(lambda found: found["phase"] == phase, phase)


def step(found, name):
    return next(one["step"] for one in found["rule"] if one["name"] == name)


def place(found, words):
    """Which event it is."""
    return next(number for number, event in enumerate(found["event"]) if words in event["text"])


def refused(*words, host=RUNNER):
    try:
        cluster.drctl(host, "group", *words)
    except LabError as error:
        return str(error)
    raise AssertionError(f"{words} was not refused")


def changed(**how):
    """The group's file is another one, and its runner says that it has read it."""
    write(RUNNER, f"{ETC}/groups/shop.xml", group(STAGES, **how))
    log = lab[RUNNER].path("/usr/drbksoft/drnode/log/drnode.log")
    before = os.path.getsize(log)
    cluster.nodes[RUNNER].signal(signal.SIGHUP)
    until = time.monotonic() + 10
    while os.path.getsize(log) == before:
        assert time.monotonic() < until, "the changed file is not taken up"
        time.sleep(0.05)


def release_fails(fails):
    for host in ("alpha", "beta"):
        if fails:
            write(host, "/data/release-fails", "")
        else:
            os.unlink(lab[host].path("/data/release-fails"))


@harness.limit(90)
def test_group_switch_paused_and_killed():
    """B5.2.3-02, V8-05, -06: paused in the first stage; who runs it dies, and goes on with the second when it is told to."""
    assert "not name this node as a runner" in refused("switch", "shop", host="alpha")
    ask("switch", "shop")
    assert "under way" in refused("switch", "shop")
    wait_plan(lambda found: step(found, "db") != "waiting", "begun")
    ask("pause", "shop")
    cluster.nodes[RUNNER].signal(signal.SIGKILL)
    cluster.nodes[RUNNER].wait(10)
    for name in STAGES[0]:
        wait_master(name, "beta")
    cluster.start(RUNNER)
    found = wait_plan(lambda found: step(found, "web") == step(found, "db") == "switched", "through stage 1")
    assert found["paused"] and found["phase"] == "running" and step(found, "mail") == "waiting", found
    time.sleep(1)
    assert role("mail", "beta")[0] == "master", "paused, and yet the next stage began"
    assert "is in group shop too" in refused("switch", "front"), "two plans pull at one rule"
    ask("resume", "shop")
    found = wait_phase("done")
    for name, (members, _) in RULES.items():
        wait_master(name, members[1])
    assert place(found, "goes on where it was") < place(found, "resumed") < place(found, "stage 2 of 2 begins")
    assert found["by"] == "root" and found["event"][0]["text"].startswith("switch of 3 rules"), found["event"][0]


@harness.limit(90)
def test_group_fail_back_in_reverse():
    """V8-07: the stages in reverse, to the original masters."""
    ask("fail-back", "shop")
    found = wait_phase("done")
    for name, (members, _) in RULES.items():
        wait_master(name, members[0])
    first = place(found, "rule mail: member A is master")
    assert first < place(found, "rule web: member B is told") and first < place(found, "rule db: member B is told")
    assert "a fail-back" in refused("fail-back", "shop")


@harness.limit(90)
def test_group_waits_for_a_person():
    """B5.2.2-02, -04: a rule that takes longer than its stage allows is an error, which a person leaves out; the next
    stage waits for a word, and is cancelled; in the next plan it is confirmed."""
    changed(more=(' timeout="2s"', ' confirm="on"'))
    write("alpha", "/data/release-hangs", "")
    ask("switch", "shop")
    assert "no stage waits" in refused("confirm", "shop")
    found = wait_phase("stopped")
    assert (step(found, "db"), step(found, "mail")) == ("failed", "waiting"), found
    place(found, "is not master in time")
    ask("skip", "shop")
    found = wait_phase("confirm")
    assert step(found, "db") == "left" and role("mail", "beta")[0] == "master", found
    assert "confirm" in refused("resume", "shop")
    ask("cancel", "shop")
    assert step(wait_phase("cancelled"), "mail") == "left"
    os.unlink(lab["alpha"].path("/data/release-hangs"))
    for name in STAGES[0]:
        wait_master(name, "beta")  # whom it was asked of goes on: nobody took the order back
    ask("switch", "shop")
    wait_phase("confirm")
    ask("confirm", "shop")
    found = wait_phase("done")
    assert place(found, "stage 2 of 2 confirmed") < place(found, "rule mail: member B is master")
    switch_back("mail", "gamma")
    for name, (members, _) in RULES.items():
        wait_master(name, members[0])
    changed()


@harness.limit(90)
def test_group_error_stops():
    """B5.2.2-04: a release that fails stops the plan behind its stage, until a person has it tried again."""
    release_fails(True)
    ask("switch", "shop")
    found = wait_phase("stopped")
    assert (step(found, "web"), step(found, "db"), step(found, "mail")) == ("switched", "failed", "waiting")
    assert role("db", "alpha")[0] == "master" and role("mail", "beta")[0] == "master"
    release_fails(False)
    ask("retry", "shop")
    wait_phase("done")
    for name, (members, _) in RULES.items():
        wait_master(name, members[1])


@harness.limit(90)
def test_group_error_ignored():
    """B5.2.2-03: the same goes on with the next stage, and says so."""
    changed(on_error="ignore")
    assert "on error ignore" in ask("list")
    release_fails(True)
    ask("switch", "shop")
    found = wait_phase("done")
    assert (step(found, "web"), step(found, "db"), step(found, "mail")) == ("switched", "failed", "switched")
    assert found["event"][-1]["text"] == "done, without 1 of 3 rules"
    wait_master("web", "alpha")
    wait_master("mail", "beta")
    assert role("db", "beta")[0] == "master"


@harness.limit(90)
def test_group_by_force():
    """B5.2.3-02, V8-04: a host is lost: its rules stay where they are until a person forces them over."""
    lab.kill("beta")
    refused("switch", "shop", "--force")  # nobody says that data may be lost
    ask("switch", "shop", "--force", "--yes")
    found = wait_phase("done")
    assert (step(found, "web"), step(found, "db"), step(found, "mail")) == ("left", "switched", "switched")
    for name, host in (("web", "alpha"), ("db", "alpha"), ("mail", "gamma")):
        assert role(name, host)[0] == "master", f"{name} on {host}: {role(name, host)}"


def test_group_damaged_plan():
    """The group does not run, and says which file it is; the node does."""
    cluster.stop(RUNNER)
    with open(lab[RUNNER].path(PLAN), "r+b") as file:
        file.seek(40)
        file.write(b"\xff")
    cluster.start(RUNNER)
    until = time.monotonic() + 10
    while "damaged" not in (said := refused("switch", "shop")):
        assert time.monotonic() < until, said
        time.sleep(0.1)
    assert PLAN in said, said
