# SPDX-License-Identifier: Apache-2.0
"""Folders that are not as they should be: it is said in one line, the daemon stays up, nothing is lost, and it goes on
by itself once that is put right."""
import os
import signal
import time

import harness
from cluster import ETC, RULE_ID, Cluster
from host import NODE_ROOT
from lab import Lab

FOLDER = "/data/orders"


def pair(prepare, folder=FOLDER, **settings):
    """A lab with a cluster that is not started yet; what prepare(lab) makes is there before."""
    lab = Lab("alpha", "beta", "gamma")
    cluster = Cluster(lab, folder=folder, settings=dict({"boot_wait": "3s"}, **settings))
    prepare(lab)
    return lab, cluster


def log_of(lab, name):
    with open(lab[name].path(f"{NODE_ROOT}/log/drnode.log"), encoding="utf-8") as log:
        return log.read().splitlines()


def said(lab, cluster, name, *words, timeout=20):
    """`drctl --local status` and the log have one line with all the words; the log has it once."""
    end = time.monotonic() + timeout
    while True:
        status = cluster.drctl(name, "status") if cluster.status(name) else "no answer"
        if any(all(word in line for word in words) for line in status.splitlines()):
            break
        assert time.monotonic() < end, f"no line with {words} in:\n{status}"
        time.sleep(0.1)
    lines = [line for line in log_of(lab, name) if all(word in line for word in words)]
    assert len(lines) == 1, f"{len(lines)} lines of the log have {words}:\n" + "\n".join(log_of(lab, name))
    assert cluster.nodes[name].alive()


def level(lab, cluster, folder=FOLDER):
    """Both folders are equal by name and content."""
    cluster.wait("alpha", 40, role="master", state="ready")
    cluster.wait_level("alpha", 40)
    lists = [lab[name].output(f"cd {folder} && find . -type f | sort | xargs -r md5sum") for name in ("alpha", "beta")]
    assert lists[0] == lists[1] != "", lists


def bypassed(name, words, spoil, mend):
    """The rule does not start on the member, says why, and starts when it is mended."""
    lab, cluster = pair(lambda lab: lab["alpha"].run(f"echo kept >{FOLDER}/kept"))
    with lab:
        undo = spoil(lab[name])
        cluster.start()
        said(lab, cluster, name, *words)
        mend(lab[name], undo)
        level(lab, cluster)


def test_open_file():
    """A file that is open when protection starts would be written past capture: its process is named."""
    def hold(host):
        holder = host.start(f"exec tail -f /dev/null >{FOLDER}/held")
        while not os.path.exists(host.path(f"{FOLDER}/held")):
            time.sleep(0.01)
        return holder

    bypassed("alpha", ["(tail)", f"{FOLDER}/held", "end it"], hold, lambda _, holder: holder.stop())


def test_mount_below():
    """A mount below the folder would be hidden."""
    bypassed("alpha", [f"{FOLDER}/sub", "mount", "unmount"],
             lambda host: host.run(f"mkdir {FOLDER}/sub && mount -t tmpfs tmpfs {FOLDER}/sub"),
             lambda host, _: host.run(f"umount {FOLDER}/sub"))


def test_link_out():
    """What is written through a link that leaves the folder is not captured."""
    bypassed("alpha", [f"{FOLDER}/out", "/data/else", "move it in"],
             lambda host: host.run(f"mkdir /data/else && ln -s /data/else {FOLDER}/out"),
             lambda host, _: host.run(f"rm {FOLDER}/out"))


def reload_with(lab, cluster, old, new):
    """Another text in the rule's file of all nodes, and SIGHUP."""
    for name in cluster.ids:
        path = os.path.join(lab[name].path(ETC), "rules", "orders.xml")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        assert old in text
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace(old, new))
        cluster.nodes[name].signal(signal.SIGHUP)


# Counts in one folder and then in the other, by content and by name, until it may not write any more.
COUNTER = """
import os
folders = ('/data/orders', '/data/files')
files = [os.open(folder + '/count', os.O_WRONLY | os.O_CREAT) for folder in folders]
n = int(open(folders[1] + '/count').read() or 0)
try:
    while True:
        n += 1
        for folder, file in zip(folders, files):
            os.pwrite(file, b'%010d' % n, 0)
            os.makedirs(f'{folder}/at-{n}', exist_ok=True)
            if os.path.isdir(f'{folder}/at-{n - 1}'):
                os.rmdir(f'{folder}/at-{n - 1}')
except OSError:
    print('last', n, flush=True)
"""


