# SPDX-License-Identifier: Apache-2.0
"""What the cases of third voters that are stores (case_disk.py, case_etcd.py) have in common."""
import time

from host import NODE_ROOT
from lab import VIP
from vip import VipWatch

LENGTH = 2  # seconds that a promise lasts, by default


class Stand:
    """A cluster whose members vote through a store, and who holds its address."""

    def __init__(self, lab, cluster):
        self.lab, self.cluster = lab, cluster
        self.watch = VipWatch(lab, VIP)
        cluster.start()
        cluster.wait("alpha", 40, role="master", state="ready", witness="normal")

    def never_two(self):
        assert self.watch.two_holders_ms() == 0, self.watch.two_holders_ms()

    @staticmethod
    def votes(status):
        """Not the master alone any more, as it is while the store is not there."""
        return not any("answered the master" in reason["text"] for reason in status["why"])

    def settled(self, master, timeout=40):
        """`master` is, with the store's vote; the other follows and is level; nothing was ever held twice."""
        slave = "beta" if master == "alpha" else "alpha"
        status = self.cluster.wait(master, timeout, self.votes, role="master", state="ready", witness="normal")
        # The other as well: a cut must not come while the store's return is proposed and not yet agreed on.
        self.cluster.wait(slave, timeout, self.votes, role="slave", peer_heard=True)
        self.cluster.wait_followed(master, slave, timeout)
        self.watch.wait_for([master], 10)
        self.never_two()
        return status

    def taken_over(self, master, timeout=20):
        """`master` is, whatever became of the other."""
        self.cluster.wait(master, timeout, role="master")
        self.watch.wait_for([master], 5)
        self.never_two()

    def back(self, name):
        """A host that lost its power is a member again."""
        self.lab.up(name)
        self.cluster.start(name)

    def alpha_is_master(self):
        """As each case wants to begin."""
        for host in self.lab.hosts:
            self.lab.heal(host)
        self.cluster.wait("alpha", 40, lambda status: "master" in (status["role"], status["peer_role"]))
        if self.cluster.status("alpha")["role"] != "master":
            self.settled("beta")
            self.cluster.switch("beta")
        return self.settled("alpha")

    def stays(self, master, term, seconds):
        """`master` is and stays, in this term."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            status = self.cluster.status(master)
            assert status["role"] == "master" and status["term"] == term, (status["role"], status["term"])
            time.sleep(0.1)
        self.never_two()

    def master_dies(self, back=None):
        """The master loses its power: the other takes over with the store's vote, and it comes back as slave."""
        self.alpha_is_master()
        self.lab.kill("alpha")
        self.taken_over("beta")
        (back or self.back)("alpha")
        self.settled("beta")

    def lines_are_cut(self):
        """The members do not hear each other: the master stays, by the store's vote, and the other gets none."""
        term = self.alpha_is_master()["term"]
        self.lab.cut("alpha", "beta")
        time.sleep(LENGTH)
        self.stays("alpha", term, 3 * LENGTH)
        assert self.cluster.status("beta")["role"] != "master"
        self.lab.heal("alpha", "beta")
        self.settled("alpha")

    def why(self, name):
        return [reason["text"] for reason in self.cluster.status(name)["why"]]

    def said(self, name, words, timeout=15):
        """Waits until the status of a member gives this reason."""
        self.cluster.wait(name, timeout, lambda status: any(words in reason["text"] for reason in status["why"]))

    def log_of(self, name):
        with open(self.lab[name].path(f"{NODE_ROOT}/log/drnode.log"), encoding="utf-8") as log:
            return log.read().splitlines()
