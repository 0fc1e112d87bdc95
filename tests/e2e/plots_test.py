"""Pictures of a study, what matters in it, and what is noted on it; with a study of the real Optuna."""

import json
import os
import pty
import shutil
import subprocess
import tempfile
import textwrap
import unittest
import xml.etree.ElementTree as xml
from html.parser import HTMLParser

from fabric_cluster import FABRICD, ClusterTest

PYTHON = "/usr/bin/python3"
URL = "sqlite:///s.db"
FILE = ["--storage", URL]
KINDS = ["history", "importance", "slice", "contour", "parallel", "intermediate", "timeline"]
TRIALS = 120

MAKE = """
import math, optuna
optuna.logging.set_verbosity(optuna.logging.ERROR)
study = optuna.create_study(storage="sqlite:///s.db", study_name="s",
                            sampler=optuna.samplers.RandomSampler(seed=1))
def objective(trial):
    x = trial.suggest_float("x", -5, 5)
    lr = trial.suggest_float("lr", 1e-5, 1, log=True)
    trial.suggest_int("idle", 1, 9)
    kind = trial.suggest_categorical("kind", ["<script>alert(1)</script>", "b", None])
    for step in range(3):
        trial.report(x * x / (step + 1), step)
    trial.set_user_attr("HOST", {"host": "box%d" % (trial.number % 3)})
    if trial.number % 9 == 4:
        raise optuna.TrialPruned()
    return x * x + 2 * (math.log10(lr) + 2) ** 2 + (kind == "b")
study.optimize(objective, n_trials=120)
study.set_user_attr("note", {"caf\\u00e9": [1, None]})
"""


def python(code, folder):
    return subprocess.run([PYTHON, "-c", textwrap.dedent(code)], cwd=folder, capture_output=True, text=True,
                          timeout=120)


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []
        self.ids = []

    def handle_starttag(self, tag, attrs):
        self.found.append(tag)
        self.ids += [value for key, value in attrs if key == "id"]


