#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What a writer feels: 8 KiB and fdatasync, again and again, on several folders in turn.
usage: latency.py FOLDER... Output: "SECOND FOLDER LONGEST-MS WRITES ERRNO-NAME-OR-ok", a line a folder and second
(CLOCK_MONOTONIC)."""
import errno
import os
import sys
import time
from multiprocessing import Process

PACE = 0.002
BLOCK = os.urandom(8192)
SIZE = 64 * len(BLOCK)


def write_once(file, offset):
    try:
        os.pwrite(file, BLOCK, offset)
        os.fdatasync(file)
        return "ok"
    except OSError as error:
        return errno.errorcode[error.errno]


def watch(folder):
    file = os.open(os.path.join(folder, "latency"), os.O_RDWR | os.O_CREAT, 0o600)
    second, longest, writes, trouble = int(time.monotonic()), 0.0, 0, "ok"
    while True:
        begin = time.monotonic()
        result = write_once(file, writes * len(BLOCK) % SIZE)
        end = time.monotonic()
        longest, writes = max(longest, end - begin), writes + 1
        trouble = result if result != "ok" else trouble
        if int(end) != second:
            print(second, folder, f"{longest * 1000:.1f}", writes, trouble, flush=True)
            second, longest, writes, trouble = int(end), 0.0, 0, "ok"
        time.sleep(PACE)


if __name__ == "__main__":
    for path in sys.argv[1:]:
        Process(target=watch, args=(path,)).start()
