# SPDX-License-Identifier: Apache-2.0
import os
import shutil
import socket
import time

import harness
from cluster import ETC, RULE_ID, Cluster, node_id
from host import NODE_ROOT
from lab import Lab, build_folder

PORTS = {26305: "heartbeat", 26306: "arbitration", 26356: "mirror", 26357: "replication"}
OTHER_ID = "5F0E1C2A9B8D4E7F8A6B5C4D3E2F1A0C"
GARBAGE_SECONDS = 8
GARBAGE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "fuzz", "garbage.py")

RULES = f"{NODE_ROOT}/var/rules/{RULE_ID}"
TOOLS = os.path.join(build_folder(), "tests", "lab")

lab = cluster = None


def begin():
    global lab, cluster
    lab = Lab("alpha", "beta", "gamma")
    cluster = Cluster(lab, settings={"boot_wait": "3s"})
    cluster.start()
    cluster.wait("alpha", 40, role="master", state="ready")


def end():
    lab.close()


def log_of(name):
    with open(lab[name].path(f"{NODE_ROOT}/log/drnode.log"), encoding="utf-8") as log:
        return log.read().splitlines()


def restarted(name):
    """Lines of the log since a restart of a node that stays up."""
    before = len(log_of(name))
    cluster.stop(name)
    cluster.start(name)
    time.sleep(1.5)
    assert cluster.nodes[name].alive(), lab[name].log("drnode.log")[-500:]
    return log_of(name)[before:]


def says(lines, *words):
    """One line holds all the words."""
    assert any(all(word in line for word in words) for line in lines), f"no line with {words} in:\n" + "\n".join(lines)


