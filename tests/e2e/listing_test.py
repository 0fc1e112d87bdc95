"""What listings show of jobs whose tasks stand in many states."""

import unittest

from fabric_cluster import ClusterTest, until, wait_until


class Listings(ClusterTest):
    def setUp(self):
        super().setUp()
        self.cluster.start_head(cpus=2)

    def tasks(self, *words):
        return [(t["id"], t["state"]) for t in self.cluster.json("list", "tasks", *words)["tasks"]]

    def half_done(self):
        """An array whose first 20 tasks of 40 succeeded and whose next two run."""
        c = self.cluster
        job = c.submit("--array", "1-40", "--", "sh", "-c", f"test {{index}} -le 20 || {{ {until('go')}; }}")
        two = [(f"{job}.21", "running"), (f"{job}.22", "running")]
        wait_until(lambda: self.tasks("--state", "running") == two, what="the 22nd task")
        return job

    def test_tasks_of_a_state_are_found_behind_any_number_of_others(self):
        job = self.half_done()
        self.assertEqual(self.tasks("--state", "running", "--limit", "1"), [(f"{job}.21", "running")])
        self.assertEqual(self.tasks("--state", "queued", "--limit", "2"),
                         [(f"{job}.23", "queued"), (f"{job}.24", "queued")])
        self.cluster.run("cancel", f"{job}.40", check=0)
        self.assertEqual(self.tasks("--state", "cancelled", "--limit", "2"), [(f"{job}.40", "cancelled")])
        self.assertEqual(len(self.tasks("--job", job)), 40)
        self.assertEqual(len(self.tasks("--state", "succeeded")), 20)

    def test_tasks_that_were_cancelled_before_they_began_are_listed(self):
        c = self.cluster
        job = self.half_done()
        c.run("cancel", job, check=0)
        wait_until(lambda: c.json("get", job)["running"] == 0, what="the end of what ran")
        cancelled = [(f"{job}.{index}", "cancelled") for index in range(21, 41)]
        self.assertEqual(self.tasks("--state", "cancelled"), cancelled)
        self.assertEqual(self.tasks("--state", "cancelled", "--limit", "4"), cancelled[:4])
        self.assertEqual(len(self.tasks("--job", job)), 40)
        waiting = c.submit("--resources", "none=1", "--", "true")
        c.run("cancel", waiting, check=0)
        self.assertEqual(self.tasks("--job", waiting), [(waiting, "cancelled")])

    def test_what_is_over_is_explained_by_its_state(self):
        c = self.cluster
        job = c.submit("--array", "1-3", "--", "sh", "-c", "test {index} != 2")
        c.run("wait", job, check=1)
        self.assertEqual(c.json("explain", job), {"id": job, "nodes": [], "summary":
                                                  "nothing waits: its state is failed"})
        self.assertEqual(c.json("explain", f"{job}.3")["summary"], "nothing waits: its state is succeeded")


if __name__ == "__main__":
    unittest.main(verbosity=2)
