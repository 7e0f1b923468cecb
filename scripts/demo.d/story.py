# SPDX-License-Identifier: Apache-2.0
"""The story that scripts/demo --once plays: one step after another, each with its row in the table and its checks."""
import os
import time

from lab import LabError
from stage import Stage, other
from view import table

STEADY = 8.0  # seconds of load between two events
HEADINGS = ["step", "RTO ms", "acknowledged", "lost", "lag ms", "lag bytes", "bytes moved", "two holders ms"]
HERE = os.path.dirname(os.path.abspath(__file__))


class Story:
    def __init__(self, stage: Stage):
        self.stage = stage
        self.rows, self.checks = [], []

    def hold(self, what, holds, detail=""):
        """One thing that must be so; the story goes on if it is not, and fails at its end."""
        self.checks.append((what, bool(holds)))
        self.stage.say(f"{'ok    ' if holds else 'FAILED'} {what}{': ' + str(detail) if detail else ''}")

    def row(self, step, **cells):
        known = ["rto", "acknowledged", "lost", "lag_ms", "lag_bytes", "moved", "two"]
        self.rows.append([step] + [cells.get(key) for key in known])

    def play(self):
        """All steps; True if everything held."""
        for step in (self.mirror, self.steady, self.death, self.come_back, self.switch_back, self.partition,
                     self.heal):
            step()
        self.stage.view.stop()
        self.stage.vip.close()
        totals = self.stage.vip.totals
        self.hold("no two hosts ever held the address", totals["samples"] > 0 and totals["two"] == 0,
                  f"{totals['samples']} samples, {totals['late']} of them more than 10 ms apart, the longest "
                  f"{totals['gap_us'] / 1000:.0f} ms")
        self.stage.view.block(table(self.rows, HEADINGS))
        failed = [what for what, holds in self.checks if not holds]
        print(f"{len(self.checks) - len(failed)} checks held, {len(failed)} failed{': ' if failed else ''}"
              + "; ".join(failed))
        return not failed

    # ---- helpers of the steps ----

    def _client_goes_on(self, since, timeout):
        """Waits until the client is served again after `since`; returns nothing, the ledger has the times."""
        end = time.monotonic() + timeout
        while self.stage.ledger.last() <= since:
            if time.monotonic() > end:
                raise LabError(f"the client was not served for {timeout} s")
            time.sleep(0.02)

    def _account(self, master, crashed):
        """What the ledger misses on the new master, and whether that is exactly what had not reached it."""
        missing, present = self.stage.account()
        reached = self.stage.database.reached(master) if crashed else None
        if crashed:
            why = "its log shows no recovery" if reached is None else \
                self.stage.ledger.explained(missing, present, reached)
            self.hold(f"what is missing is exactly what had not reached {master}", why is None,
                      why or f"{len(missing)} acknowledged transactions")
        else:
            self.hold("no acknowledged transaction was lost", not missing, f"{len(missing)} missing")
        return len(missing)

    def _clean(self, name):
        found = self.stage.database.check()
        self.hold(f"pg_amcheck finds {name}'s data base clean", found is None, found or "")

    def _lag(self, master):
        source = self.stage.cluster.status(master)["source"]
        return {"lag_ms": source["lag_ms"], "lag_bytes": source["lag_bytes"]}

    def _moved(self, master):
        source = self.stage.cluster.status(master)["source"]
        return source["mirror_bytes_sent"]

    def _level(self, master, step, timeout=120):
        """The returning member is slave and brought level; its row says what that moved."""
        back, stage = other(master), self.stage
        begin = time.monotonic()
        stage.cluster.wait(back, timeout, role="slave")
        stage.cluster.wait(master, timeout, lambda s: s["sending"] and s["source"]["phase"] == "replicating",
                           role="master", state="ready")
        stage.cluster.wait_level(master, timeout)
        self.hold(f"{back} is slave again and level", True, f"{time.monotonic() - begin:.1f} s")
        self.row(step, acknowledged=stage.ledger.acknowledged(), moved=self._moved(master),
                 two=stage.vip.two_holders_ms(), **self._lag(master))

    def _work(self):
        time.sleep(STEADY)

    # ---- the steps ----

    def mirror(self):
        stage = self.stage
        stage.cluster.start()
        stage.cluster.wait("alpha", 60, role="master")
        stage.cluster.wait("beta", 60, role="slave")
        stage.cluster.wait("alpha", 120, lambda s: s["sending"] and s["source"]["phase"] == "replicating", state="ready")
        stage.cluster.wait_level("alpha", 60)
        self.hold("the first mirror to beta is complete", True)
        self.row("mirror", moved=self._moved("alpha"), two=stage.vip.two_holders_ms())

    def steady(self):
        stage = self.stage
        stage.start_client()
        self._client_goes_on(0, 20)
        self._work()
        self._clean("alpha")
        self.row("steady load", acknowledged=stage.ledger.acknowledged(), lost=0, two=stage.vip.two_holders_ms(),
                 **self._lag("alpha"))

    def death(self):
        stage = self.stage
        lag = self._lag("alpha")
        begin = time.monotonic()
        stage.kill("alpha")
        taken = stage.vip.wait_for(["beta"], 30)
        self._client_goes_on(taken, 30)
        stage.cluster.wait("beta", 5, role="master")
        self.hold("beta took the address and PostgreSQL works on its copy", True)
        rto = stage.ledger.longest_gap(begin, taken)
        self._clean("beta")
        self.row("alpha dies", rto=rto, acknowledged=stage.ledger.acknowledged(),
                 lost=self._account("beta", crashed=True), two=stage.vip.two_holders_ms(), **lag)
        self._work()

    def come_back(self):
        self.stage.bring_back()
        self._level("beta", "alpha comes back")
        self._work()

    def switch_back(self):
        stage = self.stage
        lag = self._lag("beta")
        begin = time.monotonic()
        stage.switch("beta")
        taken = stage.vip.wait_for(["alpha"], 30)
        self._client_goes_on(taken, 30)
        rto = stage.ledger.longest_gap(begin, taken)
        stage.cluster.wait("alpha", 5, role="master")
        stage.cluster.wait("beta", 20, role="slave")
        self.hold("beta handed over to alpha", True)
        self.row("switch back", rto=rto, acknowledged=stage.ledger.acknowledged(),
                 lost=self._account("alpha", crashed=False), two=stage.vip.two_holders_ms(), **lag)
        stage.cluster.wait("alpha", 60, lambda s: s["sending"] and s["source"]["phase"] == "replicating")
        stage.cluster.wait_level("alpha", 60)
        self._work()

    def partition(self):
        stage = self.stage
        prober = stage.lab["alpha"].start(["python3", os.path.join(HERE, "probe.py"), "/data/orders/stray"],
                                          log="probe.log")
        time.sleep(0.5)
        lag = self._lag("alpha")
        begin = time.monotonic()
        stage.cut("alpha")
        taken = stage.vip.wait_for(["beta"], 30)
        self._client_goes_on(taken, 30)
        rto = stage.ledger.longest_gap(begin, taken)
        stage.cluster.wait("beta", 5, role="master")
        prober.stop()
        self._check_demotion(begin, taken)
        self._clean("beta")
        self.row("alpha is cut off", rto=rto, acknowledged=stage.ledger.acknowledged(),
                 lost=self._account("beta", crashed=True), two=stage.vip.two_holders_ms(), **lag)
        self._work()

    def _check_demotion(self, begin, taken):
        """alpha refused the stray writer, and let go of the address, before beta took it."""
        changes = [line.split() for line in self.stage.lab["alpha"].log("probe.log").splitlines()]
        wrote = any(word == "ok" and int(when) / 1e6 < begin for when, word in changes)
        refused = [int(when) / 1e6 for when, word in changes if word == "EROFS"]
        self.hold("alpha refused a stray writer before beta took over", wrote and refused and refused[0] < taken,
                  f"EROFS {(taken - refused[0]) * 1000:.0f} ms before" if refused else changes)
        free = [when for when, who in self.stage.vip.changes if begin < when < taken and "alpha" not in who]
        self.hold("alpha let go of the address before beta took it", free,
                  f"{(taken - free[0]) * 1000:.0f} ms before" if free else "")

    def heal(self):
        self.stage.bring_back()
        self._level("beta", "alpha is healed")
        self._clean("beta")
        self._account("beta", crashed=False)


def play_once(stage):
    return Story(stage).play()
