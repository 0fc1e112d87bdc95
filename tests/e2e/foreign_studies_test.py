"""Studies of Optuna's with what its scripts may use: any name, any grid, any choice, any value."""

import csv
import io
import json
import math
import os
import shutil
import subprocess
import tempfile
import unittest

from fabric_cluster import FABRICD

PYTHON = "/usr/bin/python3"  # the one that Debian's python3-optuna is for
HEAD = """import sys, warnings, json, optuna
warnings.simplefilter("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)
"""
ODD = HEAD + """
study = optuna.create_study(storage=sys.argv[1], study_name="s")
def objective(trial):
    x = trial.suggest_float("optim/lr", 1e-5, 1, log=True)
    x += trial.suggest_int("learning rate", 0, 9) + trial.suggest_float("0", 1/3, 2, step=1/7)
    trial.suggest_categorical("gr\u00f6\u00dfe \\"=", [(1, 2), (3,), float("nan"), None, "NaN"])
    return x + trial.suggest_int("x" * 100, 0, 3)
study.optimize(objective, n_trials=20)
"""
READ = HEAD + """
trials = optuna.load_study(storage=sys.argv[1], study_name="s").trials
print(json.dumps([t.params for t in trials]))
"""
WORKER = HEAD + """
storage = optuna.storages.JournalStorage(optuna.storages.JournalRedisStorage(sys.argv[1]))
study = optuna.create_study(study_name="s", storage=storage, load_if_exists=True)
def objective(trial):
    found = [trial.suggest_categorical("optim/opt", [None, "a", float("nan")]),
             trial.suggest_float("e", 1/3, 1, step=1/7), trial.suggest_int("n n", 0, 1)]
    print(found, flush=True)
    return 0.5
try:
    study.optimize(objective)
except Exception as why:
    print(why)
"""


class Foreign(unittest.TestCase):
    def setUp(self):
        if subprocess.run([PYTHON, "-c", "import optuna"], capture_output=True).returncode:
            self.skipTest("python3-optuna is not installed")
        self.folder = tempfile.mkdtemp(prefix="fabric-e2e-")
        self.env = dict(os.environ, HOME=self.folder, XDG_STATE_HOME=self.folder)
        self.url = "sqlite:///" + os.path.join(self.folder, "s.db")

    def tearDown(self):
        shutil.rmtree(self.folder)

    def python(self, program, *words):
        done = subprocess.run([PYTHON, "-c", program, self.url, *words], env=self.env, text=True,
                              capture_output=True, timeout=100)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def study(self, word, *more, status=0, name="s"):
        words = [FABRICD, "study", word, *([name] if name else []), "--storage", self.url, *more]
        done = subprocess.run(words, env=self.env, text=True, capture_output=True, timeout=60,
                              cwd=self.folder)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def json(self, word, *more, **how):
        return json.loads(self.study(word, "--json", *more, **how).stdout)

    def params(self):
        return [trial["params"] for trial in self.json("trials")["trials"]]

    def theirs(self):
        def strict(value):
            return "nan" if isinstance(value, float) and math.isnan(value) else value
        return [{k: strict(v) for k, v in params.items()} for params in json.loads(self.python(READ))]


