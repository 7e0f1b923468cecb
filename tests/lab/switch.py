# SPDX-License-Identifier: Apache-2.0
"""The lab's switch: a bridge in a network namespace of its own, one port a host, and the faults between them."""
import subprocess

from host import ENVIRONMENT, LabError

PREFIX = 24


class Switch:
    def __init__(self):
        self.cuts = set()  # (from, to)
        self.ports = set()
        # Ends when its input does, that is with the lab, and the namespace with it.
        self.holder = subprocess.Popen(["unshare", "-n", "bash", "-c", "echo ready; read -r _"], text=True,
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENVIRONMENT)
        if self.holder.stdout.readline() != "ready\n":
            raise LabError("the switch has no network namespace: must be root")
        self.run("ip link add br0 type bridge stp_state 0 mcast_snooping 0")
        self.run("ip link set br0 up")

    def run(self, command, stdin=None):
        done = subprocess.run(["nsenter", "-t", str(self.holder.pid), "-n", "--"] + command.split(), text=True,
                              input=stdin or "", capture_output=True, env=ENVIRONMENT, check=False)
        if done.returncode:
            raise LabError(f"switch: {command}: {done.stderr.strip()}")
        return done.stdout

    def plug(self, host):
        """Gives a host its card eth0: the same one after a power loss, so that neighbours know it."""
        port = f"p-{host.name}"
        card = "02:26:" + ":".join(f"{int(byte):02x}" for byte in host.address.split("."))
        self.run(f"ip link add {port} type veth peer name eth0 address {card} netns {host.init}")
        self.run(f"ip link set {port} master br0 up")
        self.ports.add(host.name)
        host.run(f"ip addr add {host.address}/{PREFIX} dev eth0 && ip link set eth0 up")

    def unplug(self, host):
        """Takes the card out; addresses on it are gone with it."""
        if host.name in self.ports:
            self.ports.discard(host.name)
            try:
                self.run(f"ip link del p-{host.name}")
            except LabError:  # the host's network was taken down first, and its end of the cable took this one along
                if f"p-{host.name}" in self.run("ip -o link"):
                    raise

    def _write_cuts(self):
        # No chain may be named fwd: nft knows that as a word of its own.
        drops = "".join(f'    iifname "p-{a}" oifname "p-{b}" drop\n' for a, b in sorted(self.cuts))
        self.run("nft -f -", f"table bridge lab\ndelete table bridge lab\ntable bridge lab {{\n  chain cuts {{\n"
                             f"    type filter hook forward priority 0;\n{drops}  }}\n}}\n")

    def cut(self, pairs):
        self.cuts |= set(pairs)
        self._write_cuts()

    def heal(self, pairs):
        self.cuts -= set(pairs)
        self._write_cuts()

    def slow(self, host, rate):
        """Limits what goes to and from a host; rate as tc reads it ("50mbit"), None = as fast as it goes."""
        change = f"replace dev %s root tbf rate {rate} burst 128kb latency 100ms" if rate else "del dev %s root"
        self.run("tc qdisc " + change % f"p-{host.name}")
        host.run("tc qdisc " + change % "eth0")

    def close(self):
        self.holder.stdin.close()
        self.holder.wait()
        self.holder.stdout.close()
