# SPDX-License-Identifier: Apache-2.0
"""A real etcd cluster on hosts of a lab, with TLS and client certificates, as a rule's third voter.

    etcd = Etcd(lab, ("one", "two", "three"))
    cluster = Cluster(lab, arbiters=(), etcd=etcd.urls)
    etcd.give_certificates(cluster.members)
    etcd.start()
"""
import json
import os
import subprocess
import time

from cluster import ETC
from host import LabError

# etcd's own HTTP gateway dials its own port, with the server's certificate as a client's.
EXTENSIONS = "subjectAltName=IP:{address}\nextendedKeyUsage=serverAuth,clientAuth\n"


class Etcd:
    def __init__(self, lab, names):
        self.lab, self.names, self.processes = lab, names, {}
        self.folder = os.path.join(lab.folder, "etcd")
        self.urls = [f"https://{lab[name].address}:2379" for name in names]
        os.makedirs(self.folder)
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                      "-subj", "/CN=lab etcd CA", "-keyout", "ca.key", "-out", "etcd-ca.pem")
        for name in names:
            self.certify(name, lab[name].address)
        self.certify("client", "127.0.0.1")

    def _openssl(self, *arguments):
        done = subprocess.run(["openssl", *arguments], cwd=self.folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise LabError(f"openssl {arguments[0]}: {done.stderr.strip()}")

    def certify(self, name, address):
        with open(os.path.join(self.folder, "extensions"), "w", encoding="ascii") as file:
            file.write(EXTENSIONS.format(address=address))
        self._openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                      "-keyout", f"{name}.key", "-out", f"{name}.csr")
        self._openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "etcd-ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                      "-days", "2", "-extfile", "extensions", "-out", f"{name}.pem")

    def _read(self, file):
        with open(os.path.join(self.folder, file), encoding="ascii") as text:
            return text.read()

    def give_certificates(self, members):
        """What drnode shows to the cluster, under the names that a rule has by default."""
        for member in members:
            for source, target in (("etcd-ca.pem", "etcd-ca.pem"), ("client.pem", "etcd.pem"), ("client.key", "etcd.key")):
                path = os.path.join(self.lab[member].path(ETC), "tls", target)
                with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as file:
                    file.write(self._read(source))

    def start(self, *names):
        for name in names or self.names:
            host = self.lab[name]
            for file in ("etcd-ca.pem", f"{name}.pem", f"{name}.key"):
                host.run(f"umask 77; cat >/tmp/{file}", stdin=self._read(file))
            peers = ",".join(f"{other}=http://{self.lab[other].address}:2380" for other in self.names)
            self.processes[name] = host.start(
                ["etcd", "--name", name, "--data-dir", "/data/etcd", "--initial-cluster", peers,
                 "--listen-peer-urls", f"http://{host.address}:2380",
                 "--initial-advertise-peer-urls", f"http://{host.address}:2380",
                 "--listen-client-urls", f"https://{host.address}:2379",
                 "--advertise-client-urls", f"https://{host.address}:2379",
                 "--client-cert-auth", "--trusted-ca-file", "/tmp/etcd-ca.pem",
                 "--cert-file", f"/tmp/{name}.pem", "--key-file", f"/tmp/{name}.key"], log="etcd.log")

    def kill(self, name):
        self.processes.pop(name).stop(timeout=0)

    def ask(self, name, path, body="{}"):
        """What one member's gateway answers, asked from its own host; None: nothing."""
        done = self.lab[name].run(["curl", "-s", "-m", "2", "--cacert", "/tmp/etcd-ca.pem", "--cert", f"/tmp/{name}.pem",
                                   "--key", f"/tmp/{name}.key", "-d", body,
                                   f"https://{self.lab[name].address}:2379{path}"], check=False)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def leader(self, timeout=20):
        """Name of the member that leads, once there is one."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            for name in self.processes:
                status = self.ask(name, "/v3/maintenance/status") or {}
                if status.get("leader", "0") != "0" and status["leader"] == status["header"]["member_id"]:
                    return name
            time.sleep(0.1)
        raise LabError("the etcd cluster has no leader")
