# SPDX-License-Identifier: Apache-2.0
"""HA rules by the contract: bodies as the builders of both generations make them; answers by code and set of keys.
Hosts are rows of the data base here: what nodes do is the lab's."""
import base64
import contextlib
import csv
import io
import json
import os
import sqlite3
import zipfile

from program import Console

A, B, W = (f"0A000000-0000-0000-0000-00000000000{n}" for n in (1, 2, 3))
NOBODY = "FFFFFFFF-0000-0000-0000-000000000000"
console = None
LOST, NO_ENTRY, NAME_TAKEN, STALE = 1010001002, 1010001011, 1010001009, 1010001013


def add_nodes(to):
    with contextlib.closing(sqlite3.connect(os.path.join(to.root, "var", "console.db"), timeout=20)) as data, data:
        for number, (uuid, name) in enumerate(((A, "alpha"), (B, "beta"), (W, "gamma")), 1):
            values = {"id": uuid.replace("-", ""), "name": name, "active": 1, "address": f"10.0.0.{number}",
                      "key_sha": name, "settings": json.dumps({"data_addr": f"10.0.0.{number}"}), "addresses": "",
                      "random_str": uuid, "account": "admin", "maintenance": 0, "created_at": 0, "updated_at": 0,
                      **dict.fromkeys(("host_name", "version", "system", "root"), "")}
            data.execute(f"INSERT INTO node ({','.join(values)}) VALUES ({','.join('?' * len(values))})",
                         tuple(values.values()))


def begin():
    global console
    console = Console()
    add_nodes(console)


def end():
    console.remove()


def logged_in(**how):
    client = console.client(**how)
    client.log_in()
    return client


def card(uuid, number, **more):
    return {"uuid": uuid, "netif": "{7CB5E5A5-9C37-4C4D-8A0E-C8B7F0A3E1C1}", "ip": f"10.0.0.{number}", "label": "以太网",
            **more}


def body(name, folder, newer=True, **more):
    """What every builder sends: the older one says auto_switch and one arbiter, the newer switch_type and a list."""
    arbiter = {"arbit_protocol": "TCP", "arbit_addr": "10.0.0.3", "arbit_port": "26868"}
    whole = {
        "ha_name": name, "master_uuid": A, "ctrl_switch": 0, "ha_type": 1, "dynamic_node": "", "service_label": 1,
        "node_priority": [{"uuid": A, "priority": "high"}, {"uuid": B, "priority": "high"}],
        "heartbeat": [{"protocol": "tcp", "port": 26850, "interval": 2, "maxfail": 5,
                       "ifconfig": [card(A, 1), card(B, 2)]}],
        "arbitration": {"radio": 1, "node": [arbiter] if newer else arbiter, "disk": {"path": ""}},
        "sync_data": [{"excludes": [], "create_start": 0, "need_rep_status": 1, "back_rule": 0, "wait_cache": 1,
                       "rule_relation": [{"uuid": A, "path": [f"/{folder}/"], "rep_name": "HA-1-2", "autostart_rep": 0,
                                          "append_name": 0},
                                         {"uuid": B, "path": [f"/copy/{folder}/"], "rep_name": "HA-2-1",
                                          "autostart_rep": 0, "append_name": 0}]}],
        "monitor": [{"type": "cpu", "interval": 2, "maxfail": 5, "role": "master", "action": "warn", "threshold": 90,
                     "name": "", "useid": "", "path": "", "script": "", "monitor_file": "", "residual": 1,
                     "great": "", "access_method": ""}],
        "res_switch": [{"type": "ip", "vip": {"ip": "10.0.0.9", "mask": "255.255.255.0", "top": 1, "del": 1,
                                              "ifconfig": [{"uuid": A, "netif": "eth0", "label": "eth0"},
                                                           {"uuid": B, "netif": "eth0", "label": "eth0"}]}}],
    }
    whole.update({"switch_type": 1, "key_file_path": [], "switch_sync_data": 0, "cron_expression": "", "sys_uuid": ""}
                 if newer else {"auto_switch": 1, "local_takeover": ""})
    return {**whole, **more}


