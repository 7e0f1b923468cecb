#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A stray writer: writes a protected file every 10 ms and says when that begins and stops working.
usage: probe.py FILE. Output: "MICROSECONDS ok" or "MICROSECONDS ERRNO-NAME" at each change (CLOCK_MONOTONIC)."""
import errno
import sys
import time


def attempt(path):
    try:
        with open(path, "a", encoding="ascii") as file:
            file.write(".")
        return "ok"
    except OSError as error:
        return errno.errorcode[error.errno]


def main(path):
    last = None
    while True:
        result = attempt(path)
        if result != last:
            print(time.monotonic_ns() // 1000, result, flush=True)
            last = result
        time.sleep(0.01)


if __name__ == "__main__":
    main(*sys.argv[1:])