class Plots(ClusterTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if python("import optuna", ".").returncode != 0:
            raise unittest.SkipTest("no optuna")
        in_memory = "/dev/shm" if os.path.isdir("/dev/shm") else None  # Optuna waits for the disk a lot
        cls.made = tempfile.TemporaryDirectory(prefix="fabric-e2e-", dir=in_memory)
        cls.addClassCleanup(cls.made.cleanup)
        made = python(MAKE, cls.made.name)
        if made.returncode != 0:
            raise AssertionError(made.stderr)

    def setUp(self):
        super().setUp()
        self.cluster.env.pop("FABRIC_CLUSTER")
        shutil.copy(os.path.join(self.made.name, "s.db"), self.cluster.folder)

    def study(self, *words, check=0, env=None):
        return self.cluster.run("study", *words, *FILE, check=check, env=env)

    def text(self, name):
        with open(self.cluster.path(name), encoding="utf-8") as f:
            return f.read()

    def test_a_page_has_all_plots_and_runs_nothing(self):
        told = json.loads(self.study("plot", "s", "-o", "s.html", "--json").stdout)
        self.assertEqual((told["file"], told["plots"], told["trials"]), ("s.html", KINDS, TRIALS))
        tags = Tags()
        tags.feed(self.text("s.html"))
        self.assertEqual(tags.ids, KINDS)
        self.assertEqual(set(tags.found) & {"script", "img", "link", "iframe", "a"}, set())
        self.assertIn("&lt;script&gt;alert(1)&lt;/script&gt;", self.text("s.html"))

    def test_a_picture_has_the_plots_that_were_asked_for(self):
        self.study("plot", "s", "-o", "all.svg")
        self.study("plot", "s", "-o", "one.svg", "--kind", "timeline")
        titles = {name: [e.text for e in xml.fromstring(self.text(name)).iter() if e.get("class") == "title"]
                  for name in ("all.svg", "one.svg")}
        self.assertEqual(len(titles["all.svg"]), len(KINDS))
        self.assertEqual(titles["one.svg"], ["Timeline"])
        self.assertIn(">box2<", self.text("one.svg"))
        first = self.text("one.svg")
        self.study("plot", "s", "-o", "one.svg", "--kind", "timeline")
        self.assertEqual(self.text("one.svg"), first)

    def test_a_plot_that_cannot_be_written_says_why_and_leaves_nothing(self):
        c = self.cluster
        plot = ["study", "plot", "s", *FILE]
        self.assert_fault(c.run(*plot, "-o", "none/s.svg"), "NOT_FOUND", 66, "the folder none does not exist")
        self.assert_fault(c.run(*plot, "-o", "s.png"), "USAGE", 64, "s.png", ".html or .svg")
        self.assert_fault(c.run(*plot, "-o", "s.svg", "--kind", "pie"), "USAGE", 64, "pie", "history")
        self.assert_fault(c.run(*plot, "-o", "s.svg", "--objective", "1"), "USAGE", 64, "one objective")
        os.symlink("/dev/full", c.path("full.svg"))
        self.assert_fault(c.run(*plot, "-o", "full.svg"), "STORE_FULL", 73, "full.svg")
        no_room = ["sh", "-c", 'trap "" XFSZ; ulimit -f 1; exec "$@"', "sh", FABRICD]
        done = subprocess.run([*no_room, *plot, "-o", "s.html"], cwd=c.folder, env=c.env, capture_output=True,
                              text=True, timeout=60)
        self.assert_fault(done, "STORE_FAILED", 74, "s.html")
        self.assertEqual([name for name in os.listdir(c.folder) if name.startswith("s.html")], [])

    def test_a_script_that_branches_is_drawn_with_what_each_trial_has(self):
        made = python("""
            import optuna
            optuna.logging.set_verbosity(optuna.logging.ERROR)
            study = optuna.create_study(storage="sqlite:///s.db", study_name="branching",
                                        sampler=optuna.samplers.RandomSampler(seed=1))
            def objective(trial):
                if trial.suggest_categorical("kind", ["tree", "net"]) == "tree":
                    return trial.suggest_int("depth", 1, 9)
                layers = trial.suggest_int("layers", 1, 3)
                widths = [trial.suggest_int("width%d" % i, 8, 8 << i) for i in range(layers)]
                return 10 + sum(widths) / 10
            study.optimize(objective, n_trials=60)
            """, self.cluster.folder)
        self.assertEqual(made.returncode, 0, made.stderr)
        self.study("plot", "branching", "-o", "b.html")
        told = json.loads(self.study("importance", "branching", "--json").stdout)
        self.assertEqual(told["trials"], 60)
        shares = {each["param"]: each["importance"] for each in told["importances"]}
        self.assertEqual(set(shares), {"kind", "depth", "layers", "width0", "width1", "width2"})
        self.assertGreater(shares["kind"] + shares["depth"], 0.5, "only trees are good")
        self.study("plot", "branching", "-o", "slice.svg", "--kind", "slice")
        dots = [e for e in xml.fromstring(self.text("slice.svg")).iter() if "dot" in e.get("class", "")]
        self.assertGreater(len(dots), 150, "each trial at the parameters that it has")

    def test_importances_rank_as_optunas(self):
        told = json.loads(self.study("importance", "s", "--json").stdout)
        ours = {each["param"]: each["importance"] for each in told["importances"]}
        self.assertEqual(list(ours)[:2], ["x", "lr"])
        self.assertAlmostEqual(sum(ours.values()), 1)
        self.assertLess(ours["idle"], 0.05)
        theirs = python("""
            import json, optuna
            optuna.logging.set_verbosity(optuna.logging.ERROR)
            study = optuna.load_study(storage="sqlite:///s.db", study_name="s")
            fanova = optuna.importance.FanovaImportanceEvaluator(seed=1)
            print(json.dumps(optuna.importance.get_param_importances(study, evaluator=fanova)))
            """, self.cluster.folder)
        if "sklearn" in theirs.stderr:
            self.skipTest("Optuna's importances want sklearn")
        self.assertEqual(list(json.loads(theirs.stdout))[:2], list(ours)[:2], theirs.stderr)

    def test_importances_of_what_tells_nothing_say_so(self):
        c = self.cluster
        c.run("tune", "--study", "flat", "--minimize", *FILE, "--local", "--param", "x=int(1,6)", "--",
              "echo", "7", check=0)
        self.assert_fault(self.study("importance", "flat", check=66), "NOT_FOUND", 66,
                          "all 6 complete trials have the same value")
        c.run("study", "create", "new", "--minimize", "--param", "x=int(1,6)", *FILE, check=0)
        self.assert_fault(self.study("importance", "new", check=66), "NOT_FOUND", 66, "too few")
        self.study("plot", "new", "-o", "new.html")
        self.assertIn("the study has no trial yet", self.text("new.html"))

    def test_show_draws_the_history_on_a_terminal_or_where_asked(self):
        plain = self.study("show", "s").stdout
        self.assertNotIn("trial   ", plain)
        ascii_only = dict(self.cluster.env, LC_ALL="C")
        drawn = self.study("show", "s", "--plot", env=ascii_only).stdout
        self.assertTrue(drawn.startswith(plain), drawn)
        self.assertIn("+----", drawn[len(plain):])
        self.assertTrue(drawn[len(plain):].isascii())
        self.assertIn("└──", self.study("show", "s", "--plot", env=dict(ascii_only, LC_ALL="C.UTF-8")).stdout)
        self.assertNotIn("+----", self.study("show", "s", "--plot", "--json", env=ascii_only).stdout)
        ours, theirs = pty.openpty()
        subprocess.run([FABRICD, "study", "show", "s", *FILE], cwd=self.cluster.folder, env=ascii_only,
                       stdout=theirs, timeout=60, check=True)
        os.close(theirs)
        seen = b""
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            seen += part
        os.close(ours)
        self.assertIn(b"+----", seen)

    def test_attributes_go_to_optuna_and_come_from_it(self):
        c = self.cluster
        self.study("attr", "set", "s", "plain", "two words")
        self.study("attr", "set", "s", "json", '{"a": [1, true]}')
        self.study("attr", "set", "s", "mark", "3", "--trial", "5")
        self.study("attr", "set", "s", "mark", "-1.5", "--trial", "5")
        seen = python("""
            import json, optuna
            optuna.logging.set_verbosity(optuna.logging.ERROR)
            study = optuna.load_study(storage="sqlite:///s.db", study_name="s")
            print(json.dumps([study.user_attrs, study.trials[5].user_attrs]))
            """, c.folder)
        want = {"plain": "two words", "json": {"a": [1, True]}, "note": {"café": [1, None]}}
        self.assertEqual(json.loads(seen.stdout), [want, {"HOST": {"host": "box2"}, "mark": -1.5}])
        for words in (["show", "s"], ["export", "s"], ["attr", "list", "s"]):
            self.assertEqual(json.loads(self.study(*words, "--json").stdout)["user_attrs"], want, words)
        self.assertIn("attr plain: two words\n", self.study("show", "s").stdout)
        self.assertIn('note   {"café":[1,null]}\n', self.study("attr", "list", "s").stdout)
        listed = json.loads(self.study("attr", "list", "s", "--trial", "5", "--json").stdout)
        self.assertEqual(listed["user_attrs"], {"HOST": {"host": "box2"}, "mark": -1.5})
        late = self.study("attr", "set", "s", "k", "v", "--trial", "999", check=66)
        self.assert_fault(late, "NOT_FOUND", 66, "no trial 999")
        self.assert_fault(self.study("attr", "list", "none", check=66), "NOT_FOUND", 66, "none")


if __name__ == "__main__":
    unittest.main(verbosity=2)
