"""Output as it comes: `run` shows it, `logs` fetches and follows it."""

import os
import signal
import subprocess
import unittest

from fabric_cluster import FABRICD, ClusterTest, is_alive, until, wait_until


class Logs(ClusterTest):
    def setUp(self):
        super().setUp()
        self.cluster.start_head(cpus=1)
        self.cluster.start_node("n", cpus=4)

    def test_following_shows_lines_as_they_come_and_ends_with_the_task(self):
        c = self.cluster
        job = c.submit("--cpus", "4", "--", "sh", "-c", "echo one; " + until("go") +
                       "; echo two; echo no >&2")
        following = c.popen("logs", "-f", job)
        self.assertEqual(following.stdout.readline(), "one\n")
        self.assertIsNone(following.poll())
        c.touch("go")
        out, err = following.communicate(timeout=30)
        self.assertEqual((out, err, following.returncode), ("two\n", "", 0))
        self.assertEqual(c.json("get", job)["state"], "succeeded")

    def test_following_a_task_that_waits_begins_when_it_does(self):
        c = self.cluster
        job = c.submit("--resources", "later=1", "--", "echo", "begun")
        following = c.popen("logs", "-f", job)
        c.start_node("m", "--resources", "later=1")
        out, err = following.communicate(timeout=30)
        self.assertEqual((out, err, following.returncode), ("begun\n", "", 0))

    def test_following_is_for_one_task(self):
        c = self.cluster
        job = c.submit("--array", "5-6", "--", "echo", "{index}")
        self.assert_fault(c.run("logs", "-f", job), "USAGE", 64, f"{job}.5")
        self.assertEqual(c.run("logs", "-f", f"{job}.6", check=0).stdout, "6\n")

    def test_without_following_what_there_is_so_far_is_shown(self):
        c = self.cluster
        job = c.submit("--", "sh", "-c", "seq 3; echo error >&2; echo >>begun; " + until("go") + "; echo 4")
        wait_until(lambda: c.lines("begun"), what="its first lines")
        self.assertEqual(c.run("logs", job, check=0).stdout, "1\n2\n3\n")
        self.assertEqual(c.run("logs", "--tail", "1", job, check=0).stdout, "3\n")
        self.assertEqual(c.run("logs", "--tail", "0", job, check=0).stdout, "")
        self.assertEqual(c.run("logs", "--err", job, check=0).stdout, "error\n")
        c.touch("go")
        c.run("wait", job, check=0)
        self.assertEqual(c.run("logs", "--tail", "2", job, check=0).stdout, "3\n4\n")
        self.assertEqual(c.run("logs", "--tail", "99", job, check=0).stdout, "1\n2\n3\n4\n")

    def test_a_last_line_without_its_end_is_a_line(self):
        c = self.cluster
        job = c.submit("--", "printf", "a\nb\nc")
        c.run("wait", job, check=0)
        self.assertEqual(c.run("logs", "--tail", "2", job, check=0).stdout, "b\nc")

    def test_an_arrays_output_comes_in_the_order_of_its_indexes(self):
        c = self.cluster
        job = c.submit("--array", "1-6", "--", "sh", "-c", "echo {index}; echo e{index} >&2")
        c.run("wait", job, check=0)
        self.assertEqual(c.run("logs", job, check=0).stdout.split(), list("123456"))
        self.assertEqual(c.run("logs", "--err", f"{job}.3", check=0).stdout, "e3\n")

    def test_the_newest_attempt_is_shown(self):
        c = self.cluster
        job = c.submit("--retries", "1", "--", "sh", "-c", "echo attempt $FABRIC_ATTEMPT; "
                       "[ $FABRIC_ATTEMPT = 2 ]")
        c.run("wait", job, "--timeout", "30s", check=0)
        self.assertEqual(c.run("logs", job, check=0).stdout, "attempt 2\n")

    def test_following_from_the_last_lines_goes_on_behind_them(self):
        c = self.cluster
        job = c.submit("--", "sh", "-c", "seq 3; echo >>begun; " + until("go") + "; echo 4; echo 5")
        wait_until(lambda: c.lines("begun"), what="its start")
        following = c.popen("logs", "-f", "--tail", "1", job)
        self.assertEqual(following.stdout.readline(), "3\n")
        later = c.submit("--resources", "later=1", "--", "echo", "begun")
        waiting = c.popen("logs", "-f", "--tail", "9", later)
        c.touch("go")
        c.start_node("m", "--resources", "later=1")
        for reader, wanted in (following, "4\n5\n"), (waiting, "begun\n"):
            out, err = reader.communicate(timeout=30)
            self.assertEqual((out, err, reader.returncode), (wanted, "", 0))

    def test_following_shows_every_try(self):
        c = self.cluster
        job = c.submit("--retries", "1", "--", "sh", "-c", "echo try $FABRIC_ATTEMPT; "
                       "[ $FABRIC_ATTEMPT = 2 ]")
        done = c.run("logs", "-f", job, check=0)
        self.assertIn(done.stdout, ("try 1\ntry 2\n", "try 2\n"))
        if done.stdout != "try 2\n":
            self.assertEqual(done.stderr, "fabricd: TASK_FAILED: attempt 1 failed; attempt 2 is shown "
                                          "from its start\n")

    def test_a_task_that_its_job_does_not_have_is_named(self):
        c = self.cluster
        job = c.submit("--array", "1-2", "--", "true")
        lone = c.submit("--", "true")
        self.assert_fault(c.run("logs", f"{job}.7"), "NOT_FOUND", 66, f"no task {job}.7", "1 to 2")
        self.assert_fault(c.run("logs", f"{lone}.7"), "NOT_FOUND", 66, f"no task {lone}.7", "one task")

    def test_what_was_not_kept_is_said_once_for_what_a_person_can_see(self):
        c = self.cluster
        job = c.submit("--", "sh", "-c", "yes | head -c 100m")
        c.run("wait", job, "--timeout", "60s", check=0)
        done = c.run("logs", job, check=0)
        self.assertRegex(done.stderr, r"^fabricd: TOO_LARGE: \d+ bytes of the output before this "
                                      r"were not kept; .*\n$")
        self.assertEqual(len(done.stdout) + int(done.stderr.split()[2]), 100 << 20)

    def test_output_on_a_node_that_is_away_is_not_to_be_had(self):
        c = self.cluster
        job = c.submit("--cpus", "4", "--", "echo", "there")
        c.run("wait", job, check=0)
        c.run("stop", "--now", "--state-dir", "n", check=0)
        self.assert_fault(c.run("logs", job), "UNREACHABLE", 69)
        c.start_node("n", cpus=4)
        self.assertEqual(c.run("logs", job, check=0).stdout, "there\n")


