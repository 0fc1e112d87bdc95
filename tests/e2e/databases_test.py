"""Searches whose database is shared, goes away, or cannot be written. Full ones: disk_full_test."""

import json
import os
import signal
import subprocess
import time
import unittest
from collections import Counter

import own_namespaces
from fabric_cluster import ClusterTest, wait_until
from postgres_server import PostgresServer

POINTS = 60
OPTUNA = "/usr/bin/python3"
WORKER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "programs/optuna_worker.py")
OBJECTIVE = "echo {x} >>ledger; sleep 0.05; echo {x}"


class Searches(ClusterTest):
    def words(self, storage, *more, points=POINTS, objective=OBJECTIVE):
        return ["tune", "--local", "--study", "s", "--minimize", "--param", f"x=int(1,{points})", "--storage",
                storage, "--load-if-exists", *more, "--", "sh", "-c", objective]

    def tuner(self, storage, *more, home="xdg", **how):
        env = dict(self.cluster.env, XDG_STATE_HOME=self.cluster.path(home))
        return self.cluster.popen(*self.words(storage, *more, **how), env=env)

    def finish(self, search, status=0):
        out, err = search.communicate(timeout=120)
        self.assertEqual(search.returncode, status, out + err)
        return out + err

    def assert_each_point_is_recorded_once(self, storage, points=POINTS):
        trials = self.cluster.json("study", "trials", "s", "--storage", storage)["trials"]
        self.assertEqual(Counter(t["state"] for t in trials), {"COMPLETE": points})
        self.assertEqual(sorted(t["params"]["x"] for t in trials), list(range(1, points + 1)))

    def evaluated(self):
        return Counter(self.cluster.lines("ledger"))


class OnPostgres(Searches):
    def setUp(self):
        super().setUp()
        self.server = PostgresServer()
        self.addCleanup(self.server.close)

    def test_two_tuners_of_one_study_record_each_point_once_and_optuna_reads_them(self):
        both = [self.tuner(self.server.url, "--parallel", "4", home=home) for home in ("one", "two")]
        for search in both:
            self.assertIn(f"all {POINTS} points of the space are done", self.finish(search))
        self.assert_each_point_is_recorded_once(self.server.url)
        self.assertEqual(set(self.evaluated().values()), {1}, "nor is any evaluated twice")
        seen = subprocess.run([OPTUNA, "-c", f"""
import optuna
s = optuna.load_study(study_name="s", storage={self.server.url!r})
print(len(s.trials), s.best_value, s.best_params)
"""], text=True, capture_output=True, timeout=60, check=True).stdout
        self.assertEqual(seen, f"{POINTS} 1.0 {{'x': 1}}\n")

    def test_a_server_that_crashes_in_the_middle_and_comes_back_loses_and_repeats_nothing(self):
        search = self.tuner(self.server.url, "--parallel", "4")
        wait_until(lambda: len(self.cluster.lines("ledger")) > 10, what="some evaluations")
        self.server.crash()
        before = len(self.cluster.lines("ledger"))
        time.sleep(1)
        self.assertLessEqual(len(self.cluster.lines("ledger")), before + 4,
                             "nothing begins that is not stored")
        self.assertIsNone(search.poll())
        self.server.start()
        self.assertIn(f"all {POINTS} points of the space are done", self.finish(search))
        self.assert_each_point_is_recorded_once(self.server.url)
        self.assertEqual(set(self.evaluated().values()), {1})

    def test_an_interrupt_ends_the_wait_for_a_server_that_is_away(self):
        search = self.tuner(self.server.url, "--parallel", "2")
        wait_until(lambda: len(self.cluster.lines("ledger")) > 4, what="some evaluations")
        self.server.crash()
        wait_until(lambda: "is away; waiting for it" in search.stderr.readline(), what="word of the wait")
        search.send_signal(signal.SIGINT)
        out, err = search.communicate(timeout=20)
        self.assertEqual(search.returncode, 69, err)
        self.assertIn("UNREACHABLE", err)
        self.assertNotIn("waiting for it", err, "it is said once")
        self.server.start()
        self.finish(self.tuner(self.server.url))
        self.assert_each_point_is_recorded_once(self.server.url)

    def test_an_interrupt_ends_a_search_whose_server_hangs(self):
        search = self.tuner(self.server.url, "--parallel", "2")
        wait_until(lambda: len(self.cluster.lines("ledger")) > 4, what="some evaluations")
        self.server.signal(signal.SIGSTOP)
        try:
            search.send_signal(signal.SIGINT)
            out, err = search.communicate(timeout=30)
        finally:
            self.server.signal(signal.SIGCONT)
        self.assertIn(search.returncode, (69, 74), out + err)  # 74 where it hung at a commit
        self.finish(self.tuner(self.server.url))
        self.assert_each_point_is_recorded_once(self.server.url)

    def test_optunas_workers_are_served_from_it_beside_a_tuner(self):
        if subprocess.run([OPTUNA, "-c", "import redis"], capture_output=True).returncode:
            self.skipTest("python3-redis is not installed")
        served = self.cluster.popen("study", "serve", "--redis", "127.0.0.1:0", "--storage", self.server.url,
                                    "--json", "--study", "s", "--param", f"x=int(0,{POINTS - 1})")
        url = json.loads(served.stdout.readline())["redis"]
        arguments = [url, "s", str(POINTS), "0.05", self.cluster.path("ledger")]
        workers = [subprocess.Popen([OPTUNA, WORKER, *arguments], text=True,
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for _ in range(3)]
        wait_until(lambda: len(self.cluster.lines("ledger")) > 3, what="some evaluations")
        search = self.cluster.popen(
            "tune", "--local", "--study", "s", "--minimize", "--param", f"x=int(0,{POINTS - 1})", "--storage",
            self.server.url, "--load-if-exists", "--trials", "10", "--", "sh", "-c", OBJECTIVE)
        self.finish(search)
        for worker in workers:
            output = worker.communicate(timeout=120)[0]
            self.assertEqual(worker.returncode, 0, output)
        served.terminate()
        served.communicate(timeout=60)
        self.assertEqual(self.evaluated(), Counter(str(x) for x in range(POINTS)))

    def test_a_server_that_is_not_there_is_told_at_the_start(self):
        self.server.crash()
        done = self.cluster.run(*self.words(self.server.url))
        self.assert_fault(done, "UNREACHABLE", 69)
        self.assertEqual(self.cluster.lines("ledger"), [])
        self.server.start()


class OnSQLite(Searches):
    def setUp(self):
        super().setUp()
        self.disk = self.cluster.mount_disk("disk", "2m")
        self.storage = f"sqlite:///{self.disk}/s.db"

    def test_a_file_that_cannot_be_written_is_told_and_left_as_it_is(self):
        self.finish(self.tuner(self.storage, points=3))
        subprocess.run(["mount", "-o", "remount,ro", self.disk], check=True)
        done = self.cluster.run(*self.words(self.storage, points=3))
        self.assert_fault(done, "STORE_FAILED", 74, "s.db")
        listed = self.cluster.json("study", "trials", "s", "--storage", self.storage)["trials"]
        self.assertEqual(len(listed), 3, "it can be read")
        subprocess.run(["mount", "-o", "remount,rw", self.disk], check=True)


if __name__ == "__main__":
    own_namespaces.main("mount", needed=("mount",))
