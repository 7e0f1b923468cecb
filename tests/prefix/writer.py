#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Plays the steps of a seed on a folder until it is told to stop (SIGTERM) and tells in a shared file how far it is.

usage: writer.py FOLDER PROGRESS SEED records|everything FILES [PREFIX]
PROGRESS holds two u64: steps begun, steps done; and then, for each step, two f64: when it began, when it was done.
"""
import mmap
import os
import random
import signal
import struct
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import model  # noqa: E402

STEPS_MAX = 1 << 20
SIZE = 16 + 16 * STEPS_MAX


class Progress:
    """The shared file; the reader's side too."""

    def __init__(self, path, create=False):
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT if create else 0), 0o600)
        if create:
            os.ftruncate(fd, SIZE)
        self.map = mmap.mmap(fd, SIZE)
        os.close(fd)

    def begin(self, n):
        struct.pack_into("<d", self.map, 16 * n, time.monotonic())
        struct.pack_into("<Q", self.map, 0, n)

    def done(self, n):
        struct.pack_into("<d", self.map, 16 * n + 8, time.monotonic())
        struct.pack_into("<Q", self.map, 8, n)

    def begun_steps(self):
        return struct.unpack_from("<Q", self.map, 0)[0]

    def done_steps(self):
        return struct.unpack_from("<Q", self.map, 8)[0]

    def began_at(self, n):
        return struct.unpack_from("<d", self.map, 16 * n)[0]

    def done_at(self, n):
        return struct.unpack_from("<d", self.map, 16 * n + 8)[0] if n <= self.done_steps() else float("inf")


def main():
    folder, path, seed, kind, files = sys.argv[1:6]
    stop = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(1))
    progress = Progress(path, create=True)
    real, pace = model.Folder(folder), random.Random(seed)
    kinds = model.RECORDS if kind == "records" else model.EVERYTHING
    steps = model.Steps(seed, int(files), kinds, sys.argv[6] if len(sys.argv) > 6 else "")
    while not stop and steps.number + 1 < STEPS_MAX:
        step = next(steps)
        progress.begin(steps.number)
        real.play(step)
        progress.done(steps.number)
        if pace.random() < 0.02:
            real.with_file(sorted(steps.model.names)[0], os.O_RDWR, os.fsync)
        if pace.random() < 0.05:
            time.sleep(0.005)  # bursts and pauses, as applications have them


if __name__ == "__main__":
    main()
