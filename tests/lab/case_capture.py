# SPDX-License-Identifier: Apache-2.0
"""drcapture under a rule that changes, or goes, and one that dies where nobody is master."""
import os
import signal
import time

import harness
from cluster import ETC, RULE_NAME, Cluster
from host import NODE_ROOT
from lab import Lab

FOLDER = "/data/orders"
MIB = 1 << 20

lab = cluster = None


def begin():
    global lab, cluster
    lab = Lab("alpha", "beta", "gamma")
    cluster = Cluster(lab, folder=FOLDER, settings={"boot_wait": "3s"})
    cluster.start()
    cluster.wait("alpha", 40, role="master", state="ready")


def end():
    lab.close()


def said(name, *words, timeout=20):
    """The log has one line with all the words."""
    until = time.monotonic() + timeout
    while True:
        with open(lab[name].path(f"{NODE_ROOT}/log/drnode.log"), encoding="utf-8") as log:
            lines = [line for line in log if all(word in line for word in words)]
        if lines or time.monotonic() > until:
            break
        time.sleep(0.1)
    assert len(lines) == 1, f"{len(lines)} lines of {name}'s log have {words}: {lines}"


def refuses(name, why):
    made = lab[name].run(f"touch {FOLDER}/stray", check=False)
    assert made.returncode and why in made.stderr, made


def covered(name):
    return lab[name].run(f"findmnt -t fuse.drcapture {FOLDER}", check=False).returncode == 0


def drcapture(name):
    """Its process, as text; "" if there is none (a zombie is none)."""
    return lab[name].output("pgrep -r D,R,S -x drcapture || true").strip()


def buried(name, timeout=10):
    """It has ended, and is no zombie either."""
    until = time.monotonic() + timeout
    while lab[name].output("pgrep -x drcapture || true"):
        assert time.monotonic() < until, "it goes on, or is a zombie"
        time.sleep(0.05)


def memory_of(name):
    """MiB of the ring of the member's drcapture."""
    sizes = lab[name].output(f"stat -Lc %s /proc/{drcapture(name)}/fd/* 2>/dev/null || true").split()
    return max(map(int, sizes)) // MIB


def level():
    """Both folders are equal, and it took no mirror but the first."""
    lab["alpha"].run(f"date +%N >{FOLDER}/now")
    status = cluster.wait_level("alpha", 30)
    assert status["source"]["mirrors"] <= 1, status["source"]
    lists = [lab[name].output(f"cd {FOLDER} && md5sum *") for name in ("alpha", "beta")]
    assert lists[0] == lists[1], lists


WRITER = f"""import os
while not os.path.exists("/data/enough"):
    try:
        os.close(os.open("{FOLDER}/stray", os.O_WRONLY | os.O_CREAT))
        print("it was bare", flush=True)
        break
    except OSError:
        pass
"""


def end_capture_of_slave(how):
    """It is started again at once, and its folders are read-only as before; who is killed leaves them bare at no time."""
    former = drcapture("beta")
    writer = lab["beta"].start(["python3", "-c", WRITER], log="writer.log") if how == "KILL" else None
    lab["beta"].run(f"kill -{how} {former}")
    until = time.monotonic() + 10
    while drcapture("beta") in ("", former) or not covered("beta"):
        assert time.monotonic() < until, "the folders of beta are not covered again"
        time.sleep(0.05)
    cluster.wait("beta", 10, role="slave", state="ready")
    refuses("beta", "Read-only file system")
    if writer:
        lab["beta"].run("touch /data/enough")
        assert writer.wait(10) == 0 and lab["beta"].log("writer.log") == "", lab["beta"].log("writer.log")


@harness.limit(60)
def test_capture_of_a_slave_dies():
    """SIGKILL: it is said, the folders are covered again, and replication goes on without a mirror."""
    level()
    end_capture_of_slave("KILL")
    said("beta", "capture of the protected folders has ended", "started again")
    assert len(lab["beta"].output("pgrep -x drcapture").split()) == 1, "the one that ended is a zombie"
    cluster.wait("alpha", 10, role="master", state="ready")
    level()


@harness.limit(60)
def test_changed_memory_limit():
    """It counts from the next drcapture on; the log says how to get there."""
    assert memory_of("beta") == 512
    cluster.settings["memory_limit"] = "256"
    for name in cluster.ids:
        cluster.configure(name)
        cluster.nodes[name].signal(signal.SIGHUP)
    for name in ("alpha", "beta"):
        said(name, "capture_settings", "memory_limit is 256 MiB now", "512 MiB")
    cluster.wait("alpha", 20, role="master", state="ready")
    end_capture_of_slave("TERM")
    assert memory_of("beta") == 256
    level()


@harness.limit(60)
def test_rule_is_removed():
    """A slave's folders are ordinary ones again; a master's, when its application cannot write any more."""
    for name in ("beta", "alpha"):
        os.remove(lab[name].path(f"{ETC}/rules/{RULE_NAME}.xml"))
        cluster.nodes[name].signal(signal.SIGHUP)
    said("beta", "is gone", "ordinary ones again")
    assert not covered("beta")
    lab["beta"].run(f"touch {FOLDER}/mine")
    buried("beta")
    said("alpha", "is gone", "read-write", "end the application")
    time.sleep(3)  # the lease, and more
    assert covered("alpha")
    refuses("alpha", "Read-only file system")
    cluster.nodes["alpha"].signal(signal.SIGHUP)
    said("alpha", "is gone", "ordinary ones again")
    assert not covered("alpha")
