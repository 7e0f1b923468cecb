# SPDX-License-Identifier: Apache-2.0
"""What may befall a cluster. A fault is a function of the stage and of dice; it begins, yields its story, and heals.
What it draws it draws before anything happens, so that the same dice mean the same fault."""
import os
import signal
from contextlib import contextmanager

MEMBERS, ALL = ("alpha", "beta"), ("alpha", "beta", "gamma")
STATE = "/usr/drbksoft/drnode/var"


class Stage:
    """The cluster that is played with. A host is reserved while a fault needs it as it is."""

    def __init__(self, lab, cluster, writers):
        self.lab, self.cluster, self.writers = lab, cluster, writers
        self.reserved = set()
        self.played = []  # what befell it, in a line each
        self.alone = 0  # how often the other member was not level in time after a fault

    def master(self):
        """As far as somebody says; else the first member."""
        for name in MEMBERS:
            status = self.cluster.status(name) if name not in self.reserved else None
            if status and status["role"] == "master":
                return name
        return MEMBERS[0]

    def pick(self, word):
        """A host for "master", "slave" or "arbiter" at this moment."""
        if word == "arbiter":
            return "gamma"
        master = self.master()
        return master if word == "master" else MEMBERS[master == MEMBERS[0]]

    @contextmanager
    def reserve(self, word):
        name = self.pick(word)
        if name in self.reserved:
            raise Taken
        self.reserved.add(name)
        try:
            yield name
        finally:
            self.reserved.discard(name)

    def power_up(self, name):
        """Until drnode has covered it the folder is bare, and a writer would bypass capture."""
        self.lab.up(name)
        if name in MEMBERS:
            self.lab[name].run(f"mount -o loop /data/state.img {STATE}")
        self.cluster.start(name)
        if name in MEMBERS:
            self.cluster.wait(name, 60, lambda status: status["role"] != "detached")
            self.writers.start(name)


class Taken(Exception):
    """Another fault has its host."""


def whom(dice):
    """The master most often: most is to be lost there."""
    return dice.choice(("master", "master", "master", "slave", "slave", "arbiter"))


def member(dice):
    return dice.choice(("master", "master", "slave"))


@contextmanager
def daemon_killed(stage, dice):
    with stage.reserve(whom(dice)) as name:
        stage.cluster.nodes[name].signal(signal.SIGKILL)
        stage.cluster.nodes[name].wait(20)
        yield f"drnode of {name} is killed"
        stage.cluster.start(name)


@contextmanager
def daemon_stopped(stage, dice):
    with stage.reserve(whom(dice)) as name:
        stage.cluster.nodes[name].signal(signal.SIGSTOP)
        yield f"drnode of {name} stands still"
        stage.cluster.nodes[name].signal(signal.SIGCONT)


@contextmanager
def host_paused(stage, dice):
    with stage.reserve(whom(dice)) as name:
        stage.lab.pause(name)
        yield f"{name} stands still"
        stage.lab.resume(name)


@contextmanager
def power_lost(stage, dice):
    """It comes back with another clock: nobody may compare the clocks of two hosts."""
    word, clock = whom(dice), dice.choice((-600, 0, 3600, 90000000))
    with stage.reserve(word) as name:
        stage.lab.kill(name)
        if name in MEMBERS:
            stage.writers.died(name)
        stage.lab[name].clock = clock
        yield f"{name} loses power, and its clock is {clock:+} s wrong afterwards"
        stage.power_up(name)


@contextmanager
def capture_killed(stage, dice):
    with stage.reserve(member(dice)) as name:
        stage.lab[name].run("pkill -KILL -x drcapture", check=False)
        yield f"drcapture of {name} is killed"


@contextmanager
def one_way(stage, dice):
    a, b = dice.sample(ALL, 2)
    stage.lab.cut(a, b, one_way=True)
    yield f"nothing goes from {a} to {b}"
    stage.lab.heal(a, b, one_way=True)


@contextmanager
def cut(stage, dice):
    a, b = dice.sample(ALL, 2)
    stage.lab.cut(a, b)
    yield f"{a} and {b} are cut from each other"
    stage.lab.heal(a, b)


@contextmanager
def isolated(stage, dice):
    name = stage.pick(whom(dice))
    stage.lab.cut(name)
    yield f"{name} is cut from everybody"
    stage.lab.heal(name)


@contextmanager
def slow(stage, dice):
    word, rate = whom(dice), f"{dice.choice((32, 128, 512, 4096))}kbit"
    with stage.reserve(word) as name:
        stage.lab.slow(name, rate)
        yield f"the link of {name} carries {rate}"
        stage.lab.slow(name, None)


@contextmanager
def disk_full(stage, dice):
    with stage.reserve(member(dice)) as name:
        stage.lab[name].run(f"cat /dev/zero >{STATE}/filler || true")
        yield f"the disk of the state of {name} is full"
        stage.lab[name].run(f"rm {STATE}/filler")


@contextmanager
def script_hangs(stage, dice):
    """Amid a switch, which goes on when the script does (B5.1.5-01: one that waits in a loop)."""
    hanging = [stage.lab[name].path("/data/hangs") for name in MEMBERS]
    with stage.reserve("master") as name:
        for path in hanging:
            with open(path, "w", encoding="ascii"):
                pass
        stage.lab[name].start([stage.lab.program("drctl"), "--local", "switch"], log="switch.log")
        yield f"{name} is told to switch, and scripts hang"
        for path in hanging:
            os.unlink(path)


KINDS = (daemon_killed, daemon_stopped, host_paused, power_lost, capture_killed, one_way, cut, isolated, slow, disk_full,
         script_hangs)
