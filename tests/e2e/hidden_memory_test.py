"""A daemon holds keys: its own user cannot look into it, and everything works nevertheless."""

import json
import os
import shutil
import subprocess
import unittest

from fabric_cluster import FABRICD, ClusterTest, is_alive

NOBODY = 65534


class HiddenMemory(ClusterTest):
    """As an ordinary user, since root may look at everything."""

    def setUp(self):
        super().setUp()
        self.user = os.geteuid()
        self.as_user = {}
        if self.user == 0:
            self.user = NOBODY
            self.as_user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
            os.chown(self.cluster.folder, NOBODY, NOBODY)
        # Where it was built may be closed to that user.
        self.program = shutil.copy(FABRICD, self.cluster.path("fabricd"))

    def run_as_user(self, *words):
        return self.cluster.run(*words, program=self.program, check=0, **self.as_user)

    def cat(self, path):
        return subprocess.run(["cat", path], capture_output=True, **self.as_user)

    def assert_hidden(self, pid):
        self.assertNotEqual(os.stat(f"/proc/{pid}/environ").st_uid, self.user)
        for file in ("environ", "maps"):
            self.assertNotEqual(self.cat(f"/proc/{pid}/{file}").returncode, 0, file)

    def test_its_user_cannot_read_a_daemons_memory_but_run_tasks_on_it_and_stop_it(self):
        c = self.cluster
        self.run_as_user("start", "--head", "--port", "0", "--state-dir", "head", "--num-cpus", "1")
        c.names.append("head")
        with open(c.path("head/cluster.json")) as f:
            port = json.load(f)["address"].split(":")[1]
        pid = c.pid_of("head")
        self.assert_hidden(pid)

        # A task is another program and as open to its user as any.
        ran = self.run_as_user("run", "--", "sh", "-c", "cat /proc/$$/environ")
        self.assertIn("FABRIC_TASK_ID", ran.stdout)
        found = self.run_as_user("doctor", "--state-dir", "head", "--port", port)
        self.assertIn(f"a fabric head listens: pid {pid}", found.stdout)
        self.run_as_user("stop", "--state-dir", "head")
        self.assertFalse(is_alive(pid))

    def test_a_worker_is_hidden_too(self):
        c = self.cluster
        made = self.run_as_user("start", "--head", "--port", "0", "--state-dir", "head", "--num-cpus", "1")
        words = made.stdout.split("fabricd ")[-1].split()
        self.run_as_user(*words, "--state-dir", "w", "--num-cpus", "3")
        c.names += ["head", "w"]
        self.assert_hidden(c.pid_of("w"))
        self.assertEqual(self.run_as_user("run", "--cpus", "3", "--", "echo", "on").stdout, "on\n")
        for name in ("w", "head"):
            self.run_as_user("stop", "--state-dir", name)


if __name__ == "__main__":
    unittest.main(verbosity=2)
