# SPDX-License-Identifier: Apache-2.0
"""Runs test cases written in Python and prints the closing line that scripts/test reads.

A suite calls main(globals()), or main(module, module, ...): each function test_NAME is a case, in the order of the
file; its docstring's first line says what it holds. What it raises fails it. Arguments select cases by part of their
name. A case has `LIMIT` seconds, or those of @limit. A module's begin() comes before its first case, its end() after
its last; if begin() raises, its cases have failed.
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


def _report(name, why, seconds):
    print(f"{'FAILED' if why else 'ok':6} {name} ({seconds:.1f} s)", flush=True)
    if why:
        print("       " + why.replace("\n", "\n       "), flush=True)


def _run_group(names, cases):
    """Runs (name, function) pairs of one module; returns how many failed."""
    why_not = _run(names.get("begin", lambda: None))
    failed = 0
    for name, case in cases:
        start = time.monotonic()
        why = why_not or _run(case)
        failed += why is not None
        _report(name, why, time.monotonic() - start)
        why_not = why_not and "begin() failed, see above"
    if why := _run(names.get("end", lambda: None)):
        _report("end", why, 0.0)
        failed += 1
    return failed


def _cases(names):
    return [(name[5:], case) for name, case in names.items() if name.startswith("test_") and callable(case)]


def main(*modules):
    wanted, passed, failed, known = sys.argv[1:], 0, 0, []
    for names in (module if isinstance(module, dict) else vars(module) for module in modules):
        known += [name for name, _ in _cases(names)]
        chosen = [pair for pair in _cases(names) if not wanted or any(part in pair[0] for part in wanted)]
        if chosen:
            bad = _run_group(names, chosen)
            passed, failed = passed + max(len(chosen) - bad, 0), failed + bad
    if not passed + failed:
        sys.exit(f"no case has {' or '.join(wanted)} in its name: there are {' '.join(known)}")
    print(f"{passed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed or not passed else 0)
