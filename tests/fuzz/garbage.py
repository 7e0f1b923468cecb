#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Throws garbage at listening ports: noise, half TLS hellos, handshakes without a certificate, other protocols, resets,
and connections so slow that they only hold a place. At the end every port must still answer at once.

usage: tests/fuzz/garbage.py [--seconds S] [--seed N] [--slow N] HOST:PORT...
"""
import argparse
import collections
import random
import socket
import ssl
import struct
import sys
import threading
import time

ANSWER_SECONDS = 5     # a port that takes longer to refuse a line of plain text is stuck
PAUSE_SECONDS = 0.005  # between two throws at one port: the point is nonsense, not load
OTHER_PROTOCOLS = [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n", b"EHLO x\r\n", b"\0" * 300,
                   b"\xff" * 70000, b"\x16\x03\x01\xff\xff" + b"\x01" * 100, b"\x80\x2e\x01\x00\x02", b"\n" * 5000]


def client_hello():
    """The first bytes that a TLS client says."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    try:
        context.wrap_bio(incoming, outgoing).do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def noise(s, chance):
    s.sendall(chance.randbytes(chance.choice([1, 4, 5, 12, 100, 20000])))


def half_hello(s, chance):
    hello = client_hello()
    s.sendall(hello[:chance.randrange(1, len(hello))])


def bent_hello(s, chance):
    hello = bytearray(client_hello())
    for _ in range(chance.randrange(1, 8)):
        hello[chance.randrange(len(hello))] = chance.randrange(256)
    s.sendall(hello)
    s.recv(4096)


def hello_then_noise(s, chance):
    s.sendall(client_hello())
    s.recv(4096)
    s.sendall(chance.randbytes(500))


def no_certificate(s, _):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with context.wrap_socket(s) as tls:
        tls.sendall(b"no certificate, but a word")
        tls.recv(100)


def other_protocol(s, chance):
    s.sendall(chance.choice(OTHER_PROTOCOLS))
    s.recv(100)


def silence(_, __):
    pass


def reset(s, chance):
    s.sendall(chance.randbytes(10))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


THROWS = [noise, half_hello, bent_hello, hello_then_noise, no_certificate, other_protocol, silence, reset]


class Port:
    def __init__(self, text):
        host, _, port = text.rpartition(":")
        if not host or not port.isdigit():
            sys.exit(f"garbage.py: {text} is not HOST:PORT")
        self.name, self.address = text, (host.strip("[]"), int(port))
        self.count, self.refused = collections.Counter(), 0

    def dial(self):
        return socket.create_connection(self.address, timeout=ANSWER_SECONDS)

    def throw(self, until, chance):
        while time.monotonic() < until:
            what = chance.choice(THROWS)
            try:
                with self.dial() as s:
                    s.settimeout(0.2)
                    what(s, chance)
                self.count[what.__name__] += 1
            except ConnectionRefusedError:
                self.refused += 1
            except OSError:  # that it does not like us is what we came for
                self.count[what.__name__] += 1
            time.sleep(PAUSE_SECONDS)

    def crawl(self, until, many):
        """`many` connections at a time that say a byte of a hello now and then."""
        hello, held = client_hello(), []
        while time.monotonic() < until:
            while len(held) < many:
                try:
                    held.append([self.dial(), 0])
                    self.count["slow"] += 1
                except OSError:
                    break
            for one in list(held):
                try:
                    one[0].sendall(hello[one[1]:one[1] + 1])
                    one[1] += 1
                except OSError:
                    one[0].close()
                    held.remove(one)
            time.sleep(0.5)
        for s, _ in held:
            s.close()

    def verdict(self):
        """Empty if it still refuses nonsense at once."""
        began = time.monotonic()
        try:
            with self.dial() as s:
                s.sendall(b"still there?\n")
                while s.recv(100):
                    pass
        except ConnectionResetError:
            pass
        except OSError as e:
            return f"after {time.monotonic() - began:.1f} s: {e}"
        if self.refused:
            return f"{self.refused} times nobody listened"
        return "" if self.count else "nothing was thrown"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("ports", nargs="+", metavar="HOST:PORT")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--seed", type=int, default=0, help="0: a new one each time; it is printed")
    parser.add_argument("--slow", type=int, default=8, help="slow connections to hold at each port")
    options = parser.parse_args()
    seed = options.seed or random.randrange(1, 1 << 32)
    ports = [Port(text) for text in options.ports]
    until = time.monotonic() + options.seconds
    print(f"garbage for {options.seconds:g} s, --seed {seed}", flush=True)
    threads = []
    for number, port in enumerate(ports):
        threads += [threading.Thread(target=port.throw, args=(until, random.Random(seed + number))),
                    threading.Thread(target=port.crawl, args=(until, options.slow))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    problems = [port.verdict() for port in ports]
    for port, problem in zip(ports, problems):
        total = ", ".join(f"{count} {what}" for what, count in sorted(port.count.items()))
        print(f"{'FAIL' if problem else 'ok  '} {port.name}: {problem or total}")
    failed = sum(map(bool, problems))
    print(f"{len(ports) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
