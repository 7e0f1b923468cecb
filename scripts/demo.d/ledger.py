# SPDX-License-Identifier: Apache-2.0
"""What client.py was promised, and whether the database kept it."""
from dataclasses import dataclass


def position(lsn):
    """A place in PostgreSQL's log, "0/15D6A28", as a number."""
    high, low = lsn.split("/")
    return int(high, 16) << 32 | int(low, 16)


@dataclass
class Promise:
    when: float   # time.monotonic() of the acknowledgement
    began: int
    ended: int | None = None


class Ledger:
    def __init__(self, path):
        self.path, self.offset, self.promises = path, 0, {}
        self.lost = set()  # found missing in an earlier step

    def read(self):
        """Takes in what the client wrote since the last time."""
        with open(self.path, "rb") as file:
            file.seek(self.offset)
            text = file.read()
        whole = text[:text.rfind(b"\n") + 1]
        self.offset += len(whole)
        for line in whole.decode("ascii").splitlines():
            word, number, *rest = line.split()
            if word == "ack":
                self.promises[int(number)] = Promise(int(rest[0]) / 1e6, position(rest[1]))
            else:
                self.promises[int(number)].ended = position(rest[0])
        return self

    def acknowledged(self):
        return len(self.read().promises)

    def last(self):
        """When the latest acknowledgement came."""
        return max((promise.when for promise in self.read().promises.values()), default=0.0)

    def longest_gap(self, begin, end):
        """The longest time without an acknowledgement that touches [begin, end], in ms."""
        times = sorted(promise.when for promise in self.read().promises.values())
        inside = [when for when in times if begin <= when <= end]
        before = [when for when in times if when < begin][-1:]
        after = [when for when in times if when > end][:1]
        edges = before + inside + after
        return max(((b - a) * 1000 for a, b in zip(edges, edges[1:])), default=0.0)

    def snapshot(self):
        """The numbers that are acknowledged now: what the database shows later must hold them."""
        return set(self.read().promises)

    def missing(self, acknowledged, present):
        """Those of a snapshot that are not in the database and were not known as lost; from now on they are."""
        new = acknowledged - present - self.lost
        self.lost |= new
        return new

    def explained(self, missing, present, reached):
        """None if exactly what lies behind `reached`, the end of PostgreSQL's log on the copy, is missing; else what
        contradicts it. A transaction that straddles that place may be either."""
        later = {number for number in present if missing and min(missing) < number < max(missing)}
        if later:
            return f"{len(later)} transactions are there although the earlier {min(missing)} is missing"
        for number in missing:
            promise = self.promises[number]
            if promise.ended is not None and promise.ended <= reached:
                return f"transaction {number} had reached the new master and is missing"
        return None
