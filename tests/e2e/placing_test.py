"""Which node a task gets, and which task goes first."""

import json
import unittest

from fabric_cluster import ClusterTest, until, wait_until

WHERE = ["--", "sh", "-c", "echo $FABRIC_NODE_NAME"]


class Labels(ClusterTest):
    def setUp(self):
        super().setUp()
        self.cluster.start_head("--labels", "zone=home,disk=slow")
        self.cluster.start_node("lab", "--labels", "zone=lab")

    def node_for(self, labels):
        return self.cluster.run("run", "--labels", labels, *WHERE, check=0).stdout.strip()

    def test_a_label_that_must_match_and_one_that_must_not(self):
        self.assertEqual(self.node_for("zone=lab"), "lab")
        self.assertEqual(self.node_for("zone=home"), "head")
        self.assertEqual(self.node_for("zone!=home"), "lab")
        self.assertEqual(self.node_for("zone=home,disk!=fast"), "head")

    def test_a_node_without_the_label_differs_from_every_value_of_it(self):
        self.assertEqual(self.node_for("disk!=slow"), "lab")

    def test_work_for_a_label_that_no_node_has_waits_says_why_and_goes_once_one_has_it(self):
        c = self.cluster
        job = c.submit("--labels", "zone=moon", *WHERE)
        reasons = {line["name"]: line for line in c.json("explain", job)["nodes"]}
        self.assertEqual(set(reasons), {"head", "lab"})
        for line in reasons.values():
            self.assertIn("wants moon", line["reason"])
            self.assertFalse(line["could_ever"])
        c.start_node("moon", "--labels", "zone=moon")
        c.run("wait", job, "--timeout", "30s", check=0)
        self.assertEqual(c.run("logs", job, check=0).stdout, "moon\n")


class Resources(ClusterTest):
    def test_custom_resources_are_counted_and_freed(self):
        c = self.cluster
        c.start_head("--resources", "licence=1.5", cpus=8)
        job = c.submit("--array", "3", "--resources", "licence=0.5", "--", "sh", "-c",
                       "echo >>held; " + until("go"))
        late = c.submit("--resources", "licence=1", "--", "true")
        wait_until(lambda: len(c.lines("held")) == 3, what="three tasks that hold it")
        self.assertEqual(c.nodes()["head"]["resources"]["used"]["licence"], 1.5)
        self.assertIn("licence 1, free 0 of 1.5", c.json("explain", late)["nodes"][0]["reason"])
        c.touch("go")
        c.run("wait", job, late, "--timeout", "30s", check=0)
        self.assertEqual(c.nodes()["head"]["resources"]["used"].get("licence", 0), 0)

    def test_the_node_that_has_the_resource_gets_the_task(self):
        c = self.cluster
        c.start_head()
        c.start_node("special", "--resources", "licence=1")
        self.assertEqual(c.run("run", "--resources", "licence=1", *WHERE, check=0).stdout, "special\n")
        never = c.json("explain", c.submit("--resources", "unheard=1", "--", "true"))
        self.assertFalse(any(line["could_ever"] for line in never["nodes"]))


