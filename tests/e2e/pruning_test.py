"""Trials that report while they run, and searches that end before their space does."""

import json
import os
import signal
import subprocess
import unittest
from collections import Counter

from fabric_cluster import FABRICD, ClusterTest, until, wait_until

FILE = ["--storage", "sqlite:///s.db"]
# Reports its point at each step, ends when it is told to, and notes the steps that it has done.
STEPS = (f'for step in 0 1 2; do echo "{{x}} $step" >>ledger; '
         f'{FABRICD} report --step $step --value {{x}}; said=$?; '
         '[ $said = 10 ] && exit 0; [ $said = 0 ] || exit $said; done; echo {x}')


class Pruning(ClusterTest):
    def words(self, *more, objective=STEPS, points=6):
        return ["tune", "--study", "s", "--minimize", "--param", f"x=int(1,{points})", *FILE,
                "--sampler", "grid", *more, "--", "sh", "-c", objective]

    def tune(self, *more, check=0, **how):
        return self.cluster.run(*self.words(*more, **how), check=check)

    def trials(self):
        return self.cluster.json("study", "trials", "s", *FILE)["trials"]

    def states(self):
        return [trial["state"] for trial in self.trials()]

    def kill_tuner(self, search):
        search.send_signal(signal.SIGKILL)
        search.wait()
        search.stdout.close()
        search.stderr.close()


