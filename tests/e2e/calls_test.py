"""Functions of a C++ program run in worker processes on the nodes, also when things die."""

import contextlib
import os
import re
import signal
import subprocess
import unittest
from collections import Counter

from fabric_cluster import ClusterTest, wait_until

CALLS = os.environ["CALLS"]


class Calls(ClusterTest):

    def calls(self, *words, timeout=60):
        done = self.cluster.run(*words, program=CALLS, timeout=timeout)
        self.assertEqual(done.stderr, "")
        return done.stdout.strip()

    def start_calls(self, *words):
        return subprocess.Popen([CALLS, *words], env=self.cluster.env, cwd=self.cluster.folder,
                                text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def begun(self):
        return sum(line.startswith("start") for line in self.cluster.lines("ledger"))

    def assert_each_ran_to_its_end_once(self, out, count, again_max=0):
        """Every future has its result, and no two runs of one call overlapped."""
        self.assertEqual(out, [str(i) for i in range(count)])
        lines = [line.split() for line in self.cluster.lines("ledger")]
        ends = Counter(n for what, n in lines if what == "end")
        self.assertEqual(len(ends), count)
        begins = Counter(n for what, n in lines if what == "start")
        self.assertLessEqual(sum(begins.values()) - count, again_max, begins)

    def test_a_call_runs_on_a_node_that_never_saw_the_program(self):
        c = self.cluster
        c.start_head(cpus=0)
        c.start_node("other", cpus=2)
        self.assertEqual(self.calls("twice", "21"), "42")
        self.assertEqual(self.calls("where"), "other")

    def test_what_goes_wrong_in_a_call_is_told_with_its_kind(self):
        self.cluster.start_head(cpus=2)
        self.assertEqual(self.calls("throw"), "task_failed|std::out_of_range|no 3|1")
        self.assertRegex(self.calls("throw-number"), r"^task_failed\|int\|.*no std::exception")
        self.assertRegex(self.calls("unknown"), r"^unknown_function\|")
        self.assertRegex(self.calls("wrong-shape"), r"^bad_arguments\|")
        self.assertRegex(self.calls("wrong-result"), r"^bad_result\|")
        self.assertRegex(self.calls("demand", "nosuch"), r"^infeasible\|.*no node known")

    def test_calls_that_wait_for_calls_need_no_more_than_the_cluster_has(self):
        self.cluster.start_head(cpus=2)
        self.assertEqual(self.calls("nested", "6"), "21")
        self.assertEqual(self.calls("wider", "6"), "12")

    def test_a_program_may_ask_for_more_at_once_than_the_head_takes(self):
        self.cluster.start_head(cpus=4)
        self.assertEqual(self.calls("shapes", "270", timeout=180).split(), [str(2 * i) for i in range(270)])

    def test_calls_that_wait_for_calls_outlast_a_restart_of_the_head(self):
        c = self.cluster
        c.start_head("--lease", "10s", cpus=0)
        c.start_node("a", cpus=1)
        program = self.start_calls("slow-nested", c.path("ledger"), "30", "100")
        for wave in (6, 14):
            wait_until(lambda: self.begun() >= wave, what=f"{wave} calls")
            c.kill("head")
            c.start_head("--lease", "10s", cpus=0)
        out, err = program.communicate(timeout=60)
        self.assertEqual((out, err), ("30\n", ""))

    def test_large_values_travel(self):
        self.cluster.start_head(cpus=1)
        self.assertEqual(self.calls("big", "30000000"), "30000000")

    def test_a_call_can_be_stopped_killed_and_limited(self):
        self.cluster.start_head(cpus=1)
        self.assertRegex(self.calls("stop"), r"^cancelled\|.*\n2$")
        self.assertRegex(self.calls("kill"), r"^cancelled\|.*\n2$")
        self.assertRegex(self.calls("limit"), r"^timed_out\|")

    def test_a_crash_costs_an_attempt_of_that_call_only(self):
        c = self.cluster
        c.start_head(cpus=1)
        self.assertEqual(self.calls("crash", c.path("counter"), "2"), "2")
        self.assertRegex(self.calls("crash", c.path("other"), "9"), r"^lost\|")

    def test_killed_workers_are_replaced_and_their_calls_run_again(self):
        self.cluster.start_head(cpus=3)
        program = self.start_calls("ledger", self.cluster.path("ledger"), "60", "50")
        for wave in (5, 20, 35):
            wait_until(lambda: self.begun() >= wave, what=f"{wave} calls")
            for pid in self.cluster.worker_processes():
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
        out, err = program.communicate(timeout=60)
        self.assertEqual(err, "")
        self.assert_each_ran_to_its_end_once(out.split()[1:], 60, again_max=12)

    def test_a_killed_node_costs_only_what_ran_there(self):
        c = self.cluster
        c.start_head("--lease", "3s", cpus=2)
        c.start_node("a", cpus=2)
        program = self.start_calls("ledger", c.path("ledger"), "80", "100")
        wait_until(lambda: self.begun() >= 15, what="15 calls")
        c.kill("a")
        out, err = program.communicate(timeout=60)
        self.assertEqual(err, "")
        self.assert_each_ran_to_its_end_once(out.split()[1:], 80, again_max=4)

    def test_a_killed_head_costs_nothing_when_it_is_back(self):
        c = self.cluster
        c.start_head("--lease", "10s", cpus=1)
        c.start_node("a", cpus=2)
        program = self.start_calls("ledger", c.path("ledger"), "100", "50")
        wait_until(lambda: self.begun() >= 15, what="15 calls")
        c.kill("head")
        c.start_head("--lease", "10s", cpus=1)
        out, err = program.communicate(timeout=60)
        self.assertEqual(err, "")
        # What the head's own node was running died with it.
        self.assert_each_ran_to_its_end_once(out.split()[1:], 100, again_max=2)

    def test_calls_go_on_while_the_head_is_away(self):
        c = self.cluster
        c.start_head("--lease", "30s", cpus=0)
        c.start_node("a", cpus=2)
        program = self.start_calls("ledger", c.path("ledger"), "200", "20")
        wait_until(lambda: self.begun() >= 15, what="15 calls")
        c.kill("head")
        at_the_kill = self.begun()
        # More than had been handed to the workers by then.
        wait_until(lambda: self.begun() >= at_the_kill + 60, what="60 more calls without a head")
        c.start_head("--lease", "30s", cpus=0)
        out, err = program.communicate(timeout=60)
        self.assertEqual(err, "")
        self.assert_each_ran_to_its_end_once(out.split()[1:], 200)

    def test_a_program_with_many_calls_does_not_keep_others_waiting(self):
        c = self.cluster
        c.start_head(cpus=2)
        program = self.start_calls("ledger", c.path("ledger"), "200", "50")
        wait_until(lambda: self.begun() >= 5, what="5 calls")
        self.assertEqual(c.run("run", "--", "echo", "mine").stdout, "mine\n")
        self.assertLess(self.begun(), 150)
        out, err = program.communicate(timeout=60)
        self.assertEqual(err, "")
        self.assert_each_ran_to_its_end_once(out.split()[1:], 200)

    def test_each_key_has_one_result_whatever_is_killed_meanwhile(self):
        c = self.cluster
        c.start_head("--lease", "4s", cpus=1)
        c.start_node("a", cpus=1)
        c.start_node("b", cpus=1)
        program = self.start_calls("keyed", c.path("ledger"), "40", "20", "150")
        wait_until(lambda: self.begun() >= 5, what="5 calls")
        for pid in c.worker_processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        wait_until(lambda: self.begun() >= 12, what="12 calls")
        c.kill("b")
        wait_until(lambda: self.begun() >= 16, what="16 calls")
        c.kill("head")
        c.start_head("--lease", "4s", cpus=1)
        out, err = program.communicate(timeout=90)
        self.assertEqual((out.split(), err), (40 * ["1"], ""))

    def program_copy(self, folder):
        """The one file in there: a copy of the program, named by its hash."""
        names = wait_until(lambda: os.listdir(self.cluster.path(folder)), what="a copy of the program")
        self.assertEqual(len(names), 1)
        return os.path.join(self.cluster.path(folder), names[0])

    def overwrite(self, path, offset, what):
        """In a new file: nobody may write into one that runs."""
        with open(path, "rb") as f:
            program = f.read()
        with open(path + ".new", "wb") as f:
            f.write(program[:offset] + what + program[offset + len(what):])
        os.chmod(path + ".new", 0o700)
        os.rename(path + ".new", path)

    def test_a_program_for_another_architecture_is_told(self):
        c = self.cluster
        c.start_head(cpus=0)
        c.start_node("a", cpus=1)
        self.assertEqual(self.calls("twice", "4"), "8")
        elf_machine, s390 = 18, b"\x16\x00"
        self.overwrite(self.program_copy("a/programs"), elf_machine, s390)
        self.assertRegex(self.calls("twice", "4"), r"^infeasible\|.*UNSUPPORTED: the program calls is not "
                                                   r"for this machine's architecture; start this node")

    def test_a_program_whose_copy_is_damaged_is_not_run(self):
        c = self.cluster
        c.start_head(cpus=0)
        c.start_node("a", cpus=1)
        self.assertEqual(self.calls("twice", "4"), "8")
        os.unlink(self.program_copy("a/programs"))
        self.overwrite(self.program_copy("head/blobs"), 100_000, b"damaged")
        self.assertRegex(self.calls("twice", "4"), r"^infeasible\|.*BAD_MESSAGE: the program that came has "
                                                   r"another hash than was asked for; its copy at the head")
        self.assertEqual(os.listdir(c.path("a/programs")), [])

    def test_workers_end_with_their_owner(self):
        c = self.cluster
        c.start_head("--lease", "2s", cpus=2)
        program = self.start_calls("ledger", c.path("ledger"), "100", "100")
        wait_until(lambda: self.begun() >= 4, what="4 calls")
        program.kill()
        program.communicate()
        wait_until(lambda: not self.cluster.worker_processes(), what="the end of the workers")
        jobs = wait_until(lambda: [j for j in c.json("list", "jobs")["jobs"]
                                   if j["state"] not in ("queued", "running")], what="ended jobs")
        self.assertTrue(all("cancelled" == j["state"] for j in jobs), jobs)

    def test_a_session_without_its_head_ends_with_an_error(self):
        c = self.cluster
        c.start_head("--lease", "2s", cpus=1)
        done = c.run("twice", "2", "--cluster", c.path("nowhere.json"), program=CALLS)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"nowhere\.json")
        c.kill("head")
        done = c.run("twice", "2", program=CALLS, timeout=10)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"UNREACHABLE")

    def test_a_session_whose_head_stays_away_says_so(self):
        c = self.cluster
        c.start_head("--lease", "2s", cpus=1)
        program = self.start_calls("ledger", c.path("ledger"), "1000", "100")
        wait_until(lambda: self.begun() >= 2, what="2 calls")
        c.kill("head")
        out, _ = program.communicate(timeout=60)
        self.assertRegex(out, r"session_closed\|\|the session ended before it did: UNREACHABLE.*for \d+ s")

    def test_a_node_can_serve_a_fixed_command(self):
        c = self.cluster
        c.start_head("--worker", CALLS, cpus=1)
        self.assertEqual(self.calls("twice", "4"), "8")
        self.assertFalse(os.path.exists(c.path("head/programs")))


if __name__ == "__main__":
    unittest.main()