class Run(ClusterTest):
    """`run` is interrupted, killed, or its node is."""

    def setUp(self):
        super().setUp()
        self.cluster.start_head(cpus=1)

    def start(self, *words):
        """A run whose task has written down its process."""
        c = self.cluster
        running = c.popen("run", *words)
        return running, int(wait_until(lambda: c.lines("pid"), what="a running task")[0])

    def interrupt(self, running, number):
        """Sends a signal once the run listens to it."""
        def listens():
            with open(f"/proc/{running.pid}/status") as f:
                caught, = (int(line.split()[1], 16) for line in f if line.startswith("SigCgt:"))
            return caught >> (number - 1) & 1
        wait_until(listens, what="a run that listens to signals")
        running.send_signal(number)

    def test_ctrl_c_and_sigterm_cancel_the_task_show_its_last_words_and_end_with_130(self):
        c = self.cluster
        for job, number in (("1", signal.SIGINT), ("2", signal.SIGTERM)):
            running, task = self.start("--", "sh", "-c", "trap 'echo bye; exit 3' TERM; echo hello; "
                                       "echo $$ >>pid; " + until("go"))
            self.interrupt(running, number)
            out, err = running.communicate(timeout=30)
            self.assertEqual((out, running.returncode), ("hello\nbye\n", 130))
            self.assertEqual(err.splitlines()[-1], f"fabricd: CANCELLED: task {job} was cancelled")
            self.assertFalse(is_alive(task))
            self.assertEqual(c.json("get", job)["state"], "cancelled")
            os.unlink(c.path("pid"))

    def test_ctrl_c_before_the_task_has_started_cancels_it_too(self):
        c = self.cluster
        running = c.popen("run", "--cpus", "99", "--", "true")
        wait_until(lambda: c.json("status")["queue"]["waiting"] == 1, what="a waiting task")
        self.interrupt(running, signal.SIGINT)
        _, err = running.communicate(timeout=30)
        self.assertEqual(running.returncode, 130, err)
        self.assertEqual(c.json("get", "1")["state"], "cancelled")

    def test_ctrl_c_is_heard_while_nobody_reads_what_is_shown(self):
        c = self.cluster
        running = c.popen("run", "--", "yes")
        self.assertEqual(running.stdout.readline(), "y\n")
        running.send_signal(signal.SIGINT)
        c.wait_for_state("1", "cancelled")
        running.communicate(timeout=30)
        self.assertEqual(running.returncode, 130)

    def test_a_killed_run_leaves_its_task_to_go_on(self):
        c = self.cluster
        running, _ = self.start("--", "sh", "-c", "echo $$ >>pid; " + until("go") + "; echo done >>ledger")
        running.kill()
        running.communicate()
        c.touch("go")
        c.run("wait", "1", "--timeout", "30s", check=0)
        self.assertEqual(c.lines("ledger"), ["done"])


