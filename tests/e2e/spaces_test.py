"""Spaces whose parameters hang on others, and studies that go on with another space."""

import json
import os
import subprocess
import unittest

from fabric_cluster import ClusterTest

PYTHON = "/usr/bin/python3"  # the one that Debian's python3-optuna is for
FILE = ["--storage", "sqlite:///s.db"]
OPTIMIZER = ["--param", "opt=choice(adam,sgd)", "--param", "m=int(1,3) if opt=sgd"]
# What a trial sees of its point.
OBJECTIVE = ["sh", "-c", 'echo "$FABRIC_PARAMS $1 ${FABRIC_PARAM_m-unset}" >>seen; echo 1', "sh",
             "--m={m}", "end"]


class Spaces(ClusterTest):
    def tune(self, *more, objective=("sh", "-c", "echo {x}"), check=0):
        return self.cluster.run("tune", "--local", "--study", "s", "--minimize", *FILE, *more, "--",
                                *objective, check=check)

    def trials(self):
        return self.cluster.json("study", "trials", "s", *FILE)["trials"]


class WithConditions(Spaces):
    def test_a_search_evaluates_every_point_that_there_is_once(self):
        for sampler in ("random", "brute-force", "tpe"):
            study = ["--study", sampler]
            done = self.cluster.run("tune", "--local", *study, "--minimize", *FILE, *OPTIMIZER,
                                    "--sampler", sampler, "--", *OBJECTIVE)
            self.assertIn("all 4 points of the space are done", done.stdout)
            trials = self.cluster.json("study", "trials", sampler, *FILE)["trials"]
            self.assertEqual(sorted(json.dumps(t["params"], sort_keys=True) for t in trials),
                             ['{"m": 1, "opt": "sgd"}', '{"m": 2, "opt": "sgd"}',
                              '{"m": 3, "opt": "sgd"}', '{"opt": "adam"}'])
        self.assertEqual(set(self.cluster.lines("seen")),
                         {'{"opt":"adam"} end unset', '{"opt":"sgd","m":1} --m=1 1',
                          '{"opt":"sgd","m":2} --m=2 2', '{"opt":"sgd","m":3} --m=3 3'})

    def test_a_study_shows_lists_and_exports_what_its_trials_have(self):
        self.tune(*OPTIMIZER, "--sampler", "grid", objective=("echo", "1"))
        shown = self.cluster.run("study", "show", "s", *FILE).stdout
        self.assertIn("  m=int(1,3) if opt=sgd\npoints: 4\n", shown)
        self.assertIn("best: 1 (trial 0) opt=adam\n", shown)
        table = self.cluster.run("study", "export", "s", "--format", "csv", *FILE).stdout
        self.assertEqual([line.split(",")[-2:] for line in table.splitlines()],
                         [["opt", "m"], ["adam", ""], ["sgd", "1"], ["sgd", "2"], ["sgd", "3"]])

    def test_points_are_asked_for_and_enqueued_with_what_they_have(self):
        self.cluster.run("study", "create", "s", "--minimize", *OPTIMIZER, *FILE)
        enqueue = ["study", "enqueue", "s", *FILE]
        self.cluster.run(*enqueue, "opt=adam")
        done = self.cluster.run(*enqueue, "opt=adam", "m=1", check=64)
        self.assertIn("the other values leave parameter m out: it is there only if opt=sgd",
                      done.stderr)
        self.assertIn("parameter m has no value",
                      self.cluster.run(*enqueue, "opt=sgd", check=64).stderr)
        asked = self.cluster.run("study", "ask", "s", *FILE).stdout
        self.assertEqual(asked, '0#1 {"opt":"adam"}\n')

    def test_what_is_wrong_with_a_condition_is_said_in_one_line(self):
        for declarations, words in (
                (["m=int(1,3) if opt=sgd"], 'its condition is on "opt", which is no parameter'),
                (["m=int(1,3) if o=a", "o=choice(a,b)"], "which is declared later"),
                (["lr=float(0,1)", "m=int(1,3) if lr=1"], "whose values cannot be counted"),
                (["o=choice(a,b)", "m=int(1,3) if o=c"], "value c is none of o=choice(a,b)"),
                (["o=choice(a,b)", "m=int(1,3) if o=a and n=1"], "has not one value"),
                (["a=int(0,1) if b=1", "b=int(0,1) if a=1"], "goes round in a circle")):
            flags = [word for text in declarations for word in ("--param", text)]
            done = self.tune(*flags, objective=("true",), check=64)
            self.assertRegex(done.stderr, "^fabricd: USAGE: parameter .*; .*\n$")
            self.assertIn(words, done.stderr)

    def test_an_option_that_could_lose_its_value_is_refused(self):
        done = self.tune(*OPTIMIZER, objective=("train", "--m", "{m}"), check=64)
        self.assertIn("'--m {m}' would have no value where m is left out; write --m={m}", done.stderr)

    def test_optunas_workers_get_what_the_branch_asks_for(self):
        if subprocess.run([PYTHON, "-c", "import optuna"], capture_output=True).returncode:
            self.skipTest("python3-optuna is not installed")
        script = """
import sys, optuna
optuna.logging.set_verbosity(optuna.logging.ERROR)
storage = optuna.storages.JournalStorage(optuna.storages.JournalRedisStorage(sys.argv[1]))
study = optuna.create_study(study_name="s", storage=storage, load_if_exists=True)
def objective(trial):
    if trial.suggest_categorical("opt", ["adam", "sgd"]) == "adam":
        return 0
    return trial.suggest_int("m", 1, 3)
study.optimize(objective)
"""
        server = self.cluster.popen("study", "serve", "--redis", "127.0.0.1:0", *FILE, "--json",
                                    "--study", "s", *OPTIMIZER)
        url = json.loads(server.stdout.readline())["redis"]
        crowd = [subprocess.Popen([PYTHON, "-c", script, url], text=True, stderr=subprocess.PIPE)
                 for _ in range(3)]
        for worker in crowd:
            self.assertIn("EXHAUSTED all 4 points of study 's' are done",
                          worker.communicate(timeout=60)[1])
        server.terminate()
        server.communicate(timeout=60)
        self.assertEqual(sorted(t["value"] for t in self.trials()), [0, 1, 2, 3])


