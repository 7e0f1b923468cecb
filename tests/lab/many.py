# SPDX-License-Identifier: Apache-2.0
"""A cluster with many rules, all between the same two members with one arbiter, each with a folder of its own.

    many = Many(lab, 200)
    many.start()
    took = many.wait_ready(60)
    print(many.cost("alpha", 10))
"""
import json
import os
import time
from typing import NamedTuple

from cluster import ETC, RULE_ID, RULE_NAME, Cluster
from host import LabError

TICKS = os.sysconf("SC_CLK_TCK")


class Cost(NamedTuple):
    cpu: float  # % of one core
    threads: int
    mib: float  # of its own memory


def rule_id(number):
    return f"{number + 1:032X}"


def rule_name(number):
    return f"r{number:04}"


def _usage(pid):
    """Ticks of processor time, threads, KiB of one process."""
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        fields = file.read().rpartition(")")[2].split()
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
        facts = dict(line.split(":", 1) for line in file)
    return int(fields[11]) + int(fields[12]), int(facts["Threads"]), int(facts.get("RssAnon", "0 kB").split()[0])


class Many(Cluster):
    def __init__(self, lab, rules, settings=None):
        self.rules = rules
        super().__init__(lab, settings=settings)
        for host in self.ids:
            os.unlink(lab[host].path(f"{ETC}/rules/{RULE_NAME}.xml"))
        for number in range(rules):
            self._add(number)

    def _add(self, number):
        name = rule_name(number)
        self.folders = (f"/data/{name}",)
        text = self.rule().replace(RULE_ID, rule_id(number)).replace(f"<name>{RULE_NAME}<", f"<name>{name}<")
        for host in self.ids:
            self._write(host, f"rules/{name}.xml", text)
            for folder in self.folders if host in self.members else ():
                os.makedirs(self.lab[host].path(folder), exist_ok=True)

    def states(self, host):
        """{name: status} of all rules; empty if its drnode does not answer."""
        try:
            return {one["name"]: one for one in json.loads(self.drctl(host, "status", "--json"))["rules"]}
        except LabError:
            return {}

    def wait_ready(self, timeout):
        """Until each rule has one master, ready, on either member; seconds."""
        began = time.monotonic()
        while True:
            ready, double = self.ready()
            assert not double, f"two masters: {double[:5]}"
            if len(ready) == self.rules:
                return time.monotonic() - began
            if time.monotonic() > began + timeout:
                raise LabError(f"after {timeout} s {len(ready)} of {self.rules} rules have a master that is ready")
            time.sleep(0.5)

    def ready(self):
        """Names of the rules with a master that is ready, and of those with two masters of one term."""
        states = [self.states(host) for host in self.members]
        terms = [{name: one["term"] for name, one in found.items() if one["role"] == "master"} for found in states]
        ready = {name for found in states for name, one in found.items()
                 if one["role"] == "master" and one["state"] == "ready"}
        return ready, [name for name, term in terms[0].items() if terms[1].get(name) == term]

    def _pids(self, host, program):
        """Of the host's processes, as the machine sees them: a host has a namespace of its own."""
        space = os.readlink(f"/proc/{self.nodes[host].pid}/ns/pid")
        for entry in os.listdir("/proc"):
            try:
                if entry.isdigit() and os.readlink(f"/proc/{entry}/ns/pid") == space:
                    with open(f"/proc/{entry}/comm", encoding="utf-8", errors="replace") as file:
                        if file.read().strip() == program:
                            yield int(entry)
            except OSError:
                pass  # it has ended meanwhile

    def cost(self, host, seconds, program="drnode"):
        """What the processes of a program cost on a host while nothing happens."""
        pids = list(self._pids(host, program))
        before, at = [_usage(pid) for pid in pids], time.monotonic()
        time.sleep(seconds)
        after, span = [_usage(pid) for pid in pids], time.monotonic() - at
        ticks = sum(one[0] for one in after) - sum(one[0] for one in before)
        return Cost(100 * ticks / TICKS / span, sum(one[1] for one in after), sum(one[2] for one in after) / 1024)
