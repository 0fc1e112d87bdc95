"""Searches that meet: two tuners of one study, and those that go on where another was killed."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import time
import unittest
from collections import Counter

from fabric_cluster import FABRICD, ClusterTest, until, wait_until

POINTS = 40
FILE = ["--storage", "sqlite:///s.db"]
# Each evaluation notes its point and who began it.
OBJECTIVE = 'echo "{x} $FABRIC_TASK_ID" >>ledger; sleep 0.05; echo {x}'


class Searches(ClusterTest):
    def words(self, *more, points=POINTS, objective=OBJECTIVE):
        return ["tune", "--study", "s", "--minimize", "--param", f"x=int(1,{points})", *FILE,
                "--load-if-exists", *more, "--", "sh", "-c", objective]

    def tuner(self, *more, home="xdg", **how):
        """A tuner whose locks one with another home does not see."""
        env = dict(self.cluster.env, XDG_STATE_HOME=self.cluster.path(home))
        return self.cluster.popen(*self.words(*more, **how), env=env)

    def finish(self, search, status=0):
        out, err = search.communicate(timeout=120)
        self.assertEqual(search.returncode, status, out + err)
        return out, err

    def trials(self):
        return self.cluster.json("study", "trials", "s", *FILE)["trials"]

    def assert_each_point_is_recorded_once(self, points=POINTS):
        trials = self.trials()
        self.assertEqual(Counter(t["state"] for t in trials), {"COMPLETE": points})
        self.assertEqual(sorted(t["params"]["x"] for t in trials), list(range(1, points + 1)))
        self.assertEqual(len({t["number"] for t in trials}), points)
        self.assertTrue(all(t["value"] == t["params"]["x"] for t in trials))

    def evaluated(self):
        return Counter(line.split()[0] for line in self.cluster.lines("ledger"))


class OnACluster(Searches):
    def setUp(self):
        super().setUp()
        self.cluster.start_head("--lease", "3s", cpus=3)
        self.cluster.start_node("a", cpus=3)

    def test_two_tuners_of_one_study_record_each_point_once(self):
        both = [self.tuner(home=home, *["--parallel", "4"]) for home in ("one", "two")]
        for search in both:
            out, _ = self.finish(search)
            self.assertIn(f"all {POINTS} points of the space are done", out)
        self.assert_each_point_is_recorded_once()
        self.assertEqual(set(self.evaluated().values()), {1})

    def test_a_tuner_waits_for_the_points_that_another_has(self):
        first = self.tuner("--parallel", "1", home="one", points=1,
                           objective="echo begun >>begun; " + until("go") + "; echo {x}")
        wait_until(lambda: self.cluster.lines("begun"), what="the first trial")
        second = self.tuner(home="two", points=1)
        wait_until(lambda: "waiting for 1 point" in second.stderr.readline(), what="word of the wait")
        self.assertEqual([t["state"] for t in self.trials()], ["RUNNING"])
        self.cluster.touch("go")
        self.finish(first)
        out, _ = self.finish(second)
        self.assertIn("the one point of the space is done", out)
        self.assert_each_point_is_recorded_once(points=1)
        self.assertEqual(self.cluster.lines("ledger"), [])

    def test_a_tuner_takes_the_points_of_one_that_is_killed(self):
        first = self.tuner("--parallel", "1", home="one", points=1,
                           objective="echo begun >>begun; " + until("go") + "; echo {x}")
        wait_until(lambda: self.cluster.lines("begun"), what="the first trial")
        second = self.tuner(home="two", points=1)
        wait_until(lambda: "waiting for 1 point" in second.stderr.readline(), what="word of the wait")
        wait_until(lambda: self.noted_jobs() == 1, what="the note of its job")
        first.kill()
        first.communicate()
        self.finish(second)
        self.assert_each_point_is_recorded_once(points=1)
        self.assertEqual(self.trials()[0]["attempt"], 2)
        wait_until(lambda: self.cluster.json("status")["queue"]["running"] == 0,
                   what="the end of the first tuner's task")

    def kill_in_the_middle(self, *more, **how):
        """A tuner that is killed with three trials in hand; answers their tasks."""
        search = self.tuner("--parallel", "3", *more, points=6,
                            objective="echo $FABRIC_TASK_ID >>begun; sleep 1000; echo {x}", **how)
        wait_until(lambda: len(self.cluster.lines("begun")) == 3, what="three trials")
        wait_until(lambda: self.noted_jobs() == 3, what="the note of their jobs")
        search.kill()
        search.communicate()
        return self.cluster.lines("begun")

    def noted_jobs(self):
        file = sqlite3.connect(self.cluster.path("s.db"))
        try:
            return file.execute("select count(*) from fabric_lease where job > 0").fetchone()[0]
        finally:
            file.close()

    def assert_a_resume_goes_on(self, *more, env=None, cwd=None):
        old = self.kill_in_the_middle()
        words = self.words(*more, points=6)
        if cwd:
            words[words.index("--storage") + 1] = "sqlite:///" + self.cluster.path("s.db")
            words[-1] = words[-1].replace("ledger", self.cluster.path("ledger"))
        self.cluster.run(*words, check=0, env=env, cwd=cwd)
        self.assert_each_point_is_recorded_once(points=6)
        self.assertEqual(set(self.evaluated().values()), {1})
        for task in old:
            self.cluster.wait_for_state(task, "cancelled")

    def test_a_killed_search_goes_on_with_another_script(self):
        self.assert_a_resume_goes_on()

    def test_a_killed_search_goes_on_with_other_resources(self):
        self.assert_a_resume_goes_on("--cpus", "2", "--priority", "5", "--env", "A=b")

    def test_a_killed_search_goes_on_from_another_folder(self):
        os.mkdir(self.cluster.path("elsewhere"))
        self.assert_a_resume_goes_on(cwd=self.cluster.path("elsewhere"))


    def test_what_no_node_could_ever_run_is_said_once(self):
        search = self.tuner("--cpus", "99", "--parallel", "2", points=2)
        line = wait_until(search.stderr.readline, what="a line on standard error")
        self.assertIn("no node known now could ever run a trial", line)
        self.assertIn("needs cpu 99, has 3", line)
        job = self.cluster.json("list", "jobs")["jobs"][-1]["id"]
        self.assertIn(f"`fabricd explain {job}`", line)
        self.cluster.start_node("big", cpus=99)
        _, err = self.finish(search)
        self.assertNotIn("no node known now", err)


class OnOneCpu(Searches):
    def setUp(self):
        super().setUp()
        self.cluster.start_head(cpus=1)

    def test_a_search_whose_time_is_up_finishes_what_runs_and_gives_back_what_waits(self):
        c = self.cluster
        begun = time.monotonic()
        objective = f"echo {{x}} >>begun; {until('go')}; echo {{x}}"
        search = self.tuner("--parallel", "3", "--timeout", "1500ms", objective=objective)
        wait_until(lambda: c.json("status")["queue"] == {"waiting": 0, "running": 1} and c.lines("begun")
                   and time.monotonic() > begun + 1.5, what="a search that waits for one trial")
        self.assertIsNone(search.poll())
        c.touch("go")
        _, err = self.finish(search)
        self.assertLess(time.monotonic() - begun, 20)
        self.assertIn("2 trials that no node had begun are given back", err)
        self.assertEqual(Counter(t["state"] for t in self.trials()), {"COMPLETE": 1, "RUNNING": 2})
        self.finish(self.tuner("--parallel", "3", objective=objective))
        self.assert_each_point_is_recorded_once()
        self.assertEqual(sorted(map(int, c.lines("begun"))), list(range(1, POINTS + 1)))

    def test_a_search_that_nothing_can_run_ends_when_its_time_is_up(self):
        search = self.tuner("--timeout", "1s", "--cpus", "5")
        _, err = self.finish(search, status=1)
        self.assertIn("no node known now could ever run a trial", err)
        self.assertIn("no trial has a value", err)


class InTheProcess(Searches):
    def setUp(self):
        super().setUp()
        self.cluster.env.pop("FABRIC_CLUSTER")

    def test_two_tuners_of_one_study_record_each_point_once(self):
        both = [self.tuner("--local", "--parallel", "4", home=home) for home in ("one", "two")]
        for search in both:
            out, _ = self.finish(search)
            self.assertIn(f"all {POINTS} points of the space are done", out)
        self.assert_each_point_is_recorded_once()
        self.assertEqual(set(self.evaluated().values()), {1})

    def test_a_killed_search_is_taken_over_by_one_that_runs(self):
        both = [self.tuner("--local", "--parallel", "2", home=home) for home in ("one", "two")]
        wait_until(lambda: len(self.cluster.lines("ledger")) >= 8, what="some evaluations")
        both[0].kill()
        both[0].communicate()
        self.finish(both[1])
        self.assert_each_point_is_recorded_once()

    def test_what_this_machine_could_never_run_is_refused(self):
        done = self.cluster.run(*self.words("--local", "--cpus", "9999"))
        self.assert_fault(done, "NO_SUCH_RESOURCE", 69, "cpu=9999")
        labelled = self.cluster.run(*self.words("--local", "--labels", "zone=home"))
        self.assert_fault(labelled, "NO_SUCH_RESOURCE", 69, "zone")
        self.assertFalse(os.path.exists(self.cluster.path("s.db")))

    def test_what_is_wrong_with_a_trial_is_said_before_anything_is_made(self):
        for words, said in ((["--priority", "2000000"], "1000000"), (["--trial-timeout", "soon"], "soon"),
                            (["--retries", "1001"], "1000"), (["--param", "trial=int(1,2)"], "trial"),
                            (["--env", "A"], "K=V")):
            self.assert_fault(self.cluster.run(*self.words("--local", *words)), "USAGE", 64, said)
        words = self.words("--local")
        words[2] = b"a\xff"
        self.assert_fault(self.cluster.run(*words), "USAGE", 64, "UTF-8")
        self.assertFalse(os.path.exists(self.cluster.path("s.db")))

    def test_a_command_that_cannot_be_started_costs_no_point(self):
        words = ["tune", "--study", "typo", "--minimize", "--storage", "sqlite:///s.db", "--local", "--param",
                 "x=int(1,9)", "--"]
        done = self.cluster.run(*words, "no-such-program", "{x}")
        self.assertEqual(done.returncode, 64, done.stderr)
        self.assertRegex(done.stderr, "USAGE: the command cannot be started on node .*: no such program: "
                         "no-such-program; .*--load-if-exists")
        words[-1:] = ["--load-if-exists", "--", "echo", "{x}"]
        self.cluster.run(*words, check=0)
        trials = self.cluster.json("study", "trials", "typo", "--storage", "sqlite:///s.db")["trials"]
        self.assertEqual([t["state"] for t in trials], ["COMPLETE"] * 9)

    def test_an_endless_search_names_what_makes_it_so(self):
        endless = self.cluster.run(*self.words("--local", "--duplicates", "allow"))
        self.assert_fault(endless, "USAGE", 64, "--duplicates allow", "--trials")
        endless = self.cluster.run(*self.words("--local", "--param", "lr=float(0,1)"))
        self.assert_fault(endless, "USAGE", 64, "lr", "--trials")

    def test_a_search_stops_when_nobody_reads_its_lines(self):
        search = self.tuner("--local", "--parallel", "1", "--json",
                            objective="echo {x} >>ledger; sleep 0.2; echo {x}")
        self.assertIn('"state":"COMPLETE"', search.stdout.readline())
        search.stdout.close()
        self.assertEqual(search.wait(timeout=60), 141)
        err = search.stderr.read()
        search.stderr.close()
        self.assertEqual(len(err.splitlines()), 1, err)
        self.assertIn("the output is lost: stopping", err)
        self.assertLess(len(self.cluster.lines("ledger")), POINTS / 2)
        self.finish(self.tuner("--local"))
        self.assert_each_point_is_recorded_once()

    def test_a_search_stops_when_its_lines_have_no_room(self):
        with open("/dev/full", "w") as full:
            search = self.cluster.popen(*self.words("--local", "--json"), stdout=full)
        self.assertEqual(search.wait(timeout=60), 74)
        err = search.stderr.read()
        search.stderr.close()
        self.assertIn("the output is lost: stopping", err)
        self.assertIn("STORE_FAILED: standard output cannot be written: No space left", err)

    def test_an_interrupt_at_any_time_leaves_a_study_that_can_go_on(self):
        for delay in (0.0, 0.02, 0.05, 0.1, 0.2):
            search = self.tuner("--local", "--parallel", "2")
            with contextlib.suppress(subprocess.TimeoutExpired):
                search.wait(delay)
            search.send_signal(signal.SIGINT)
            search.communicate(timeout=60)
            self.assertIn(search.returncode, (130, -signal.SIGINT))
        self.finish(self.tuner("--local"))
        self.assert_each_point_is_recorded_once()

    def test_a_search_whose_terminal_is_closed_gives_its_points_back(self):
        search = self.tuner("--local", "--parallel", "2", objective="echo {x} >>begun; sleep 1000")
        wait_until(lambda: len(self.cluster.lines("begun")) == 2, what="two trials")
        for _ in range(3):
            search.send_signal(signal.SIGHUP)
        self.finish(search, 130)
        with contextlib.closing(sqlite3.connect(self.cluster.path("s.db"))) as file:
            self.assertEqual(file.execute("select count(*) from fabric_tuner").fetchone(), (0,))
        self.finish(self.tuner("--local"))
        self.assert_each_point_is_recorded_once()

    def test_a_search_that_is_to_outlive_its_terminal_does(self):
        words = self.words("--local", "--parallel", "1", points=1,
                           objective="echo {x} >>begun; " + until("go") + "; echo {x}")
        search = subprocess.Popen(["nohup", FABRICD, *words], env=self.cluster.env, cwd=self.cluster.folder,
                                  text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  stdin=subprocess.DEVNULL)
        wait_until(lambda: self.cluster.lines("begun"), what="a trial")
        search.send_signal(signal.SIGHUP)
        self.cluster.touch("go")
        out, _ = self.finish(search)
        self.assertIn("1 complete", out)

    def test_a_file_that_another_program_locks_for_long_is_waited_for(self):
        search = self.tuner("--local", "--parallel", "2")
        wait_until(lambda: len(self.cluster.lines("ledger")) > 4, what="some evaluations")
        with contextlib.closing(sqlite3.connect(self.cluster.path("s.db"), timeout=60)) as backup:
            backup.execute("BEGIN EXCLUSIVE")
            wait_until(lambda: "another program has locked" in search.stderr.readline(),
                       what="word of the wait")
        _, err = self.finish(search)
        self.assertNotIn("another program has locked", err, "it is said once")
        self.assert_each_point_is_recorded_once()
        self.assertEqual(set(self.evaluated().values()), {1})

    def test_a_resumed_search_counts_what_it_is_about(self):
        search = self.tuner("--local", "--parallel", "4", objective="echo {x} >>begun; sleep 1000")
        wait_until(lambda: len(self.cluster.lines("begun")) == 4, what="four trials")
        search.kill()
        search.communicate()
        _, err = self.finish(self.tuner("--local", "--trials", "3"))
        self.assertIn("7/7, 0 running", err)

    def test_a_resumed_search_knows_the_best_trial_of_before(self):
        self.finish(self.tuner("--local", "--parallel", "1", "--trials", "1", "--sampler", "grid", points=3))
        out, err = self.finish(self.tuner("--local", "--sampler", "grid", points=3))
        self.assertIn("2/2, 0 running, best 1 (trial 0)", err)
        self.assertIn("best value 1 (trial 0 on", out)

    def test_evaluations_that_diverge_are_failed_trials_and_end_nothing(self):
        for objective in ("[ {x} = 9 ] && echo 9 || echo nan",
                          """[ {x} = 9 ] && echo '{"loss": 9}' || echo '{"loss": NaN}'"""):
            rule = ["--value", "json:/loss"] if "loss" in objective else []
            out, _ = self.finish(self.tuner("--local", "--parallel", "1", "--sampler", "grid", *rule,
                                            points=9, objective=objective))
            self.assertIn("1 complete, 8 failed, all 9 points of the space are done", out)
            self.assertEqual(self.trials()[0]["user_attrs"]["error"], "the value is nan")
            self.cluster.run("study", "delete", "s", *FILE, "--yes", check=0)

    def test_a_study_that_has_values_is_not_ended_by_results_without_one(self):
        self.finish(self.tuner("--local", "--sampler", "grid", "--trials", "1", points=9))
        out, _ = self.finish(self.tuner("--local", points=9, objective="echo none"))
        self.assertIn("1 complete, 8 failed, all 9 points", out)

    def test_a_search_that_is_resumed_with_the_same_mistake_gets_on(self):
        totals = []
        for _ in range(3):
            search = self.tuner("--local", "--parallel", "1", points=9, objective="echo none")
            _, err = self.finish(search, 64)
            totals.append(err.strip().splitlines()[-2].split(",")[0])
        self.assertEqual(totals, ["2/9", "5/9", "5/6"])
        out, _ = self.finish(self.tuner("--local", "--parallel", "1", points=9))
        self.assertIn("3 complete", out)
        self.assertIn("all 9 points of the space are done", out)

    def test_a_pattern_that_no_output_matches_ends_the_search_and_costs_no_point(self):
        tune = ["tune", "--local", "--study", "s", "--minimize", "--param", "x=int(1,9)", *FILE]
        objective = ["--", "sh", "-c", "echo accuracy {x}"]
        wrong = self.cluster.run(*tune, "--value", r"regex:loss=(\d+)", *objective)
        self.assertEqual(wrong.returncode, 64)
        self.assertIn(r"USAGE: no result has what the search looks for: nothing in the output matches "
                      r"loss=(\d+); the last line is 'accuracy", wrong.stderr)
        self.assertIn(r"mend --value 'regex:loss=(\d+)', and go on", wrong.stderr)
        right = self.cluster.run(*tune, "--load-if-exists", "--value", r"regex:accuracy (\d+)", *objective,
                                 check=0)
        self.assertIn("9 complete, 2 failed, all 9 points of the space are done", right.stdout)
        states = Counter(t["state"] for t in self.cluster.json("study", "trials", "s", *FILE)["trials"])
        self.assertEqual(states, {"COMPLETE": 9, "FAIL": 2})

    def test_of_equal_results_the_lowest_number_is_the_best_everywhere(self):
        out, err = self.finish(self.tuner("--local", "--parallel", "4", points=8,
                                          objective="sleep 0.$((9 - {x})); echo 5"))
        self.assertIn("best 5 (trial 0)", err)
        self.assertIn("best value 5 (trial 0 on", out)

    def test_a_study_that_somebody_tunes_is_not_deleted(self):
        search = self.tuner("--local", home="one", objective="echo {x} >>begun; sleep 1000")
        wait_until(lambda: self.cluster.lines("begun"), what="a trial")
        self.assert_fault(self.cluster.run("study", "delete", "s", *FILE, "--yes"), "STORE_LOCKED", 73,
                          str(search.pid))
        search.kill()
        search.communicate()
        self.cluster.run("study", "delete", "s", *FILE, "--yes", check=0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
