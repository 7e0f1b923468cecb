# SPDX-License-Identifier: Apache-2.0
"""What every bench shares: figures with their bars, told to people as they come and to programs as one JSON line."""
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
BUILD = TOP / "build/release"


def median(values):
    return statistics.median(values)


def machine():
    cpu = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo", encoding="ascii", errors="replace")
                if line.startswith("model name")), "unknown")
    return {"kernel": os.uname().release, "cpu": cpu, "cores": os.cpu_count(),
            "memory_mib": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20}


class Figures:
    """bar is what is to be reached, None for a figure that only informs."""

    def __init__(self, bench):
        self.bench, self.figures = bench, []

    def add(self, name, value, unit, bar=None, better="higher"):
        value = round(value, 3)
        self.figures.append({"name": name, "value": value, "unit": unit, "bar": bar, "better": better})
        verdict = ""
        if bar is not None:
            reached = value >= bar if better == "higher" else value <= bar
            verdict = f"  (bar {bar}: {'reached' if reached else 'NOT reached'})"
        print(f"{name:52} {value:12g} {unit}{verdict}", flush=True)

    def end(self):
        if "--json" in sys.argv[1:]:
            print(json.dumps({"bench": self.bench, "machine": machine(), "figures": self.figures}))


def run(*words, **more):
    """A command that must succeed; its output."""
    done = subprocess.run([str(w) for w in words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False, **more)
    if done.returncode:
        sys.exit(f"bench: {' '.join(str(w) for w in words)}: status {done.returncode}: {done.stdout[-800:]}")
    return done.stdout