def counted(host):
    """How far the two folders are: it is one moment of both, as the second one is only ever behind by one."""
    first, second = (int(host.output(f"cat {folder}/count")) for folder in (FOLDER, "/data/files"))
    names = [host.output(f"ls -d {folder}/at-*").split() for folder in (FOLDER, "/data/files")]
    assert second <= first <= second + 1, (first, second)
    for reached, name in zip((first, second), names):
        last = max(int(path.rpartition("-")[2]) for path in name)
        assert len(name) <= 3 and reached - 1 <= last <= reached, (reached, name)
    return first


@harness.limit(120)
def test_two_folders_of_one_rule():
    """Order is kept across them: at a crash and at a switch the copy is one moment of both. A link from one to the other
    leaves nothing (B5.1.2-33)."""
    with Lab("alpha", "beta", "gamma") as lab:
        cluster = Cluster(lab, folder=FOLDER, more=("/data/files",), settings={"boot_wait": "3s"})
        lab["alpha"].run(f"ln -s /data/files {FOLDER}/files")
        cluster.start()
        cluster.wait("alpha", 40, role="master", state="ready")
        lab["alpha"].start(["python3", "-c", COUNTER])
        time.sleep(2)
        lab.kill("alpha")
        cluster.wait("beta", 20, role="master")
        crashed = counted(lab["beta"])
        assert crashed > 100, crashed
        lab.up("alpha")
        cluster.start("alpha")
        cluster.wait("beta", 40, role="master", state="ready")
        writer = lab["beta"].start(["python3", "-c", COUNTER], log="counter.log")
        time.sleep(1)
        cluster.switch("beta")
        cluster.wait("alpha", 20, role="master")
        writer.wait(10)
        last = int(lab["beta"].log("counter.log").split()[-1])
        assert last - 1 <= counted(lab["alpha"]) <= last and last > crashed + 100, (last, crashed)


@harness.limit(90)
def test_foreign_data():
    """Data on the target that no mirror brought stay, and are named, until the rule says that they may go."""
    def fill(lab):
        lab["alpha"].run(f"echo ours >{FOLDER}/ours")
        lab["beta"].run(f"mkdir {FOLDER}/lost+found && echo theirs >{FOLDER}/theirs")

    lab, cluster = pair(fill)
    with lab:
        cluster.start()
        said(lab, cluster, "beta", FOLDER, "theirs", "foreign_data")
        cluster.wait("alpha", 20, lambda s: "why" in s["source"]["why"], role="master")
        assert lab["beta"].output(f"cat {FOLDER}/theirs") == "theirs\n"
        reload_with(lab, cluster, "</rule>", "<foreign_data>replace</foreign_data></rule>")
        level(lab, cluster)


def test_lost_and_found_is_no_data():
    """The copy may have a file system of its own, whose lost+found is empty."""
    lab, cluster = pair(lambda lab: lab["alpha"].run(f"echo ours >{FOLDER}/ours"))
    with lab:
        lab["beta"].run(f"mkdir {FOLDER}/lost+found")
        cluster.start()
        level(lab, cluster)


def full(disk, folder=FOLDER):
    """`disk` of the target is too small for a load: said, waited for, and then all is there by itself."""
    def prepare(lab):
        lab["alpha"].run(f"mkdir -p {folder} && echo begin >{folder}/begin")
        lab["beta"].run(f"mkdir -p {disk} && mount -t tmpfs -o size=100m tmpfs {disk} && mkdir -p {folder} && "
                        f"head -c 84000000 /dev/zero >{disk}/ballast")

    lab, cluster = pair(prepare, folder, auto_switch="off")
    with lab:
        cluster.start()
        level(lab, cluster, folder)
        before = cluster.status("alpha")["source"]["mirrors"]
        lab["alpha"].run(f"for i in $(seq 12); do head -c 4000000 /dev/urandom >{folder}/f$i; done; sync")
        said(lab, cluster, "beta", "No space left", "make room")
        cluster.wait("alpha", 5, role="master", read_write=True)
        lab["beta"].run(f"rm {disk}/ballast")
        level(lab, cluster, folder)
        assert cluster.status("alpha")["source"]["mirrors"] == before, "it was mirrored again"
        assert not cluster.status("beta")["target"]["broken"]


@harness.limit(120)
def test_disk_of_the_copy_full():
    """The file system of the target's folder."""
    full("/data/small", "/data/small/orders")


@harness.limit(120)
def test_disk_of_the_log_full():
    """The log alone: a member that cannot store its promises falls silent, as it must."""
    full(f"{NODE_ROOT}/var/rules/{RULE_ID}/target")