def create(client, name, folder, **more):
    data = client.call("POST", "/ha", **body(name, folder, **more))
    assert data["code"] == 0, data
    return data["ha_uuid"]


def documents(node):
    """Rules that a node is to have: {id: version}."""
    with contextlib.closing(sqlite3.connect(os.path.join(console.root, "var", "console.db"), timeout=20)) as data:
        return dict(data.execute("SELECT id, version FROM document WHERE node = ? AND xml <> ''",
                                 (node.replace("-", ""),)).fetchall())


def test_both_generations_make_the_same_rule():
    """Created, described with every key of the contract, listed, deleted; its document is on both members and the arbiter."""
    for newer in (False, True):
        client = logged_in(newer=newer, prefix="/api/vers/v3" if newer else "/api")
        assert client.call("POST", "/ha/verify_name", ha_name="订单 orders", ha_type="0")["code"] == 0
        uuid = create(client, "订单 orders", "srv/orders", newer=newer)
        assert client.call("POST", "/ha/verify_name", ha_name="订单 orders")["code"] == NAME_TAKEN
        info = client.call("GET", "/ha/" + uuid)["ha_info"]
        sent = body("订单 orders", "srv/orders", newer=newer)
        assert set(sent) - {"_"} <= set(info), set(sent) - set(info)
        assert {"random_str", "node_priority", "rules", "ha_send_xml", "create_time", "status"} <= set(info)
        assert info["auto_switch"] == info["switch_type"] == 1 and info["ha_uuid"] == uuid
        assert info["sync_data"][0]["rule_relation"][0]["path"] == ["/srv/orders/"]
        assert info["heartbeat"][0]["ifconfig"][1]["ip"] == "10.0.0.2" and info["heartbeat"][0]["interval"] == 2
        assert info["arbitration"]["node"][0]["node_uuid"] == W and info["arbitration"]["radio"] == 1
        assert info["res_switch"][0]["vip"]["mask"] == "255.255.255.0"
        assert info["node_priority"][0]["node_name"] == "alpha"
        assert b"<name>" in base64.b64decode(info["ha_send_xml"])
        data = client.call("GET", "/ha", page=1, limit=10, search_value="orders")
        assert data["total"] == 1 and data["info_list"] == data["list"]
        assert {"ha_name", "ha_uuid", "username", "node", "can_del", "can_op", "can_up"} <= set(data["info_list"][0])
        assert [set(node) for node in data["list"][0]["node"]] == [{"ha_uuid", "node_uuid", "node_name", "data_addr",
                                                                    "rep_uuid"}] * 2
        for node in (A, B, W):
            assert list(documents(node).values()) == [1], documents(node)
        data = client.call("DELETE", "/ha", uuid=[uuid], force=0)
        assert data["code"] == 0 and data["success_list"][0]["ha_uuid"] == uuid
        assert not documents(A) and client.call("GET", "/ha")["total"] == 0