def with_rule(text, *words):
    """A second rule file is refused with a line that holds the words, and the first rule goes on."""
    path = os.path.join(lab["gamma"].path(ETC), "rules", "second.xml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    try:
        says(restarted("gamma"), "second.xml", *words)
        cluster.wait("alpha", 5, role="master", witness="normal")
    finally:
        os.unlink(path)


def second_rule(old="", new=""):
    """The cluster's rule under another id and name, with one thing changed."""
    text = cluster.rule().replace(RULE_ID, OTHER_ID).replace("<name>orders<", "<name>second<")
    assert old in text
    return text.replace(old, new)


def test_rule_that_is_no_xml():
    with_rule("<rule>\n  <id>\n</rule>\n", "3")


def test_rule_with_an_unknown_field():
    with_rule(second_rule("<reverse_rule>on</reverse_rule>", "<colour>red</colour>"), "colour")


def test_rule_with_a_number_out_of_bounds():
    with_rule(second_rule("</rule>", "<memory_limit>5</memory_limit></rule>"), "memory_limit", "128", "16384")


def test_rule_with_a_span_out_of_bounds():
    with_rule(second_rule("</rule>", "<interval>1ms</interval></rule>"), "interval", "50ms", "1min")


def test_rule_without_a_member():
    text = second_rule()
    at = text.index("<member")
    with_rule(text[:at] + text[text.index("/>", at) + 2:], "member", "2")


def test_rule_with_a_name_twice():
    """Two files with one name: neither counts, whichever was meant."""
    path = os.path.join(lab["gamma"].path(ETC), "rules", "third.xml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(second_rule().replace(OTHER_ID, OTHER_ID[:-1] + "D"))
    try:
        with_rule(second_rule(), "third.xml", "name", "neither")
    finally:
        os.unlink(path)


def test_folder_that_does_not_exist():
    """The rule is refused on the member that lacks the folder, by the folder's name."""
    text = second_rule('a="/data/orders" b="/data/orders"', 'a="/data/nowhere" b="/data/nowhere"')
    path = os.path.join(lab["beta"].path(ETC), "rules", "second.xml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    says(restarted("beta"), "/data/nowhere", "create it")
    os.unlink(path)
    restarted("beta")
    cluster.wait("beta", 20, role="slave")


def fails_to_start(name, *words):
    """drnode leaves with a status and one line."""
    cluster.start(name)
    status = cluster.nodes[name].wait(15)
    lines = lab[name].log("drnode.log").splitlines()
    assert status not in (0, None), "it started"
    says(lines[-1:], *words)


def test_port_in_use():
    """Each port that somebody else has is named."""
    cluster.stop("gamma")
    for port in PORTS:
        listener = ("import socket, time\ns = socket.socket()\ns.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\n"
                    f"s.bind(('', {port}))\ns.listen()\ntime.sleep(60)\n")
        other = lab["gamma"].start(["python3", "-c", listener])
        while f":{port} " not in lab["gamma"].output("ss -ltn"):
            time.sleep(0.02)
        fails_to_start("gamma", str(port), "in use")
        other.stop()
    cluster.start("gamma")
    cluster.wait("alpha", 10, witness="normal")


def replaced(name, relative, change):
    """A file of etc with a change, for fails_to_start(); gives back what undoes it."""
    path = os.path.join(lab[name].path(ETC), relative)
    kept = path + ".kept"
    shutil.copy2(path, kept)
    change(path)
    return lambda: os.replace(kept, path)


def test_papers_that_are_no_good():
    """A key that others can read, a certificate of another node, an identity that is none."""
    def write(text):
        def change(path):
            with open(path, "w", encoding="ascii") as file:
                file.write(text)
        return change

    beta = os.path.join(lab["beta"].path(ETC), "tls")
    trials = [
        ("tls/node.key", lambda path: os.chmod(path, 0o644), ["node.key", "chmod"]),
        ("tls/ca.pem", os.unlink, ["ca.pem"]),
        ("tls/node.pem", lambda path: shutil.copy(f"{beta}/node.pem", path), ["node.pem"]),
        ("drid.conf", write("id=12\n"), ["drid.conf"]),
        ("drid.conf", write(f"id={node_id(9)}\n"), ["drid.conf", node_id(9)]),
    ]
    cluster.stop("gamma")
    for relative, change, words in trials:
        undo = replaced("gamma", relative, change)
        try:
            fails_to_start("gamma", *words)
        finally:
            undo()
    cluster.start("gamma")
    cluster.wait("alpha", 10, witness="normal")


def refused_for(name, record):
    """A record of the node's state is cut: the rule does not start there; the log names the file and the order."""
    cluster.stop(name)
    path = lab[name].path(f"{NODE_ROOT}/var/rules/{RULE_ID}/{record}")
    os.truncate(path, os.path.getsize(path) // 2)
    before = len(log_of(name))
    cluster.start(name)
    until = time.monotonic() + 10
    while not any("rule_refused" in line for line in log_of(name)[before:]) and time.monotonic() < until:
        time.sleep(0.05)
    says(log_of(name)[before:], "rule_refused", f"{RULE_ID}/{record}", "drctl --local rejoin")
    cluster.wait("alpha", 10, role="master")


def put_in_again(name, record):
    """By the order that the log names."""
    refused_for(name, record)
    cluster.drctl(name, "rejoin")
    assert os.path.exists(lab[name].path(f"{NODE_ROOT}/var/rules/{RULE_ID}/{record}.damaged"))


def there_and_back():
    """Each can be master, so the vote of each counts."""
    for master, slave in (("alpha", "beta"), ("beta", "alpha")):
        cluster.wait(master, 30, role="master", state="ready")
        cluster.switch(master)
        cluster.wait(slave, 20, role="master")
    cluster.wait("alpha", 30, role="master", state="ready")


@harness.limit(120)
def test_state_that_is_damaged():
    """A member whose record of promises is cut is no member until a person says so; then its vote counts. What it needs
    for replication, and an arbiter's vote, come back by the same order."""
    put_in_again("beta", "ha")
    there_and_back()
    put_in_again("beta", "terms")
    there_and_back()
    put_in_again("gamma", "vote")
    cluster.wait("alpha", 20, witness="normal")


def whys(status):
    return [why["text"] for why in status["why"]]


@harness.limit(120)
def test_target_state_that_is_damaged():
    """The checkpoint, and the map of file ids: the member becomes nothing, says which file it is, and is brought level
    again by the order; what was damaged is kept."""
    for number, (record, byte) in enumerate((("checkpoint", 9), ("idmap", 10)), 1):
        lab["alpha"].run(f"echo {record} >/data/orders/{record}")
        cluster.wait_level("alpha", 20)
        cluster.stop("beta")
        with open(lab["beta"].path(f"{RULES}/target/{record}"), "r+b") as file:
            file.seek(byte)
            file.write(b"\xa5\x5a")
        lab["alpha"].run(f"echo more >>/data/orders/{record}")
        cluster.start("beta")
        status = cluster.wait("beta", 20, lambda s: any(f"target/{record}" in why and "rejoin" in why for why in whys(s)))
        assert status["role"] != "slave", status
        cluster.drctl("beta", "rejoin")
        cluster.wait("beta", 20, role="slave", state="ready")
        cluster.wait_level("alpha", 20)
        assert lab["beta"].output(f"cat /data/orders/{record}") == f"{record}\nmore\n"
        kept = f"{RULES}/target.damaged" + (f"-{number}" if number > 1 else "")
        assert os.path.exists(lab["beta"].path(f"{kept}/{record}"))


@harness.limit(120)
def test_mirror_that_did_not_end():
    """A member that was left in the middle of a mirror does not take over without force, and says why; the master's
    return ends it."""
    cluster.stop("beta")
    os.truncate(lab["beta"].path(f"{RULES}/target/checkpoint"), 10)
    lab["alpha"].run("head -c 40M /dev/urandom >/data/orders/large")
    lab.slow("beta", "20mbit")
    cluster.start("beta")
    cluster.wait("beta", 20, lambda s: any("target/checkpoint" in why for why in whys(s)))
    cluster.drctl("beta", "rejoin")
    cluster.wait("beta", 20, lambda s: s["target"]["mixed"] and s["target"]["bytes"] > 1 << 20, role="slave")
    lab.kill("alpha")
    lab.slow("beta", None)
    cluster.wait("beta", 20, lambda s: any("in the middle of a mirror" in why for why in whys(s)), peer_heard=False)
    time.sleep(5)  # longer than it would take to become master
    assert cluster.status("beta")["role"] != "master", cluster.status("beta")
    lab.up("alpha")
    cluster.start("alpha")
    cluster.wait("alpha", 40, role="master", state="ready")
    cluster.wait_level("alpha", 30)
    assert not cluster.status("beta")["target"]["mixed"]
    lab["alpha"].run("rm /data/orders/large")


@harness.limit(90)
def test_state_that_is_gone():
    """A member that starts with nothing follows, and says that its vote does not count, until the order."""
    cluster.stop("beta")
    os.unlink(lab["beta"].path(f"{NODE_ROOT}/var/rules/{RULE_ID}/ha"))
    cluster.start("beta")
    for name in ("alpha", "beta"):
        cluster.wait(name, 20, lambda s: any("rejoin" in why["text"] for why in s["why"]))
    cluster.drctl("beta", "rejoin")
    for name in ("alpha", "beta"):
        cluster.wait(name, 20, lambda s: not any("rejoin" in why["text"] for why in s["why"]), state="ready")


@harness.limit(90)
def test_garbage_on_every_port():
    """Anything at all on all ports at once: the daemon stays up, and the rule does not notice."""
    before = cluster.status("alpha")
    ports = " ".join(f"10.26.0.1:{port}" for port in PORTS)
    lab["beta"].run(f"{GARBAGE} --seconds {GARBAGE_SECONDS} {ports}")
    assert cluster.nodes["alpha"].alive(), lab["alpha"].log("drnode.log")[-2000:]
    after = cluster.wait("alpha", 5, role="master", state="ready")
    assert after["term"] == before["term"] and after["source"]["mirrors"] == before["source"]["mirrors"]


def impostor(host, tls, address, lane, member):
    """What a node with the papers in `tls` that says it is `member` of the rule comes to."""
    return lab[host].output([f"{TOOLS}/impostor", tls, address, lane, RULE_ID, member]).strip()


def test_certificate_of_another_node():
    """Who names itself another node than its certificate does, or is no node of the rule at all, is refused by each
    port, and told; votes and terms stay as they were."""
    own, alpha, gamma = f"{ETC}/tls", lab["alpha"].address, lab["gamma"].address
    authority = os.path.join(lab.folder, "ca")
    lab["gamma"].run([lab.program("drctl"), "ca", "issue", authority, node_id(9), "--out", "/data/nobody"])
    trials = [
        ("gamma", own, alpha, "heartbeat", "b", "alpha", 3, "is not the other member of the rule that it beats for"),
        ("beta", own, gamma, "arbitration", "a", "gamma", 2, "asked for a vote on a rule of which it is not that member"),
        ("gamma", own, alpha, "replication", "b", "alpha", 3, "wants to replicate a rule"),
        ("gamma", own, alpha, "mirror", "b", "alpha", 3, "wants to replicate a rule"),
        ("gamma", "/data/nobody", alpha, "heartbeat", "b", "alpha", 9, "is not the other member of the rule"),
        ("gamma", "/data/nobody", gamma, "arbitration", "b", "gamma", 9, "asked for a vote on a rule"),
        ("gamma", "/data/nobody", alpha, "replication", "b", "alpha", 9, "wants to replicate a rule"),
    ]
    term = cluster.wait("alpha", 20, role="master", state="ready")["term"]
    before = {name: len(log_of(name)) for name in ("alpha", "gamma")}
    for host, tls, address, lane, member, _, _, _ in trials:
        assert (came := impostor(host, tls, address, lane, member)) == "hung up on", f"{lane} from {host}: {came}"
    for _, _, _, _, _, told, number, words in trials:
        says(log_of(told)[before[told]:], node_id(number), words)
    time.sleep(1)
    status = cluster.wait("alpha", 5, role="master", state="ready", witness="normal", peer_heard=True)
    assert status["term"] == term and all(node.alive() for node in cluster.nodes.values())


@harness.limit(90)
def test_wall_clock_jumps():
    """The master's wall clock goes a day ahead, and two days back, while it runs: nothing rests on it."""
    jump = "/data/jump"
    cluster.stop("alpha")
    preload = f"LD_PRELOAD={TOOLS}/clockjump.so ASAN_OPTIONS=$ASAN_OPTIONS:verify_asan_link_order=0"
    cluster.nodes["alpha"] = lab["alpha"].start(
        f"DR_CLOCK_JUMP={jump} {preload} exec {lab.program('drnode')}", log="drnode.log")
    term = cluster.wait("alpha", 20, role="master", state="ready")["term"]
    today = lab["alpha"].output("date -u +%F").strip()
    for seconds in (86400, -86400):
        lab["alpha"].run(f"echo {seconds} >{jump}.new && mv {jump}.new {jump}")
        time.sleep(3)  # longer than a promise lasts
        lab["alpha"].run("echo x >>/data/orders/while-it-jumps")
        status = cluster.wait("alpha", 5, role="master", state="ready", witness="normal")
        assert status["term"] == term, status
        cluster.wait_level("alpha", 10)
        before = len(log_of("alpha"))
        lab["beta"].run(f"echo nonsense >/dev/tcp/{lab['alpha'].address}/26305")
        while len(log_of("alpha")) == before:
            time.sleep(0.05)
        assert not log_of("alpha")[-1].startswith(today), f"the clock did not jump: {log_of('alpha')[-1]}"
    cluster.stop("alpha")
    cluster.start("alpha")
    cluster.wait("alpha", 20, role="master", state="ready")


def test_foreign_certificate():
    """A node with a certificate of another authority is refused, and the log says so."""
    drctl, tls = lab.program("drctl"), f"{ETC}/tls"
    cluster.stop("beta")
    lab["beta"].run(f"mv {tls} {tls}.kept && {drctl} ca init /data/ca && "
                    f"{drctl} ca issue /data/ca {cluster.ids['beta']} --out {tls}")
    before = len(log_of("alpha"))
    cluster.start("beta")
    time.sleep(3)
    try:
        assert not cluster.status("alpha")["peer_heard"]
        says(log_of("alpha")[before:], "certificate")
    finally:
        cluster.stop("beta")
        lab["beta"].run(f"rm -r {tls} && mv {tls}.kept {tls}")
        cluster.start("beta")
    cluster.wait("alpha", 20, peer_heard=True)
