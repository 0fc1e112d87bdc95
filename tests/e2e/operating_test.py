"""What who runs a cluster does: join, drain, forget, stop; in the foreground under a supervisor too."""

import os
import signal
import socket
import unittest

from fabric_cluster import ClusterTest, is_alive, until, wait_until

DEAF = "trap '' TERM; echo $$ >>deaf; " + until("go")


class Draining(ClusterTest):
    def setUp(self):
        super().setUp()
        self.cluster.start_head("--resources", "a=1")
        self.cluster.start_node("w", "--resources", "b=1", cpus=8)

    def test_what_runs_at_the_deadline_is_handed_back_and_is_no_failure(self):
        c = self.cluster
        job = c.submit("--", "sh", "-c", "echo $FABRIC_NODE_NAME >>ledger; " + until("go"))
        other = {"head": "w", "w": "head"}
        wait_until(lambda: c.lines("ledger"), what="its start")
        first, = c.lines("ledger")
        said = c.run("drain", first, "--deadline", "300ms", check=0).stdout
        self.assertIn("draining; 1 task still running", said)
        wait_until(lambda: len(c.lines("ledger")) == 2, what="its second start")
        self.assertEqual(c.lines("ledger")[1], other[first])
        c.touch("go")
        c.run("wait", job, "--timeout", "30s", check=0)
        task = c.json("get", job)
        self.assertEqual([task[name] for name in ("state", "attempts", "failures", "lost_attempts")],
                         ["succeeded", 2, 0, 1])

    def test_a_draining_node_finishes_what_it_has_and_gets_nothing_new(self):
        c = self.cluster
        job = c.submit("--resources", "b=1", "--", "sh", "-c", until("go"))
        c.wait_for_state(job, "running")
        c.run("drain", "w", "--deadline", "1h", check=0)
        self.assertEqual(c.nodes()["w"]["state"], "draining")
        for _ in range(3):
            self.assertEqual(c.run("run", "--", "sh", "-c", "echo $FABRIC_NODE_NAME", check=0).stdout,
                             "head\n")
        c.touch("go")
        c.run("wait", job, "--timeout", "30s", check=0)
        self.assertEqual(c.json("get", job)["attempts"], 1)
        wait_until(lambda: c.nodes()["w"]["state"] == "drained", what="an empty node")
        self.assertIn("w ", c.run("list", "nodes", "--state", "drained", check=0).stdout)

    def test_a_drained_node_stays_drained_over_a_restart_of_the_head_and_works_after_its_own(self):
        c = self.cluster
        self.assertEqual(c.run("drain", "w", check=0).stdout, "w: drained\n")
        job = c.submit("--resources", "b=1", "--", "true")
        c.kill("head")
        c.start_head("--resources", "a=1")
        wait_until(lambda: c.nodes()["w"]["state"] == "drained", what="its return, drained")
        self.assertIn("drain", c.json("explain", job)["nodes"][0]["reason"] +
                      c.json("explain", job)["nodes"][-1]["reason"])
        c.run("stop", "--state-dir", "w", check=0)
        c.start_node("w", "--resources", "b=1", cpus=8)
        self.assertEqual(c.nodes()["w"]["state"], "active")
        c.run("wait", job, "--timeout", "30s", check=0)

    def test_a_crash_of_a_task_that_is_handed_back_is_not_counted_either(self):
        c = self.cluster
        job = c.submit("--", "sh", "-c", "echo $FABRIC_NODE_NAME >>ledger; trap 'exit 9' TERM; " +
                       until("go"))
        wait_until(lambda: c.lines("ledger"), what="its start")
        c.run("drain", c.lines("ledger")[0], "--deadline", "0s", check=0)
        wait_until(lambda: len(c.lines("ledger")) == 2, what="its second start")
        c.touch("go")
        c.run("wait", job, "--timeout", "30s", check=0)
        self.assertEqual(c.json("get", job)["failures"], 0)