def test_what_is_described_can_be_sent_back():
    """A change names the stamp that it saw; its version is on the nodes; what was not named stays (B5.1.3-26, -27)."""
    client = logged_in()
    uuid = create(client, "back", "srv/back", guard="watchdog", boot_wait="40s")
    info = client.call("GET", "/ha/" + uuid)["ha_info"]
    assert info["guard"] == "watchdog" and info["boot_wait"] == "40s"
    changed = {**info, "ha_name": "back again", "auto_switch": 0}
    assert client.call("PUT", "/ha", **changed)["code"] == 0
    again = client.call("GET", "/ha/" + uuid)["ha_info"]
    differs = {key for key in info if info[key] != again[key]}
    assert differs == {"ha_name", "auto_switch", "switch_type", "random_str", "version", "ha_send_xml"}, differs
    assert client.call("PUT", "/ha", **changed)["code"] == STALE
    older = body("back", "srv/back", newer=False, ha_uuid=uuid, random_str=again["random_str"])
    assert client.call("PUT", "/ha", **older)["code"] == 0
    info = client.call("GET", "/ha/" + uuid)["ha_info"]
    assert info["guard"] == "watchdog" and info["auto_switch"] == 1 and info["version"] == 3
    assert list(documents(B).values()) == [3]
    data = client.call("PUT", "/ha", **{**older, "random_str": ""})
    assert data["code"] == LOST and "random_str" in data["message"]
    assert client.call("PUT", "/ha", **{**older, "ha_uuid": NOBODY})["code"] == NO_ENTRY
    client.call("DELETE", "/ha", ha_uuid=[uuid], force=1)


def test_what_is_wrong_with_a_rule_is_named():
    """Missing, foreign and contradicting fields, in both languages; nothing is kept then (B5.1.2-14, B5.1.2-15)."""
    client = logged_in()
    for change, words in (({"ha_name": ""}, ["Lost: ha_name;"]), ({"heartbeat": []}, ["Lost: heartbeat;"]),
                          ({"node_priority": [{"uuid": A}, {"uuid": A}]}, ["node_priority"]),
                          ({"node_priority": [{"uuid": A}, {"uuid": NOBODY}]}, ["node_priority[1][uuid]", "register"]),
                          ({"reboot_takeover": 1}, ["reboot_takeover", "auto_switch"]),
                          ({"master_uuid": W}, ["master_uuid"]), ({"band_width": "1*00:00-24:00*1m"}, ["band_width"]),
                          ({"monitor": "x"}, ["Not array: monitor;"]), ({"guard": "dog"}, ["guard", "watchdog"]),
                          ({"window": [{"days": "someday"}]}, ["window", "days"])):
        data = client.call("POST", "/ha", **body("wrong", "srv/wrong", **change))
        assert data["code"] == LOST and all(word in data["message"] for word in words), (change, data["message"])
    status, text, _ = client.send("POST", "/api/ha", json.dumps({"_": "1"}),
                                  {**client._headers("POST", "/api/ha", {"_": "1"}), "User-Lang": "zh-CN"})
    assert status == 200 and "缺少字段: ha_name" in json.loads(text)["data"]["message"], text
    assert client.call("GET", "/ha")["total"] == 0 and not documents(A)


def test_a_name_and_a_folder_are_taken_once():
    """Submitted twice there is one rule (V11-04); a folder belongs to one rule."""
    client = logged_in()
    uuid = create(client, "once", "srv/once")
    assert client.call("POST", "/ha", **body("once", "srv/else"))["code"] == NAME_TAKEN
    data = client.call("POST", "/ha", **body("twice", "srv/once/inner"))
    assert data["code"] == LOST and "srv/once" in data["message"] and "once" in data["message"], data
    client.call("DELETE", "/ha", uuid=[uuid])


def test_unknown_rules():
    """Described as null, deleted without a complaint, no status; a delete that names none is refused."""
    client = logged_in()
    for uuid in (NOBODY, "nonsense"):
        data = client.call("GET", "/ha/" + uuid)
        assert data["code"] == 0 and data["ha_info"] is None
    data = client.call("DELETE", "/ha", uuid=[NOBODY], force=0)
    assert data["code"] == 0 and data["success_list"] == []
    assert client.call("DELETE", "/ha", force=0)["code"] == LOST


