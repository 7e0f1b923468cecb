# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL in a folder of the test's own, reached by a socket in it alone."""
import glob
import os
import pwd
import shutil
import subprocess
import tempfile

USER = "postgres"  # it does not run as root


class Postgres:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="drnode-pg-")
        self.bin = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        shutil.chown(self.folder, USER)
        self._run("initdb", "-D", self.folder + "/data", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
        self._run("pg_ctl", "-D", self.folder + "/data", "-w", "-l", self.folder + "/log", "-o",
                  f"-k {self.folder} -c listen_addresses='' -c fsync=off", "start")

    def _run(self, program, *arguments):
        owner = pwd.getpwnam(USER)
        with open(self.folder + "/said", "w+", encoding="utf-8") as said:  # a pipe would be the server's too
            done = subprocess.run([os.path.join(self.bin, program), *arguments], user=owner.pw_uid, group=owner.pw_gid,
                                  extra_groups=[], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                                  timeout=60, check=False)
            said.seek(0)
            assert done.returncode == 0, f"{program}: {said.read()}"

    def data_base(self, name):
        """A new one; what libpq calls a connection string."""
        self._run("createdb", "-h", self.folder, name)
        return f"host={self.folder} dbname={name} user={USER}"

    def remove(self):
        self._run("pg_ctl", "-D", self.folder + "/data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder)
