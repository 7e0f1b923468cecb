#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What a writer feels: 8 KiB and fdatasync, again and again, on several folders in turn; and on the first one by way of
another process, which is what this machine makes anybody wait for who is served by one.
usage: latency.py FOLDER... Output: "SECOND FOLDER-or-handed LONGEST-MS WRITES ERRNO-NAME-OR-ok", a line each and second
(CLOCK_MONOTONIC)."""
import errno
import os
import sys
import time
from multiprocessing import Pipe, Process

PACE = 0.002
BLOCK = os.urandom(8192)
SIZE = 64 * len(BLOCK)


def opened(folder, name):
    return os.open(os.path.join(folder, name), os.O_RDWR | os.O_CREAT, 0o600)


def write_once(file, offset):
    try:
        os.pwrite(file, BLOCK, offset)
        os.fdatasync(file)
        return "ok"
    except OSError as error:
        return errno.errorcode[error.errno]


def watch(name, write):
    second, longest, writes, trouble = int(time.monotonic()), 0.0, 0, "ok"
    while True:
        begin = time.monotonic()
        result = write(writes * len(BLOCK) % SIZE)
        end = time.monotonic()
        longest, writes = max(longest, end - begin), writes + 1
        trouble = result if result != "ok" else trouble
        if int(end) != second:
            print(second, name, f"{longest * 1000:.1f}", writes, trouble, flush=True)
            second, longest, writes, trouble = int(end), 0.0, 0, "ok"
        time.sleep(PACE)


def directly(folder):
    file = opened(folder, "latency")
    watch(folder, lambda offset: write_once(file, offset))


def serve(pipe, folder):
    file = opened(folder, "handed")
    while True:
        pipe.send(write_once(file, pipe.recv()))


def handed(folder):
    ours, theirs = Pipe()
    Process(target=serve, args=(theirs, folder)).start()

    def write(offset):
        ours.send(offset)
        return ours.recv()

    watch("handed", write)


if __name__ == "__main__":
    for path in sys.argv[1:]:
        Process(target=directly, args=(path,)).start()
    handed(sys.argv[1])