def test_rules_are_their_owners():
    """An operator sees and changes his own; an administrator all; an auditor none."""
    admin = logged_in()
    for name, role in (("olaf", "5"), ("olga", "5"), ("udo", "4")):
        assert admin.call("POST", "/user", username=name, password="Secret123", roles=[role], active="1")["code"] == 0
    own, other, auditor = (console.client() for _ in range(3))
    for client, name in ((own, "olaf"), (other, "olga"), (auditor, "udo")):
        client.log_in(name, "Secret123")
    uuid = create(own, "olaf's", "srv/olaf")
    assert admin.call("GET", "/ha")["info_list"][0]["username"] == "olaf"
    assert own.call("GET", "/ha")["total"] == 1 and other.call("GET", "/ha")["total"] == 0
    assert other.call("GET", "/ha/" + uuid)["ha_info"] is None
    assert other.call("DELETE", "/ha", uuid=[uuid])["code"] == 0 and own.call("GET", "/ha")["total"] == 1
    assert auditor.call("GET", "/ha")["code"] == 1010001142
    assert any(row["description"] == "Makes an HA rule." and row["user_name"] == "olaf"
               for row in auditor.call("GET", "/op_log", limit=100)["logs"])
    assert own.call("DELETE", "/ha", uuid=[uuid])["code"] == 0 and admin.call("GET", "/ha")["total"] == 0


def test_texts_stay_texts():
    """What would be a statement, a path or markup elsewhere is a name here."""
    client = logged_in()
    for name in ("x'; DROP TABLE kept; --", "<b>&amp;\"'</b>", "../../etc/passwd", "%d%s%n", "名" * 40):
        uuid = create(client, name, "srv/text")
        assert client.call("GET", "/ha/" + uuid)["ha_info"]["ha_name"] == name
        assert client.call("GET", "/ha", search_value=name)["total"] == 1
        client.call("DELETE", "/ha", uuid=[uuid])
    assert client.call("POST", "/ha", **body("a\nb", "srv/text"))["code"] == LOST
    assert client.call("POST", "/ha", **body("名" * 43, "srv/text"))["code"] == LOST


def test_a_licence_that_ended_refuses_changes_alone():
    """No new rule and no change without a licence; what is there stays, is shown, and can be deleted."""
    own = Console()
    try:
        add_nodes(own)
        client = own.client()
        client.log_in()
        made = client.call("POST", "/ha", **body("licensed", "licensed"))
        assert made["code"] == 0, made
        with contextlib.closing(sqlite3.connect(os.path.join(own.root, "var", "console.db"), timeout=20)) as data, data:
            data.execute("UPDATE setting SET value = '1' WHERE name = 'installed_at'")  # the trial ended long ago
        refused = client.call("POST", "/ha", **body("refused", "refused"))
        assert refused["code"] == 1010110011 and "TRIAL" in refused["message"], refused
        stamp = client.call("GET", f"/ha/{made['ha_uuid']}")["ha_info"]["random_str"]
        changed = client.call("PUT", "/ha", ha_uuid=made["ha_uuid"], random_str=stamp, **body("licensed", "licensed", auto_switch=0))
        assert changed["code"] == 1010110011, changed
        assert [row["ha_name"] for row in client.call("GET", "/ha")["info_list"]] == ["licensed"]
        assert client.call("DELETE", "/ha", uuid=[made["ha_uuid"]], force=0)["code"] == 0
    finally:
        own.remove()


def fetch(client, path, **headers):
    """A file: its type, name and bytes."""
    rand = {"_": "1f2e3d4c"}
    status, content, got = client.send("GET", f"/api{path}&_=1f2e3d4c",
                                       None, {**client._headers("GET", "/api" + path.split("?")[0],
                                                                {**dict([path.split("?")[1].split("=")]), **rand}), **headers})
    assert status == 200, content
    return got["Content-Type"], got["Content-Disposition"], content


