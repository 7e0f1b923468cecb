# SPDX-License-Identifier: Apache-2.0
"""Runs test cases written in Python and prints the closing line that scripts/test reads.

A suite calls main(globals()): each function test_NAME is a case, in the order of the file; its docstring's first line
says what it holds. Arguments select cases by part of their name. A case has `limit` seconds (attribute of the function,
or LIMIT). What it raises fails it.
"""
import signal
import sys
import time
import traceback

LIMIT = 60


class TimedOut(Exception):
    pass


def _alarm(_signal, _frame):
    raise TimedOut("took longer than its limit")


def _run(case):
    """None, or why the case failed."""
    signal.signal(signal.SIGALRM, _alarm)
    signal.setitimer(signal.ITIMER_REAL, getattr(case, "limit", LIMIT))
    try:
        case()
    except (Exception, SystemExit) as error:  # a case that leaves the program has failed too
        return "".join(traceback.format_exception(error)).rstrip()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return None


def limit(seconds):
    def mark(case):
        case.limit = seconds
        return case
    return mark


def run(cases):
    """Runs (name, function) pairs; returns (passed, failed)."""
    failed = 0
    for name, case in cases:
        start = time.monotonic()
        why = _run(case)
        word = "FAILED" if why else "ok"
        print(f"{word:6} {name} ({time.monotonic() - start:.1f} s)", flush=True)
        if why:
            failed += 1
            print("       " + why.replace("\n", "\n       "), flush=True)
    return len(cases) - failed, failed


def main(names):
    cases = [(name[5:], case) for name, case in names.items() if name.startswith("test_") and callable(case)]
    chosen = [pair for pair in cases if not sys.argv[1:] or any(part in pair[0] for part in sys.argv[1:])]
    if not chosen:
        sys.exit(f"no case has {' or '.join(sys.argv[1:])} in its name: there are {' '.join(name for name, _ in cases)}")
    passed, failed = run(chosen)
    print(f"{passed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed or not passed else 0)
