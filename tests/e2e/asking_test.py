"""Studies point by point: create, ask, tell, enqueue, and a tuner beside."""

import json
import os
import sqlite3
import subprocess
import unittest
from concurrent.futures import ThreadPoolExecutor

from fabric_cluster import ClusterTest, until, wait_until

FILE = ["--storage", "sqlite:///s.db"]


class Points(ClusterTest):
    def study(self, word, *more, check=0):
        return self.cluster.run("study", word, "s", *more, *FILE, check=check)

    def create(self, *more, points=3, check=0):
        return self.study("create", "--minimize", "--param", f"x=int(1,{points})", *more,
                          check=check)

    def ask(self, *more):
        return json.loads(self.study("ask", "--json", *more).stdout)

    def trials(self):
        return self.cluster.json("study", "trials", "s", *FILE)["trials"]


class Asking(Points):
    def test_points_are_asked_for_and_told_until_all_are_done(self):
        self.create("--sampler", "grid")
        for number in range(3):
            trial, params = self.study("ask").stdout.split()
            self.assertEqual(trial, f"{number}#1")
            self.assertEqual(json.loads(params), {"x": number + 1})
            out = self.study("tell", trial, "--value", str(10 - number)).stdout
            self.assertEqual(out, f"trial {number}: COMPLETE\n")
        done = self.study("ask", check=1)
        self.assertEqual(done.stdout, "")
        self.assertIn("EXHAUSTED: all points of study 's' are done", done.stderr)
        self.assertEqual(self.cluster.json("study", "best", "s", *FILE)["value"], 8)
        self.assertIn("HOST", self.trials()[0]["user_attrs"])

    def test_many_who_ask_at_once_get_different_points(self):
        self.create(points=24)
        with ThreadPoolExecutor(8) as crowd:
            asked = list(crowd.map(lambda _: self.ask()["params"]["x"], range(24)))
        self.assertEqual(sorted(asked), list(range(1, 25)))
        done = self.study("ask", check=75)
        self.assertIn("BUSY: no point of study 's' is free: the last 24 are being evaluated",
                      done.stderr)

    def test_failed_trials_are_tried_again_as_new_ones(self):
        self.create("--sampler", "grid")
        for _ in range(3):
            self.ask()
        self.assert_fault(self.study("retry", check=66), "NOT_FOUND", 66, "no failed trial")
        self.study("tell", "0", "--failed", "no luck")
        self.study("tell", "1", "--failed", "no luck")
        self.study("tell", "2", "--value", "3")
        self.assert_fault(self.study("retry", "2", check=64), "USAGE", 64, "trial 2 has not failed")
        self.assertEqual(self.study("retry", "1").stdout, "trial 1: again as trial 3\n")
        self.assert_fault(self.study("retry", "1", check=65), "DUPLICATE_PARAMS", 65, "trial 3")
        self.assertEqual(self.cluster.json("study", "retry", "s", *FILE),
                         {"study": "s", "retried": [{"trial": 0, "retried_as": 4}]})
        for number, x in ((3, 2), (4, 1)):
            asked = self.ask()
            self.assertEqual((asked["number"], asked["params"]["x"]), (number, x))
            self.study("tell", str(number), "--value", "1")
        self.study("ask", check=1)
        trials = self.trials()
        self.assertEqual([t["state"] for t in trials], ["FAIL", "FAIL", "COMPLETE", "COMPLETE", "COMPLETE"])
        self.assertEqual(trials[4]["user_attrs"]["retry_of"], 0)

    def test_trials_fail_and_are_pruned(self):
        self.create("--sampler", "grid")
        self.ask(), self.ask(), self.ask()
        self.study("tell", "0", "--failed", "no luck")
        self.study("tell", "1", "--pruned", "--value", "5")
        self.study("tell", "2", "--pruned")
        trials = self.trials()
        self.assertEqual([t["state"] for t in trials], ["FAIL", "PRUNED", "PRUNED"])
        self.assertEqual([t["value"] for t in trials], [None, 5, None])
        self.assertEqual(trials[0]["user_attrs"]["error"], "no luck")
        self.study("ask", check=1)

    def test_tells_that_make_no_sense_are_refused(self):
        self.create()
        trial = f"{self.ask()['number']}"

        def refused(status, code, *words):
            done = self.study("tell", *words, check=status)
            self.assertIn(f"fabricd: {code}: ", done.stderr)
            return done.stderr

        self.assertIn("has no trial 7", refused(66, "NOT_FOUND", "7", "--value", "1"))
        refused(64, "USAGE", "x", "--value", "1")
        refused(64, "USAGE", trial + "#", "--value", "1")
        for value in ("nan", "inf", "-inf", "one"):
            self.assertIn("is no finite number", refused(64, "USAGE", trial, "--value", value))
        self.assertIn("is too large a number", refused(64, "USAGE", trial, "--value", "1e999"))
        self.assertIn("2 values for 1 objective",
                      refused(64, "USAGE", trial, "--value", "1", "--value", "2"))
        self.assertIn("how did the trial end?", refused(64, "USAGE", trial))
        refused(64, "USAGE", trial, "--value", "1", "--failed", "x")
        self.assertIn("attempt 2 of trial 0 was never given out",
                      refused(66, "NOT_FOUND", trial + "#2", "--value", "1"))
        self.study("tell", trial, "--value", "1")
        self.assertIn("is over: it is COMPLETE",
                      refused(75, "STALE_ATTEMPT", trial, "--value", "2"))
        self.assertEqual(self.trials()[0]["value"], 1)

    def test_a_point_whose_lease_is_over_is_given_to_the_next(self):
        self.create(points=1)
        first = self.ask("--lease", "1ms")
        second = self.ask()
        self.assertEqual((second["number"], second["attempt"]), (first["number"], 2))
        late = self.study("tell", f"{first['number']}#1", "--value", "1", check=75)
        self.assertIn("STALE_ATTEMPT", late.stderr)
        self.study("tell", f"{second['number']}#2", "--value", "2")
        self.assertEqual([t["value"] for t in self.trials()], [2])

    def test_a_late_result_that_nobody_waits_for_is_taken(self):
        self.create(points=1)
        first = self.ask("--lease", "1ms")
        self.study("tell", f"{first['number']}#1", "--value", "1")
        self.assertEqual([t["value"] for t in self.trials()], [1])

    def test_enqueued_points_come_first(self):
        self.create("--sampler", "grid", points=9)
        self.assertEqual(self.study("enqueue", "x=7").stdout, "0\n")
        self.study("enqueue", "x=4")
        self.assertEqual([t["state"] for t in self.trials()], ["WAITING"] * 2)
        self.assertEqual([self.ask()["params"]["x"] for _ in range(3)], [7, 4, 1])

    def test_a_point_is_enqueued_once(self):
        self.create(points=9)
        self.study("enqueue", "x=7")
        done = self.study("enqueue", "x=7", check=65)
        self.assertIn("DUPLICATE_PARAMS: trial 0 has this point: it is WAITING", done.stderr)

    def test_points_that_are_none_are_not_enqueued(self):
        self.study("create", "--minimize", "--param", "x=int(1,9,step=2)", "--param",
                   "p=float(0,1)", "--param", "o=choice(adam,3,true)")
        for words in (["x=2", "p=0", "o=adam"], ["x=1", "p=2", "o=adam"], ["x=1", "p=0", "o=sgd"],
                      ["x=1", "p=0"], ["x=1", "x=1", "p=0", "o=adam"], ["x", "p=0", "o=adam"],
                      ["x=1", "p=nan", "o=adam"], ["y=1", "x=1", "p=0", "o=adam"]):
            done = self.study("enqueue", *words, check=64)
            self.assertIn("fabricd: USAGE: ", done.stderr, words)
        for choice in ("adam", "3", "true"):
            self.study("enqueue", "x=1", "p=0.5", f"o={choice}")
        self.assertEqual([t["params"]["o"] for t in self.trials()], ["adam", 3, True])

    def test_what_is_wrong_with_a_point_is_said_with_what_to_paste(self):
        self.create()
        self.assert_fault(self.study("enqueue", "y=4", check=64), "USAGE", 64,
                          "the study has no parameter 'y'; the parameters are x")
        self.ask()
        self.assert_fault(self.study("tell", "0#2", "--value", "1", check=66), "NOT_FOUND", 66,
                          "attempt 2 of trial 0 was never given out: the latest is 1")
        self.assert_fault(self.study("tell", "7", "--value", "1", check=66), "NOT_FOUND", 66,
                          "`fabricd study trials s --storage sqlite:///s.db` lists them")
        self.assert_fault(self.study("plot", "-o", "a.svg", "--objective", "-1", check=64), "USAGE", 64,
                          "has one objective, none with the number -1")

    def test_a_study_is_created_once(self):
        self.create()
        self.assertIn("KEY_CONFLICT", self.create(check=65).stderr)
        self.create("--load-if-exists")
        self.create("--load-if-exists", points=4)
        self.assertEqual(self.cluster.json("study", "show", "s", *FILE)["params"], ["x=int(1,4)"])
        other = ["create", "--load-if-exists", "--param"]
        self.assertIn("a study cannot change its kind: it was declared x=int(1,4), now x=float(1,2)",
                      self.study(*other, "x=float(1,2)", "--minimize", check=64).stderr)
        self.assertIn("was made to minimize",
                      self.study(*other, "x=int(1,4)", "--maximize", check=64).stderr)

    def test_a_study_that_there_is_not_is_not_found(self):
        self.create()
        for words in (["ask"], ["tell", "0", "--value", "1"], ["enqueue", "x=1"]):
            done = self.cluster.run("study", words[0], "other", *words[1:], *FILE, check=66)
            self.assertIn("NOT_FOUND", done.stderr)

    def test_optuna_evaluates_what_was_enqueued(self):
        self.create(points=9)
        self.study("enqueue", "x=7")
        script = ("import optuna; optuna.logging.set_verbosity(optuna.logging.ERROR); "
                  f"s = optuna.load_study(study_name='s', "
                  f"storage='sqlite:///{self.cluster.path('s.db')}'); "
                  "s.optimize(lambda t: t.suggest_int('x', 1, 9), n_trials=1); "
                  "print(s.trials[0].state.name, s.trials[0].params, s.trials[0].value)")
        read = subprocess.run(["/usr/bin/python3", "-c", script], capture_output=True, text=True,
                              timeout=60, check=False)
        if "No module named" in read.stderr:
            self.skipTest("python3-optuna is not installed")
        self.assertEqual(read.stdout, "COMPLETE {'x': 7} 7.0\n", read.stderr)


