# SPDX-License-Identifier: Apache-2.0
"""drconsole as a program: its log, its end, backup and restore, wrong turns; and drctl as people use it."""
import json
import os
import shutil
import subprocess
import tempfile
import threading

from client import Refused
from program import PROGRAM, Console, free_port

console = None


def begin():
    global console
    console = Console()


def end():
    console.remove()


def test_log():
    """Starts and ends, refused log-ins and calls, each call at debug; rotated; no secret of a call in any of it."""
    own = Console(log_level="debug", log_size=1, log_files=2)
    try:
        client = own.client(newer=False)
        client.log_in()
        assert client.call("POST", "/user", username="op", password="S3cret-one", roles=[5])["code"] == 0
        key = client.call("POST", "/ak")
        secrets = [client.token, client.refresh_token, key["secret_key"], "S3cret-one", "Info1234"]
        assert client.call("POST", "/auth/token", username="S3cret-typed-here", pwd="S3cret-two")["code"] != 0
        client.token = "0" * 40
        try:
            client.call("GET", "/version")
        except Refused:
            pass
        own.kill()  # what was written before stays; a second life follows in the same file
        own.start()
        own.stop()
        folder = os.path.join(own.root, "log")
        with open(os.path.join(folder, "drconsole.log"), encoding="utf-8") as file:
            text = file.read()
        for word in (" info - start drconsole", " info - stop ", " warning - login_refused from 127.0.0.1",
                     " warning - call_refused GET /version", " debug - call POST /user from 127.0.0.1 by admin: status 200 code 0"):
            assert word in text, (word, text)
        for secret in secrets + ["S3cret-two", "S3cret-typed-here"]:
            assert secret not in text, secret
        with open(os.path.join(folder, "drconsole.log"), "a", encoding="utf-8") as file:
            file.write("x" * (1 << 20))
        own.start()
        assert own.client().call("GET", "/auth/t")["code"] == 0
        assert own.stop()[0] == 0
        assert "drconsole.log.1" in os.listdir(folder)
    finally:
        if own.process.poll() is None:
            own.kill()
        shutil.rmtree(own.root)


def test_drctl():
    """Logs in over TLS that it checks, orders, shows, renews its token, and says what is wrong by its status."""
    url, pem = f"https://127.0.0.1:{console.https}", os.path.join(console.root, "etc", "tls", "console.pem")
    session = os.path.join(console.root, "session")
    console.drctl("user", "list", status=4)  # nobody has logged in
    assert "--ca" in console.drctl("login", url, status=4, DRCTL_PASSWORD="Info1234")  # its certificate is nobody's
    assert "password" in console.drctl("login", url, "--ca", pem, status=1, DRCTL_PASSWORD="wrong")
    assert not os.path.exists(session)
    console.drctl("login", url, "admin", "--ca", pem, DRCTL_PASSWORD="Info1234")
    assert os.stat(session).st_mode & 0o777 == 0o600
    with open(session, encoding="utf-8") as file:
        assert "Info1234" not in file.read()
    console.drctl("user", "add", "by-drctl", "5", DRCTL_PASSWORD="password1")
    console.drctl("user", "add", "by-drctl", "5", status=1, DRCTL_PASSWORD="password1")
    users = json.loads(console.drctl("user", "list", "--limit", "100", "--json"))["users"]
    made = next(row for row in users if row["username"] == "by-drctl")
    table = console.drctl("user", "list", "--limit", "100").splitlines()
    assert table[0].split() == ["id", "username", "active", "email", "comment"] and any("by-drctl" in line for line in table)
    console.drctl("user", "disable", str(made["id"]))
    assert "active: 0" in console.drctl("user", "show", str(made["id"]))
    assert "Makes a user." in console.drctl("audit")
    key = console.drctl("ak", "add").split()[1]
    assert key in console.drctl("ak", "list")
    console.drctl("ak", "remove", key)
    issuer = os.path.join(console.root, "etc", "issuer.pem")
    console.drctl("lic", "keygen", session + ".key", issuer)
    with open(session + ".lic", "w", encoding="utf-8") as file:
        file.write(console.drctl("lic", "issue", session + ".key", "SN-drctl", "console=" + console.drctl("lic", "id").split()[1]))
    console.drctl("lic", "import", session + ".lic")
    licence = next(line.split()[0] for line in console.drctl("lic", "list").splitlines() if "SN-drctl" in line)
    console.drctl("lic", "remove", licence)
    os.remove(issuer)
    console.drctl("user", "remove", str(made["id"]))
    with open(session, encoding="utf-8") as file:
        kept = json.load(file)
    kept["token"] = "0" * 40  # as one that ran out
    with open(session, "w", encoding="utf-8") as file:
        json.dump(kept, file)
    assert "version" in console.drctl("version")
    for wrong in (("user", "show"), ("user", "show", "1", "2"), ("user", "show", "../ak"), ("user", "list", "--nothing"),
                  ("lic", "import", "/nothing/there"), ("login", "nonsense"), ("nothing",)):
        console.drctl(*wrong, status=2)
    os.chmod(session, 0o644)
    assert "others" in console.drctl("user", "list", status=4)
    os.chmod(session, 0o600)
    console.drctl("logout")
    console.drctl("user", "list", status=4)
    console.drctl("login", f"https://127.0.0.1:{free_port()}", "--insecure", status=3, DRCTL_PASSWORD="x")
    script = subprocess.run(["bash", "-c", console.drctl("completion") + "COMP_WORDS=(drctl user l) COMP_CWORD=2; _drctl; echo ${COMPREPLY[@]}"],
                            capture_output=True, text=True, check=True)
    assert script.stdout == "list\n", script


