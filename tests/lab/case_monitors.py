# SPDX-License-Identifier: Apache-2.0
"""Monitored objects: an application that dies, on the master, on the slave, on both; scripts that hang; services."""
import os
import tempfile
import time

import harness
from cluster import ETC, Cluster
from lab import VIP, Lab
from vip import VipWatch

FOLDER = "/data/orders"
SCRIPTS = {
    # The application: `application` in a session of its own, unless somebody put it out of order on this host.
    "acquire.sh": "test -e /tmp/out_of_order || setsid bash -c 'exec -a application sleep 5000' &\n",
    "release.sh": "pkill -x -f 'application 5000' || true\n",
    "ask.sh": "cat /data/answer 2>/dev/null >$(dirname $0)/ask.log || echo true >$(dirname $0)/ask.log\n",
    "hang.sh": "test -e /tmp/hang || exit 0\n(trap '' TERM; sleep 4321) &\necho looking\nsleep 4321\n",
    "who.sh": "id -un\n",
}
FAST = {"interval": "300ms", "max_failures": "3"}
MONITORS = [
    {"name": "app", "kind": "process", "object": "application 5000", "role": "master", **FAST},
    {"name": "there", "kind": "process", "object": "resident", "role": "both", **FAST},
    {"name": "side", "kind": "process", "object": "side", "role": "slave", **FAST},
    {"name": "filed", "kind": "process", "by": "pid_file", "object": "/run/resident.pid", "role": "both", "log_only": "on",
     **FAST},
    {"name": "ask", "kind": "script", "object": "ask.sh", "result": "ask.log", "role": "both", "log_only": "on", **FAST},
    {"name": "hang", "kind": "script", "object": "hang.sh", "role": "both", "log_only": "on", **FAST},
    {"name": "who", "kind": "script", "object": "who.sh", "role": "both", "log_only": "on", **FAST},
    {"name": "web", "kind": "service", "object": "web.service", "role": "both", "log_only": "on", **FAST},
    {"name": "room", "kind": "disk", "object": "/data", "limit": "100", "role": "both", **FAST},
    {"name": "protected", "kind": "disk", "object": FOLDER, "limit": "100", "role": "both", **FAST},
]
# What systemd says of web.service; there is no systemd in a host of the lab.
SYSTEMCTL = "#!/bin/sh\necho LoadState=loaded\ncat /tmp/web\n"

lab = cluster = scripts = watch = None


def begin():
    global lab, cluster, scripts, watch
    scripts = tempfile.TemporaryDirectory()
    files = [os.path.join(scripts.name, name) for name in SCRIPTS]
    for path in files:
        with open(path, "w", encoding="ascii") as file:
            file.write("#!/bin/bash\n" + SCRIPTS[os.path.basename(path)])
    lab = Lab("alpha", "beta", "gamma")
    cluster = Cluster(lab, folder=FOLDER, vip=VIP, scripts=files, objects={"monitor": MONITORS},
                      settings={"boot_wait": "3s", "failure_timeout": "1s"})
    for name in cluster.members:
        prepare(lab[name])
    watch = VipWatch(lab, VIP)
    cluster.start()
    settle("alpha")


def prepare(host):
    with open(os.path.join(host.path(ETC), "node.xml"), "w", encoding="ascii") as file:
        file.write("<node><script_user>daemon</script_user></node>\n")
    os.chmod(os.path.join(host.path(ETC), "scripts"), 0o777)  # ask.sh writes its result there
    host.run(f"printf '{SYSTEMCTL.encode('unicode_escape').decode()}' >/usr/bin/systemctl.new; chmod 755 "
             "/usr/bin/systemctl.new; mv /usr/bin/systemctl.new /usr/bin/systemctl")
    say_service(host, "active", "running")
    host.run("chmod 1777 /data")
    resident(host)


def resident(host):
    host.start(["bash", "-c", "echo $$ >/run/resident.pid; exec -a resident sleep 6000"])


def say_service(host, active, sub):
    host.run(f"printf 'ActiveState={active}\\nSubState={sub}\\n' >/tmp/web")


def end():
    lab.close()
    scripts.cleanup()


def monitor(name, which):
    return next(m for m in cluster.status(name)["monitor"] if m["name"] == which)


def monitor_is(name, which, state, timeout=30):
    end_of_wait = time.monotonic() + timeout
    while monitor(name, which)["state"] != state:
        assert time.monotonic() < end_of_wait, f"{which} on {name} is {monitor(name, which)}, not {state}"
        time.sleep(0.1)
    return monitor(name, which)


def settle(master):
    """`master` is master with everything in order, and what watches is done with the past."""
    slave = "beta" if master == "alpha" else "alpha"
    cluster.wait(master, 40, role="master", state="ready")
    cluster.wait(slave, 40, role="slave", state="ready")
    for name, which in ((master, "app"), (master, "there"), (slave, "there")):
        monitor_is(name, which, "healthy")
    return slave


def kill(name, what):
    lab[name].run(f"pkill -9 -x -f '{what}'")


def events(name):
    return cluster.drctl(name, "events")


