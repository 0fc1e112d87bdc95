"""Everything that can be killed is killed; afterwards each point is recorded exactly once."""

import signal
import time
import unittest
from collections import Counter

from fabric_cluster import ClusterTest, is_alive, wait_until

POINTS = 40


def below(pid):
    """All processes that descend from this one."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as f:
            children = set(map(int, f.read().split()))
    except FileNotFoundError:
        return set()
    return children.union(*map(below, children))


class Faults(ClusterTest):
    """A search over a finite grid, with something going wrong in the middle of it."""

    def start_cluster(self, *head):
        c = self.cluster
        c.start_head("--lease", "3s", *head, cpus=1)
        c.start_node("a", cpus=3)
        c.start_node("b", cpus=3)

    def start_search(self, seconds="0.3"):
        c = self.cluster
        return c.popen("tune", "--study", "s", "--minimize", "--param", f"x=int(1,{POINTS})",
                       "--sampler", "random", "--parallel", "7", "--storage", "sqlite:///s.db",
                       "--load-if-exists", "--", "sh", "-c",
                       'echo "begin {x} $FABRIC_ATTEMPT" >>ledger; sleep ' + seconds +
                       '; echo "end {x} $FABRIC_ATTEMPT" >>ledger; echo {x}')

    def ledger(self):
        try:
            with open(self.cluster.path("ledger")) as f:
                return [line.split() for line in f]
        except FileNotFoundError:
            return []

    def wait_for_ends(self, count):
        wait_until(lambda: sum(w == "end" for w, _, _ in self.ledger()) >= count, 60,
                   f"{count} evaluations")

    def finish(self, search, status=0):
        out, err = search.communicate(timeout=120)
        self.assertEqual(search.returncode, status, err)
        return out

    def assert_each_point_is_recorded_once(self, lost_max):
        c = self.cluster
        trials = c.json("study", "trials", "s", "--storage", "sqlite:///s.db")["trials"]
        self.assertEqual(Counter(t["state"] for t in trials), {"COMPLETE": POINTS})
        self.assertEqual(sorted(t["params"]["x"] for t in trials), list(range(1, POINTS + 1)))
        self.assertTrue(all(t["value"] == t["params"]["x"] for t in trials))
        begins = Counter(x for w, x, _ in self.ledger() if w == "begin")
        ends = Counter(x for w, x, _ in self.ledger() if w == "end")
        self.assertEqual(len(begins), POINTS)
        self.assertEqual(len(ends), POINTS)
        again = sum(begins.values()) - POINTS
        self.assertLessEqual(again, lost_max, begins)
        # A point is executed again only under a later attempt number.
        for x, count in begins.items():
            attempts = [a for w, y, a in self.ledger() if w == "begin" and y == x]
            self.assertEqual(len(set(attempts)), count, (x, attempts))

    def test_a_killed_node_daemon_costs_only_what_it_was_running(self):
        self.start_cluster()
        search = self.start_search()
        self.wait_for_ends(5)
        self.cluster.kill("a")
        self.finish(search)
        self.assert_each_point_is_recorded_once(lost_max=3)

    def test_a_killed_nodes_tasks_are_gone_within_two_seconds(self):
        self.start_cluster()
        c = self.cluster
        c.run("submit", "--array", "1-7", "--", "sh", "-c",
              "trap '' TERM; setsid sleep 1000 & sleep 1000", check=0)
        wait_until(lambda: c.nodes()["a"]["running"] == 3, what="three running tasks")
        daemon = c.pid_of("a")
        tree = wait_until(lambda: len(below(daemon)) >= 11 and below(daemon),
                          what="warden, spawner and three tasks of three processes")
        c.kill("a")
        wait_until(lambda: not any(is_alive(pid) for pid in tree), 2, "the end of all its tasks")

    def test_a_killed_head_that_comes_back_loses_and_repeats_nothing(self):
        self.start_cluster()
        search = self.start_search()
        self.wait_for_ends(5)
        self.cluster.kill("head")
        self.cluster.start_head("--lease", "3s", cpus=1)
        self.finish(search)
        # Only the task of the head's own node died with its daemon.
        self.assert_each_point_is_recorded_once(lost_max=1)

    def test_a_head_killed_many_times_loses_nothing(self):
        self.start_cluster()
        search = self.start_search()
        for done in (3, 8, 13, 18):
            self.wait_for_ends(done)
            self.cluster.kill("head")
            self.cluster.start_head("--lease", "3s", cpus=1)
        self.finish(search)
        self.assert_each_point_is_recorded_once(lost_max=4)

    def test_a_killed_search_goes_on_where_it_was_and_repeats_nothing(self):
        self.start_cluster()
        search = self.start_search()
        self.wait_for_ends(8)
        search.kill()
        search.communicate()
        self.finish(self.start_search())
        self.assert_each_point_is_recorded_once(lost_max=0)

    def test_an_interrupted_search_gives_its_points_back(self):
        self.start_cluster()
        search = self.start_search()
        self.wait_for_ends(8)
        search.send_signal(signal.SIGINT)
        self.finish(search, status=130)
        wait_until(lambda: self.cluster.json("status")["queue"]["running"] == 0, what="an idle cluster")
        self.finish(self.start_search())
        trials = self.cluster.json("study", "trials", "s", "--storage", "sqlite:///s.db")["trials"]
        self.assertEqual(sorted(t["params"]["x"] for t in trials), list(range(1, POINTS + 1)))
        self.assertEqual({t["state"] for t in trials}, {"COMPLETE"})

    def test_a_node_stopped_past_its_lease_is_fenced_and_its_points_run_elsewhere(self):
        self.start_cluster()
        search = self.start_search(seconds="0.6")
        self.wait_for_ends(5)
        self.cluster.kill("a", signal.SIGSTOP)
        try:
            wait_until(lambda: self.cluster.nodes()["a"]["state"] == "lost", 20, "the loss of the node")
            began = time.monotonic()
        finally:
            self.cluster.kill("a", signal.SIGCONT)
        self.finish(search)
        self.assert_each_point_is_recorded_once(lost_max=3)
        wait_until(lambda: self.cluster.nodes()["a"]["state"] == "active", 20, "its return")
        self.assertLess(time.monotonic() - began, 60)

    def test_acknowledged_jobs_survive_the_heads_death(self):
        self.start_cluster()
        c = self.cluster
        jobs = [c.run("submit", "--cpus", "3", "--", "sh", "-c", "sleep 0.2; echo done >>out",
                      check=0).stdout.strip() for _ in range(6)]
        c.kill("head")
        c.start_head("--lease", "3s", cpus=1)
        c.run("wait", *jobs, "--timeout", "60s", check=0)
        with open(c.path("out")) as f:
            self.assertEqual(len(f.readlines()), 6)


if __name__ == "__main__":
    unittest.main(verbosity=2)
