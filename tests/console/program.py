# SPDX-License-Identifier: Apache-2.0
"""One drconsole, on ports and in a folder of its own."""
import os
import shutil
import socket
import subprocess
import tempfile

from client import Client

BUILD = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "build", "dev")
PROGRAM = os.path.join(BUILD, "bin", "drconsole")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Console:
    """One drconsole on ports and in a folder of its own."""
    def __init__(self, **settings):
        self.root = tempfile.mkdtemp(prefix="drnode-console-")
        self.https, self.http = free_port(), free_port()
        settings = {"listen": "127.0.0.1", "https_port": self.https, "http_port": self.http, **settings}
        os.mkdir(os.path.join(self.root, "etc"))
        with open(os.path.join(self.root, "etc", "console.xml"), "w", encoding="utf-8") as file:
            file.write("<console>" + "".join(f"<{k}>{v}</{k}>" for k, v in settings.items()) + "</console>\n")
        self.process = None
        self.start()

    def start(self):
        self.process = subprocess.Popen([PROGRAM, "--root", self.root], stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True)
        line = self.process.stdout.readline()
        assert "listening" in line, line

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        """Ends it as an operator does; what it printed meanwhile."""
        self.process.terminate()
        said, _ = self.process.communicate(timeout=20)
        return self.process.returncode, said

    def client(self, **how):
        return Client(self.https if how.get("secure", True) else self.http, **how)

    def remove(self):
        status, said = self.stop()
        shutil.rmtree(self.root)
        assert status == 0 and not said, f"status {status}: {said}"

    def drctl(self, *arguments, status=0, **environment):
        """What it prints, run by somebody who keeps one session with this console."""
        done = subprocess.run([os.path.join(BUILD, "bin", "drctl"), *arguments], capture_output=True, text=True, timeout=30,
                              check=False, stdin=subprocess.DEVNULL,
                              env={**os.environ, "DRCTL_SESSION": os.path.join(self.root, "session"), **environment})
        assert done.returncode == status, f"{arguments}: status {done.returncode}: {done.stdout}{done.stderr}"
        return done.stdout if status == 0 else done.stdout + done.stderr