def test_export_of_rules_and_groups():
    """Tables that spreadsheets open, in which no name is a formula; without a rule it says so (B5.1.3-31)."""
    client = logged_in()
    for path in ("/ha/export", "/ha/group/export"):
        assert client.call("GET", path, type="csv")["code"] == 1010370000
    names = ("=1+1", "+x", "-x", "@x", 'a"b,c', "订单")
    uuids = [create(client, name, f"srv/{i}") for i, name in enumerate(names)]
    group = client.call("POST", "/ha/group", **group_body("=组", [uuids[:1], uuids[1:2]]))["group_uuid"]
    kind, disposition, content = fetch(client, "/ha/export?type=csv")
    assert kind.startswith("text/csv") and "ha_rules.csv" in disposition and content.startswith(b"\xef\xbb\xbf")
    text = content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows[0][0] == "Rule" and len(rows) == 7 and text.count("\r\n") == 7
    assert {row[0] for row in rows[1:]} == {"'=1+1", "'+x", "'-x", "'@x", 'a"b,c', "订单"}
    assert all(row[1:5] == ["alpha", "10.0.0.1", "beta", "10.0.0.2"] for row in rows[1:]), rows
    kind, disposition, content = fetch(client, "/ha/group/export?type=csv", **{"User-Lang": "zh-CN"})
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows[0][0] == "组名称" and rows[1][:3] == ["'=组", "'=1+1; +x", "停止"], rows
    kind, disposition, content = fetch(client, "/ha/export?type=xlsx")
    assert "spreadsheetml" in kind and "ha_rules.xlsx" in disposition
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet, texts = (book.read(name).decode() for name in ("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"))
    assert "<f>" not in sheet and "=1+1" in texts and "订单" in texts
    assert client.call("GET", "/ha/export", type="pdf")["code"] == LOST
    client.call("DELETE", "/ha/group", uuids=[group])
    client.call("DELETE", "/ha", uuid=uuids)


def group_body(name, stages, **more):
    return {"group_name": name, "switch_confirm": 1, "error_confirm": 1, "ha_rules": [u for s in stages for u in s],
            "stage": {f"step_{n}": {"ha_rule": uuids, "failover_serial": n, "failback_serial": -n, "haList": []}
                      for n, uuids in enumerate(stages, 1)}, **more}


def test_groups():
    """Made, described in data itself, listed, changed, deleted (B5.2.1-01, B5.2.2-06, -07, B5.2.3-01, -03); the group is on
    its runners and on the members of its rules, and its rules are on the runners."""
    for newer in (False, True):
        client = logged_in(newer=newer)
        rules = [create(client, f"g{i}", f"srv/g{i}") for i in range(3)]
        options = client.call("GET", "/ha/group/stage_options")
        assert options["total"] == 3 and options["list"] == options["info_list"]
        assert {frozenset(row) for row in options["list"]} == {frozenset(("ha_name", "ha_uuid"))}
        empty = client.call("GET", "/ha/group", search_field="group_name")
        assert empty["total"] == 0 and empty["ha_list"] == [] and empty["info_list"] == []
        data = client.call("POST", "/ha/group", **group_body("组 one", [rules[:2], rules[2:]]))
        assert data["code"] == 0, data
        uuid = data["group_uuid"]
        assert client.call("POST", "/ha/group", **group_body("组 one", [rules[:1]]))["code"] == NAME_TAKEN
        row = client.call("GET", "/ha/group/" + uuid)
        assert {"group_name", "switch_confirm", "error_confirm", "ha_rules", "stage", "group_uuid", "username", "created_at",
                "biz_grp_list", "biz_grp_name"} <= set(row)
        assert row["stage"]["step_2"] == {"ha_rule": rules[2:], "failover_serial": 2, "failback_serial": -2,
                                          "haList": [{"ha_name": "g2", "ha_uuid": rules[2]}]}
        data = client.call("GET", "/ha/group")
        assert data["total"] == 1 and data["ha_list"] == dict(zip(rules, ("g0", "g1", "g2")))
        for node in (A, B, W):
            assert uuid.replace("-", "") in documents(node) and len(documents(node)) == 4
        assert client.call("PUT", "/ha/group/" + uuid, **group_body("组 two", [rules[1:2]], error_confirm=0))["code"] == 0
        row = client.call("GET", "/ha/group/" + uuid)
        assert row["group_name"] == "组 two" and row["error_confirm"] == 0 and row["ha_rules"] == rules[1:2]
        data = client.call("DELETE", "/ha", uuid=rules)
        assert data["code"] == LOST and "组 two" in data["message"] and client.call("GET", "/ha")["total"] == 3
        assert client.call("DELETE", "/ha/group", uuids=[uuid, NOBODY])["code"] == 0
        assert client.call("GET", "/ha/group/" + uuid)["code"] == NO_ENTRY and len(documents(W)) == 3
        client.call("DELETE", "/ha", uuid=rules)


