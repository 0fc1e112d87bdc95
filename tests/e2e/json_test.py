"""What each command prints with --json: one document, whatever happens; and where notices go."""

import json
import os
import signal
import unittest

from fabric_cluster import ClusterTest, wait_until

STUDY = ["--storage", "sqlite:///s.db"]


class Documents(ClusterTest):
    def document(self, *words, status=0):
        """The one document of a command."""
        done = self.cluster.run(*words, check=status)
        return json.loads(done.stdout)

    def start_head(self, *more):
        made = self.document("start", "--head", "--port", "0", "--state-dir", "head", "--name", "one",
                             "--num-cpus", "2", "--json", *more)
        self.cluster.names.append("head")
        self.cluster.address, self.cluster.token = made["join"]["address"], made["join"]["token"]
        return made

    def test_starts_and_stops_say_who_and_where(self):
        c = self.cluster
        made = self.start_head()
        self.assertEqual(made["address"], made["join"]["address"])
        self.assertEqual((made["node"], made["pid"]), ("one", c.pid_of("head")))
        self.assertEqual(made["state_dir"], c.path("head"))
        self.assertEqual(made["cluster_file"], c.path("head/cluster.json"))
        self.assertEqual(made["cluster"], c.json("status")["head"]["cluster"])
        joined = self.document("start", "--address", made["address"], "--token", made["join"]["token"],
                               "--state-dir", "w", "--name", "two", "--json")
        c.names.append("w")
        self.assertEqual(joined, {"address": made["address"], "cluster": made["cluster"], "node": "two",
                                  "state_dir": c.path("w"), "pid": c.pid_of("w")})
        pid = c.pid_of("w")
        self.assertEqual(self.document("stop", "--now", "--state-dir", "w", "--json"),
                         {"state_dir": c.path("w"), "pid": pid, "killed": False})

    def test_a_foreground_start_keeps_its_log_out_of_its_document(self):
        daemon = self.cluster.popen("start", "--head", "--port", "0", "--state-dir", "head", "--block",
                                    "--json")
        wait_until(lambda: os.path.exists(self.cluster.path("head/cluster.json")), what="the head")
        self.cluster.run("stop", "--now", "--state-dir", "head", check=0)
        out, err = daemon.communicate(timeout=30)
        self.assertEqual(json.loads(out)["pid"], daemon.pid)
        self.assertIn("serving at", err)

    def test_notices_are_on_stderr_and_durability_is_in_the_status(self):
        c = self.cluster
        done = c.start_head()
        self.assertEqual(done.stderr, "")
        self.assertEqual(c.json("status")["head"]["durability"], "full")
        self.assertNotIn("durability", c.run("status", check=0).stdout)
        c.run("stop", "--now", "--state-dir", "head", check=0)
        done = c.start_head("--durability", "process")
        self.assertNotIn("durability", done.stdout)
        self.assertIn("fabricd: durability is process", done.stderr)
        self.assertEqual(c.json("status")["head"]["durability"], "process")
        self.assertIn("durability process", c.run("status", check=0).stdout)

    def test_a_run_is_one_document_with_the_end_of_its_output(self):
        c = self.cluster
        c.start_head()
        done = c.run("run", "--json", "--", "sh", "-c", "echo out; echo err >&2; exit 3", check=3)
        self.assertEqual(done.stderr, "")
        ran = json.loads(done.stdout)
        self.assertEqual((ran["state"], ran["exit_code"], ran["stdout"], ran["stderr"]),
                         ("failed", 3, "out\n", "err\n"))
        self.assertEqual((ran["attempts"], ran["node_name"]), (1, "head"))
        task = c.json("get", ran["id"])
        self.assertEqual({k: ran[k] for k in ran if k in task}, {k: task[k] for k in ran if k in task})
        self.assertNotIn("error", ran)
        ran = self.document("run", "--json", "--", "no-such-program", status=127)
        self.assertEqual((ran["exit_code"], ran["error"]["code"]), (-1, "TASK_FAILED"))
        ran = self.document("run", "--json", "--timeout", "100ms", "--", "sleep", "60", status=124)
        self.assertEqual(ran["error"]["code"], "TIMED_OUT")
        ran = self.document("run", "--json", "--", "sh", "-c", r"printf '\377'; seq 100000")
        self.assertEqual(len(ran["stdout"]), 256 * 1024)
        self.assertEqual(ran["stdout_bytes"], 588896)

    def test_an_interrupted_run_ends_with_its_document(self):
        c = self.cluster
        c.start_head()
        running = c.popen("run", "--json", "--", "sh", "-c", "echo begun >begun; exec sleep 60")
        wait_until(lambda: os.path.exists(c.path("begun")), what="the command")
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=30)
        self.assertEqual(running.returncode, 130)
        ran = json.loads(out)
        self.assertEqual((ran["state"], ran["error"]["code"]), ("cancelled", "CANCELLED"))
        self.assertEqual(len(err.splitlines()), 1)

    def test_logs_are_one_document(self):
        c = self.cluster
        c.start_head()
        ran = self.document("run", "--json", "--", "sh", "-c", "seq 3; echo oops >&2")
        self.assertEqual(self.document("logs", ran["id"], "--json"),
                         {"id": ran["id"], "stream": "stdout", "text": "1\n2\n3\n", "missing_bytes": 0})
        self.assertEqual(self.document("logs", ran["id"], "--json", "-f")["text"], "1\n2\n3\n")
        self.assertEqual(self.document("logs", ran["id"], "--json", "--tail", "1")["text"], "3\n")
        self.assertEqual(self.document("logs", ran["id"], "--json", "--err"),
                         {"id": ran["id"], "stream": "stderr", "text": "oops\n", "missing_bytes": 0})
        array = self.document("submit", "--json", "--array", "1-2", "--", "echo", "{index}")["id"]
        self.assertEqual(self.document("wait", array, "--json"),
                         {"waited": [{"id": array, "succeeded": True}]})
        self.assertEqual(self.document("logs", array, "--json")["text"], "1\n2\n")

    def test_several_cancels_are_one_document_and_one_failure_stops_none(self):
        c = self.cluster
        c.start_head()
        jobs = [self.document("submit", "--json", "--cpus", "99", "--", "true")["id"] for _ in range(2)]
        told = self.document("cancel", jobs[0], "77", jobs[1], "--json", status=66)["cancelled"]
        self.assertEqual([one["id"] for one in told], [jobs[0], "77", jobs[1]])
        self.assertEqual(told[0]["note"], told[2]["note"])
        self.assertEqual((told[1]["error"]["code"], told[1]["error"]["retry"]), ("NOT_FOUND", "never"))
        self.assertEqual([c.json("get", job)["state"] for job in jobs], ["cancelled"] * 2)

    def test_orders_to_nodes(self):
        c = self.cluster
        c.start_head(cpus=1)
        c.start_node("w")
        drained = self.document("drain", "w", "--json")
        self.assertEqual((list(drained), drained["node"]), (["node", "note"], "w"))
        c.kill("w")
        wait_until(lambda: c.nodes()["w"]["state"] != "active", what="its loss")

        def forgotten():
            done = c.run("node", "forget", "w", "--i-know-it-is-dead", "--json")
            return json.loads(done.stdout) if done.returncode == 0 else None

        self.assertEqual(wait_until(forgotten, what="its end")["node"], "w")

    def test_studies(self):
        c = self.cluster
        c.env.pop("FABRIC_CLUSTER")
        tuned = c.run("tune", "--study", "s", "--minimize", *STUDY, "--param", "x=int(1,2)", "--json", "--",
                      "echo", "{x}", check=0)
        lines = [json.loads(line) for line in tuned.stdout.splitlines()]
        self.assertEqual(lines[-1]["best"]["value"], 1.0)
        self.assertEqual(self.document("study", "list", *STUDY, "--json")["studies"][0]["name"], "s")
        self.assertEqual(self.document("study", "show", "s", *STUDY, "--json")["states"], {"COMPLETE": 2})
        self.assertEqual(len(self.document("study", "export", "s", *STUDY, "--json")["trials"]), 2)
        self.assertEqual(self.document("study", "export", "s", *STUDY, "--json", "--format", "csv", "-o",
                                       "s.csv"), {"study": "s", "file": "s.csv", "trials": 2})
        self.assert_fault(c.run("study", "export", "s", *STUDY, "--json", "--format", "csv"), "USAGE", 64)
        self.assertEqual(self.document("study", "delete", "s", *STUDY, "--yes", "--json"),
                         {"deleted": "s", "trials": 2})
        failed = c.run("tune", "--study", "n", "--minimize", *STUDY, "--param", "x=int(1,2)", "--json",
                       "--", "false", check=1)
        self.assertIsNone(json.loads(failed.stdout.splitlines()[-1])["best"])

    def test_a_fault_is_a_document_with_its_code_and_what_a_retry_would_do(self):
        c = self.cluster
        c.env.pop("FABRIC_CLUSTER")
        for words, code, status, retry in (
                (["status"], "UNREACHABLE", 69, "later"),
                (["frobnicate"], "USAGE", 64, "never"),
                (["study", "frobnicate"], "USAGE", 64, "never"),
                (["list", "things"], "USAGE", 64, "never"),
                (["stop", "--name", "none"], "NOT_FOUND", 66, "never"),
                (["start", "--head", "--lease", "1s"], "USAGE", 64, "never"),
                (["start", "--head", "--state-dir", "/proc/none"], "CONFIG", 78, "never"),
                (["start", "--address", "127.0.0.1:9", "--state-dir", "n"], "AUTH_FAILED", 77, "never"),
                (["logs", "x"], "USAGE", 64, "never"),
                (["run"], "USAGE", 64, "never"),
                (["node", "forget", "a"], "USAGE", 64, "never"),
                (["study", "delete", "s", *STUDY], "NOT_FOUND", 66, "never"),
                (["tune", "--study", "s", *STUDY], "USAGE", 64, "never")):
            done = c.run(*words, "--json")
            self.assert_fault(done, code, status)
            self.assertEqual(json.loads(done.stdout)["error"]["retry"], retry)

    def test_a_word_of_the_commands_own_is_no_flag_of_ours(self):
        self.cluster.env.pop("FABRIC_CLUSTER")
        done = self.cluster.run("run", "--", "true", "--json")
        self.assertEqual((done.stdout, done.returncode), ("", 69))


if __name__ == "__main__":
    unittest.main(verbosity=2)
