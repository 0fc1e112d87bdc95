"""Every command rejects nonsense with one clear line and the right exit status."""

import os
import sqlite3
import unittest

from fabric_cluster import ClusterTest, wait_until

TUNE = ["tune", "--study", "s", "--minimize", "--storage", "sqlite:///s.db"]
RUN = ["--", "sh", "-c", "echo 1"]


class WithoutACluster(ClusterTest):
    def setUp(self):
        super().setUp()
        self.cluster.env.pop("FABRIC_CLUSTER")

    def assert_usage(self, words, *said):
        self.assert_fault(self.cluster.run(*words), "USAGE", 64, *said)

    def test_command_lines_that_make_no_sense(self):
        self.assert_usage([], "subcommand")
        self.assert_usage(["frobnicate"], "frobnicate")
        self.assert_usage(["--bogus"], "--bogus")
        self.assert_usage(["study", "frobnicate"], "frobnicate")
        self.assert_usage(["study"], "subcommand")
        self.assert_usage(["version", "extra"], "extra")
        self.assert_usage(["run", "--", ""], "no command")
        self.assert_usage(["get"], "id")
        self.assert_usage(["wait", "1", "--timeout", "soon"], "soon")
        self.assert_usage(["logs", "1", "--tail", "-1"], "--tail")
        self.assert_usage(["stop", "--timeout", "x"], "x")
        self.assert_usage(["doctor", "--port", "99999"], "99999")
        self.assert_usage(["start", "--head", "--token", "x"], "token")
        self.assert_usage(["status", "--bogus"], "--bogus")
        self.assert_usage(["run", "echo", "hi"], "behind --")
        self.assert_usage(["run"], "no command")
        self.assert_usage(["run", "--"], "no command")
        self.assert_usage(["status", "--", "true"], "takes no command")
        self.assert_usage(["start"], "--head")
        self.assert_usage(["start", "--head", "--address", "a:1"], "--head")
        self.assert_usage(["start", "--address", "nohost"], "HOST:PORT")
        self.assert_usage(["start", "--address", "host:99999"], "65535")
        self.assert_usage(["start", "--head", "--lease", "1s"], "2s")
        self.assert_usage(["start", "--head", "--port", "x"], "x")
        self.assert_usage(["start", "--head", "--num-cpus", "-1"], "-1")
        self.assert_usage(["start", "--head", "--num-gpus", "1.5"], "1.5")
        self.assert_usage(["start", "--head", "--memory", "lots"], "lots")
        self.assert_usage(["start", "--head", "--resources", "cpu=3"], "cpu")
        self.assert_usage(["start", "--head", "--name", "a/b"], "a/b")
        self.assert_usage(["list", "things"], "things")
        self.assert_usage(["node", "forget", "a"], "twice")

    def test_what_is_misspelt_is_guessed(self):
        tune = ["tune", "--study", "s", "--minimize"]
        for words, said in (
                ([*tune, "--parm", "x=int(1,9)", "--", "true"],
                 "--parm is unknown to `fabricd tune`; did you mean --param? see `fabricd tune --help`"),
                ([*tune, "--param", "x=int(1,9)", "--smpler", "tpe", "--", "true"],
                 "did you mean --sampler?"),
                (["study", "show", "s", "--stroage=x"],
                 "did you mean --storage? see `fabricd study show --help`"),
                (["study", "trails", "s"], "did you mean `trials`? see `fabricd study --help`"),
                (["study", "show"], "see `fabricd study show --help`"),
                (["submt", "--", "true"], "did you mean `submit`?"),
                (["list", "jobs", "--jsn"], "did you mean --json?")):
            with self.subTest(words=words):
                self.assert_usage(words, said)

    def test_an_empty_value_is_not_taken_for_an_absent_flag(self):
        for words in (["submit", "--after", ""], ["submit", "--array", ""], ["submit", "--key", ""],
                      ["run", "--cwd", ""], ["start", "--head", "--state-dir", ""],
                      ["list", "tasks", "--job", ""], ["node", "forget", ""]):
            with self.subTest(words=words):
                self.assert_usage([*words, *(["--", "true"] if words[0] in ("submit", "run") else [])],
                                  "empty")

    def test_listing_the_tasks_of_no_job_is_refused(self):
        self.assert_usage(["list", "tasks", "--job", "abc"], "abc")
        self.assert_usage(["list", "tasks", "--job", "1.2"], "1.2")
        self.assert_usage(["list", "nodes", "--job", "3"], "nodes")

    def test_the_version_is_told_by_a_flag_too(self):
        flag = self.cluster.run("--version", check=0).stdout
        self.assertTrue(self.cluster.run("version", check=0).stdout.startswith(flag.strip()))

    def test_a_name_that_has_no_address_is_named(self):
        c = self.cluster
        c.start_head()
        done = c.run("start", "--address", "nosuch.invalid:6333", "--token", c.token, "--state-dir", "n")
        self.assert_fault(done, "UNREACHABLE", 69, "nosuch.invalid", "resolved")

    def test_resources_that_make_no_sense(self):
        for words in (["--cpus", "two"], ["--cpus", "-1"], ["--gpus", "1.5"], ["--memory", "8XB"],
                      ["--resources", "a"], ["--resources", "a=1,a=2"], ["--labels", "=x"],
                      ["--timeout", "soon"], ["--timeout", "0s"], ["--env", "NOVALUE"]):
            self.assert_usage(["run", *words, *RUN])
            self.assert_usage(["submit", *words, *RUN])
        self.assert_usage(["submit", "--array", "5-1", *RUN], "5-1")
        self.assert_usage(["submit", "--array", "0-4000000000", *RUN], "large")
        self.assert_usage(["submit", "--after", "x", *RUN], "x")
        self.assert_usage(["submit", "--retries", "-1", *RUN])

    def test_spaces_that_make_no_sense(self):
        for text in ("x", "x=", "x=int", "x=int(5,1)", "x=int(1,5,step=0)", "x=int(1,5,step=-1)",
                     "x=int(0,9,log)", "x=float(0,1,log)", "x=float(-1,1,log)", "x=float(1,0)",
                     "x=float(0,inf)", "x=float(nan,1)", "x=float(0,1,step=0)", "x=choice()",
                     "x=choice(a,a)", "x=real(0,1)", "1x=int(1,2)", "x=int(1,2", "x=int(1,2,3)",
                     "x=int(1,99999999999999999999)", "x=float(1,9,step=1,log)"):
            self.assert_usage([*TUNE, "--param", text, *RUN])
        self.assert_usage([*TUNE, "--param", "x=int(1,5)", "--param", "x=int(1,5)", *RUN], "x")
        self.assertFalse(os.path.exists(self.cluster.path("s.db")))

    def test_searches_that_make_no_sense(self):
        x = ["--param", "x=int(1,5)"]
        self.assert_usage(["tune", "--study", "s", *x, *RUN], "--maximize")
        self.assert_usage([*TUNE, *RUN], "--param")
        self.assert_usage([*TUNE, *x, "--trials", "0", *RUN], "--trials")
        self.assert_usage([*TUNE, *x, "--parallel", "0", *RUN], "--parallel")
        self.assert_usage([*TUNE, *x, "--sampler", "psychic", *RUN], "psychic", "grid")
        self.assert_usage([*TUNE, *x, "--duplicates", "maybe", *RUN], "maybe")
        self.assert_usage([*TUNE, *x, "--value", "regex:(", *RUN], "regex")
        self.assert_usage([*TUNE, *x, "--value", "xpath", *RUN], "last-line")
        self.assert_usage([*TUNE, *x, "--", "cmd", "{y}"], "{y}", "x")
        self.assert_usage([*TUNE, "--param", "x=float(0,1)", *RUN], "never end")
        self.assert_usage([*TUNE, "--param", "x=float(0,1)", "--sampler", "grid", "--trials", "3", *RUN],
                          "grid")
        self.assert_usage([*TUNE[:-1], "mysql://h/db", *x, *RUN], "sqlite:///")
        self.assert_usage([*TUNE[:-1], "s.db", *x, *RUN], "sqlite:///")
        for name in ("", "x" * 513, "two\nlines", "bell\a"):
            self.assert_usage(["tune", "--study", name, *TUNE[3:], *x, *RUN], "--study")
        self.assert_usage(["tune", "--study=--x", *TUNE[3:], *x, *RUN], "begins with -")
        self.assertFalse(os.path.exists(self.cluster.path("s.db")))

    def test_studies_in_memory_are_refused_by_every_command(self):
        for url in ("sqlite:///:memory:", "sqlite://", "sqlite:///"):
            self.assert_usage([*TUNE[:-1], url, "--param", "x=int(1,5)", *RUN], "leave --storage out")
            for words in (["list"], ["show", "s"], ["create", "s", "--minimize", "--param", "x=int(1,2)"]):
                self.assert_usage(["study", *words, "--storage", url], "memory")

    def test_a_password_that_is_not_escaped_is_refused_and_not_shown(self):
        url = "postgresql://u:pass@secret@127.0.0.1:1/x"
        for words in (["study", "list", "--storage", url], [*TUNE[:-1], url, "--param", "x=int(1,5)", *RUN]):
            done = self.cluster.run(*words)
            self.assert_fault(done, "USAGE", 64, "%40")
            self.assertNotIn("secret", done.stdout + done.stderr)

    def test_names_of_studies_that_optuna_could_not_list_are_refused(self):
        create = ["--minimize", "--param", "x=int(1,2)", *TUNE[-2:]]
        self.assert_usage(["study", "create", b"bad\xffname", *create], "UTF-8")
        self.assert_usage(["study", "create", "a\nb", *create], "control characters")
        self.assert_usage(["study", "create", *create, "--", "--x"], "begins with -")
        self.assertFalse(os.path.exists(self.cluster.path("s.db")))
        c = self.cluster
        c.run("study", "create", "s", *create, check=0)
        c.run("study", "ask", "s", *TUNE[-2:], check=0)
        self.assert_usage(["study", "tell", "s", "0", "--failed", b"a\xffb", *TUNE[-2:]], "UTF-8")
        self.assert_usage(["study", "attr", "set", "s", "a", b"a\xffb", *TUNE[-2:]], "UTF-8")
        self.assert_usage(["study", "attr", "set", "s", "a", "[" * 101 + "]" * 101, *TUNE[-2:]],
                          "nested deeper than 100")

    def test_what_stands_behind_two_dashes_is_a_name_where_no_command_is_taken(self):
        c = self.cluster
        c.run(*TUNE, "--param", "x=int(1,2)", *RUN, check=0)
        self.assertIn("study s (minimize)", c.run("study", "show", *TUNE[-2:], "--", "s", check=0).stdout)
        self.assert_fault(c.run("study", "show", *TUNE[-2:], "--", "--none"), "NOT_FOUND", 66, "'--none'")
        with sqlite3.connect(c.path("s.db")) as rows:
            rows.execute("UPDATE studies SET study_name = '--x'")
        rows.close()
        c.run("study", "show", *TUNE[-2:], "--", "--x", check=0)
        c.run("study", "delete", "--yes", *TUNE[-2:], "--", "--x", check=0)
        self.assert_usage(["study", "list", *TUNE[-2:], "--", "s"], "takes no command after --")

    def test_nothing_but_the_fault_is_said_with_json_too(self):
        x = ["--param", "x=int(1,5)"]
        self.assert_usage([*TUNE, *x, "--trials", "0", "--json", *RUN], "--trials")
        self.assert_usage(["list", "--json", "things"], "things")
        self.assert_fault(self.cluster.run("status", "--json", "--cluster", "none.json"), "NOT_FOUND", 66)
        self.assert_fault(self.cluster.run("study", "best", "s", "--json", "--storage",
                                           "sqlite:///none.db"), "NOT_FOUND", 66, "none.db")

    def test_state_directories_that_are_none(self):
        with open(self.cluster.path("file"), "w") as f:
            f.write("text")
        for path, word in (("file", "not a folder"), ("/proc/none/x", "/proc/none")):
            self.assert_fault(self.cluster.run("start", "--head", "--port", "0", "--state-dir", path),
                              "CONFIG", 78, word, "--state-dir")
        os.mkdir(self.cluster.path("folder"))
        for store, code, status in (("folder", "STORE_FAILED", 74), ("file", "BAD_MESSAGE", 65),
                                    ("mysql://h/db", "UNSUPPORTED", 76)):
            self.assert_fault(self.cluster.run("start", "--head", "--port", "0", "--state-dir", "h",
                                               "--store", store), code, status, store)
        self.assert_fault(self.cluster.run(*TUNE[:-1], "sqlite:///folder", "--param", "x=int(1,2)", *RUN),
                          "STORE_FAILED", 74, "folder", "directory")

    def test_studies_and_files_that_are_not_there_or_not_ours(self):
        c = self.cluster
        self.assert_fault(c.run("study", "list", "--storage", "sqlite:///none.db"), "NOT_FOUND", 66,
                          "none.db")
        with open(c.path("text.db"), "w") as f:
            f.write("no database at all, only text that is long enough to be read\n" * 100)
        self.assert_fault(c.run("study", "list", "--storage", "sqlite:///text.db"), "BAD_MESSAGE", 65)
        other = sqlite3.connect(c.path("other.db"))
        other.execute("create table customers (name text)")
        other.commit()
        other.close()
        self.assert_fault(c.run("study", "list", "--storage", "sqlite:///other.db"), "BAD_MESSAGE", 65)
        self.assert_fault(c.run(*TUNE[:-1], "sqlite:///other.db", "--param", "x=int(1,2)", *RUN),
                          "BAD_MESSAGE", 65)
        self.assertEqual(sqlite3.connect(c.path("other.db")).execute(
            "select name from sqlite_master").fetchall(), [("customers",)])
        self.assert_fault(c.run(*TUNE[:-1], "sqlite:////no/such/folder/s.db", "--param", "x=int(1,2)",
                                *RUN), "NOT_FOUND", 66, "/no/such/folder")
        c.run(*TUNE, "--param", "x=int(1,3)", *RUN, check=0)
        self.assert_fault(c.run("study", "show", "t", "--storage", "sqlite:///s.db"), "NOT_FOUND", 66,
                          "t", "s")
        self.assert_fault(c.run(*TUNE, "--param", "x=int(1,3)", *RUN), "KEY_CONFLICT", 65,
                          "--load-if-exists")
        self.assert_fault(c.run("tune", "--study", "s", "--maximize", "--storage", "sqlite:///s.db",
                                "--load-if-exists", "--param", "x=int(1,3)", *RUN), "USAGE", 64,
                          "minimize")
        self.assert_fault(c.run("study", "delete", "s", "--storage", "sqlite:///s.db"), "USAGE", 64,
                          "--yes")
        c.run("study", "delete", "s", "--storage", "sqlite:///s.db", "--yes", check=0)

    def test_a_study_goes_on_only_with_parameters_of_their_kind_and_with_one_tuner(self):
        c = self.cluster
        c.run(*TUNE, "--param", "x=int(1,3)", *RUN, check=0)
        self.assert_fault(c.run(*TUNE, "--load-if-exists", "--param", "x=choice(1,2)", *RUN), "USAGE", 64,
                          "it was declared x=int(1,3), now x=choice(1,2)")
        slow = c.popen("tune", "--study", "slow", "--minimize", "--storage", "sqlite:///slow.db",
                       "--param", "x=int(1,3)", "--", "sh", "-c", "echo >>begun; sleep 5; echo 1")
        wait_until(lambda: os.path.exists(c.path("begun")), what="its first trial")
        second = c.run("tune", "--study", "slow", "--minimize", "--storage", "sqlite:///slow.db",
                       "--load-if-exists", "--param", "x=int(1,3)", *RUN)
        self.assert_fault(second, "STORE_LOCKED", 73, str(slow.pid), "slow")
        slow.kill()
        slow.communicate()

    def test_output_that_no_value_can_be_read_from(self):
        c = self.cluster
        done = c.run(*TUNE, "--param", "x=int(1,3)", "--sampler", "grid", "--", "sh", "-c",
                     r'case {x} in 1) head -c 10000000 /dev/zero | tr "\0" a; echo; echo 1;;'
                     r' 2) printf "\377\376\200\n2\n";; 3) printf "\377\376\n";; esac', check=0)
        self.assertIn("best value 1", done.stdout)
        trials = c.json("study", "trials", "s", "--storage", "sqlite:///s.db")["trials"]
        self.assertEqual({t["params"]["x"]: (t["state"], t["value"]) for t in trials},
                         {1: ("COMPLETE", 1.0), 2: ("COMPLETE", 2.0), 3: ("FAIL", None)})
        failed = c.run(*TUNE[:2], "none", *TUNE[3:], "--param", "x=int(1,2)", "--", "false")
        self.assertEqual(failed.returncode, 1)
        self.assertIn("TASK_FAILED: no trial has a value", failed.stderr)

    def test_values_are_read_by_expression_and_by_json_pointer(self):
        c = self.cluster
        c.run(*TUNE, "--param", "x=int(1,2)", "--value", "regex:loss=([0-9.]+)", "--", "sh", "-c",
              "echo loss=0.{x} acc=1; echo bye", check=0)
        best = c.json("study", "best", "s", "--storage", "sqlite:///s.db")
        self.assertEqual(best["value"], 0.1)
        c.run("tune", "--study", "j", "--maximize", "--storage", "sqlite:///s.db", "--param", "x=int(1,2)",
              "--value", "json:/m/loss", "--", "sh", "-c", """echo '{"m": {"loss": {x}.5}}'""", check=0)
        self.assertEqual(c.json("study", "best", "j", "--storage", "sqlite:///s.db")["value"], 2.5)

    def test_without_a_cluster_commands_say_how_to_get_one(self):
        for words in (["status"], ["run", *RUN], ["submit", *RUN], ["list", "jobs"], ["get", "1"],
                      ["cancel", "1"], ["wait", "1"], ["logs", "1"], ["drain", "a"]):
            self.assert_fault(self.cluster.run(*words), "UNREACHABLE", 69, "fabricd start --head")
        self.assert_fault(self.cluster.run("status", "--cluster", "none.json"), "NOT_FOUND", 66)
        self.assert_fault(self.cluster.run("stop", "--name", "none"), "NOT_FOUND", 66)