class WithAnotherSpace(Spaces):
    def test_a_study_goes_on_with_other_ranges(self):
        self.tune("--param", "x=int(1,4)")
        done = self.tune("--param", "x=int(3,8,step=1)", "--load-if-exists")
        self.assertIn("study s: 6 complete, 0 failed, all 6 points of the space are done\n"
                      "2 trials of before lie outside the space and do not count\n", done.stdout)
        self.assertIn("best value 3", done.stdout)
        self.assertEqual(sorted(t["params"]["x"] for t in self.trials()), list(range(1, 9)))
        self.assertEqual(self.cluster.json("study", "best", "s", *FILE)["value"], 1)
        self.assertIn("  x=int(3,8)\n", self.cluster.run("study", "show", "s", *FILE).stdout)
        last = self.tune("--param", "x=int(1,8)", "--load-if-exists", "--json").stdout.splitlines()
        self.assertEqual(len(last), 1, "all of them are points again")
        self.assertEqual(json.loads(last[0])["outside"], 0)

    def test_a_point_that_was_given_out_is_told_whatever_the_space_became(self):
        create = ["study", "create", "s", "--minimize", *FILE, "--load-if-exists", "--param"]
        self.cluster.run(*create, "x=int(7,7)")
        self.cluster.run("study", "ask", "s", *FILE)
        self.cluster.run(*create, "x=int(1,2)")
        self.cluster.run("study", "tell", "s", "0#1", "--value", "0.5", *FILE)
        self.assertEqual([(t["params"], t["value"]) for t in self.trials()], [({"x": 7}, 0.5)])
        self.assertEqual(self.cluster.run("study", "ask", "s", *FILE).stdout[:3], "1#1")

    def test_a_parameter_may_come_and_go(self):
        self.tune("--param", "x=int(1,2)")
        self.tune("--param", "x=int(1,2)", "--param", "y=choice(a,b)", "--load-if-exists")
        self.assertEqual(len(self.trials()), 6)
        self.tune("--param", "x=int(1,2)", "--param", "y=choice(a,b) if x=2", "--load-if-exists")
        self.assertEqual(len(self.trials()), 6, "one of the first is a point of the third")

    def test_another_kind_and_other_choices_are_refused_with_both_declarations(self):
        self.tune("--param", "x=int(1,2)", "--param", "o=choice(a,b)")
        for x, o, words in (
                ("float(1,2,step=1)", "choice(a,b)",
                 "parameter x: a study cannot change its kind: it was declared x=int(1,2), now "
                 "x=float(1,2,step=1); keep the kind"),
                ("int(1,2)", "choice(a,b,c)",
                 "parameter o: a study cannot change its choices: it was declared o=choice(a,b), now "
                 "o=choice(a,b,c); keep the choices")):
            flags = ["--param", "x=" + x, "--param", "o=" + o, "--load-if-exists"]
            self.assertIn(words, self.tune(*flags, check=64).stderr)
        self.assertEqual(len(self.trials()), 4)

    def test_optunas_own_branching_study_is_shown_and_taken_up(self):
        if subprocess.run([PYTHON, "-c", "import optuna"], capture_output=True).returncode:
            self.skipTest("python3-optuna is not installed")
        script = """
import optuna
optuna.logging.set_verbosity(optuna.logging.ERROR)
study = optuna.create_study(study_name="s", storage="sqlite:///s.db")
def objective(trial):
    if trial.suggest_categorical("opt", ["adam", "sgd"]) == "adam":
        return 5
    return trial.suggest_int("m", 1, 3)
study.enqueue_trial({"opt": "adam"})
study.enqueue_trial({"opt": "sgd", "m": 2})
study.optimize(objective, n_trials=2)
"""
        subprocess.run([PYTHON, "-c", script], cwd=self.cluster.folder, check=True, timeout=60)
        self.assertEqual([t["params"] for t in self.trials()], [{"opt": "adam"}, {"opt": "sgd", "m": 2}])
        self.tune(*OPTIMIZER, "--load-if-exists", objective=("sh", "-c", "echo 9{m}"))
        self.assertEqual(len(self.trials()), 4)
        self.assertEqual(self.cluster.json("study", "best", "s", *FILE)["value"], 2)
        self.assertIn("m=int(1,3) if opt=sgd", self.cluster.run("study", "show", "s", *FILE, check=0).stdout)

    def test_what_optuna_enqueued_is_evaluated_first_and_once(self):
        if subprocess.run([PYTHON, "-c", "import optuna"], capture_output=True).returncode:
            self.skipTest("python3-optuna is not installed")

        def optuna(program):
            return subprocess.run(
                [PYTHON, "-W", "ignore", "-c", "import optuna\n"
                 "optuna.logging.set_verbosity(optuna.logging.ERROR)\n"
                 "s = optuna.create_study(study_name='s', storage='sqlite:///s.db', load_if_exists=True)\n"
                 + program], cwd=self.cluster.folder, check=True, timeout=60, text=True,
                capture_output=True).stdout
        optuna("for x in (3, 5, 4): s.enqueue_trial({'x': x})")
        said = self.cluster.run("tune", "--study", "s", "--minimize", "--load-if-exists", *FILE, "--local",
                                "--param", "x=int(1,5)", "--parallel", "1", "--trials", "2", "--", "echo",
                                "{x}", check=0)
        self.assertNotIn("outside", said.stdout + said.stderr)
        self.assertEqual([t["params"]["x"] for t in self.trials()][:3], [3, 5, 4])
        self.assertEqual(optuna("print(sorted(t.params['x'] for t in s.trials))").strip(), "[1, 2, 3, 4, 5]")
        self.assertEqual(optuna("print({t.state.name for t in s.trials})").strip(), "{'COMPLETE'}")

    def test_optuna_still_takes_what_it_enqueued_where_a_tuner_has_looked(self):
        if subprocess.run([PYTHON, "-c", "import optuna"], capture_output=True).returncode:
            self.skipTest("python3-optuna is not installed")
        script = """
import sys, optuna
optuna.logging.set_verbosity(optuna.logging.ERROR)
s = optuna.create_study(study_name="s", storage="sqlite:///s.db", load_if_exists=True)
if len(sys.argv) > 1:
    s.enqueue_trial({"x": 3})
else:
    s.optimize(lambda t: t.suggest_int("x", 1, 5), n_trials=1)
    print([(t.params["x"], t.state.name) for t in s.trials])
"""

        def optuna(*words):
            return subprocess.run([PYTHON, "-c", script, *words], cwd=self.cluster.folder, check=True,
                                  timeout=60, text=True, capture_output=True).stdout.strip()
        optuna("enqueue")
        self.assert_fault(self.cluster.run("study", "ask", "s", *FILE), "UNSUPPORTED", 76,
                          "'s' has no space yet",
                          "study create s --storage sqlite:///s.db --load-if-exists --param")
        self.cluster.run("study", "create", "s", "--minimize", "--load-if-exists", *FILE, "--param",
                         "x=int(1,5)", check=0)
        self.cluster.run("study", "enqueue", "s", *FILE, "x=4", check=0)
        self.assertEqual(optuna(), "[(3, 'COMPLETE'), (4, 'WAITING')]")


if __name__ == "__main__":
    unittest.main()
