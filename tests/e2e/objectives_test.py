"""Several objectives and constraints: tune, point by point, and with the real Optuna."""

import json
import subprocess
import unittest

from fabric_cluster import ClusterTest

FILE = ["--storage", "sqlite:///s.db"]
TWO = ["--minimize", "--maximize"]
#: loss falls and speed falls with x; y only costs.
PLAIN = "echo $(({x} + {y})) $((10 - {x}))"


def has_optuna():
    command = ["/usr/bin/python3", "-c", "import optuna"]
    return subprocess.run(command, capture_output=True).returncode == 0


class Objectives(ClusterTest):
    def tune(self, *more, command=PLAIN, check=0):
        return self.cluster.run("tune", "--local", "--study", "s", *FILE, "--param", "x=int(0,3)",
                                "--param", "y=int(0,1)", *more, "--", "sh", "-c", command,
                                check=check)

    def study(self, word, *more, check=0):
        return self.cluster.run("study", word, "s", *more, *FILE, check=check)

    def optuna(self, script):
        """What the script makes of `study`."""
        head = ("import json, optuna; optuna.logging.set_verbosity(40);"
                "study = optuna.load_study(study_name='s', storage='sqlite:///s.db');")
        done = subprocess.run(["/usr/bin/python3", "-c", head + script], capture_output=True,
                              text=True, cwd=self.cluster.path("."), check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)


class Tuning(Objectives):
    def test_the_front_is_what_no_trial_beats_in_every_objective(self):
        out = self.tune(*TWO).stdout.splitlines()
        self.assertEqual(out[0], "study s: 8 complete, 0 failed, all 8 points of the space are done")
        self.assertEqual(out[1], "best trials: 1")
        self.assertEqual(out[2].split(), ["TRIAL", "MINIMIZED", "MAXIMIZED", "NODE", "PARAMS"])
        self.assertEqual(out[3].split()[1:3] + out[3].split()[-2:], ["0", "10", "x=0", "y=0"])

    def test_lists_and_drawings_say_what_they_show_of_several_objectives(self):
        self.tune("--minimize", "--minimize")
        self.assertIn("4 on the front", self.cluster.run("study", "list", *FILE).stdout)
        listed = self.cluster.json("study", "list", *FILE)["studies"][0]
        self.assertEqual((listed["front"], listed["best_value"]), (4, None))
        self.assertIn("trial, objective 0", self.study("show", "--plot").stdout)

    def test_flags_in_their_order_and_one_word_say_the_same(self):
        self.tune("--maximize", "--minimize")
        self.assertEqual(self.cluster.json("study", "show", "s", *FILE)["directions"],
                         ["maximize", "minimize"])
        self.tune("--directions", "maximize,minimize", "--load-if-exists")
        self.tune("--directions", "maximize", "minimize", "--load-if-exists")
        other = self.tune(*TWO, "--load-if-exists", check=64)
        self.assertIn("the study 's' was made to maximize,minimize", other.stderr)

    def test_json_has_all_values_and_the_front(self):
        lines = [json.loads(line) for line in self.tune("--minimize", "--minimize", "--json")
                 .stdout.splitlines()]
        self.assertEqual(len(lines), 9)
        for trial in lines[:-1]:
            x, y = trial["params"]["x"], trial["params"]["y"]
            self.assertEqual((trial["values"], trial["value"]), ([x + y, 10 - x], None))
        self.assertIsNone(lines[-1]["best"])
        front = [trial["params"] for trial in lines[-1]["best_trials"]]
        self.assertEqual(sorted(p["x"] for p in front), [0, 1, 2, 3])
        self.assertEqual({p["y"] for p in front}, {0})

    def test_each_objective_may_have_a_rule_of_its_own(self):
        self.tune(*TWO, "--value", "json:/loss", "--value", "regex:speed=(.*)",
                  command="echo speed={x}; echo '{{\"loss\": {y}}}'".replace("{{", "{")
                  .replace("}}", "}"))
        best = self.cluster.json("study", "best", "s", *FILE)["best_trials"]
        self.assertEqual([(t["values"], t["params"]) for t in best],
                         [([0, 3], {"x": 3, "y": 0})])

    def test_a_wrong_number_of_values_fails_the_trial_and_says_so(self):
        self.tune(*TWO, "--sampler", "grid", "--parallel", "1",
                  command="echo {x}; test {x} = 3 || echo {x} {y}")
        trials = self.cluster.json("study", "trials", "s", *FILE)["trials"]
        self.assertEqual([t["user_attrs"].get("error") for t in trials],
                         [None] * 6 + ["1 value for 2 objectives"] * 2)

    def test_a_command_that_was_made_for_another_number_of_objectives_spends_no_point(self):
        done = self.tune(*TWO, "--parallel", "3", command="echo {x}", check=64)
        self.assertIn("USAGE: the command printed 1 value for 2 objectives (minimize,maximize)",
                      done.stderr)
        self.assertIn("--minimize and --maximize", done.stderr)
        trials = self.cluster.json("study", "trials", "s", *FILE)["trials"]
        self.assertEqual({t["state"] for t in trials}, {"RUNNING"})
        out = self.tune(*TWO, "--load-if-exists").stdout.splitlines()
        self.assertEqual(out[0], "study s: 8 complete, 0 failed, all 8 points of the space are done")

    def test_what_is_for_one_objective_is_refused(self):
        for flags, complaint in (
                (["--until", "3"], "a value to reach is for one objective, here are 2"),
                (["--patience", "3"], "patience is for one objective, here are 2"),
                (["--pruner", "median"], "a pruner is for one objective, here are 2"),
                (["--sampler", "gp"], "the gp sampler serves one objective"),
                (["--value", "json:/a"] * 3, "3 --value for 2 objectives"),
                (["--direction", "minimize"], "say either --maximize or --minimize"),
                (["--constraint", "last-line"], "--constraint last-line: the values stand there"),
                (["--constraint", "json:x"], "--constraint 'json:x' is no JSON pointer")):
            done = self.tune(*TWO, *flags, check=64)
            self.assertIn(complaint, done.stderr)
        self.assertIn("'up' is no direction", self.tune("--directions", "up", check=64).stderr)


