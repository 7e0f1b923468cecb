# SPDX-License-Identifier: Apache-2.0
"""drnode on the hosts of a lab: certificates, identities, one rule, and drctl to talk to it.

    cluster = Cluster(lab, folder="/data/orders", vip=VIP, scripts=["acquire.sh", "release.sh"])
    cluster.start()
    cluster.wait("alpha", 20, role="master", state="ready")
"""
import json
import os
import shutil
import subprocess
import time
import xml.etree.ElementTree as xml

from host import LabError

RULE_ID = "5F0E1C2A9B8D4E7F8A6B5C4D3E2F1A0B"
RULE_NAME = "orders"
ETC = "/usr/drbksoft/drnode/etc"
SETTINGS = {"reverse_rule": "on", "auto_start": "on"}


def node_id(number):
    return f"{0x0A << 120 | number:032X}"


def reasons(status):
    """What is in the way, the most important first."""
    return list(filter(None, [reason["text"] for reason in status["why"]] + [status["source"]["why"], status["broken"]]))


def in_words(status):
    """Role, state and what is in the way, for people."""
    if status is None:
        return "silent"
    return f"{status['role']}, {status['state']}, term {status['term']}: {'; '.join(reasons(status)) or 'all well'}"


class Cluster:
    """folder, more: what is protected. members: A and B; arbiters: their voters. settings: fields of the rule. scripts:
    files that become the node's etc/scripts; those named acquire.sh and release.sh are the rule's. vip: an address of a
    /24, vips: more, with their prefix length; objects: more of the rule's, as {"window": [{...}]}. disk: the folder of
    a shared mount that votes; etcd: the URLs of a cluster that does."""

    def __init__(self, lab, folder="/data/orders", vip=None, members=("alpha", "beta"), arbiters=("gamma",),
                 scripts=(), settings=None, vips=(), objects=None, more=(), disk=None, etcd=()):
        self.lab, self.folder, self.vip, self.scripts = lab, folder, vip, scripts
        self.folders = (folder, *more)
        self.vips, self.objects = ([f"{vip}/24"] if vip else []) + list(vips), objects or {}
        self.members, self.arbiters = members, arbiters
        self.disk, self.etcd = disk, etcd
        self.settings = dict(SETTINGS, **(settings or {}))
        self.ids = {name: node_id(number) for number, name in enumerate(members + arbiters, 1)}
        self.nodes = {}
        self._issue_certificates()
        for name in self.ids:
            self.configure(name)

    # ---- files of a node ----

    def _issue_certificates(self):
        authority = os.path.join(self.lab.folder, "ca")
        drctl = self.lab.program("drctl")
        commands = [["init", authority]]
        commands += [["issue", authority, number, "--out", self._etc(name, "tls")] for name, number in self.ids.items()]
        for arguments in commands:
            done = subprocess.run([drctl, "ca"] + arguments, capture_output=True, text=True, check=False)
            if done.returncode:
                raise LabError(f"drctl ca {arguments[0]}: {done.stderr.strip()}")

    def _etc(self, name, *parts):
        path = os.path.join(self.lab[name].path(ETC), *parts)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def _write(self, name, relative, text):
        with open(self._etc(name, *relative.split("/")), "w", encoding="utf-8") as file:
            file.write(text)

    def configure(self, name):
        """Writes drid.conf, the rule and the scripts of one node."""
        self._write(name, "drid.conf", f"id={self.ids[name]}\ncc_addr=\n")
        self._write(name, f"rules/{RULE_NAME}.xml", self.rule())
        for script in self.scripts:
            target = self._etc(name, "scripts", os.path.basename(script))
            shutil.copy(script, target)
            os.chmod(target, 0o755)
        for folder in self.folders if name in self.members else ():
            os.makedirs(self.lab[name].path(folder), exist_ok=True)

    def rule(self):
        """The rule as XML."""
        a, b = (self.lab[name] for name in self.members)
        rule = xml.Element("rule")
        for field, value in dict(id=RULE_ID, name=RULE_NAME, **self.settings).items():
            xml.SubElement(rule, field).text = value
        for host in (a, b):
            xml.SubElement(rule, "member", node=self.ids[host.name], name=host.name, address=host.address)
        xml.SubElement(rule, "line", a=a.address, b=b.address)
        for name in self.arbiters:
            xml.SubElement(rule, "arbiter", node=self.ids[name], address=self.lab[name].address)
        if self.disk:
            xml.SubElement(rule, "disk", a=self.disk, b=self.disk)
        if self.etcd:
            store = xml.SubElement(rule, "etcd")
            for url in self.etcd:
                xml.SubElement(store, "endpoint", url=url)
        for folder in self.folders:
            xml.SubElement(rule, "path", a=folder, b=folder)
        for address in self.vips:
            xml.SubElement(rule, "vip", address=address, card_a="eth0", card_b="eth0")
        names = {os.path.basename(script) for script in self.scripts}
        if {"acquire.sh", "release.sh"} <= names:
            xml.SubElement(rule, "script", acquire="acquire.sh", release="release.sh", timeout="30s")
        for name, fields in ((name, fields) for name, each in self.objects.items() for fields in each):
            xml.SubElement(rule, name, **fields)
        xml.indent(rule)
        return '<?xml version="1.0" encoding="UTF-8"?>\n' + xml.tostring(rule, encoding="unicode") + "\n"

    # ---- programs ----

    def start(self, *names):
        for name in names or self.ids:
            self.nodes[name] = self.lab[name].start([self.lab.program("drnode")], log="drnode.log")

    def stop(self, name):
        """SIGTERM to drnode; returns its exit status."""
        return self.nodes.pop(name).stop()

    def _ask(self, name, *arguments, timeout=60):
        return self.lab[name].run([self.lab.program("drctl"), "--local", *arguments], check=False, timeout=timeout)

    def drctl(self, name, *arguments, timeout=60):
        """drctl --local ... on a host; its output, or LabError with its one line."""
        done = self._ask(name, *arguments, timeout=timeout)
        if done.returncode:
            raise LabError(f"{name}: drctl --local {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout

    def switch(self, name, patience=10):
        """A planned switch away from `name`. One that comes too soon is told to wait, and does."""
        end = time.monotonic() + patience
        while True:
            try:
                return self.drctl(name, "switch")
            except LabError as error:
                if "wait for it" not in str(error) or time.monotonic() > end:
                    raise
                time.sleep(0.2)

    def status(self, name):
        """The rule's status on a member, or None if its drnode does not answer."""
        if not self.lab[name].init:
            return None
        done = self._ask(name, "status", "--json")
        if done.returncode:
            return None
        rules = json.loads(done.stdout)["rules"]
        return rules[0] if rules else None

    def wait(self, name, timeout, test=None, **fields):
        """Waits until the status has these fields (and test(status) holds); returns it."""
        end = time.monotonic() + timeout
        while True:
            status = self.status(name)
            if status and all(status[key] == value for key, value in fields.items()) and (not test or test(status)):
                return status
            if time.monotonic() > end:
                raise LabError(f"{name}: after {timeout} s still {in_words(status)}, not {fields or 'as was waited for'}")
            time.sleep(0.05)

    def wait_followed(self, master, slave, timeout):
        """Waits until each knows of the other what a switch or a take-over rests on: the slave that it is in step, the
        master that it has a slave. That is a beat later than that it is so."""
        self.wait(slave, timeout, lambda status: status["state"] not in ("unsynced", "mirroring"), role="slave")
        self.wait(master, timeout, role="master", peer_role="slave", peer_heard=True)
        self.wait_level(master, timeout)

    def wait_level(self, master, timeout):
        """Waits until the other member has everything that the master had when it was asked."""
        tail = self.status(master)["source"]["tail"]
        return self.wait(master, timeout, lambda s: s["sending"] and s["source"]["phase"] == "replicating"
                         and s["source"]["applied"] >= tail, role="master")
