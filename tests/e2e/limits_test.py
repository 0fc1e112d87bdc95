"""Limits of time and of tries: what ends, what is tried again, and what is counted."""

import unittest

from fabric_cluster import ClusterTest, until


class Time(ClusterTest):
    def test_what_is_not_started_within_its_time_expires(self):
        c = self.cluster
        c.start_head(cpus=1)
        first = c.submit("--", "sh", "-c", until("go"))
        late = c.submit("--start-within", "300ms", "--", "sh", "-c", "echo >>ledger")
        behind = c.submit("--after", late, "--", "sh", "-c", "echo >>ledger")
        self.assertEqual(c.run("wait", late, "--timeout", "30s").returncode, 1)
        self.assertEqual([c.json("get", job)["state"] for job in (first, late, behind)],
                         ["running", "expired", "cancelled"])
        c.touch("go")
        c.run("wait", first, check=0)
        self.assertEqual(c.lines("ledger"), [])

    def test_what_is_started_in_time_does_not_expire_later(self):
        c = self.cluster
        c.start_head()
        job = c.submit("--start-within", "400ms", "--", "sleep", "0.7")
        c.run("wait", job, "--timeout", "30s", check=0)

    def test_a_task_over_its_time_limit_is_stopped_with_all_that_it_started(self):
        c = self.cluster
        c.start_head()
        job = c.submit("--timeout", "300ms", "--", "sh", "-c", "setsid sleep 1000 & sleep 1000")
        self.assertEqual(c.run("wait", job, "--timeout", "30s").returncode, 1)
        task = c.json("get", job)
        self.assertEqual((task["state"], task["code"], task["attempts"]), ("failed", "TIMED_OUT", 1))
        self.assertFalse([pid for pid in c.processes() if comm(pid) == "sleep"])

    def test_a_trial_over_its_time_limit_fails_and_the_search_goes_on(self):
        c = self.cluster
        c.start_head()
        for where in ([], ["--local"]):
            name = "s" + "".join(where)
            c.run("tune", "--study", name, "--minimize", "--param", "x=int(1,3)", "--trial-timeout", "400ms",
                  "--storage", "sqlite:///s.db", *where, "--", "sh", "-c",
                  "[ {x} != 2 ] || sleep 1000; echo {x}", check=0)
            trials = c.json("study", "trials", name, "--storage", "sqlite:///s.db")["trials"]
            self.assertEqual({t["params"]["x"]: t["state"] for t in trials},
                             {1: "COMPLETE", 2: "FAIL", 3: "COMPLETE"})
            error, = (t["user_attrs"]["error"] for t in trials if t["state"] == "FAIL")
            self.assertIn("time limit", error)

    def test_a_search_starts_no_trial_after_its_time_and_finishes_those_that_run(self):
        c = self.cluster
        done = c.run("tune", "--local", "--study", "s", "--minimize", "--param", "x=float(0,1)", "--timeout",
                     "300ms", "--parallel", "1", "--storage", "sqlite:///s.db", "--json", "--", "sh", "-c",
                     "echo begin >>ledger; sleep 0.2; echo end >>ledger; echo {x}", check=0)
        self.assertIn('"stopped"', done.stdout)
        self.assertEqual(c.lines("ledger")[-1], "end")
        self.assertLess(len(c.lines("ledger")), 10)


class Tries(ClusterTest):
    def setUp(self):
        super().setUp()
        self.cluster.start_head()

    def ended(self, job):
        self.cluster.run("wait", job, "--timeout", "30s")
        task = self.cluster.json("get", job)
        return [task[name] for name in ("state", "attempts", "failures", "exit_code")]

    def test_retries_follow_failures_and_each_attempt_is_counted(self):
        c = self.cluster
        heals = c.submit("--retries", "3", "--", "sh", "-c", "[ $FABRIC_ATTEMPT = 2 ]")
        stays = c.submit("--retries", "1", "--", "sh", "-c", "exit 5")
        slow = c.submit("--retries", "1", "--timeout", "100ms", "--", "sleep", "1000")
        once = c.submit("--", "sh", "-c", "exit 5")
        self.assertEqual(self.ended(heals), ["succeeded", 2, 1, 0])
        self.assertEqual(self.ended(stays), ["failed", 2, 2, 5])
        self.assertEqual(self.ended(slow)[:3], ["failed", 2, 2])
        self.assertEqual(self.ended(once), ["failed", 1, 1, 5])

    def test_a_command_that_cannot_be_started_is_not_tried_again(self):
        job = self.cluster.submit("--retries", "9", "--", "/no/such/program")
        self.assertEqual(self.ended(job), ["failed", 1, 1, -1])

    def test_a_trial_that_failed_is_tried_again_only_where_retries_say_so(self):
        c = self.cluster
        tune = ["--minimize", "--param", "x=int(1,2)", "--storage", "sqlite:///s.db", "--", "sh", "-c",
                "echo {x} >>ledger; [ $FABRIC_ATTEMPT = 2 ] && echo {x}"]
        self.assertEqual(c.run("tune", "--study", "none", *tune).returncode, 1)
        self.assertEqual(sorted(c.lines("ledger")), ["1", "2"])
        done = c.run("tune", "--study", "one", "--retries", "1", *tune, check=0)
        self.assertIn("2 complete, 0 failed", done.stdout)

    def test_crashes_are_tried_three_times_without_being_asked_for_but_once_by_run(self):
        c = self.cluster
        crash = ["--", "sh", "-c", "echo $FABRIC_JOB_ID >>ledger; kill -SEGV $$"]
        job = c.submit(*crash)
        self.assertEqual(c.run("run", *crash).returncode, 139)
        self.assertEqual(c.json("get", "2")["state"], "poisoned")
        self.assertEqual(self.ended(job)[:2], ["poisoned", 3])
        self.assertEqual(sorted(c.lines("ledger")), ["1", "1", "1", "2"])


def comm(pid):
    try:
        with open(f"/proc/{pid}/comm") as f:
            return f.read().strip()
    except OSError:
        return ""


if __name__ == "__main__":
    unittest.main(verbosity=2)
