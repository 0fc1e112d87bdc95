"""The main job, as a person does it: a cluster, commands on it, a search over it."""

import json
import socket
import sqlite3
import unittest
from collections import Counter

from fabric_cluster import ClusterTest, wait_until

OBJECTIVE = 'echo "$FABRIC_NODE_NAME {x}" >>ledger; echo {x}'


class MainJob(ClusterTest):
    def three_nodes(self):
        c = self.cluster
        c.start_head("--num-gpus", "1", cpus=3)
        c.start_node("n3", cpus=3)
        c.start_node("n8", cpus=8)

    def ledger(self):
        with open(self.cluster.path("ledger")) as f:
            return [line.split() for line in f]

    def test_status_shows_three_nodes_with_what_they_were_given(self):
        self.three_nodes()
        nodes = self.cluster.nodes()
        self.assertEqual({n: nodes[n]["resources"]["total"]["cpu"] for n in nodes},
                         {"head": 3, "n3": 3, "n8": 8})
        self.assertEqual(nodes["head"]["resources"]["total"]["gpu"], 1)
        self.assertEqual({n["state"] for n in nodes.values()}, {"active"})
        self.assertIn("n8", self.cluster.run("status", check=0).stdout)

    def test_a_run_prints_the_commands_output_and_ends_with_its_status(self):
        self.three_nodes()
        c = self.cluster
        done = c.run("run", "--", "sh", "-c", "echo out; echo err >&2; exit 7")
        self.assertEqual((done.stdout, done.stderr, done.returncode), ("out\n", "err\n", 7))
        crashed = c.run("run", "--", "sh", "-c", "echo x >>crashes; kill -SEGV $$")
        self.assertEqual(crashed.returncode, 139)
        with open(c.path("crashes")) as f:
            self.assertEqual(f.read(), "x\n")
        missing = c.run("run", "--", "/no/such/program")
        self.assertEqual(missing.returncode, 127)
        self.assertIn("/no/such/program", missing.stderr)
        late = c.run("run", "--timeout", "300ms", "--", "sleep", "60")
        self.assertEqual(late.returncode, 124)

    def test_a_gpu_task_sees_its_gpu_and_others_see_no_change(self):
        self.three_nodes()
        show = ["--", "sh", "-c", "echo gpu=${CUDA_VISIBLE_DEVICES-untouched}"]
        self.assertEqual(self.cluster.run("run", "--gpus", "1", *show, check=0).stdout, "gpu=0\n")
        self.assertEqual(self.cluster.run("run", "--gpus", "0.5", *show, check=0).stdout, "gpu=0\n")
        self.assertEqual(self.cluster.run("run", *show, check=0).stdout, "gpu=untouched\n")

    def test_an_array_runs_each_index_once_and_wait_tells_how_it_went(self):
        self.three_nodes()
        c = self.cluster
        job = c.run("submit", "--array", "1-50", "--", "sh", "-c",
                    "echo {index} $FABRIC_ARRAY_INDEX >>ledger", check=0).stdout.strip()
        self.assertTrue(job.isdigit())
        c.run("wait", job, "--timeout", "60s", check=0)
        self.assertEqual(sorted(int(i) for i, _ in self.ledger()), list(range(1, 51)))
        self.assertTrue(all(i == j for i, j in self.ledger()))
        task = c.json("get", f"{job}.7")
        self.assertEqual((task["state"], task["attempts"], task["exit_code"]), ("succeeded", 1, 0))
        bad = c.run("submit", "--", "false", check=0).stdout.strip()
        self.assertEqual(c.run("wait", bad).returncode, 1)
        slow = c.run("submit", "--", "sleep", "60", check=0).stdout.strip()
        self.assertEqual(c.run("wait", slow, "--timeout", "200ms").returncode, 124)
        c.run("cancel", slow, check=0)
        wait_until(lambda: c.json("get", slow)["state"] == "cancelled", what="the cancellation")

    def test_the_same_key_is_the_same_job_and_other_content_is_refused(self):
        self.three_nodes()
        c = self.cluster
        first = c.run("submit", "--key", "k", "--", "true", check=0).stdout
        self.assertEqual(c.run("submit", "--key", "k", "--", "true", check=0).stdout, first)
        self.assert_fault(c.run("submit", "--key", "k", "--", "false"), "KEY_CONFLICT", 65, "k")

    def test_a_job_starts_after_those_it_names_and_is_cancelled_where_they_fail(self):
        self.three_nodes()
        c = self.cluster
        first = c.run("submit", "--", "sh", "-c", "sleep 0.3; echo a 1 >>ledger", check=0).stdout.strip()
        second = c.run("submit", "--after", first, "--", "sh", "-c", "echo b 2 >>ledger",
                       check=0).stdout.strip()
        c.run("wait", second, "--timeout", "30s", check=0)
        self.assertEqual([line[0] for line in self.ledger()], ["a", "b"])
        failing = c.run("submit", "--", "false", check=0).stdout.strip()
        never = c.run("submit", "--after", failing, "--", "true", check=0).stdout.strip()
        self.assertEqual(c.run("wait", never, "--timeout", "30s").returncode, 1)
        self.assertEqual(c.json("get", never)["state"], "cancelled")

    def test_cancelling_a_job_between_two_attempts_is_final_and_harms_nobody(self):
        self.three_nodes()
        c = self.cluster
        job = c.run("submit", "--retries", "5", "--", "false", check=0).stdout.strip()
        wait_until(lambda: c.json("get", job)["state"] == "backing_off", what="the wait for a retry")
        c.run("cancel", job, check=0)
        self.assertEqual(c.json("get", job)["state"], "cancelled")
        self.assertEqual(c.run("run", "--", "echo", "on", check=0).stdout, "on\n")

    def test_explain_says_for_each_node_why_a_task_waits(self):
        self.three_nodes()
        c = self.cluster
        job = c.run("submit", "--cpus", "9", "--", "true", check=0).stdout.strip()
        why = c.json("explain", job)
        self.assertEqual(len(why["nodes"]), 3)
        self.assertTrue(all("cpu" in line["reason"] for line in why["nodes"]), why)
        self.assertTrue(all(not line["could_ever"] for line in why["nodes"]))

    def test_logs_are_read_from_wherever_the_task_ran(self):
        self.three_nodes()
        c = self.cluster
        job = c.run("submit", "--cpus", "8", "--", "sh", "-c", "seq 1 1000; echo problem >&2",
                    check=0).stdout.strip()
        c.run("wait", job, "--timeout", "30s", check=0)
        self.assertEqual(c.run("logs", job, check=0).stdout.split(), [str(i) for i in range(1, 1001)])
        self.assertEqual(c.run("logs", job, "--tail", "2", check=0).stdout, "999\n1000\n")
        self.assertEqual(c.run("logs", job, "--err", check=0).stdout, "problem\n")

    def test_a_search_over_three_nodes_evaluates_every_point_exactly_once(self):
        self.three_nodes()
        c = self.cluster
        done = c.run("tune", "--study", "s", "--minimize", "--param", "x=int(0,59)", "--parallel", "14",
                     "--storage", "sqlite:///s.db", "--json", "--", "sh", "-c",
                     OBJECTIVE.replace("echo {x}", "sleep 0.1; echo {x}"), check=0)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(lines[-1]["best"]["values"], [0.0])
        self.assertEqual(len(lines), 61)
        self.assertEqual(sorted(int(x) for _, x in self.ledger()), list(range(60)))
        trials = c.json("study", "trials", "s", "--storage", "sqlite:///s.db")["trials"]
        self.assertEqual(Counter(t["state"] for t in trials), {"COMPLETE": 60})
        self.assertEqual(len({t["params"]["x"] for t in trials}), 60)
        self.assertEqual({t["node"] for t in trials}, {"head", "n3", "n8"})
        self.assertEqual({json.dumps(t["user_attrs"]["HOST"]) for t in trials},
                         {json.dumps({"host": socket.gethostname()})})
        self.assertEqual(sqlite3.connect(c.path("s.db")).execute(
            "select count(*) from trials where state = 'COMPLETE'").fetchone(), (60,))

    def test_a_search_without_a_cluster_runs_in_the_process(self):
        c = self.cluster
        c.env.pop("FABRIC_CLUSTER")
        c.run("tune", "--study", "g", "--maximize", "--param", "x=float(0,1,step=0.1)", "--sampler",
              "grid", "--parallel", "1", "--storage", "sqlite:///g.db", "--", "sh", "-c", OBJECTIVE, check=0)
        self.assertEqual([x for _, x in self.ledger()],
                         ["0", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "1"])

    def test_a_failed_objective_is_a_failed_trial_with_its_last_words(self):
        c = self.cluster
        c.env.pop("FABRIC_CLUSTER")
        done = c.run("tune", "--study", "f", "--minimize", "--param", "x=int(1,4)", "--sampler", "grid",
                     "--storage", "sqlite:///f.db", "--", "sh", "-c",
                     'case {x} in 1) echo oops >&2; exit 3;; 2) echo none;; 3) echo nan;; *) echo 5;; '
                     'esac', check=0)
        self.assertIn("best value 5", done.stdout)
        trials = c.json("study", "trials", "f", "--storage", "sqlite:///f.db")["trials"]
        errors = {t["params"]["x"]: t["user_attrs"].get("error") for t in trials}
        self.assertEqual({t["params"]["x"]: t["state"] for t in trials},
                         {1: "FAIL", 2: "FAIL", 3: "FAIL", 4: "COMPLETE"})
        self.assertIn("oops", errors[1])
        self.assertIn("no number", errors[2])

    def test_cached_duplicates_name_the_earlier_trial(self):
        c = self.cluster
        c.env.pop("FABRIC_CLUSTER")
        c.run("tune", "--study", "d", "--minimize", "--param", "x=int(1,3)", "--trials", "12",
              "--duplicates", "cached", "--storage", "sqlite:///d.db", "--seed", "7", "--", "sh", "-c",
              OBJECTIVE, check=0)
        trials = c.json("study", "trials", "d", "--storage", "sqlite:///d.db")["trials"]
        first = {t["number"]: t for t in trials if "duplicate_of" not in t["user_attrs"]}
        copies = [t for t in trials if "duplicate_of" in t["user_attrs"]]
        self.assertEqual(len(self.ledger()), len(first))
        self.assertTrue(copies)
        for t in copies:
            original = first[t["user_attrs"]["duplicate_of"]]
            self.assertEqual((t["params"], t["values"]), (original["params"], original["values"]))


if __name__ == "__main__":
    unittest.main(verbosity=2)
