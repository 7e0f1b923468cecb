# SPDX-License-Identifier: Apache-2.0
"""The stage of the demo: hosts, cluster, database, client, and the watch on the virtual address."""
import os
import threading
import time

from cluster import Cluster, reasons
from database import Database, script_files
from lab import VIP, Lab, LabError
from ledger import Ledger
from view import View
from vip import VipWatch

MEMBERS = ("alpha", "beta")
LEDGER = "/data/ledger"
HERE = os.path.dirname(os.path.abspath(__file__))


def other(name):
    return MEMBERS[1 - MEMBERS.index(name)]


class Stage:
    def __init__(self):
        self.lab = Lab("alpha", "beta", "gamma", "client")
        self.vip = VipWatch(self.lab, VIP)
        self.database = Database(self.lab, VIP)
        self.view = View(self.line)
        self.cluster = None
        self.ledger = None
        self.states = {}          # last status of each member, or None
        self.rate = (0.0, 0, 0)   # when, acknowledged then, per second
        self.over = threading.Event()
        self.follower = threading.Thread(target=self._follow, daemon=True)

    def close(self):
        self.over.set()
        if self.follower.is_alive():
            self.follower.join()
        self.view.stop()
        self.lab.close()

    def tell_logs(self):
        """The end of what each drnode logged, for whoever must find out why."""
        for name in (*MEMBERS, "gamma"):
            try:
                self.view.block(f"{name}:\n{self.lab[name].log('drnode.log')[-3000:]}")
            except FileNotFoundError:
                continue  # it was never started

    def say(self, text, when=None):
        self.view.say(text, when)

    def set_up(self):
        self.database.prepare(MEMBERS)
        self.say("alpha makes a PostgreSQL 15 data base in /data/orders")
        self.database.create("alpha")
        self.cluster = Cluster(self.lab, vip=VIP, scripts=script_files(), settings={"boot_wait": "5s"})
        self.view.start()
        self.follower.start()

    def start_client(self):
        path = self.lab["client"].path(LEDGER)
        open(path, "w", encoding="ascii").close()
        self.ledger = Ledger(path)
        self.lab["client"].start(["python3", os.path.join(HERE, "client.py"), VIP, LEDGER], log="client.log")
        self.database.start_load()
        self.say("the client starts to work through " + VIP)

    # ---- what is going on ----

    def _follow(self):
        """Asks both members how they are, twice a second, and tells what changed."""
        holders = len(self.vip.changes)
        while not self.over.wait(0.4):
            answers = {name: self._ask(name) for name in MEMBERS}
            for when, who in self.vip.changes[holders:]:
                self.say(f"{VIP} is held by {' and '.join(sorted(who)) or 'nobody'}", when)
                holders += 1
            for name in MEMBERS:
                self._note(name, answers[name])
            self._count()

    def _ask(self, name):
        try:
            return self.cluster.status(name)
        except (LabError, OSError, ValueError, KeyError):
            return None  # it is being killed while it is asked

    def _note(self, name, now):
        before, self.states[name] = self.states.get(name), now
        shown = [status and (status["role"], status["state"]) for status in (before, now)]
        if shown[0] == shown[1]:
            return
        if now:
            why = [] if now["state"] in ("ready", "mirroring") else reasons(now)[:1]
            self.say(": ".join([f"{name} is {now['role']}, {now['state']}"] + why))
        elif before:
            self.say(f"{name} does not answer")

    def _count(self):
        if self.ledger:
            now, count = time.monotonic(), self.ledger.acknowledged()
            when, before, _ = self.rate
            self.rate = (now, count, (count - before) / (now - when))

    def line(self):
        parts = [f"{name} {status['role'].upper()} {status['state']}" if status else f"{name} -"
                 for name, status in ((name, self.states.get(name)) for name in MEMBERS)]
        parts.append(f"VIP {'+'.join(sorted(self.vip.holders())) or '-'}")
        for name in MEMBERS:
            status = self.states.get(name)
            if status and status["sending"]:
                source = status["source"]
                parts.append(f"{source['phase']} lag {source['lag_ms']} ms {source['lag_bytes'] // 1024} KiB")
        if self.ledger:
            parts.append(f"{self.rate[2]:.0f} tx/s, {self.rate[1]} acknowledged, {len(self.ledger.lost)} lost")
        return " | ".join(parts)

    def account(self):
        """Asks the data base which acknowledged transactions it lacks, of those not known as lost; returns (new ones, what
        it has)."""
        acknowledged = self.ledger.snapshot()
        present = self.database.numbers()
        return self.ledger.missing(acknowledged, present), present

    # ---- what people do ----

    def master(self):
        """The member that is master, or None."""
        for name in MEMBERS:
            status = self._ask(name)
            if status and status["role"] == "master":
                return name
        return None

    def kill(self, name):
        self.say(f"POWER LOSS of {name}: every process SIGKILLed, its card unplugged")
        self.lab.kill(name)
        self.cluster.nodes.pop(name, None)

    def cut(self, name):
        self.say(f"CUT: {name} is parted from {other(name)} and gamma; the client still reaches it")
        for far in (other(name), "gamma"):
            self.lab.cut(name, far)

    def bring_back(self):
        """Heals every cut and boots what is down."""
        for name in MEMBERS:
            for far in (other(name), "gamma"):
                self.lab.heal(name, far)
            if not self.lab[name].init:
                self.say(f"{name} is switched on")
                self.lab.up(name)
                self.cluster.start(name)

    def switch(self, name):
        self.say(f"SWITCH on purpose: {name} hands over to {other(name)}")
        self.cluster.switch(name)
