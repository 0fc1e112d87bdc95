"""A worker behind address translation, and networks that fail: the head never dials a worker."""

import contextlib
import os
import time
from collections import Counter

import own_namespaces
from fabric_cluster import wait_until
from networks import HEAD_ADDRESS, Networks, sh

POINTS = 24
LEASE_SECONDS = 3


class BehindTranslation(Networks):

    def start_both(self):
        c = self.cluster
        c.start_head("--node-ip-address", HEAD_ADDRESS, "--lease", f"{LEASE_SECONDS}s", cpus=1)
        self.assertTrue(c.address.startswith(HEAD_ADDRESS + ":"))
        with self.being("work"):
            c.start_node("far", cpus=3)

    def start_search(self):
        return self.cluster.popen(
            "tune", "--study", "s", "--minimize", "--param", f"x=int(1,{POINTS})", "--parallel", "4",
            "--storage", "sqlite:///s.db", "--", "sh", "-c",
            'echo "begin {x} $FABRIC_ATTEMPT $FABRIC_NODE_NAME" >>ledger; sleep 0.4; '
            'echo "end {x} $FABRIC_ATTEMPT $FABRIC_NODE_NAME" >>ledger; echo {x}')

    def ledger(self):
        try:
            with open(self.cluster.path("ledger")) as f:
                return [line.split() for line in f]
        except FileNotFoundError:
            return []

    def wait_for_far_ends(self, count):
        wait_until(lambda: sum(e[0] == "end" and e[3] == "far" for e in self.ledger()) >= count, 30,
                   f"{count} evaluations at work")

    def finish(self, search):
        out, err = search.communicate(timeout=90)
        self.assertEqual(search.returncode, 0, err)
        return out

    def assert_each_point_is_recorded_once(self):
        trials = self.cluster.json("study", "trials", "s", "--storage", "sqlite:///s.db")["trials"]
        self.assertEqual(Counter(t["state"] for t in trials), {"COMPLETE": POINTS})
        self.assertEqual(sorted(t["params"]["x"] for t in trials), list(range(1, POINTS + 1)))
        begins = [(x, attempt) for word, x, attempt, _ in self.ledger() if word == "begin"]
        self.assertEqual(len(begins), len(set(begins)), "an attempt began twice")

    def begun_again(self):
        return sum(e[0] == "begin" for e in self.ledger()) - POINTS

    def test_a_worker_behind_address_translation_joins_and_works(self):
        self.start_both()
        c = self.cluster
        done = c.run("run", "--cpus", "3", "--", "sh", "-c", "echo $FABRIC_NODE_NAME; cat /proc/net/fib_trie",
                     check=0)
        self.assertTrue(done.stdout.startswith("far\n"))
        self.assertIn("10.201.1.2", done.stdout)
        self.assertNotIn("10.201.1.2", c.run("status", check=0).stdout)
        job = c.run("submit", "--cpus", "3", "--", "seq", "100", check=0).stdout.strip()
        c.run("wait", job, "--timeout", "30s", check=0)
        self.assertEqual(c.run("logs", job, check=0).stdout.split(), [str(i) for i in range(1, 101)])
        self.finish(self.start_search())
        self.assert_each_point_is_recorded_once()
        self.assertEqual(self.begun_again(), 0)

    def test_a_head_that_no_packet_reaches_is_reported_within_two_seconds(self):
        self.start_both()
        c = self.cluster
        sh("ip netns exec nat nft add rule ip home pass drop")
        with self.being("work"):
            done = self.timed("start", "--address", c.address, "--token", c.token, "--state-dir", "late")
            found = self.timed("doctor", "--address", c.address)
        self.assert_fault(done, "UNREACHABLE", 69, c.address)
        self.assertEqual(found.returncode, 78)
        self.assertIn("firewall", found.stdout)

    def test_a_short_break_repeats_nothing(self):
        self.start_both()
        search = self.start_search()
        self.wait_for_far_ends(3)
        sh("ip -n nat link set in down")
        time.sleep(LEASE_SECONDS / 3)
        sh("ip -n nat link set in up")
        self.finish(search)
        self.assert_each_point_is_recorded_once()
        self.assertEqual(self.begun_again(), 0)

    def partition(self, cut, heal):
        self.start_both()
        c = self.cluster
        search = self.start_search()
        self.wait_for_far_ends(3)
        cut()
        wait_until(lambda: c.nodes()["far"]["state"] != "active", 15, "the head's notice")
        time.sleep(2 * LEASE_SECONDS)
        heal()
        wait_until(lambda: c.nodes()["far"]["state"] == "active", LEASE_SECONDS + 25, "the return")
        self.finish(search)
        self.assert_each_point_is_recorded_once()
        self.assertLessEqual(self.begun_again(), 3)
        done = c.run("run", "--cpus", "3", "--", "sh", "-c", "echo $FABRIC_NODE_NAME", check=0)
        self.assertEqual(done.stdout, "far\n")

    def test_a_break_longer_than_the_lease_heals_by_itself(self):
        self.partition(lambda: sh("ip -n nat link set in down"), lambda: sh("ip -n nat link set in up"))

    def test_a_task_that_is_cut_off_ends_with_its_lease_and_runs_again(self):
        self.start_both()
        c = self.cluster
        job = c.run("submit", "--cpus", "3", "--", "sh", "-c", "echo $$ >>pids; exec sleep 1000",
                    check=0).stdout.strip()

        def pids():
            with contextlib.suppress(FileNotFoundError), open(c.path("pids")) as f:
                return f.read().split()
            return []

        first = wait_until(pids, what="the task's start")[0]
        sh("ip -n nat link set in down")
        wait_until(lambda: not os.path.exists(f"/proc/{first}"), LEASE_SECONDS + 2, "the task's end")
        self.assertEqual(len(pids()), 1)
        sh("ip -n nat link set in up")
        wait_until(lambda: len(pids()) == 2, LEASE_SECONDS + 10, "its second attempt")
        self.assertEqual(c.json("get", job)["attempts"], 2)
        c.run("cancel", job, check=0)
        wait_until(lambda: c.json("get", job)["state"] == "cancelled", 15, "the cancellation")

    def test_a_worker_that_is_heard_but_hears_nothing_comes_back_too(self):
        self.partition(
            lambda: sh('ip netns exec nat nft add rule ip home pass oifname "in" drop'),
            lambda: sh("ip netns exec nat nft flush chain ip home pass"))


if __name__ == "__main__":
    own_namespaces.main("net", "mount", needed=("ip", "nft", "nsenter"))
