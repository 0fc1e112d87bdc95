"""Memory limits, where the daemon can make control groups; elsewhere this file says why it is skipped."""

import os
import sys
import unittest

from fabric_cluster import ClusterTest, is_alive, wait_until

SKIPPED = 77  # what ctest shows as skipped
TAKE_200_MB = ["--", sys.executable, "-c", "print(len(b'a' * 200_000_000))"]


def own_groups():
    """Folders of the control groups of this process in which a memory limit can be set."""
    with open("/proc/self/cgroup") as f:
        groups = [line.strip().split(":", 2)[1:] for line in f]
    for controllers, path in groups:
        if controllers == "memory":
            yield "/sys/fs/cgroup/memory" + path
        folder = "/sys/fs/cgroup" + path
        if controllers == "" and os.path.exists(f"{folder}/cgroup.subtree_control"):
            with open(f"{folder}/cgroup.subtree_control") as f:
                if "memory" in f.read().split():
                    yield folder


def why_not():
    """Why no group can be made here; empty where one can."""
    reason = "no control group of this process has the memory controller for its children"
    for folder in own_groups():
        probe = f"{folder}/fabric-e2e-{os.getpid()}"
        try:
            os.mkdir(probe)
            os.rmdir(probe)
            return ""
        except OSError as error:
            reason = str(error)
    return reason


class Memory(ClusterTest):
    def setUp(self):
        super().setUp()
        self.cluster.start_head()

    def groups(self):
        """Folders that daemons of this test made."""
        return [f"{folder}/{name}" for folder in own_groups() for name in os.listdir(folder)
                if name == f"fabric-{self.pid}"]

    def test_a_task_over_its_memory_is_killed_and_the_code_says_so(self):
        c = self.cluster
        self.assert_fault(c.run("run", "--memory", "20MiB", *TAKE_200_MB), "OOM_KILLED", 137, "--memory")
        task = c.json("get", "1")
        self.assertEqual((task["state"], task["code"], task["attempts"]), ("poisoned", "OOM_KILLED", 1))

    def test_a_task_below_its_memory_or_without_a_limit_goes_on(self):
        c = self.cluster
        self.assertEqual(c.run("run", "--memory", "500MiB", *TAKE_200_MB, check=0).stdout, "200000000\n")
        self.assertEqual(c.run("run", *TAKE_200_MB, check=0).stdout, "200000000\n")

    def test_what_a_task_started_counts_too(self):
        done = self.cluster.run("run", "--memory", "20MiB", "--", "sh", "-c", '"$0" "$@" & wait $!',
                                *TAKE_200_MB[1:])
        self.assertEqual(done.returncode, 137, done.stderr)
        self.assertIn("fabricd: OOM_KILLED: ", done.stderr)

    def test_the_daemons_group_goes_with_it(self):
        c = self.cluster
        self.pid = c.pid_of("head")
        self.assertEqual(len(self.groups()), 1)
        c.run("stop", "--now", "--state-dir", "head", check=0)
        self.assertEqual(self.groups(), [])

    def test_a_killed_daemons_group_goes_with_the_next_start(self):
        c = self.cluster
        self.pid = c.pid_of("head")
        c.kill("head")
        wait_until(lambda: not is_alive(self.pid), what="its end")
        c.start_head()
        self.assertEqual(self.groups(), [])


if __name__ == "__main__":
    REASON = why_not()
    if REASON:
        print(f"SKIPPED: {REASON}", flush=True)
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
