# SPDX-License-Identifier: Apache-2.0
"""An etcd cluster of three as the third voter: over TLS, with members of it killed and parted."""
import time
from base64 import b64encode

import harness
from cluster import RULE_ID, Cluster
from etcd import Etcd
from lab import VIP, Lab
from stores import LENGTH, Stand

MEMBERS = ("one", "two", "three")

lab = etcd = stand = None


def begin():
    global lab, etcd, stand
    lab = Lab("alpha", "beta", *MEMBERS)
    etcd = Etcd(lab, MEMBERS)
    cluster = Cluster(lab, vip=VIP, arbiters=(), etcd=etcd.urls, settings={"boot_wait": "3s"})
    etcd.give_certificates(cluster.members)
    etcd.start()
    etcd.leader()
    stand = Stand(lab, cluster)


def end():
    lab.close()


def all_of_etcd():
    for name in MEMBERS:
        if name not in etcd.processes:
            etcd.start(name)
    etcd.leader()


@harness.limit(120)
def test_etcd_master_dies():
    """The master loses its power: the other takes over with the cluster's vote, and it comes back as slave."""
    stand.master_dies()


@harness.limit(120)
def test_etcd_lines_are_cut():
    """The members do not hear each other: the master stays, by the cluster's vote, and the other gets none."""
    stand.lines_are_cut()


@harness.limit(120)
def test_etcd_master_is_parted():
    """The master is cut off from the other and from the cluster: it lets go before the other has the address."""
    stand.alpha_is_master()
    lab.cut("alpha")
    stand.taken_over("beta")
    lab.heal("alpha")
    stand.settled("beta")


@harness.limit(150)
def test_etcd_member_killed():
    """One of three is killed, the leader: nothing moves; then the master dies too, and two of three are enough."""
    term = stand.alpha_is_master()["term"]
    etcd.kill(etcd.leader())
    stand.stays("alpha", term, 3 * LENGTH)
    stand.cluster.wait("alpha", 20, role="master", witness="normal")
    lab.kill("alpha")
    stand.taken_over("beta")
    all_of_etcd()
    stand.back("alpha")
    stand.settled("beta")


@harness.limit(150)
def test_etcd_parted():
    """The master is left with one member of the cluster, the other with two: that one takes over, after the first let go."""
    stand.alpha_is_master()
    for one in ("alpha", "one"):
        for other in ("beta", "two", "three"):
            lab.cut(one, other)
    stand.taken_over("beta", 30)
    for name in ("alpha", "one"):
        lab.heal(name)
    etcd.leader()
    stand.settled("beta")


@harness.limit(150)
def test_etcd_gone():
    """The cluster is gone: the two members go on, it is said why there is no vote, and it votes again when it is back."""
    term = stand.alpha_is_master()["term"]
    for name in MEMBERS:
        etcd.kill(name)
    stand.said("alpha", "gives no vote here")
    stand.said("beta", "gives no vote here")
    stand.said("alpha", "does not answer: check that most of its servers run")
    stand.stays("alpha", term, 2 * LENGTH)
    all_of_etcd()
    stand.settled("alpha")


@harness.limit(120)
def test_etcd_wrong_certificate():
    """A certificate that the cluster does not know is refused, and the status says so."""
    stand.alpha_is_master()
    beta = lab["beta"]
    tls = "/usr/drbksoft/drnode/etc/tls"
    beta.run(f"cp -a {tls} /tmp/tls; cp {tls}/node.pem {tls}/etcd.pem; cp {tls}/node.key {tls}/etcd.key")
    stand.cluster.stop("beta")
    stand.cluster.start("beta")
    stand.said("beta", "SSL")
    beta.run(f"cp /tmp/tls/etcd.* {tls}/")
    stand.cluster.stop("beta")
    stand.cluster.start("beta")
    stand.settled("alpha")


@harness.limit(120)
def test_etcd_record_is_damaged():
    """Somebody wrote over a record: it is named; once it is removed its member makes a new one, which both agree on."""
    stand.alpha_is_master()
    stand.cluster.stop("beta")
    key = f"/drnode/{RULE_ID}/b"
    code = b64encode(key.encode()).decode()
    assert etcd.ask("one", "/v3/kv/put", f'{{"key":"{code}","value":"eA=="}}')["header"]
    stand.said("alpha", f"{key} in etcd is no record of drnode")
    assert etcd.ask("one", "/v3/kv/deleterange", f'{{"key":"{code}"}}')["deleted"] == "1"
    stand.cluster.start("beta")
    stand.settled("alpha")
