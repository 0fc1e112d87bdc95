"""A full disk: nothing is acknowledged that is not stored, reads go on, and space is all the cure."""

import os
import subprocess
import time
import unittest

import own_namespaces
from fabric_cluster import ClusterTest, wait_until

DISK = "32m"
BALLAST = "ballast"


class SmallDisk(ClusterTest):
    """The folder `disk` of the cluster is a disk of its own, and small."""

    def setUp(self):
        super().setUp()
        self.disk = self.cluster.mount_disk("disk", DISK)

    def tearDown(self):
        self.make_room()
        super().tearDown()

    def fill(self):
        """To the last byte, as far as one process can."""
        with open(os.path.join(self.disk, BALLAST), "ab", buffering=0) as f:
            for size in (1 << 20, 4096, 1):
                try:
                    while True:
                        f.write(b"\0" * size)
                except OSError:
                    continue

    def ledger(self):
        """What the tasks wrote down, in the cluster's folder, which has space."""
        try:
            with open(self.cluster.path("ledger")) as f:
                return f.read().split()
        except FileNotFoundError:
            return []

    def make_room(self):
        path = os.path.join(self.disk, BALLAST)
        if os.path.exists(path):
            os.unlink(path)


class HeadOnASmallDisk(SmallDisk):
    def start(self):
        c = self.cluster
        c.start_head("--store", f"sqlite:///{self.disk}/store.db", cpus=2)
        c.start_node("n", cpus=2)

    def submit_until_full(self):
        """The ids of the acknowledged jobs, and the refusal that ended it."""
        acknowledged = []
        for number in range(500):
            done = self.cluster.run("submit", "--key", f"k{number}", "--env", "PADDING=" + "x" * 4000, "--",
                                    "sh", "-c", f"echo {number} >>ledger")
            if done.returncode != 0:
                return acknowledged, number, done
            acknowledged.append(done.stdout.strip())
        self.fail("the disk never filled up")

    def test_a_full_disk_refuses_writes_serves_reads_and_recovers_by_itself(self):
        self.start()
        c = self.cluster
        before = [c.run("submit", "--key", f"early{n}", "--", "sh", "-c", f"echo early{n} >>ledger",
                        check=0).stdout.strip() for n in range(5)]
        c.run("wait", *before, "--timeout", "30s", check=0)
        pid = c.pid_of("head")
        self.fill()
        acknowledged, refused, done = self.submit_until_full()
        self.assert_fault(done, "STORE_FULL", 73, "store.db", "free some space")

        # Reads go on, and say what is wrong.
        status = c.json("status")
        self.assertIn("STORE_FULL", str(status))
        self.assertIn("STORE_FULL", c.run("status", check=0).stdout)
        self.assertEqual(c.json("get", before[0])["state"], "succeeded")
        listed = {str(job["id"]) for job in c.json("list", "jobs")["jobs"]}
        self.assertLessEqual(set(before) | set(acknowledged), listed)
        again = c.run("submit", "--", "true")
        self.assert_fault(again, "STORE_FULL", 73, "free some space")
        self.assert_fault(c.run("cancel", before[0]), "STORE_FULL", 73)

        # Space is all it takes: the same daemon accepts work again.
        self.make_room()

        def accepted():
            done = c.run("submit", "--key", f"k{refused}", "--", "sh", "-c", "echo after >>ledger")
            return done if done.returncode == 0 else None

        after = wait_until(accepted, 15, "a submission").stdout.strip()
        self.assertEqual(c.pid_of("head"), pid)
        self.assertNotIn("STORE_FULL", c.run("status", check=0).stdout)
        c.run("wait", *acknowledged, after, "--timeout", "60s", check=0)
        self.assertEqual(sorted(self.ledger()), sorted([f"early{n}" for n in range(5)] +
                                                       [str(n) for n in range(refused)] + ["after"]))

    def test_what_ran_while_the_disk_was_full_is_recorded_once_there_is_space(self):
        self.start()
        c = self.cluster
        jobs = [c.run("submit", "--", "sh", "-c", "sleep 3; echo done >>ledger", check=0).stdout.strip()
                for _ in range(4)]
        wait_until(lambda: all(c.json("get", j)["state"] == "running" for j in jobs), what="four tasks")
        self.fill()
        _, _, done = self.submit_until_full()
        self.assert_fault(done, "STORE_FULL", 73)

        wait_until(lambda: len(self.ledger()) >= 4, 30, "the end of the tasks")
        time.sleep(1)
        self.make_room()
        c.run("wait", *jobs, "--timeout", "60s", check=0)
        for job in jobs:
            task = c.json("get", job)
            self.assertEqual((task["state"], task["attempts"]), ("succeeded", 1), task)

    def test_a_start_on_a_full_disk_is_refused_and_harms_nothing(self):
        self.start()
        c = self.cluster
        job = c.run("submit", "--", "true", check=0).stdout.strip()
        c.run("wait", job, "--timeout", "30s", check=0)
        c.run("stop", "--now", "--state-dir", "head", check=0)
        self.fill()
        done = c.run("start", "--head", "--state-dir", "head", "--store",
                     f"sqlite:///{self.disk}/store.db")
        self.assert_fault(done, "STORE_FULL", 73, "free some space")
        self.make_room()
        c.start_head("--store", f"sqlite:///{self.disk}/store.db", cpus=2)
        self.assertEqual(c.json("get", job)["state"], "succeeded")