@harness.limit(120)
def test_application_dies():
    """B5.1.2-43 -49 -51, V6-01: its process ends; the other member takes over by itself, and nobody had to be asked."""
    slave = settle("alpha")
    began = time.monotonic()
    kill("alpha", "application 5000")
    taken = watch.wait_for([slave], 30)
    print(f"RTO {1000 * (taken - began):.0f} ms from the end of the application to the address on the other member "
          f"(3 checks, 300 ms apart)")
    settle(slave)
    assert "app (process application 5000) has failed: no such process" in events("alpha")
    assert "a monitored object has failed here: switching" in events("alpha")
    assert not monitor("alpha", "app")["watched"]
    cluster.switch(slave)
    settle("alpha")
    assert watch.two_holders_ms() == 0


@harness.limit(90)
def test_fails_on_the_slave():
    """B5.1.2-52, V6-02 -03: what fails on the slave alone is told, and changes nothing; a process by its pid file."""
    settle("alpha")
    term = cluster.status("alpha")["term"]
    assert monitor_is("beta", "side", "failed")["text"] == "no such process"
    kill("beta", "resident 6000")
    monitor_is("beta", "there", "failed")
    time.sleep(2)
    status = cluster.wait("alpha", 10, role="master", state="ready")
    assert status["term"] == term
    assert cluster.status("beta")["state"] == "ready"
    assert monitor_is("beta", "filed", "failed")["text"].startswith("no process "), monitor("beta", "filed")
    assert "side (process side) has failed (only logged)" in events("beta")
    resident(lab["beta"])
    settle("alpha")
    monitor_is("beta", "filed", "healthy")


@harness.limit(120)
def test_fails_on_both():
    """B5.1.2-53, Q-01: failing on both only warns; when it works on the slave again the mastership goes there."""
    settle("alpha")
    kill("beta", "resident 6000")
    monitor_is("beta", "there", "failed")
    kill("alpha", "resident 6000")
    status = cluster.wait("alpha", 20, role="master", state="warning")
    assert any("not known to work on the other member" in why["text"] for why in status["why"]), status["why"]
    assert any(why["text"].startswith("monitor there (process) has failed for") for why in status["why"]), status["why"]
    assert any("failed on the other member, which is master" in why["text"]
               for why in cluster.wait("beta", 10, state="warning")["why"])
    resident(lab["beta"])
    watch.wait_for(["beta"], 30)
    resident(lab["alpha"])
    settle("beta")
    cluster.switch("beta")
    settle("alpha")


def hanging():
    return lab["alpha"].output("pgrep -x -f 'sleep 4321' || true").split()


@harness.limit(90)
def test_script_hangs():
    """B5.1.2-54, B5.1.5-02, Q-16: it never runs twice at once, and ends at its limit with a child that ignores SIGTERM."""
    settle("alpha")
    lab["alpha"].run("touch /tmp/hang")
    end_of_wait, seen, most = time.monotonic() + 20, set(), 0
    while len(seen) < 6:
        now = hanging()
        seen.update(now)
        most = max(most, len(now))
        assert time.monotonic() < end_of_wait, "the script was not ended and begun anew"
    assert most == 2, f"{most} processes of a script that makes two"
    failed = monitor_is("alpha", "hang", "failed")
    assert "did not return within 900 ms and was ended: looking" in failed["text"], failed
    lab["alpha"].run("rm /tmp/hang")
    monitor_is("alpha", "hang", "healthy")
    assert hanging() == []
    cluster.wait("alpha", 10, role="master", state="ready")


@harness.limit(60)
def test_result_file_and_log_only():
    """B5.1.2-46 -50 -55, B5.1.4-02: the file says false; as the monitor is `log only` nothing follows."""
    settle("alpha")
    monitor_is("alpha", "ask", "healthy")
    lab["alpha"].run("echo false >/data/answer")
    assert monitor_is("alpha", "ask", "failed")["text"] == "the result file says false"
    time.sleep(1)
    cluster.wait("alpha", 10, role="master", state="ready")
    assert "ask (script ask.sh) has failed (only logged)" in events("alpha")
    lab["alpha"].run(": >/data/answer")
    end_of_wait = time.monotonic() + 20
    while "no result file, or an empty one" not in monitor("alpha", "ask")["text"]:
        assert time.monotonic() < end_of_wait, "an empty file is taken for an answer"
        time.sleep(0.1)
    assert monitor("alpha", "ask")["state"] == "failed", "what tells nothing has changed something"
    lab["alpha"].run("rm /data/answer")
    monitor_is("alpha", "ask", "healthy")


@harness.limit(60)
def test_service_disk_and_user():
    """B5.1.2-42 -47 -64: a unit as systemd tells it, a file system by a folder, scripts as the configured user."""
    settle("alpha")
    assert monitor_is("alpha", "web", "healthy")["text"] == "active (running)"
    say_service(lab["alpha"], "failed", "failed")
    assert monitor_is("alpha", "web", "failed")["text"] == "failed (failed)"
    say_service(lab["alpha"], "active", "running")
    monitor_is("alpha", "web", "healthy")
    for which in ("room", "protected"):
        assert monitor_is("alpha", which, "healthy")["text"].endswith(" % in use")
    assert monitor_is("alpha", "who", "healthy")["text"].endswith(": daemon")
    assert "monitor    app (process application 5000, on master): healthy" in cluster.drctl("alpha", "status")