class InThisProcess(Pruning):
    def test_a_bad_trial_is_told_to_stop_and_is_pruned(self):
        out = self.tune("--local", "--parallel", "1", "--pruner", "threshold:upper=3").stdout
        self.assertIn("3 complete, 3 pruned, 0 failed, all 6 points of the space are done", out)
        trials = self.trials()
        self.assertEqual([t["state"] for t in trials], ["COMPLETE"] * 3 + ["PRUNED"] * 3)
        self.assertEqual([t["value"] for t in trials], [1, 2, 3, 4, 5, 6])
        self.assertEqual(trials[0]["intermediate_values"], {"0": 1, "1": 1, "2": 1})
        self.assertEqual(trials[5]["intermediate_values"], {"0": 6})
        self.assertEqual(Counter(line.split()[0] for line in self.cluster.lines("ledger")),
                         {"1": 3, "2": 3, "3": 3, "4": 1, "5": 1, "6": 1})
        shown = self.cluster.run("study", "show", "s", *FILE, check=0).stdout
        self.assertIn("PRUNED: 3", shown)
        self.assertIn("step=2", self.cluster.run("study", "trials", "s", *FILE, check=0).stdout)
        self.assertEqual(self.cluster.json("study", "best", "s", *FILE)["value"], 1)

    def test_a_pruned_point_is_not_evaluated_again(self):
        self.tune("--local", "--pruner", "threshold:upper=3")
        self.tune("--local", "--load-if-exists")
        self.assertEqual(len(self.trials()), 6)

    def test_the_median_pruner_learns_from_complete_trials(self):
        self.tune("--local", "--parallel", "1", "--pruner", "median:startup=2")
        # 1 and 2 are complete; the median is 1.5, and stays below all others.
        self.assertEqual(self.states(), ["COMPLETE"] * 2 + ["PRUNED"] * 4)

    def test_a_trial_that_goes_on_though_it_was_told_to_stop_is_pruned(self):
        self.tune("--local", "--pruner", "threshold:upper=0", points=1, check=1,
                  objective=f"{FABRICD} report --step 0 --value 7; echo 3")
        self.assertEqual([(t["state"], t["value"]) for t in self.trials()], [("PRUNED", 7)])

    def test_trials_that_end_early_without_a_value_say_nothing_about_the_value_rule(self):
        out = self.tune("--local", "--parallel", "1", "--pruner", "threshold:upper=0", check=1).stdout
        self.assertIn("0 complete, 6 pruned, 0 failed, all 6 points of the space are done", out)

    def test_lines_of_a_command_are_reports_too(self):
        script = "for s in 0 1 2; do echo epoch $s loss {x}; echo {x} >>ledger; sleep 0.3; done; echo {x}"
        self.tune("--local", "--parallel", "1", "--pruner", "threshold:upper=3",
                  objective=f"{FABRICD} report --lines 'epoch (.*) loss (.*)' -- sh -c '{script}'")
        trials = self.trials()
        self.assertEqual([t["state"] for t in trials], ["COMPLETE"] * 3 + ["PRUNED"] * 3)
        self.assertEqual(trials[0]["intermediate_values"], {"0": 1, "1": 1, "2": 1})
        self.assertEqual(trials[0]["value"], 1, "the output is passed on")
        self.assertEqual(trials[5]["intermediate_values"], {"0": 6})
        done = Counter(self.cluster.lines("ledger"))
        self.assertEqual((done["3"], done["6"]), (3, 1), "one that is to stop is stopped")

    def test_a_command_that_says_how_far_it_is_runs_outside_of_a_search_too(self):
        done = self.cluster.run("report", "--lines", "--", "sh", "-c", "echo report 0 1; exit 4")
        self.assertEqual((done.returncode, done.stdout), (4, "report 0 1\n"))
        self.assertIn("this is no trial, so nothing is reported", done.stderr)
        self.assert_fault(self.cluster.run("report", "--lines"), "USAGE", 64, "without a command")
        self.assert_fault(self.cluster.run("report", "--lines", "x", "--", "true"), "USAGE", 64, "two groups")
        self.assert_fault(self.cluster.run("report"), "USAGE", 64, "--step", "--lines")

    def test_json_tells_of_pruned_trials(self):
        done = self.tune("--local", "--parallel", "1", "--pruner", "threshold:upper=3", "--json")
        *lines, last = map(json.loads, done.stdout.splitlines())
        self.assertEqual(last["pruned"], 3)
        self.assertEqual(lines[-1]["intermediate_values"], {"0": 6})

    def test_optuna_reads_what_was_reported(self):
        self.tune("--local", "--parallel", "1", "--pruner", "threshold:upper=3")
        script = ("import optuna, json; optuna.logging.set_verbosity(optuna.logging.ERROR); "
                  f"s = optuna.load_study(study_name='s', storage='sqlite:///{self.cluster.path('s.db')}'); "
                  "print(json.dumps([[t.state.name, t.value, t.intermediate_values] "
                  "for t in s.trials]))")
        read = subprocess.run(["/usr/bin/python3", "-c", script], capture_output=True, text=True,
                              timeout=60, check=False)
        if "No module named" in read.stderr:
            self.skipTest("python3-optuna is not installed")
        told = json.loads(read.stdout)
        self.assertEqual(told[2], ["COMPLETE", 3, {"0": 3, "1": 3, "2": 3}])
        self.assertEqual(told[3], ["PRUNED", 4, {"0": 4}])

    def test_reports_that_make_no_sense_are_refused(self):
        report = f"{FABRICD} report"
        self.tune("--local", points=1, objective=(
            f"{report} --step 0 --value 1; echo $? >>codes; "
            f"{report} --step 0 --value 1; echo $? >>codes; "
            f"{report} --step 0 --value 2 2>>errors; echo $? >>codes; "
            f"{report} --step 1 --value nan 2>>errors; echo $? >>codes; "
            f"{report} --step -1 --value 1 2>>errors; echo $? >>codes; "
            f"{report} --step 1 --value inf; echo $? >>codes; echo 1"))
        self.assertEqual(self.cluster.lines("codes"), ["0", "0", "65", "64", "64", "0"])
        errors = self.cluster.lines("errors")
        self.assertIn("KEY_CONFLICT: step 0 of trial 0 has the value 1.0 already", errors[0])
        self.assertIn("USAGE: the value 'nan' is no number", errors[1])
        self.assertIn("USAGE: the step '-1' is no whole number", errors[2])
        self.assertEqual(self.trials()[0]["intermediate_values"], {"0": 1, "1": "inf"})

    def test_outside_of_a_trial_nothing_is_reported(self):
        done = self.cluster.run("report", "--step", "0", "--value", "1", check=64)
        self.assertIn("USAGE: this is no trial", done.stderr)
        env = dict(self.cluster.env, FABRIC_TRIAL_NUMBER="0", FABRIC_ATTEMPT_ID="1.0#1")
        done = self.cluster.run("report", "--step", "0", "--value", "1", check=76, env=env)
        self.assertIn("UNSUPPORTED: this node takes no reports", done.stderr)
        env["FABRIC_REPORT"] = self.cluster.path("nobody.sock")
        done = self.cluster.run("report", "--step", "0", "--value", "1", check=69, env=env)
        self.assertIn("UNREACHABLE", done.stderr)

    def test_a_pruner_that_there_is_not_is_refused_before_anything_is_made(self):
        done = self.tune("--local", "--pruner", "medium", check=64)
        self.assertIn("the pruners are asha, hyperband", done.stderr)
        self.assertFalse(os.path.exists(self.cluster.path("s.db")))