class Forgetting(ClusterTest):
    def test_a_dead_nodes_tasks_run_elsewhere_at_once(self):
        c = self.cluster
        c.start_head("--lease", "1h", cpus=1)
        c.start_node("w", cpus=8)
        job = c.submit("--cpus", "8", "--", "sh", "-c", "echo $FABRIC_NODE_NAME >>ledger; "
                       "[ $FABRIC_ATTEMPT = 2 ] || sleep 1000")
        wait_until(lambda: c.lines("ledger"), what="its start")
        self.assert_fault(c.run("node", "forget", "w"), "USAGE", 64, "--i-know-it-is-dead")
        sure = ["node", "forget", "w", "--i-know-it-is-dead"]
        self.assert_fault(c.run(*sure), "CONFIG", 78, "w", "alive", "drain")
        c.kill("w")
        wait_until(lambda: c.nodes()["w"]["state"] == "disconnected", what="the loss of its connection")
        c.start_node("other", cpus=8)
        self.assertEqual(c.json("get", job)["state"], "running", "its lease is not over")
        self.assertIn("1 task run", c.run(*sure, check=0).stdout)
        c.run("wait", job, "--timeout", "30s", check=0)
        self.assertEqual(c.lines("ledger"), ["w", "other"])
        self.assertNotIn("w", c.nodes())
        self.assertEqual(c.json("status")["counters"]["lost_attempts"], 1)
        self.assert_fault(c.run(*sure), "NOT_FOUND", 66, "w")
        c.start_node("w", cpus=8)
        self.assertEqual(c.nodes()["w"]["state"], "active")


class Joining(ClusterTest):
    def join(self, *words, env=None):
        c = self.cluster
        name = f"n{len(c.names)}"
        done = c.run("start", "--address", c.address, "--name", name, "--state-dir", name, *words, env=env)
        if done.returncode == 0:
            c.names.append(name)
        return done

    def test_the_token_may_stand_in_a_file_or_in_the_environment_and_is_asked_for_once(self):
        c = self.cluster
        c.start_head()
        with open(c.path("token"), "w") as f:
            f.write(f"\n  {c.token}\n")
        self.assertIn("n1 joined", self.join("--token-file", "token").stdout)
        self.assertIn("n2 joined", self.join(env=dict(c.env, FABRIC_TOKEN=c.token)).stdout)
        self.assertEqual(set(c.nodes()), {"head", "n1", "n2"})
        c.run("stop", "--now", "--state-dir", "n1", check=0)
        c.run("start", "--address", c.address, "--name", "n1", "--state-dir", "n1", check=0)

    def test_a_token_on_the_command_line_counts_before_a_file_and_a_file_before_the_environment(self):
        c = self.cluster
        c.start_head()
        with open(c.path("good"), "w") as f:
            f.write(c.token)
        wrong = dict(c.env, FABRIC_TOKEN="nonsense")
        self.assertIn("joined", self.join("--token-file", "good", env=wrong).stdout)
        self.assertIn("joined", self.join("--token", c.token, "--token-file", "none", env=wrong).stdout)
        self.assert_fault(self.join(env=wrong), "AUTH_FAILED", 77, "token")

    def test_a_token_file_that_is_missing_or_empty_is_named(self):
        c = self.cluster
        c.start_head()
        c.touch("empty")
        for name in ("none", "empty"):
            self.assert_fault(self.join("--token-file", name), "CONFIG", 78, name)


