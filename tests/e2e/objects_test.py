"""Large values lie in shared memory, travel between hosts, and go with whoever held them."""

import glob
import os
import signal
import subprocess
import unittest

from fabric_cluster import ClusterTest, wait_until

OBJECTS = os.environ["OBJECTS"]
MANY = 2_000_000  # numbers, 16 MB


def total(n):
    return n * (n + 1) // 2


class Objects(ClusterTest):
    """Two stores stand for two hosts: a program has the one, nodes may be given the other."""

    def setUp(self):
        super().setUp()
        self.here = self.store("here")
        self.there = self.store("there")
        self.cluster.env["FABRIC_OBJECTS"] = self.here

    def tearDown(self):
        super().tearDown()
        self.assertEqual(self.left(), [], "shared memory was left behind")

    def store(self, name, memory="256MiB", disk="256MiB"):
        os.makedirs(self.cluster.path("spill"), exist_ok=True)
        return (f"name=e2e-{os.getpid()}-{name},memory={memory},disk_bytes={disk},"
                f"disk={self.cluster.path('spill')}")

    def left(self):
        return glob.glob(f"/dev/shm/fabric-objects-{os.getuid()}-e2e-{os.getpid()}-*")

    def env_of(self, store):
        return dict(self.cluster.env, FABRIC_OBJECTS=store)

    def objects(self, *words, timeout=120, **more):
        done = self.cluster.run(*words, program=OBJECTS, timeout=timeout, **more)
        self.assertEqual(done.stderr, "")
        return done.stdout.splitlines()

    def start_objects(self, *words, env=None):
        return subprocess.Popen([OBJECTS, *words], env=env or self.cluster.env,
                                cwd=self.cluster.folder, text=True, stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def start_two_hosts(self):
        self.cluster.start_head(cpus=0)
        self.cluster.start_node("far", cpus=2, env=self.env_of(self.there))

    def assert_all_modes_work(self):
        n, sum_of_all = str(MANY), str(total(MANY))
        self.assertEqual(self.objects("argument", n), 4 * [sum_of_all] + [n, "held 0"])
        self.assertEqual(self.objects("result", n), 2 * [sum_of_all] + [n, "held 0"])
        self.assertEqual(self.objects("large", n), [n, n, "held 0"])
        self.assertEqual(self.objects("nested", "1000000"), 2 * ["2000000"] + ["held 0"])

    def test_processes_of_one_host_share_what_was_put(self):
        self.cluster.start_head(cpus=2)
        self.assert_all_modes_work()

    def test_objects_travel_between_hosts(self):
        self.start_two_hosts()
        self.assertEqual(self.objects("where"), ["far"])
        self.assert_all_modes_work()

    def test_calls_run_where_their_large_arguments_lie(self):
        self.cluster.start_head(cpus=0)
        self.cluster.start_node("close", cpus=1)
        self.cluster.start_node("far", cpus=1, env=self.env_of(self.there))
        self.assertEqual(self.objects("near", str(MANY)), ["close 10", "far 10"]
                         + 3 * ["mine close"] + 3 * ["value close"])

    def test_what_an_object_refers_to_is_kept_by_whoever_has_that(self):
        self.cluster.start_head(cpus=2)
        self.crates()

    def test_what_an_object_refers_to_is_kept_on_another_host_by_whoever_has_that(self):
        self.start_two_hosts()
        self.crates()

    def crates(self):
        once, twice = str(total(MANY)), str(2 * total(MANY))
        self.assertEqual(self.objects("crates", str(MANY)), 3 * [twice] + [once, "held 0"])

    def test_actors_keep_objects(self):
        self.cluster.start_head(cpus=2)
        n, sum_of_all = str(MANY), str(total(MANY))
        self.assertEqual(self.objects("actor", n), 3 * [sum_of_all] + [n, "held 0"])

    def test_actors_of_another_host_keep_what_they_have_read(self):
        self.start_two_hosts()
        n, sum_of_all = str(MANY), str(total(MANY))
        self.assertEqual(self.objects("actor", n), 3 * [sum_of_all] + [n, "held 0"])

    def restored(self):
        """What an actor reads whose process is killed, twice, of an object that it alone had."""
        program = self.start_objects("restored", str(MANY))
        for _ in range(2):
            os.kill(int(program.stdout.readline()), signal.SIGKILL)
            program.stdin.write("go on\n")
            program.stdin.flush()
            self.assertEqual(program.stdout.readline(), f"{total(MANY)}\n")
        out, err = program.communicate(timeout=60)
        self.assertEqual((out, err), ("held 0\n", ""))

    def test_an_actor_that_was_restored_reads_what_its_checkpoint_refers_to(self):
        self.cluster.start_head(cpus=1)
        self.restored()

    def test_an_actor_of_another_host_that_was_restored_reads_what_its_checkpoint_refers_to(self):
        self.start_two_hosts()
        self.restored()

    def test_a_detached_actor_has_the_object_that_a_program_gave_it_which_has_ended(self):
        self.start_two_hosts()
        self.assertEqual(self.objects("detach", str(MANY)), ["shelf"])
        self.assertEqual(self.objects("read-detached"), [str(total(MANY))])

    def test_an_object_outlives_the_worker_that_made_it(self):
        self.cluster.start_head(cpus=1)
        self.assertEqual(self.objects("outlive", str(MANY)), [str(total(MANY))])

    def test_a_worker_of_another_host_hands_its_objects_over_before_it_ends(self):
        self.start_two_hosts()
        self.assertEqual(self.objects("outlive", str(MANY)), [str(total(MANY))])

    def test_a_killed_process_takes_nothing_along_that_others_of_its_host_hold(self):
        self.cluster.start_head(cpus=2)
        self.assertEqual(self.orphaned(), [str(total(MANY))])

    def test_an_object_whose_only_holder_was_killed_is_an_error(self):
        self.start_two_hosts()
        out = self.orphaned()
        self.assertEqual(out[0], "object_lost")
        self.assertRegex(out[1], r"^NOT_FOUND: the object [0-9a-f]{32} is gone: .*put it again")

    def orphaned(self):
        program = self.start_objects("orphan", str(MANY))
        os.kill(int(program.stdout.readline()), signal.SIGKILL)
        out, err = program.communicate("go on\n", timeout=60)
        self.assertEqual(err, "")
        return out.splitlines()

    def test_a_full_store_says_who_has_it_and_what_to_do(self):
        small = self.store("here", "64MiB", "64MiB")
        out = self.objects("fill", str(MANY), env=dict(self.env_of(small), FABRIC_CLUSTER=""))
        self.assertEqual(out[0], "store_full")
        self.assertRegex(out[1], r"^STORE_FULL: the object store has no room for 15\.3 MiB: of "
                                 r"64\.0 MiB memory .* held by process \d+ \(objects\) .*release")
        self.assertEqual(out[2:], ["intact", "goes on"])

    def test_a_call_without_room_for_its_value_fails_and_the_program_goes_on(self):
        small = self.store("here", "8MiB", "4MiB")
        self.cluster.start_head(cpus=1, env=self.env_of(small))
        out = self.objects("fill-by-call", str(MANY), env=self.env_of(small))
        self.assertEqual(out, ["store_full", "store_full", "10"])

    def test_a_node_frees_what_killed_programs_held(self):
        self.cluster.start_head(cpus=1)
        program = self.start_objects("wait-with", str(MANY))
        self.assertEqual(program.stdout.readline().strip(), str(8 * MANY))
        self.assertNotEqual(self.left(), [])
        program.kill()
        program.communicate()
        wait_until(lambda: not self.left(), what="empty shared memory")

    def test_the_next_program_frees_what_killed_ones_held(self):
        alone = dict(self.cluster.env, FABRIC_CLUSTER="")
        program = self.start_objects("wait-with", str(MANY), env=alone)
        self.assertEqual(program.stdout.readline().strip(), str(8 * MANY))
        program.kill()
        program.communicate()
        self.assertNotEqual(self.left(), [])
        self.assertEqual(self.objects("usage", env=alone), ["held 0"])
        self.assertEqual(self.left(), [])

    def test_settings_that_make_no_sense_are_told_at_the_start(self):
        env = self.env_of("colour=red")
        done = self.cluster.run("start", "--head", "--state-dir", "head", "--port", "0", env=env)
        self.assert_fault(done, "USAGE", 64, "FABRIC_OBJECTS has a part 'colour=red'")
        done = self.cluster.run("usage", program=OBJECTS, env=dict(env, FABRIC_CLUSTER=""))
        self.assertIn("colour=red", done.stderr + done.stdout)


if __name__ == "__main__":
    unittest.main()
