"""A PostgreSQL of a test's own: in a folder, on a socket there, ended with it."""

import os
import pwd
import shutil
import subprocess
import tempfile

PROGRAMS = "/usr/lib/postgresql/15/bin"


class PostgresServer:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="fabric-postgres-")
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        self._said("initdb", "-D", self.data, "-U", "fabric", "-A", "trust", "--no-sync", "-E", "UTF8")
        self.start()
        self._said("createdb", "-h", self.folder, "-U", "fabric", "studies")

    @property
    def data(self):
        return os.path.join(self.folder, "data")

    @property
    def url(self):
        return f"postgresql://fabric@/studies?host={self.folder}"

    def start(self):
        self._said("pg_ctl", "-D", self.data, "-w", "-l", os.path.join(self.folder, "log"), "-o",
                   f"-c listen_addresses='' -c fsync=off -k {self.folder}", "start")

    def crash(self):
        """Its processes end at once, as with kill -9; what was committed is there at the next start."""
        self._said("pg_ctl", "-D", self.data, "-w", "-m", "immediate", "stop")

    def signal(self, number):
        """To all of its processes, as SIGSTOP to make it hang."""
        with open(os.path.join(self.data, "postmaster.pid")) as f:
            main = int(f.readline())
        with open(f"/proc/{main}/task/{main}/children") as f:
            all_others = [int(pid) for pid in f.read().split()]
        for pid in [main, *all_others]:
            os.kill(pid, number)

    def close(self):
        self.crash()
        shutil.rmtree(self.folder)

    @staticmethod
    def _said(program, *words):
        # root may not run it, and the working folder may be closed to the server's user.
        as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        subprocess.run([*as_user, os.path.join(PROGRAMS, program), *words], cwd="/", check=True, timeout=60,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