class BesideATuner(Points):
    def tune(self, *more, objective="echo {x}", points=3):
        return ["tune", "--study", "s", "--minimize", "--param", f"x=int(1,{points})", *FILE,
                "--local", "--load-if-exists", "--sampler", "grid", *more, "--", "sh", "-c",
                objective]

    def test_a_tuner_goes_on_with_a_study_that_was_created(self):
        self.create()
        self.ask()
        self.study("tell", "0", "--value", "9")
        self.cluster.run(*self.tune(), check=0)
        self.assertEqual(len(self.trials()), 3)

    def test_a_tuner_leaves_an_asked_point_alone_and_waits_for_it(self):
        self.create()
        asked = self.ask("--sampler", "grid")
        search = self.cluster.popen(*self.tune(objective="echo {x} >>ledger; echo {x}"))
        wait_until(lambda: "trial 0 is with whoever had it from `fabricd study ask`, until 20" in
                   search.stderr.readline(), what="word of whom it waits for")
        self.study("tell", str(asked["number"]), "--value", "7")
        out, err = search.communicate(timeout=60)
        self.assertEqual(search.returncode, 0, out + err)
        self.assertEqual(sorted(self.cluster.lines("ledger")), ["2", "3"])
        self.assertEqual([t["value"] for t in self.trials()], [7, 2, 3])

    def test_a_trial_of_optunas_own_is_not_told_and_says_who_has_it(self):
        self.create()
        program = (f"import optuna\ns = optuna.load_study(study_name='s', "
                   f"storage='sqlite:///{self.cluster.path('s.db')}')\ns.ask()\n"
                   "s.tell(s.ask({'x': optuna.distributions.IntDistribution(1, 3)}), 1)\n")
        read = subprocess.run(["/usr/bin/python3", "-c", program], capture_output=True, text=True, timeout=60)
        if "No module named" in read.stderr:
            self.skipTest("python3-optuna is not installed")
        self.assertEqual(read.returncode, 0, read.stderr)
        running = self.study("tell", "0", "--value", "5", check=77)
        self.assertIn("FORBIDDEN: trial 0 is RUNNING in a program of Optuna's own", running.stderr)
        over = self.study("tell", "1", "--value", "5", check=75)
        self.assertIn("STALE_ATTEMPT: trial 1 is over: it is COMPLETE", over.stderr)
        self.assertIn("has no trial 2", self.study("tell", "2", "--value", "5", check=66).stderr)

    def test_what_optuna_enqueued_with_some_parameters_only_is_left_with_a_word(self):
        self.create("--param", "y=int(1,2)", points=2)
        program = ("import optuna\noptuna.load_study(study_name='s', "
                   f"storage='sqlite:///{self.cluster.path('s.db')}').enqueue_trial({{'x': 2}})")
        read = subprocess.run(["/usr/bin/python3", "-c", program], capture_output=True, text=True, timeout=60)
        if "No module named" in read.stderr:
            self.skipTest("python3-optuna is not installed")
        space = ["--param", "x=int(1,2)", "--param", "y=int(1,2)"]
        done = self.cluster.run("tune", "--local", "--study", "s", "--minimize", "--load-if-exists", *space,
                                *FILE, "--", "echo", "{x}", check=0)
        self.assertIn("with some of the parameters only, or outside of the space: trial 0", done.stderr)
        self.assertIn("4 complete", done.stdout)

    def test_a_tuners_trial_is_not_told_by_others(self):
        search = self.cluster.popen(*self.tune(points=1, objective=f"{until('go')}; echo 1"))
        wait_until(lambda: os.path.exists(self.cluster.path("s.db")) and
                   self.cluster.run("study", "trials", "s", *FILE).returncode == 0 and
                   self.trials())
        done = self.study("tell", "0", "--value", "5", check=77)
        self.assertIn("FORBIDDEN: trial 0 is being evaluated by the tuner", done.stderr)
        self.cluster.touch("go")
        out, err = search.communicate(timeout=60)
        self.assertEqual(search.returncode, 0, out + err)
        self.assertEqual([t["value"] for t in self.trials()], [1])

    def test_a_running_tuner_takes_enqueued_points_first(self):
        search = self.cluster.popen(*self.tune("--parallel", "1", points=9, objective=(
            f"echo {{x}} >>ledger; {until('go')}; echo {{x}}")))
        wait_until(lambda: self.cluster.lines("ledger") == ["1"])
        self.study("enqueue", "x=8")
        # The tuner looks around every few seconds.
        wait_until(self.has_looked_around)
        self.cluster.touch("go")
        out, err = search.communicate(timeout=60)
        self.assertEqual(search.returncode, 0, out + err)
        self.assertEqual(self.cluster.lines("ledger"), ["1", "8", "2", "3", "4", "5", "6", "7", "9"])

    def has_looked_around(self):
        beat = self.beat()
        self.first_beat = getattr(self, "first_beat", beat)
        return beat > self.first_beat + 1

    def beat(self):
        with sqlite3.connect(self.cluster.path("s.db")) as rows:
            return rows.execute("SELECT max(beat) FROM fabric_tuner").fetchone()[0]


if __name__ == "__main__":
    unittest.main()