class Reading(Foreign):
    def test_any_name_grid_and_choice_is_read_and_gone_on_with(self):
        self.python(ODD)
        self.assertEqual(self.params(), self.theirs())
        shown = self.study("show").stdout
        for text in ('"optim/lr"=float(1e-05,1,log)', '"0"=float(0.3333333333333333,',
                     'choice([1,2],[3],float(nan),null,NaN)', '"' + "x" * 100 + '"=int(0,3)'):
            self.assertIn(text, shown)
        for words in (["best"], ["export"], ["export", "--format", "csv"], ["plot", "-o", "page.html"],
                      ["importance"]):
            self.study(*words)
        asked = self.json("ask")
        self.study("tell", str(asked["number"]), "--value", "1")
        point = ["optim/lr=0.5", "learning rate=3", "0=0.6190476190476191", "größe \"==nan", "x" * 100 + "=1"]
        self.study("enqueue", *point)
        self.assertEqual(self.params()[:21], self.theirs()[:21])
        self.assertEqual(self.params()[20], asked["params"])

    def test_a_space_of_such_is_declared_in_the_words_that_show_prints(self):
        self.python(ODD)
        words = [line.strip() for line in self.study("show").stdout.splitlines() if line.startswith("  ")]
        self.study("create", "--load-if-exists", "--minimize", *(w for p in words for w in ("--param", p)))
        again = [line.strip() for line in self.study("show").stdout.splitlines() if line.startswith("  ")]
        self.assertEqual(again, words)
        self.assertEqual(self.params(), self.theirs())

    def test_columns_have_different_names(self):
        self.python(HEAD + """
study = optuna.create_study(storage=sys.argv[1], study_name="s")
study.optimize(lambda t: 100 + sum(t.suggest_int(n, i, i) for i, n in enumerate(
    ["number", "state", "value", "node", "params_number", "x"])), n_trials=1)""")
        rows = list(csv.DictReader(io.StringIO(self.study("export", "--format", "csv").stdout)))
        self.assertEqual(rows[0]["value"], "115")
        self.assertEqual((rows[0]["number"], rows[0]["state"], rows[0]["x"]), ("0", "COMPLETE", "5"))
        self.assertEqual([rows[0][k] for k in ("params_params_number", "params_state", "params_value",
                                               "params_node", "params_number")], ["0", "1", "2", "3", "4"])

    def test_an_infinite_value_is_shown_and_never_best(self):
        self.python(HEAD + """
study = optuna.create_study(storage=sys.argv[1], study_name="s")
def objective(trial):
    x = trial.suggest_int("x", 0, 99)
    trial.report(float("inf"), 1)
    return float("-inf") if trial.number == 2 else float(trial.number)
study.optimize(objective, n_trials=4)""")
        self.assertRegex(self.study("list", name=None).stdout, r"s +minimize +4 +4 +0\n")
        self.assertEqual(self.json("best")["number"], 0)
        self.assertEqual(self.json("show")["best_value"], 0)
        trial = self.json("trials")["trials"][2]
        self.assertEqual((trial["value"], trial["values"]), ("-inf", ["-inf"]))
        self.assertEqual(trial["intermediate_values"], {"1": "inf"})
        self.assertEqual(json.loads(self.study("export").stdout)["trials"][2]["value"], "-inf")
        self.assertIn("2,COMPLETE,-inf,", self.study("export", "--format", "csv").stdout)
        self.study("plot", "-o", "page.html")
        with open(os.path.join(self.folder, "page.html")) as page:
            self.assertIn("best 0 (trial 0)", page.read())

    def test_a_branching_study_is_not_asked_before_its_space_is_declared(self):
        self.python(HEAD + """
study = optuna.create_study(storage=sys.argv[1], study_name="s")
def objective(trial):
    if trial.suggest_categorical("opt", ["adam", "sgd"]) == "sgd":
        return trial.suggest_float("m", 0, 1)
    return 0.5
for opt in ("adam", "sgd"):
    study.enqueue_trial({"opt": opt})
study.optimize(objective, n_trials=2)""")
        said = self.study("ask", status=76).stderr
        self.assertIn("UNSUPPORTED: the study 's' has no declared space and its trials branch: "
                      "trial 0 has no m", said)
        self.assertIn("--load-if-exists --minimize --param 'opt=choice(adam,sgd)' --param "
                      "'m=float(0,1) if ...'", said)
        self.study("create", "--load-if-exists", "--minimize", "--param", "opt=choice(adam,sgd)",
                   "--param", "m=float(0,1) if opt=sgd")
        self.json("ask")


class Serving(Foreign):
    def serve(self):
        server = subprocess.Popen(
            [FABRICD, "study", "serve", "--redis", "127.0.0.1:0", "--storage", self.url, "--json"],
            env=self.env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(server.communicate)
        self.addCleanup(server.terminate)
        return server, json.loads(server.stdout.readline())["redis"]

    def test_points_of_any_names_grids_and_choices_are_given_once(self):
        _, at = self.serve()
        workers = [subprocess.Popen([PYTHON, "-c", WORKER, at], env=self.env, text=True,
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for _ in range(4)]
        outputs = [worker.communicate(timeout=100)[0].splitlines() for worker in workers]
        for lines in outputs:
            self.assertIn("EXHAUSTED", lines[-1])
        points = sorted(line for lines in outputs for line in lines[:-1])
        self.assertEqual(len(points), 3 * 5 * 2, points)
        self.assertEqual(len(set(points)), len(points), points)

    def test_lists_that_may_be_tuples_are_not_leased_and_it_says_so(self):
        server, at = self.serve()
        self.python(HEAD + """
storage = optuna.storages.JournalStorage(optuna.storages.JournalRedisStorage(sys.argv[2]))
study = optuna.create_study(study_name="s", storage=storage, load_if_exists=True)
study.optimize(lambda t: sum(t.suggest_categorical("layers", [(64, 32), (8,)])), n_trials=5)""", at)
        server.terminate()
        said = server.stderr.read()
        self.assertEqual(said.count("study 's' cannot be leased"), 1, said)
        self.assertIn("the choices of parameter layers have lists or tuples", said)


if __name__ == "__main__":
    unittest.main()