class OnACluster(Pruning):
    def setUp(self):
        super().setUp()
        self.cluster.start_head(cpus=1)
        self.cluster.start_node("a", "--resources", "lab=2", cpus=2)

    def test_trials_report_from_other_nodes(self):
        self.tune("--resources", "lab=1", "--pruner", "threshold:upper=3")
        trials = self.trials()
        self.assertEqual({t["node"] for t in trials}, {"a"})
        self.assertEqual(sorted(t["value"] for t in trials if t["state"] == "PRUNED"), [4, 5, 6])
        self.assertTrue(all(len(t["intermediate_values"]) == (3 if t["value"] <= 3 else 1)
                            for t in trials))

    def test_a_report_waits_for_a_search_that_is_away_and_none_is_lost(self):
        objective = (f"echo run >>ledger; {FABRICD} report --step 0 --value 5; touch reported; "
                     f"{until('killed')}; {FABRICD} report --step 1 --value 4; "
                     f"echo $? >>said; echo 3")
        search = self.cluster.popen(*self.words(objective=objective, points=1))
        wait_until(lambda: os.path.exists(self.cluster.path("reported")))
        self.kill_tuner(search)
        self.cluster.touch("killed")
        self.tune("--load-if-exists", objective=objective, points=1)
        self.assertEqual(self.cluster.lines("ledger"), ["run"])
        self.assertEqual(self.cluster.lines("said"), ["0"])
        (trial,) = self.trials()
        self.assertEqual((trial["state"], trial["value"]), ("COMPLETE", 3))
        self.assertEqual(trial["intermediate_values"], {"0": 5, "1": 4})

    def test_a_trial_that_was_told_to_stop_is_pruned_by_the_next_search(self):
        objective = (f"{FABRICD} report --step 0 --value 5; echo $? >>said; {until('killed')}; "
                     "echo 3")
        words = self.words("--pruner", "threshold:upper=4", objective=objective, points=1)
        search = self.cluster.popen(*words)
        wait_until(lambda: self.cluster.lines("said") == ["10"])
        self.kill_tuner(search)
        self.tune("--load-if-exists", objective=objective, points=1, check=1)
        self.cluster.touch("killed")
        (trial,) = self.trials()
        self.assertEqual((trial["state"], trial["value"]), ("PRUNED", 5))

    def test_a_trial_that_is_over_is_told_so(self):
        self.tune(points=1, objective="env >seen; echo 1")
        env = dict(line.split("=", 1) for line in self.cluster.lines("seen") if "=" in line)
        done = self.cluster.run("report", "--step", "0", "--value", "1", check=75,
                                env=dict(self.cluster.env, **env))
        self.assertIn("STALE_ATTEMPT", done.stderr)

    def test_a_new_run_of_a_trial_overrules_what_the_one_before_reported(self):
        objective = (f"{FABRICD} report --step $FABRIC_ATTEMPT --value $FABRIC_ATTEMPT; "
                     f"{FABRICD} report --step 7 --value $FABRIC_ATTEMPT; "
                     "[ $FABRIC_ATTEMPT = 2 ] || exit 1; echo 1")
        self.tune("--retries", "1", objective=objective, points=1)
        self.assertEqual(self.trials()[0]["intermediate_values"], {"1": 1, "2": 2, "7": 2})

    def test_a_job_that_is_no_trial_cannot_report(self):
        done = self.cluster.run("run", "--", FABRICD, "report", "--step", "0", "--value", "1",
                                check=64)
        self.assertIn("this is no trial", done.stderr)


class Ending(Pruning):
    def ended(self, *more, check=0, **how):
        done = self.tune("--local", "--parallel", "1", "--json", *more, check=check, **how)
        return json.loads(done.stdout.splitlines()[-1])

    def test_a_search_ends_once_a_value_is_reached(self):
        last = self.ended("--until", "3.5", objective="echo $((6 - {x}))")
        self.assertEqual((last["reason"], last["detail"]),
                         ("value_reached", "the value 3.5 is reached"))
        self.assertEqual(last["trials"], 3)
        last = self.ended("--until", "3.5", "--load-if-exists")
        self.assertEqual((last["reason"], last["trials"]), ("value_reached", 3))

    def test_a_search_ends_when_nothing_gets_better(self):
        last = self.ended("--patience", "2")
        self.assertEqual((last["reason"], last["detail"]),
                         ("no_improvement", "2 trials in a row brought nothing better"))
        self.assertEqual(last["trials"], 3)

    def test_a_search_ends_after_its_trials_or_its_time(self):
        last = self.ended("--trials", "2")
        self.assertEqual((last["reason"], last["detail"]),
                         ("trials_reached", "as many trials as were asked for"))
        last = self.ended("--timeout", "1ms", "--load-if-exists", objective="sleep 0.5; echo {x}")
        self.assertEqual((last["reason"], last["detail"]), ("stopped", "the time is over"))

    def test_what_ends_it_is_said_to_people_too(self):
        out = self.tune("--local", "--parallel", "1", "--patience", "2").stdout
        self.assertIn("2 trials in a row brought nothing better", out)

    def test_an_endless_search_needs_an_end(self):
        words = ["tune", "--study", "s", "--minimize", "--param", "x=float(0,1)", *FILE, "--local"]
        done = self.cluster.run(*words, "--until", "0", "--", "echo", "{x}", check=64)
        self.assertIn("would never end", done.stderr)
        self.cluster.run(*words, "--patience", "3", "--parallel", "1", "--", "echo", "1", check=0)
        self.assertEqual(len(self.trials()), 4)

    def test_ends_that_make_no_sense_are_refused(self):
        for words in (["--until", "nan"], ["--until", "x"], ["--patience", "0"]):
            self.tune("--local", *words, check=64)


if __name__ == "__main__":
    unittest.main()