class Order(ClusterTest):
    """One CPU, held until all that is to be ordered waits for it."""

    def setUp(self):
        super().setUp()
        self.cluster.start_head(cpus=1)

    def test_higher_priority_goes_first_and_equals_in_order_of_submission(self):
        c = self.cluster
        first = c.submit("--", "sh", "-c", until("go"))
        c.wait_for_state(first, "running")
        waiting = [c.submit("--priority", str(priority), "--", "sh", "-c", f"echo {priority} {n} >>ledger")
                   for n, priority in enumerate((-5, 0, 5, 0))]
        c.touch("go")
        c.run("wait", *waiting, "--timeout", "30s", check=0)
        self.assertEqual(c.lines("ledger"), ["5 2", "0 1", "0 3", "-5 0"])

    def test_a_restarted_head_remembers_priorities(self):
        c = self.cluster
        c.start_node("a", cpus=1)
        held = [c.submit("--", "sh", "-c", until("go")) for _ in range(2)]
        for job in held:
            c.wait_for_state(job, "running")
        waiting = [c.submit("--labels", "zone=b", "--priority", str(priority), "--", "sh", "-c",
                            f"echo {priority} {n} >>ledger") for n, priority in enumerate((-5, 0, 5, 0))]
        c.kill("head")
        c.start_head(cpus=1)
        self.assertEqual([c.json("get", job)["priority"] for job in waiting], [-5, 0, 5, 0])
        c.start_node("b", "--labels", "zone=b", cpus=1)
        c.touch("go")
        c.run("wait", *waiting, "--timeout", "30s", check=0)
        self.assertEqual(c.lines("ledger"), ["5 2", "0 1", "0 3", "-5 0"])

    def test_priorities_out_of_range_are_refused_by_every_command(self):
        for command in ("run", "submit"):
            self.assert_fault(self.cluster.run(command, "--priority", "2000000", "--", "true"), "USAGE", 64,
                              "1000000")

    def test_a_chain_runs_in_its_order_and_what_joins_two_waits_for_both(self):
        c = self.cluster
        held = c.submit("--", "sh", "-c", until("go") + "; echo a >>ledger")
        left = c.submit("--after", held, "--", "sh", "-c", "echo b >>ledger")
        right = c.submit("--after", held, "--priority", "9", "--", "sh", "-c", "echo c >>ledger")
        both = c.submit("--after", f"{left},{right}", "--priority", "99", "--", "sh", "-c",
                        "echo d >>ledger")
        self.assertEqual({c.json("get", job)["state"] for job in (left, right, both)}, {"blocked"})
        c.touch("go")
        c.run("wait", both, "--timeout", "30s", check=0)
        self.assertEqual(c.lines("ledger"), ["a", "c", "b", "d"])

    def test_a_failure_cancels_the_whole_chain_behind_it(self):
        c = self.cluster
        failing = c.submit("--", "sh", "-c", until("go") + "; exit 1")
        second = c.submit("--after", failing, "--", "sh", "-c", "echo >>ledger")
        third = c.submit("--after", second, "--", "sh", "-c", "echo >>ledger")
        c.touch("go")
        self.assertEqual(c.run("wait", third, "--timeout", "30s").returncode, 1)
        self.assertEqual([c.json("get", job)["state"] for job in (failing, second, third)],
                         ["failed", "cancelled", "cancelled"])
        self.assertEqual(c.lines("ledger"), [])

    def test_a_key_is_known_after_a_restart_too_and_json_says_that_it_was(self):
        c = self.cluster
        keyed = ["submit", "--key", "k", "--json", "--", "true"]
        self.assertEqual(json.loads(c.run(*keyed, check=0).stdout), {"id": "1", "existed": False})
        c.run("wait", "1", check=0)
        c.kill("head")
        c.start_head(cpus=1)
        self.assertEqual(json.loads(c.run(*keyed, check=0).stdout), {"id": "1", "existed": True})
        self.assert_fault(c.run("submit", "--key", "k", "--priority", "1", "--", "true"), "KEY_CONFLICT", 65,
                          "k")


class Placement(ClusterTest):
    """Two nodes alike; where do two small tasks go?"""

    def nodes_of_two_tasks(self, *head):
        c = self.cluster
        c.start_head(*head)
        c.start_node("other")
        for count in (1, 2):
            c.submit("--", "sh", "-c", "echo $FABRIC_NODE_NAME >>where; " + until("go"))
            wait_until(lambda count=count: len(c.lines("where")) == count, what="a running task")
        c.touch("go")
        return c.lines("where")

    def test_pack_is_the_default_and_fills_one_node_first(self):
        first, second = self.nodes_of_two_tasks()
        self.assertEqual(first, second)

    def test_spread_takes_the_emptiest_node(self):
        self.assertEqual(set(self.nodes_of_two_tasks("--placement", "spread")), {"head", "other"})

    def test_a_placement_that_is_none_is_refused(self):
        self.assert_fault(self.cluster.run("start", "--head", "--port", "0", "--state-dir", "h",
                                           "--placement", "wild"), "USAGE", 64, "wild")


if __name__ == "__main__":
    unittest.main(verbosity=2)
