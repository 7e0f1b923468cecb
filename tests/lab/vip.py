# SPDX-License-Identifier: Apache-2.0
"""Who holds an address, sampled on all hosts of a lab every 5 ms (vipwatch.c does it; this reads what it says)."""
import os
import subprocess
import threading
import time

from host import LabError
from lab import build_folder


class VipWatch:
    """`changes` is a list of (time.monotonic(), frozenset of host names)."""

    def __init__(self, lab, address):
        program = os.path.join(build_folder(), "tests", "lab", "vipwatch")
        if not os.access(program, os.X_OK):
            raise LabError(f"no program {program}: run scripts/build first")
        self.lab, self.changes, self.totals = lab, [(time.monotonic(), frozenset())], {}
        self.process = subprocess.Popen([program, address], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.changed = threading.Condition()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        lab.watchers.append(self)
        for host in lab.hosts.values():
            if host.init:
                self.came(host)

    def _read(self):
        for line in self.process.stdout:
            word, *rest = line.split()
            with self.changed:
                if word == "holders":
                    self.changes.append((int(rest[0]) / 1e6, frozenset(rest[1:])))
                elif word == "total":
                    self.totals = {key: int(value) for key, value in (pair.split("=") for pair in rest)}
                self.changed.notify_all()

    def _say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def came(self, host):
        self._say(f"add {host.name} {host.init}")

    def went(self, host):
        self._say(f"del {host.name}")

    def holders(self):
        return self.changes[-1][1]

    def wait_for(self, holders, timeout):
        """Waits until exactly `holders` have it; returns when that began."""
        wanted = frozenset(holders)
        with self.changed:
            if not self.changed.wait_for(lambda: self.holders() == wanted, timeout):
                raise LabError(f"after {timeout} s the address is held by {set(self.holders()) or 'nobody'}, "
                               f"not by {set(wanted) or 'nobody'}")
            return self.changes[-1][0]

    def two_holders_ms(self):
        """For how long more than one host has held it so far, as the samples saw it."""
        with self.changed:
            ends = [when for when, _ in self.changes[1:]] + [time.monotonic()]
            return sum((end - begin) * 1000 for (begin, who), end in zip(self.changes, ends) if len(who) > 1)

    def close(self):
        """Ends it; totals has samples, two (those with two holders), late (those more than 10 ms after the one
        before) and gap_us (the longest between two)."""
        if self in self.lab.watchers:
            self.lab.watchers.remove(self)
            self.process.stdin.close()
            self.process.wait()
            self.reader.join()
            self.process.stdout.close()
