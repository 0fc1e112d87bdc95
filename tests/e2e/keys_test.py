"""Who may talk to the head: keys that are made, listed and revoked, with sessions open."""

import os
import stat
import unittest

from fabric_cluster import ClusterTest, is_alive, until, wait_until


class Keys(ClusterTest):
    def setUp(self):
        super().setUp()
        self.cluster.start_head(cpus=1)

    def as_holder_of(self, file):
        return dict(self.cluster.env, FABRIC_CLUSTER=self.cluster.path(file))

    def keys(self):
        return {key["name"]: key for key in self.cluster.json("key", "list")["keys"]}

    def test_a_key_for_somebody_else_works_until_it_is_revoked_and_its_session_ends_at_once(self):
        c = self.cluster
        made = c.run("key", "new", "ann", "-o", "ann.json", check=0).stdout
        self.assertIn("client: key " + self.keys()["ann"]["id"] + " of ann", made)
        self.assertEqual(stat.S_IMODE(os.stat(c.path("ann.json")).st_mode), 0o600)
        ann = self.as_holder_of("ann.json")
        running = [c.popen("run", "--", "sh", "-c", "echo up; touch up; " + until("go"), env=ann)]
        wait_until(lambda: os.path.exists(c.path("up")), what="its task")
        job = c.submit("--", "true")
        running.append(c.popen("wait", job, env=ann))
        running.append(c.popen("tune", "--study", "s", "--minimize", "--param", "x=int(1,3)", "--",
                               "echo", "{x}", env=ann))
        wait_until(lambda: self.keys()["ann"]["sessions"] == 3, what="three sessions")
        said = c.run("key", "revoke", "ann", check=0).stdout
        self.assertRegex(said, r"^[0-9a-f]{16} \(ann\): revoked\n$")
        for each in running:
            _, err = each.communicate(timeout=5)
            self.assertEqual(each.returncode, 77, err)
            self.assertIn("(ann) was revoked", err)
        refused = c.run("status", env=ann)
        self.assert_fault(refused, "AUTH_FAILED", 77)
        self.assertTrue(self.keys()["ann"]["revoked"])
        c.kill("head")
        c.start_head(cpus=1)
        self.assertEqual(c.run("status", env=ann).returncode, 77)
        c.touch("go")

    def test_an_observer_may_look_and_change_nothing(self):
        c = self.cluster
        c.run("key", "new", "wall", "--role", "observer", "-o", "wall.json", check=0)
        wall = self.as_holder_of("wall.json")
        job = c.submit("--", "true")
        c.run("wait", job, "--timeout", "30s", check=0)
        self.assertIn("head", c.run("status", env=wall, check=0).stdout)
        self.assertIn(job, c.run("list", "jobs", env=wall, check=0).stdout)
        for words in (["submit", "--", "true"], ["cancel", job], ["drain", "head"],
                      ["key", "revoke", "token"], ["key", "new", "x", "-o", "x.json"]):
            self.assert_fault(c.run(*words, env=wall), "FORBIDDEN", 77, "observer")
        self.assertFalse(os.path.exists(c.path("x.json")))

    def test_a_node_whose_key_is_revoked_ends_and_its_work_runs_elsewhere_when_its_lease_is_over(self):
        c = self.cluster
        c.run("stop", "--state-dir", "head", check=0)
        c.start_head("--lease", "2s", cpus=1)
        c.start_node("w", "--resources", "b=1", cpus=1)
        job = c.submit("--resources", "b=1", "--", "sh", "-c", "echo $$ >>pids; " + until("go"))
        wait_until(lambda: c.lines("pids"), what="its task")
        daemon = c.pid_of("w")
        c.run("key", "revoke", c.nodes()["w"]["id"], check=0)
        wait_until(lambda: not is_alive(daemon), 5, "the end of the daemon")
        wait_until(lambda: not is_alive(int(c.lines("pids")[0])), 5, "the end of its task")
        with open(c.path("w/daemon.log")) as log:
            self.assertIn("was revoked", log.read())
        again = c.run("start", "--address", c.address, "--token", c.token, "--name", "w",
                      "--state-dir", "w")
        self.assert_fault(again, "AUTH_FAILED", 77, "does not admit this machine's key")
        c.start_node("other", "--resources", "b=1", cpus=1)
        c.touch("go")
        c.run("wait", job, "--timeout", "30s", check=0)
        self.assertEqual(c.json("get", job)["lost_attempts"], 1)

    def test_a_revoked_token_admits_nobody_and_the_next_start_makes_another(self):
        c = self.cluster
        self.assertIn("the next start of the head makes another",
                      c.run("key", "revoke", "token", check=0).stdout)
        late = c.run("start", "--address", c.address, "--token", c.token, "--name", "w",
                     "--state-dir", "w")
        self.assertNotEqual(late.returncode, 0)
        self.assertIn("AUTH_FAILED", late.stderr)
        old = c.token
        c.run("stop", "--state-dir", "head", check=0)
        c.start_head(cpus=1)
        self.assertNotEqual(c.token, old)
        c.start_node("w", cpus=1)
        self.assertEqual(c.nodes()["w"]["state"], "active")

    def test_what_cannot_be_is_said(self):
        c = self.cluster
        own = c.nodes()["head"]["id"]
        self.assert_fault(c.run("key", "revoke", own), "USAGE", 64, "head's own", "stop the head")
        self.assert_fault(c.run("key", "revoke", "cluster.json"), "USAGE", 64, "asks for this", "key new")
        self.assert_fault(c.run("key", "revoke", "nobody"), "NOT_FOUND", 66, "key list")
        c.run("key", "new", "ann", "-o", "ann.json", check=0)
        self.assert_fault(c.run("key", "new", "ann", "-o", "two.json"), "USAGE", 64, "named ann")
        self.assertFalse(os.path.exists(c.path("two.json")))
        self.assert_fault(c.run("key", "new", "eve", "-o", "ann.json"), "USAGE", 64, "there already")
        self.assert_fault(c.run("key", "new", "x" * 65, "-o", "x.json"), "USAGE", 64, "64 bytes")
        self.assert_fault(c.run("key", "new", "x", "--role", "worker", "-o", "x.json"), "USAGE", 64)


if __name__ == "__main__":
    unittest.main()
