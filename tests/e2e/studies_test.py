"""What a studies file tells: at a glance, as JSON, as CSV; and how a study is deleted."""

import csv
import io
import json
import os
import subprocess
import unittest

from fabric_cluster import FABRICD, ClusterTest

FILE = ["--storage", "sqlite:///s.db"]
TUNE = ["--minimize", *FILE, "--local", "--sampler", "grid", "--parallel", "1"]


class Studies(ClusterTest):
    def setUp(self):
        super().setUp()
        c = self.cluster
        c.env.pop("FABRIC_CLUSTER")
        c.run("tune", "--study", "s", *TUNE, "--param", "x=int(1,2)", "--param",
              "kind=choice('a,b','say \"c\"')", "--", "sh", "-c", "[ {x} != 2 ] || exit 3; echo {x}.25",
              check=0)
        c.run("tune", "--study", "other", *TUNE, "--param", "y=int(1,3)", "--", "echo", "{y}", check=0)

    def study(self, *words, check=0):
        return self.cluster.run("study", *words, *FILE, check=check).stdout

    def test_show_tells_the_space_the_counts_and_the_best(self):
        lines = self.study("show", "s").splitlines()
        self.assertEqual(lines[0], "study s (minimize)")
        for line in ("points: 4", "COMPLETE: 2", "FAIL: 2"):
            self.assertIn(line, lines)
        self.assertTrue(lines[-1].startswith("best: 1.25 (trial 0)"), lines)
        shown = json.loads(self.study("show", "s", "--json"))
        self.assertEqual((shown["trials"], shown["complete"], shown["best_value"], shown["states"]),
                         (4, 2, 1.25, {"COMPLETE": 2, "FAIL": 2}))
        self.assertEqual(shown["best"]["params"], {"x": 1, "kind": "a,b"})

    def test_json_has_the_same_trials_as_study_trials(self):
        document = json.loads(self.study("export", "s"))
        self.assertEqual((document["name"], document["direction"]), ("s", "minimize"))
        self.assertEqual(document["trials"], self.cluster.json("study", "trials", "s", *FILE)["trials"])
        self.assertEqual(len(document["trials"]), 4)

    def test_csv_has_a_row_for_each_trial_and_quotes_what_must_be(self):
        rows = list(csv.DictReader(io.StringIO(self.study("export", "s", "--format", "csv"))))
        self.assertEqual([[row[name] for name in ("number", "state", "value", "x", "kind")] for row in rows],
                         [["0", "COMPLETE", "1.25", "1", "a,b"], ["1", "COMPLETE", "1.25", "1", 'say "c"'],
                          ["2", "FAIL", "", "2", "a,b"], ["3", "FAIL", "", "2", 'say "c"']])
        self.assertTrue(all(row["datetime_start"] <= row["datetime_complete"] for row in rows))

    def test_an_export_goes_to_a_file_or_says_why_not(self):
        c = self.cluster
        self.assertEqual(self.study("export", "s", "-o", "out.json"), "")
        with open(c.path("out.json")) as f:
            self.assertEqual(f.read(), self.study("export", "s"))
        self.assert_fault(c.run("study", "export", "s", *FILE, "-o", "none/out.json"), "NOT_FOUND", 66,
                          "none/out.json", "the folder none does not exist")
        self.assert_fault(c.run("study", "export", "s", *FILE, "-o", "/dev/full"), "STORE_FULL", 73,
                          "/dev/full")
        self.assertIn("Usage: fabricd study export ", self.study("export", "--help"))
        self.assert_fault(c.run("study", "export", "s", *FILE, "--format", "xml"), "USAGE", 64, "xml", "csv")

    def test_an_export_that_has_no_room_says_so(self):
        with open("/dev/full", "w") as full:
            search = self.cluster.popen("study", "export", "s", *FILE, stdout=full)
        _, err = search.communicate(timeout=60)
        self.assertEqual(search.returncode, 74, err)
        self.assertIn("standard output cannot be written: No space left on device", err)

    def test_an_export_that_fails_leaves_the_file_as_it_was(self):
        c = self.cluster
        with open(c.path("out.json"), "w") as f:
            f.write("of before")
        no_room = 'trap "" XFSZ; ulimit -f 0; exec "$@"'
        command = ["sh", "-c", no_room, "sh", FABRICD, "study", "export", "s", *FILE, "-o", "out.json"]
        done = subprocess.run(command, cwd=c.folder, env=c.env, capture_output=True, text=True, timeout=60)
        self.assert_fault(done, "STORE_FAILED", 74, "out.json", "File too large")
        with open(c.path("out.json")) as f:
            self.assertEqual(f.read(), "of before")
        self.assertEqual([name for name in os.listdir(c.folder) if name.startswith("out.json")], ["out.json"])

    def test_trials_are_listed_by_state(self):
        failed = self.cluster.json("study", "trials", "s", *FILE, "--state", "FAIL")["trials"]
        self.assertEqual([t["number"] for t in failed], [2, 3])

    def test_deleting_takes_a_yes_and_takes_that_study_alone(self):
        c = self.cluster
        self.assert_fault(c.run("study", "delete", "s", *FILE), "USAGE", 64, "4 trials", "--yes")
        self.assertEqual(self.study("delete", "s", "--yes"), "deleted s (4 trials)\n")
        self.assertEqual([s["name"] for s in json.loads(self.study("list", "--json"))["studies"]], ["other"])
        self.assertEqual(json.loads(self.study("show", "other", "--json"))["complete"], 3)
        self.assert_fault(c.run("study", "delete", "s", *FILE, "--yes"), "NOT_FOUND", 66, "other")
        c.run("tune", "--study", "s", *TUNE, "--param", "z=int(1,2)", "--", "echo", "{z}", check=0)
        self.assertEqual(json.loads(self.study("show", "s", "--json"))["trials"], 2)

    def test_reading_does_not_change_the_file(self):
        path = self.cluster.path("s.db")
        with open(path, "rb") as f:
            before = f.read(), os.stat(path).st_mtime_ns
        for words in (["list"], ["show", "s"], ["trials", "s"], ["best", "s"], ["export", "s"]):
            self.study(*words)
        with open(path, "rb") as f:
            self.assertEqual((f.read(), os.stat(path).st_mtime_ns), before)


if __name__ == "__main__":
    unittest.main(verbosity=2)