class Losses(ClusterTest):
    """Nodes and heads are killed under those who read."""

    def assert_both_attempts(self, *words):
        c = self.cluster
        c.start_head(cpus=1)
        c.start_node("n", cpus=4)
        task = ["--cpus", "4", "--", "sh", "-c", "echo attempt $FABRIC_ATTEMPT; echo $$ >>pid; "
                + until("go") + "; echo end"]
        if words[0] == "logs":
            c.submit(*task)
        reader = c.popen(*words, *(task if words[0] == "run" else []))
        first = reader.stdout.readline()
        c.kill("n")
        c.start_node("n", cpus=4)
        second = reader.stdout.readline()
        c.touch("go")
        out, err = reader.communicate(timeout=60)
        self.assertEqual((first + second + out, err, reader.returncode), (
            "attempt 1\nattempt 2\nend\n",
            "fabricd: NODE_LOST: attempt 1 was lost; attempt 2 is shown from its start\n", 0))

    def test_run_says_that_an_attempt_was_lost_and_shows_the_next_from_its_start(self):
        self.assert_both_attempts("run")

    def test_following_goes_on_with_the_next_attempt(self):
        self.assert_both_attempts("logs", "-f", "1")

    def test_following_from_the_last_lines_goes_on_with_the_next_attempt(self):
        self.assert_both_attempts("logs", "-f", "--tail", "5", "1")

    def restart_the_head_under(self, *words):
        """Kills the head and starts it again while a task on another node is read."""
        c = self.cluster
        c.start_head(cpus=1)
        c.start_node("n", cpus=4)
        task = ["--cpus", "4", "--", "sh", "-c", "echo one; " + until("go") + "; echo two; exit 3"]
        if words[0] == "logs":
            c.submit(*task)
        reader = c.popen(*words, *(task if words[0] == "run" else []))
        self.assertEqual(reader.stdout.readline(), "one\n")
        c.kill("head")
        return reader

    def test_run_and_logs_hold_on_while_the_head_is_away(self):
        c = self.cluster
        running = self.restart_the_head_under("run")
        following = None
        try:
            c.start_head(cpus=1)
            following = c.popen("logs", "-f", "1")
            c.touch("go")
            out, err = running.communicate(timeout=60)
            self.assertEqual((out, err, running.returncode), ("two\n", "", 3))
            out, err = following.communicate(timeout=60)
            self.assertEqual((out[-8:], err, following.returncode), ("one\ntwo\n", "", 0))
        finally:
            for one in filter(None, (running, following)):
                one.kill()
                one.communicate()

    def test_run_hears_what_ended_while_the_head_was_away(self):
        c = self.cluster
        running = self.restart_the_head_under("run")
        c.touch("go")
        c.start_head(cpus=1)
        out, err = running.communicate(timeout=60)
        self.assertEqual((out, err, running.returncode), ("two\n", "", 3))

    def test_following_holds_on_while_the_head_is_away(self):
        c = self.cluster
        following = self.restart_the_head_under("logs", "-f", "1")
        c.start_head(cpus=1)
        c.touch("go")
        out, err = following.communicate(timeout=60)
        self.assertEqual((out, err, following.returncode), ("two\n", "", 0))

    def test_ctrl_c_while_the_head_is_away_cancels_later_and_a_second_one_leaves_at_once(self):
        c = self.cluster
        running = self.restart_the_head_under("run")
        running.send_signal(signal.SIGINT)
        with self.assertRaises(subprocess.TimeoutExpired):
            running.wait(timeout=1)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=5)
        self.assertEqual((out, running.returncode), ("", 130))
        self.assertRegex(err, r"^fabricd: CANCELLED: interrupted; task 1 goes on.*`fabricd cancel 1`\n$")
        c.start_head(cpus=1)
        c.touch("go")
        self.assertEqual(c.wait_for_state("1", "failed")["exit_code"], 3)

    def test_ctrl_c_while_the_head_is_away_reaches_it_when_it_is_back(self):
        c = self.cluster
        running = self.restart_the_head_under("run")
        running.send_signal(signal.SIGINT)
        c.start_head(cpus=1)
        _, err = running.communicate(timeout=60)
        self.assertEqual((err, running.returncode), ("fabricd: CANCELLED: task 1 was cancelled\n", 130))
        self.assertEqual(c.json("get", "1")["state"], "cancelled")

    def test_ctrl_c_before_the_head_has_answered_submits_nothing(self):
        c = self.cluster
        c.start_head()
        c.kill("head", signal.SIGSTOP)
        try:
            running = c.popen("run", "--", "true")
            Run.interrupt(self, running, signal.SIGINT)
            _, err = running.communicate(timeout=20)
        finally:
            c.kill("head", signal.SIGCONT)
        self.assertEqual(running.returncode, 130)
        self.assertRegex(err, r"^fabricd: CANCELLED: interrupted before anything was submitted.*\n$")
        self.assertEqual(c.json("list", "jobs")["jobs"], [])