def test_backup():
    """Taken while others change things, restored elsewhere: users, keys and certificate are those; 0600; nothing is
    written over; what is cut off or changed is refused, and leaves nothing behind."""
    client = console.client()
    client.log_in()
    key = client.call("POST", "/ak")
    with tempfile.TemporaryDirectory(prefix="drnode-backup-") as folder:
        def run(*arguments):
            return subprocess.run([PROGRAM, "--root", *arguments], capture_output=True, text=True, timeout=60, check=False)
        file, root, ends = os.path.join(folder, "b"), os.path.join(folder, "r"), threading.Event()

        def busy():
            own = console.client()
            own.log_in()
            while not ends.is_set():
                assert own.call("PUT", "/user/profile", comment="busy")["code"] == 0
        thread = threading.Thread(target=busy)
        thread.start()
        done = run(console.root, "backup", file)
        ends.set()
        thread.join()
        assert done.returncode == 0 and not done.stdout, done.stderr
        assert os.stat(file).st_mode & 0o777 == 0o600 and os.listdir(folder) == ["b"]
        again = run(console.root, "backup", file)
        assert again.returncode == 1 and "File exists" in again.stderr, again.stderr
        with open(file, "rb") as whole:
            content = whole.read()
        for wrong in (content[:-1], content[:50], b"", content[:200] + bytes([content[200] ^ 1]) + content[201:]):
            with open(file + ".wrong", "wb") as out:
                out.write(wrong)
            refused = run(root, "restore", file + ".wrong")
            assert refused.returncode == 1 and "is no backup, is cut off, or was changed" in refused.stderr
        assert sorted(os.listdir(folder)) == ["b", "b.wrong"]
        assert run(root, "restore", file).returncode == 0
        assert run(root, "restore", file).returncode == 1  # it is not empty any more
        for name in ("etc/tls/console.pem", "etc/tls/console.key", "etc/tls/login.key", "etc/tls/access.secret"):
            pair = [open(os.path.join(place, name), "rb").read() for place in (console.root, root)]
            assert pair[0] == pair[1], name
            assert os.stat(os.path.join(root, name)).st_mode == os.stat(os.path.join(console.root, name)).st_mode
        restored = Console.__new__(Console)
        restored.root, restored.https, restored.http = root, free_port(), free_port()
        with open(os.path.join(root, "etc", "console.xml"), "w", encoding="utf-8") as out:
            out.write(f"<console><listen>127.0.0.1</listen><https_port>{restored.https}</https_port></console>")
        restored.start()
        second = restored.client()
        second.log_in()
        assert second.call("GET", "/ak")["keys"][0]["secret_key"] == key["secret_key"]
        assert second.call("GET", "/lic/cc_hw_code") == client.call("GET", "/lic/cc_hw_code")
        assert restored.stop()[0] == 0
    assert client.call("DELETE", "/ak", access_key=key["access_key"])["code"] == 0


def test_wrong_turns():
    """One line: what, where, what to do."""
    for arguments, words in ((["--root", console.root], ["port", "ss -ltnp"]),
                             (["--root", "/proc/nothing/there"], ["/proc/nothing/there", "--root"]), (["--rot"], ["usage"])):
        done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=30, check=False)
        assert done.returncode != 0 and all(word in done.stderr for word in words), done.stderr
    for file in ("etc/tls/login.key", "etc/tls/console.key", "var/console.db"):
        assert os.stat(os.path.join(console.root, file)).st_mode & 0o077 == 0, file
