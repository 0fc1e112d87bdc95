"""The examples, in one process and on a cluster: their answers are known."""

import os
import re
import signal
import subprocess
import unittest
from collections import Counter

from fabric_cluster import ClusterTest, wait_until

EXAMPLES = os.environ["EXAMPLES"]
PRIMES = {10**7: 664_579, 10**9: 50_847_534}  # OEIS A006880
TEXTS = "/usr/share/common-licenses"


def example(name):
    return os.path.join(EXAMPLES, name)


def most_frequent(folder, count):
    words = Counter()
    for below, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(below, name), "rb") as f:
                words.update(re.findall(r"[a-z]+", f.read().decode("latin-1").lower(), re.ASCII))
    order = sorted(words.items(), key=lambda one: (-one[1], one[0]))
    return [f"{n} {word}" for word, n in order[:count]]


class Examples(ClusterTest):

    def local(self, *words):
        env = {k: v for k, v in self.cluster.env.items() if k != "FABRIC_CLUSTER"}
        done = self.cluster.run(*words[1:], program=example(words[0]), env=env)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def remote(self, *words):
        done = self.cluster.run(*words[1:], program=example(words[0]))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def test_primes_are_counted_in_one_process(self):
        self.assertEqual(int(self.local("primes", str(10**7))), PRIMES[10**7])

    def test_primes_are_counted_on_a_cluster_also_when_workers_are_killed(self):
        c = self.cluster
        c.start_head(cpus=1)
        c.start_node("a", cpus=2)
        program = subprocess.Popen([example("primes"), str(10**9)], env=c.env, cwd=c.folder,
                                   text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3):  # of one call so many losses are forgiven, and all may hit the first
            victim = wait_until(c.worker_processes, what="a worker")[0]
            os.kill(victim, signal.SIGKILL)
            wait_until(lambda: victim not in c.worker_processes(), what="the worker's end")
        out, err = program.communicate(timeout=120)
        self.assertEqual(err, "")
        self.assertEqual(int(out), PRIMES[10**9])

    def test_words_are_counted_in_one_process_and_on_a_cluster(self):
        expected = most_frequent(TEXTS, 10)
        lines = [" ".join(line.split()) for line in self.local("word_count", TEXTS).splitlines()]
        self.assertEqual(lines, expected)
        self.cluster.start_head(cpus=2)
        lines = [" ".join(line.split()) for line in self.remote("word_count", TEXTS).splitlines()]
        self.assertEqual(lines, expected)

    def assert_learned(self, out, steps, workers):
        self.assertRegex(out, rf"^{steps} steps of {workers} workers, off by at most \S+e-\d\d\n$")

    def test_a_parameter_server_learns_in_one_process_and_on_a_cluster(self):
        self.assert_learned(self.local("parameter_server"), 2000, 4)
        self.cluster.start_head(cpus=2)
        self.assert_learned(self.remote("parameter_server", "3", "400"), 1200, 3)

    def test_a_parameter_server_learns_on_when_its_process_is_killed(self):
        c = self.cluster
        c.start_head(cpus=2)
        program = subprocess.Popen([example("parameter_server"), "2", "3000"], env=c.env,
                                   cwd=c.folder, text=True, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        for pid in wait_until(lambda: len(c.worker_processes()) >= 2 and c.worker_processes(),
                              what="workers and a host"):
            os.kill(pid, signal.SIGKILL)
            wait_until(lambda: pid not in c.worker_processes(), what="its end")
        out, err = program.communicate(timeout=120)
        self.assertEqual((program.returncode, err), (0, ""))
        self.assert_learned(out, 6000, 2)

    def play_migration(self, *words, **more):
        demo = os.path.join(os.path.dirname(__file__), "../../examples/caf_migration/demo")
        done = self.cluster.run(*words, program=demo, **more)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.splitlines()

    def test_a_caf_program_does_the_same_by_caf_io_and_over_a_cluster(self):
        played = ["watching", "counted 500", "counted 500", "hits: 1000",
                  "the store is lost: exit_reason(remote_link_unreachable)"]
        env = {k: v for k, v in self.cluster.env.items() if k != "FABRIC_CLUSTER"}
        self.assertEqual(self.play_migration(env=env), ["by io", *played, "by fabric", *played])
        self.cluster.start_head("--lease", "2s", cpus=1)
        self.assertEqual(self.play_migration("fabric"), ["by fabric", *played])

    def test_the_two_versions_of_the_caf_program_differ_in_two_calls(self):
        source = os.path.join(os.path.dirname(__file__),
                              "../../examples/caf_migration/caf_migration.cpp")
        with open(source) as f:
            code = re.sub(r"//.*", "", f.read())
        by_io, over_cluster = [], []
        for condition, first, second in re.findall(
                r"^#(ifn?def) BY_CAF_IO\n(.*?)(?:^#else\n(.*?))?^#endif", code, re.M | re.S):
            first, second = (first, second) if condition == "ifdef" else (second, first)
            by_io += first.splitlines()
            over_cluster += second.splitlines()
        calls = [re.findall(r"\b(?:publish|remote_actor|lookup)\(", "\n".join(lines))
                 for lines in (by_io, over_cluster)]
        self.assertEqual(calls, [["publish(", "remote_actor("], ["publish(", "lookup("]])

    def assert_tuned(self, out):
        self.assertRegex(out, r"^120 trials, 120 points, [1-9]\d* stopped early, exhausted\n")
        self.assertTrue(out.endswith("\nright\n"), out)

    def test_a_study_finds_the_best_point_in_one_process_and_on_a_cluster(self):
        self.assert_tuned(self.local("tuner"))
        self.cluster.start_head(cpus=1)
        self.cluster.start_node("a", cpus=2)
        self.assert_tuned(self.remote("tuner"))

    def test_a_study_evaluates_each_point_once_also_when_workers_are_killed(self):
        c = self.cluster
        c.start_head(cpus=2)
        program = subprocess.Popen([example("tuner")], env=c.env, cwd=c.folder, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(2):
            victim = wait_until(c.worker_processes, what="a worker")[0]
            os.kill(victim, signal.SIGKILL)
            wait_until(lambda: victim not in c.worker_processes(), what="the worker's end")
        out, err = program.communicate(timeout=120)
        self.assertEqual((program.returncode, err), (0, ""))
        self.assert_tuned(out)

    def test_a_folder_that_is_not_there_is_told(self):
        env = {k: v for k, v in self.cluster.env.items() if k != "FABRIC_CLUSTER"}
        done = self.cluster.run(program=example("word_count"), env=env)
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, r"usage: word_count")
        done = self.cluster.run("/no/such/folder", program=example("word_count"), env=env)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"^word_count: .*/no/such/folder")


if __name__ == "__main__":
    unittest.main()