class WithACluster(ClusterTest):
    def test_things_that_do_not_exist(self):
        c = self.cluster
        c.start_head()
        for words in (["get", "99"], ["get", "99.1"], ["explain", "99"], ["cancel", "99"],
                      ["logs", "99"], ["wait", "99"], ["drain", "nobody"],
                      ["submit", "--after", "99", *RUN]):
            self.assert_fault(c.run(*words), "NOT_FOUND", 66)
        self.assert_fault(c.run("get", "x"), "USAGE", 64, "x")
        c.run("submit", "--cpus", "99", *RUN, check=0)
        c.run("cancel", "1", check=0)
        self.assert_fault(c.run("logs", "1"), "NOT_FOUND", 66, "never ran")
        self.assertIn("already", c.run("cancel", "1", check=0).stdout)

    def test_words_that_are_no_text_are_refused_and_not_waited_for(self):
        c = self.cluster
        c.start_head()
        wild = os.fsdecode(b"\xff\xfe")
        for words in (["get", wild], ["explain", wild], ["cancel", wild], ["drain", wild]):
            with self.subTest(words=words):
                done = c.run(*words, timeout=20)
                self.assertIn(done.returncode, (64, 66), done.stderr)
        for flag in ("--name", "--key"):
            for value in (wild, "x" * 70_000):
                with self.subTest(flag=flag, size=len(value)):
                    self.assert_fault(c.run("submit", flag, value, "--", "true", timeout=20),
                                      "BAD_MESSAGE", 65)

    def test_tasks_of_a_job_that_does_not_exist_are_not_found(self):
        self.cluster.start_head()
        self.assert_fault(self.cluster.run("list", "tasks", "--job", "999"), "NOT_FOUND", 66, "999")

    def test_a_state_that_is_none_names_those_there_are(self):
        c = self.cluster
        c.start_head()
        for what, known in (("jobs", "queued"), ("tasks", "backing_off"), ("nodes", "drained")):
            self.assert_fault(c.run("list", what, "--state", "foo"), "USAGE", 64, "foo", known)
        self.assert_fault(c.run("list", "studies", "--state", "running"), "USAGE", 64, "--state")

    def test_a_broken_or_open_cluster_file(self):
        c = self.cluster
        c.start_head()
        os.chmod(c.path("head/cluster.json"), 0o644)
        self.assert_fault(c.run("status"), "CONFIG", 78, "chmod 600")
        with open(c.path("broken.json"), "w", opener=lambda p, f: os.open(p, f, 0o600)) as f:
            f.write("{")
        self.assert_fault(c.run("status", "--cluster", "broken.json"), "BAD_MESSAGE", 65)


if __name__ == "__main__":
    unittest.main(verbosity=2)