class StandardOutput(ClusterTest):
    """What a command prints goes nowhere."""

    FULL = "fabricd: STORE_FAILED: standard output cannot be written: No space left on device"

    def shell(self, line):
        """A line of a shell in which `fabricd` is a function; answers its end."""
        c = self.cluster
        return subprocess.run(["bash", "-c", f'set -o pipefail; fabricd() {{ "{FABRICD}" "$@"; }}; {line}'],
                              env=c.env, cwd=c.folder, text=True, capture_output=True, timeout=60,
                              stdin=subprocess.DEVNULL)

    def test_a_reader_that_has_gone_is_no_fault_and_ends_the_command(self):
        c = self.cluster
        c.start_head()
        done = self.shell("fabricd run -- yes | head -1")
        self.assertEqual((done.stdout, done.stderr, done.returncode), ("y\n", "", 141))
        self.assertEqual(c.json("get", "1")["state"], "cancelled")
        job = c.submit("--", "yes")
        for line in f"logs {job}", f"logs -f {job}":
            wait_until(lambda: c.run("logs", "--tail", "1", job).stdout, what="its first line")
            done = self.shell(f"fabricd {line} | head -1")
            self.assertEqual((done.stdout, done.returncode), ("y\n", 141))
        c.run("cancel", job, check=0)

    def test_a_reader_of_little_is_not_complained_of(self):
        self.cluster.start_head()
        for words in ("--help", "run --help", "version", "list nodes", "status --json"):
            done = self.shell(f"fabricd {words} | head -1")
            self.assertEqual(done.stderr, "", words)
            self.assertIn(done.returncode, (0, 141), words)

    def test_a_full_output_is_a_fault(self):
        c = self.cluster
        c.start_head()
        for words in ("status", "status --json", "run -- echo hi", "list nodes", "version", "--help",
                      "run --json -- true", "submit -- true", "wait 1 --json", "logs 1", "get 1"):
            done = self.shell(f"fabricd {words} >/dev/full")
            self.assertEqual(done.returncode, 74, words)
            self.assertTrue(done.stderr.startswith(self.FULL), (words, done.stderr))
            self.assertEqual(done.stderr.count("\n"), 1, words)

    def test_a_full_output_ends_the_task_of_a_run(self):
        c = self.cluster
        c.start_head()
        done = self.shell("fabricd run -- yes >/dev/full")
        self.assertEqual((done.returncode, done.stderr.count("\n")), (74, 1), done.stderr)
        self.assertEqual(c.json("get", "1")["state"], "cancelled")

    def test_a_start_that_cannot_show_its_join_line_says_so_and_serves(self):
        c = self.cluster
        c.names.append("head")
        done = self.shell("fabricd start --head --port 0 --state-dir head >/dev/full")
        self.assertEqual((done.returncode, done.stderr.startswith(self.FULL)), (74, True), done.stderr)
        self.assertEqual(len(c.nodes()), 1)

    def test_a_closed_output_is_a_fault_where_something_would_be_shown(self):
        c = self.cluster
        c.start_head()
        for words in "status", "run -- echo hi":
            done = self.shell(f"fabricd {words} >&-")
            self.assertEqual(done.returncode, 74, done.stderr)
            self.assertIn("standard output cannot be written: Bad file descriptor", done.stderr)
        self.assertEqual(self.shell("fabricd run -- true >&-").returncode, 0)
        self.assertEqual(self.shell("fabricd run -- sh -c 'exit 3' <&- >&- 2>&-").returncode, 3)

    def test_what_did_not_succeed_is_said_with_a_code_and_a_remedy(self):
        c = self.cluster
        c.start_head()
        job = c.submit("--", "false")
        done = c.run("wait", job, check=1)
        self.assertEqual(done.stderr, f"fabricd: TASK_FAILED: {job} did not succeed; "
                                      f"see `fabricd get {job}`\n")


if __name__ == "__main__":
    unittest.main(verbosity=2)