def test_what_is_wrong_with_a_group_is_named():
    """Name, stages, rules that are none of the caller's."""
    client = logged_in()
    rule = create(client, "in a group", "srv/g")
    for change, words in (({"group_name": ""}, ["Lost: group_name;"]), ({"stage": {}}, ["Lost: stage;"]),
                          ({"stage": {"first": {"ha_rule": [rule]}}}, ["stage", "step_1"]),
                          ({"stage": {"step_1": {"ha_rule": "x"}}}, ["Not array: stage[step_1][ha_rule];"]),
                          ({"stage": {"step_1": {"ha_rule": ["x"]}}}, ["Not uuid: stage[step_1][ha_rule][0];"]),
                          ({"stage": {"step_1": {"ha_rule": [NOBODY]}}}, ["stage[step_1][ha_rule][0]"]),
                          ({"stage": {"step_1": {"ha_rule": [rule, rule]}}}, ["twice"])):
        data = client.call("POST", "/ha/group", **group_body("wrong", [[rule]], **change))
        assert data["code"] == LOST and all(word in data["message"] for word in words), (change, data["message"])
    assert client.call("PUT", "/ha/group/" + NOBODY, **group_body("none", [[rule]]))["code"] == NO_ENTRY
    assert client.call("GET", "/ha/group")["total"] == 0
    client.call("DELETE", "/ha", uuid=[rule])


def test_what_nodes_have():
    """Addresses, the folder of scripts; an unknown node."""
    client = logged_in()
    assert client.call("GET", "/ha/script_path", master_uuid=A)["script_path"] == "/usr/drbksoft/drnode/etc/scripts"
    data = client.call("GET", "/ha/netif", node_uuid=[A, B], master_uuid=A)
    assert data["code"] == 0 and [set(row) for row in data["netif"]] == [{"node_uuid", "ifconfig"}] * 2
    data = client.call("GET", "/ha/netif", node_uuid=[NOBODY], master_uuid=NOBODY)
    assert data["code"] == 1010011001 and data["netif"] == []
    data = client.call("GET", "/ha/volume_info", master_uuid=A, slave_uuid=B)
    assert data["code"] == 1010090015 and {"disk_info", "drive_letter_info"} <= set(data)


def test_a_rule_needs_a_licence_of_both_hosts():
    """The trial has two places; a third host is named, and nothing is kept (V10-04)."""
    client = logged_in()
    uuid = create(client, "in the trial", "srv/trial")
    third = body("a third host", "srv/third", master_uuid=A,
                 node_priority=[{"uuid": A, "priority": "high"}, {"uuid": W, "priority": "high"}],
                 arbitration={"radio": 0}, monitor=[], res_switch=[])
    for beat in third["heartbeat"]:
        beat["ifconfig"] = [card(A, 1), card(W, 3)]
    third["sync_data"][0]["rule_relation"][1]["uuid"] = W
    data = client.call("POST", "/ha", **third)
    assert data["code"] == 1010110011 and f"UUID: {W}" in data["message"], data
    assert client.call("GET", "/ha")["total"] == 1
    client.call("DELETE", "/ha", uuid=[uuid])