class Foreground(ClusterTest):
    """`--block` under a supervisor that is told when the daemon serves."""

    def setUp(self):
        super().setUp()
        self.supervisor = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.supervisor.close)
        self.supervisor.bind(self.cluster.path("notify"))
        self.supervisor.settimeout(20)

    def start(self, name, *words):
        c = self.cluster
        with open(c.path(f"{name}.out"), "w") as out:
            daemon = c.popen("start", "--block", "--state-dir", name, "--name", name, *words,
                             env=dict(c.env, NOTIFY_SOCKET=c.path("notify")), stdout=out)
        c.names.append(name)
        self.assertEqual(self.supervisor.recv(100), b"READY=1")
        return daemon

    def start_head(self):
        return self.start("head", "--head", "--port", "0", "--num-cpus", "2")

    def assert_ends(self, daemon, status=0):
        _, err = daemon.communicate(timeout=20)
        self.assertEqual((daemon.returncode, err), (status, ""))

    def test_a_head_tells_that_it_serves_logs_to_its_output_and_ends_by_sigterm(self):
        c = self.cluster
        daemon = self.start_head()
        self.assertEqual(c.pid_of("head"), daemon.pid)
        self.assertEqual(c.run("run", "--", "echo", "hi", check=0).stdout, "hi\n")
        daemon.terminate()
        self.assert_ends(daemon)
        said = "\n".join(c.lines("head.out"))
        self.assertIn("fabricd start --address", said)
        self.assertIn("info head: serving at", said)
        self.assertIn("info head: stopping", said)
        self.assertFalse(os.path.exists(c.path("head/daemon.log")))

    def test_a_node_tells_so_too_and_a_running_task_is_finished_before_it_ends(self):
        c = self.cluster
        c.start_head(cpus=1)
        node = self.start("n", "--address", c.address, "--token", c.token, "--num-cpus", "2")
        job = c.submit("--cpus", "2", "--", "sh", "-c", until("go"))
        c.wait_for_state(job, "running")
        node.terminate()
        wait_until(lambda: c.nodes()["n"]["state"] == "draining", what="the drain")
        c.touch("go")
        self.assert_ends(node)
        task = c.json("get", job)
        self.assertEqual((task["state"], task["attempts"]), ("succeeded", 1))

    def test_a_second_sigterm_stops_at_once_and_leaves_no_process(self):
        c = self.cluster
        c.start_head(cpus=1)
        for number in (signal.SIGTERM, signal.SIGINT):
            node = self.start("n", "--address", c.address, "--token", c.token, "--num-cpus", "2")
            job = c.submit("--cpus", "2", "--", "sh", "-c", DEAF)
            task = int(wait_until(lambda: c.lines("deaf"), what="a task that hears no SIGTERM")[0])
            node.send_signal(number)
            wait_until(lambda: c.nodes()["n"]["state"] == "draining", what="the drain")
            node.send_signal(number)
            node.wait(timeout=5)
            self.assertEqual(node.returncode, 0)
            wait_until(lambda: not is_alive(task), 2, "the end of its task")
            c.run("cancel", job, check=0)
            os.unlink(c.path("deaf"))
            node.communicate()

    def test_a_log_that_nobody_reads_delays_nothing_and_what_is_dropped_is_counted(self):
        c = self.cluster
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        daemon = c.popen("start", "--head", "--block", "--port", "0", "--num-cpus", "1", "--state-dir",
                         "head", "--name", "head", env=dict(c.env, NOTIFY_SOCKET=c.path("notify")),
                         stdout=writer)
        c.names.append("head")
        self.assertEqual(self.supervisor.recv(100), b"READY=1")
        os.set_blocking(writer, False)  # for the daemon, too, until the next line
        for size in (4096, 1):
            with self.assertRaises(BlockingIOError):
                while True:
                    os.write(writer, b"x" * size)
        os.set_blocking(writer, True)
        os.close(writer)
        for _ in range(3):  # each has its line in the log
            c.run("cancel", c.submit("--", "sleep", "60"), check=0, timeout=20)
        os.read(reader, 1 << 20)
        c.run("cancel", c.submit("--", "sleep", "60"), check=0)
        daemon.terminate()
        with os.fdopen(os.dup(reader)) as log:
            said = log.read()
        self.assert_ends(daemon)
        self.assertRegex(said, r"fabricd: log lines dropped here, unread: [1-9]\d*\n\d{4}-")
        self.assertIn("info head: stopping", said)

    def test_a_start_that_fails_tells_nobody_that_it_serves(self):
        c = self.cluster
        c.start_head()
        done = c.run("start", "--head", "--block", "--port", "0", "--state-dir", "head",
                     env=dict(c.env, NOTIFY_SOCKET=c.path("notify")))
        self.assert_fault(done, "STORE_LOCKED", 73, str(c.pid_of("head")))
        self.supervisor.setblocking(False)
        with self.assertRaises(BlockingIOError):
            self.supervisor.recv(100)


class Durability(ClusterTest):
    def test_durability_process_says_what_it_is_and_outlives_the_heads_death(self):
        c = self.cluster
        process = ["--durability", "process"]
        self.assertIn("a power loss may lose work", c.start_head(*process).stderr)
        done = c.submit("--", "sh", "-c", "echo once >>ledger")
        c.run("wait", done, check=0)
        waiting = [c.submit("--resources", "later=1", "--", "true") for _ in range(3)]
        c.kill("head")
        c.start_head(*process, "--resources", "later=1")
        c.run("wait", done, *waiting, "--timeout", "30s", check=0)
        self.assertEqual(c.lines("ledger"), ["once"])

    def test_the_default_survives_power_losses_and_says_nothing_of_them(self):
        self.assertNotIn("power", self.cluster.start_head().stdout)
        self.assert_fault(self.cluster.run("start", "--head", "--port", "0", "--state-dir", "h",
                                           "--durability", "some"), "USAGE", 64, "some")


if __name__ == "__main__":
    unittest.main(verbosity=2)