class ObjectsOnASmallDisk(SmallDisk):
    """Shared memory is full, and so is the disk to which objects would move."""

    def start_filling(self, memory):
        c = self.cluster
        store = f"name=e2e-{os.getpid()},memory={memory},disk_bytes=10GiB,disk={self.disk}"
        return subprocess.Popen([os.environ["OBJECTS"], "fill-and-wait", "500000"],  # 4 MB each
                                env=dict(c.env, FABRIC_OBJECTS=store, FABRIC_CLUSTER=""), cwd=c.folder,
                                text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)

    def assert_full_until_there_is_room(self, program):
        self.assertEqual(program.stdout.readline(), "store_full\n")
        self.assertRegex(program.stdout.readline(),
                         r"^STORE_FULL: the object store has no room for 3\.8 MiB: ")
        self.make_room()
        out, err = program.communicate("go on\n", timeout=60)
        self.assertEqual((out, err, program.returncode), ("1\n1\n", "", 0))

    def test_a_put_that_finds_no_room_anywhere_is_an_error_and_space_is_all_the_cure(self):
        self.fill()
        self.assert_full_until_there_is_room(self.start_filling("16MiB"))

    def test_a_disk_that_fills_up_while_objects_move_there_harms_none(self):
        with open(os.path.join(self.disk, BALLAST), "wb") as f:
            f.write(b"\0" * (18 << 20))
        self.assert_full_until_there_is_room(self.start_filling("16MiB"))


class NodeOnASmallDisk(SmallDisk):
    def test_its_tasks_succeed_and_what_is_not_kept_of_their_output_is_said(self):
        c = self.cluster
        c.start_head(cpus=1)
        c.start_node("n", cpus=2, state_dir="disk/n")
        self.fill()
        words = ["--cpus", "2", "--", "sh", "-c"]
        job = c.run("submit", *words, "seq 100000", check=0).stdout.strip()
        c.run("wait", job, "--timeout", "30s", check=0)
        task = c.json("get", job)
        self.assertEqual((task["state"], task["attempts"]), ("succeeded", 1))
        self.assertIn("No space left", task["detail"])
        logs = c.run("logs", job, check=0)
        self.assertEqual(logs.stdout, "")
        self.assertIn(f"{task['stdout_bytes']} bytes", logs.stderr)
        self.assertIn("No space left", logs.stderr)
        # What fits into the report needs no disk; where it does not, that is said.
        self.assertEqual(c.run("run", *words, "seq 3", check=0).stdout, "1\n2\n3\n")
        self.assertIn("are missing", c.run("run", *words, "seq 100000", check=0).stderr)

        self.make_room()
        self.assertEqual(c.run("run", *words, "seq 100000", check=0).stdout.count("\n"), 100000)

    def test_a_node_cannot_join_on_a_full_disk_and_says_why(self):
        c = self.cluster
        c.start_head(cpus=1)
        self.fill()
        done = c.run("start", "--address", c.address, "--token", c.token, "--state-dir", "disk/n")
        self.assert_fault(done, "STORE_FULL", 73, "disk/n", "room")


class StudyOnASmallDisk(SmallDisk):
    def tune(self, *more):
        return ["tune", "--study", "s", "--minimize", "--param", "x=int(1,400)", "--parallel", "4",
                "--storage", f"sqlite:///{self.disk}/s.db", *more, "--", "sh", "-c",
                "echo {x} >>ledger; echo {x}"]

    def test_a_search_ends_with_the_cause_and_goes_on_once_there_is_space(self):
        c = self.cluster
        c.start_head(cpus=4)
        search = c.popen(*self.tune())
        wait_until(lambda: len(self.ledger()) > 10, what="ten evaluations")
        self.fill()
        out, err = search.communicate(timeout=60)
        self.assertEqual(search.returncode, 73, err)
        last = err.strip().splitlines()[-1]
        self.assertTrue(last.startswith("fabricd: STORE_FULL: "), err)
        self.assertIn("s.db", last)
        self.assertIn("free some space", last)
        shown = c.json("study", "trials", "s", "--storage", f"sqlite:///{self.disk}/s.db")["trials"]
        complete = [t for t in shown if t["state"] == "COMPLETE"]
        self.assertTrue(complete)
        self.make_room()
        c.run(*self.tune("--load-if-exists"), check=0)
        trials = c.json("study", "trials", "s", "--storage", f"sqlite:///{self.disk}/s.db")["trials"]
        self.assertEqual(sorted(t["params"]["x"] for t in trials), list(range(1, 401)))
        self.assertEqual({t["state"] for t in trials}, {"COMPLETE"})
        # Nothing that was evaluated is evaluated again: its outcome waited in the head.
        self.assertEqual(sorted(map(int, self.ledger())), list(range(1, 401)))

    def test_a_study_cannot_begin_on_a_full_disk(self):
        c = self.cluster
        self.fill()
        c.env.pop("FABRIC_CLUSTER")
        self.assert_fault(c.run(*self.tune()), "STORE_FULL", 73, "s.db", "free some space")


if __name__ == "__main__":
    own_namespaces.main("mount", needed=("mount",))
