# SPDX-License-Identifier: Apache-2.0
"""Many rules on one node: each is decided on, and at rest none has a thread of its own. DR_LAB_RULES: how many."""
import os
import time

import harness
from lab import Lab
from many import Many

RULES = int(os.environ.get("DR_LAB_RULES", "60"))
BY_HAND = 3
lab = many = None


def begin():
    global lab, many
    lab = Lab("alpha", "beta", "gamma")
    many = Many(lab, RULES)
    many.start()


def end():
    lab.close()


def threads_at_rest(host):
    """As many as are left when the workers have nothing to do any more."""
    end = time.monotonic() + 30
    while (count := many.cost(host, 1).threads) >= RULES and time.monotonic() < end:
        pass
    return count


@harness.limit(600)
def test_many_rules_are_ready():
    """One master each, and fewer threads than rules on both members."""
    many.wait_ready(90 + RULES / 4)
    for host in many.members:
        assert threads_at_rest(host) < RULES, many.cost(host, 1)


def masters():
    """{rule: host}"""
    found = {name: host for host in many.members for name, one in many.states(host).items() if one["role"] == "master"}
    return dict(sorted(found.items()))


@harness.limit(300)
def test_some_of_many_are_switched():
    """Those that a person orders move, the others stay, and none has two masters."""
    before = masters()
    for name, host in list(before.items())[:BY_HAND]:
        many.drctl(host, "switch", name)
    many.wait_ready(60)
    after = masters()
    assert [name for name in before if before[name] != after[name]] == list(before)[:BY_HAND]
