# SPDX-License-Identifier: Apache-2.0
"""Who can write into the protected folder: a program on each member that tries every 5 ms, and what it says.

A run of writes is told from the end of its first to the beginning of its last: at both instants, and between them, this
member could write, however long the program itself was kept waiting before and after."""
import time

PROGRAM = """
import errno, os, sys, time
wrote = None
while True:
    began, why = time.monotonic(), ''
    try:
        file = os.open(f'{sys.argv[1]}/probe-{os.uname().nodename}', os.O_WRONLY | os.O_CREAT)
        try:
            os.pwrite(file, b'x', 0)
        finally:
            os.close(file)
    except OSError as error:
        why = errno.errorcode[error.errno]
    if not why:
        if wrote is None:
            wrote = time.monotonic()
            print('from', wrote, flush=True)
        else:
            wrote = began
    elif wrote is not None:
        print('until', wrote, why, flush=True)
        wrote = None
    time.sleep(0.005)
"""


class Writers:
    def __init__(self, lab, folder):
        self.lab, self.folder = lab, folder
        self.lives = {}  # of each member: when each of its programs ended, None while it lives

    def start(self, name):
        """Once, and anew after a power loss."""
        lives = self.lives.setdefault(name, [])
        lives.append(None)
        self.lab[name].start(["python3", "-c", PROGRAM, self.folder], log=f"writer-{len(lives)}.log")

    def died(self, name):
        """The host lost power: what was a run until now is over."""
        self.lives[name][-1] = time.monotonic()

    def runs(self, name):
        """[(from, until, why it ended)] of a member; until is None while it lasts."""
        runs = []
        for life, died in enumerate(self.lives[name], 1):
            for line in self.lab[name].log(f"writer-{life}.log").splitlines():
                word, when, *why = line.split()
                if word == "from":
                    runs.append((float(when), None, ""))
                else:
                    runs[-1] = (runs[-1][0], float(when), why[0])
            if died and runs and runs[-1][1] is None:
                runs[-1] = (runs[-1][0], died, "power loss")
        return runs

    def _overlap(self):
        runs = sorted((run for name in self.lives for run in self.runs(name)), key=lambda run: run[0])
        for (_, until, _), (begun, _, _) in zip(runs, runs[1:]):
            if until is None or until > begun:
                return until, begun
        return None

    def never_two(self, patience=5):
        """No member could write while another could. One that was stopped meanwhile has yet to say when it ended."""
        end = time.monotonic() + patience
        while overlap := self._overlap():
            until, begun = overlap
            assert until is None and time.monotonic() < end, f"both could write: until {until}, from {begun}"
            time.sleep(0.1)