class Constraints(Objectives):
    RULES = ["--value", "regex:v=(.*)", "--constraint", "regex:over=(.*)"]
    COMMAND = "echo v={x}{y}; echo over=$(({y} * 2 - {x}))"

    def test_the_best_trial_is_feasible(self):
        out = self.tune("--minimize", *self.RULES, command=self.COMMAND).stdout.splitlines()
        self.assertTrue(out[1].startswith("best value 0 "), out)
        best = self.cluster.json("study", "best", "s", *FILE)
        self.assertEqual((best["value"], best["constraints"]), (0, [0]))
        listed = self.study("trials").stdout
        self.assertEqual(listed.count("infeasible by"), 2)
        self.assertIn("infeasible by 2", listed)
        self.assertEqual(self.cluster.json("study", "list", *FILE)["studies"][0]["best_value"], 0)

    def test_without_a_feasible_trial_there_is_no_best(self):
        done = self.tune("--minimize", *self.RULES, command="echo v=1; echo over=1", check=1)
        self.assertIn("no trial is feasible", done.stderr)
        self.assertIn("best: none: no trial is feasible", self.study("show").stdout)
        self.assertIn("NOT_FOUND", self.study("best", check=66).stderr)

    def test_export_has_values_and_constraints_side_by_side(self):
        self.tune(*TWO, "--constraint", "regex:over=(.*)", command="echo over={y}; echo {x} 5")
        head, first, *_ = self.study("export", "--format", "csv").stdout.splitlines()
        self.assertTrue(head.startswith("number,state,value_0,value_1,constraint_0,node"), head)
        self.assertEqual(first.split(",")[3], "5")


class PointByPoint(Objectives):
    def setUp(self):
        super().setUp()
        self.study("create", *TWO, "--param", "x=int(0,5)", "--sampler", "grid")

    def test_values_and_constraints_are_told_once_for_each(self):
        self.study("ask")
        for flags, complaint in ((["--value", "1"], "1 value for 2 objectives"),
                                 (["--value", "1"] * 3, "3 values for 2 objectives"),
                                 (["--value", "1", "--value", "nan"], "is no finite number"),
                                 (["--pruned", "--value", "1"], "a pruned trial of several"),
                                 (["--failed", "x", "--constraint", "1"], "has no value"),
                                 (["--value", "1", "--value", "2", "--constraint", "a"],
                                  "--constraint 'a' is no finite number")):
            self.assertIn(complaint, self.study("tell", "0", *flags, check=64).stderr)
        self.study("tell", "0", "--value", "1", "--value", "2", "--constraint", "-1")
        self.study("ask")
        self.study("tell", "1", "--value", "0", "--value", "9", "--constraint", "3")
        best = self.cluster.json("study", "best", "s", *FILE)["best_trials"]
        self.assertEqual([(t["number"], t["values"], t["constraints"]) for t in best],
                         [(0, [1, 2], [-1])])
        shown = self.study("show").stdout
        self.assertIn("study s (minimize,maximize)", shown)
        self.assertIn("best: 1 trial; `fabricd study best s --storage sqlite:///s.db` lists it", shown)
        self.assertIn("0 9", self.study("trials").stdout)

    def test_a_study_lists_both_directions(self):
        self.assertIn("minimize,maximize", self.cluster.run("study", "list", *FILE).stdout)


@unittest.skipUnless(has_optuna(), "python3-optuna is not installed")
class WithOptuna(Objectives):
    def test_optuna_finds_the_same_front_and_constraints(self):
        self.tune("--minimize", "--minimize", "--constraint", "regex:over=(.*)",
                  command="echo over=$(({x} - 3)); " + PLAIN)
        ours = self.cluster.json("study", "best", "s", *FILE)["best_trials"]
        theirs = self.optuna(
            "print(json.dumps([[t.number, t.values, t.system_attrs['constraints']]"
            " for t in study.best_trials]))")
        self.assertEqual([[t["number"], t["values"], t["constraints"]] for t in ours], theirs)

    def test_a_study_that_optuna_made_is_gone_on_with(self):
        subprocess.run(
            ["/usr/bin/python3", "-c",
             "import optuna\n"
             "s = optuna.create_study(study_name='s', storage='sqlite:///s.db',"
             " directions=['minimize', 'maximize'],"
             " sampler=optuna.samplers.RandomSampler(seed=1))\n"
             "s.optimize(lambda t: (t.suggest_int('x', 0, 3) + t.suggest_int('y', 0, 1), 1.0),"
             " n_trials=3)"],
            cwd=self.cluster.path("."), check=True, capture_output=True)
        self.tune(*TWO, "--load-if-exists", "--sampler", "tpe")
        trials = self.cluster.json("study", "trials", "s", *FILE)["trials"]
        points = [(t["params"]["x"], t["params"]["y"]) for t in trials[3:]]
        self.assertEqual(len(points), len(set(points)))
        self.assertEqual(len({(t["params"]["x"], t["params"]["y"]) for t in trials}), 8)
        count = self.optuna("print(len([t for t in study.trials if len(t.values) == 2]))")
        self.assertEqual(count, len(trials))


if __name__ == "__main__":
    unittest.main()
