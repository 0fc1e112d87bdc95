"""CAF actors of several programs talk over a cluster, also when things die."""

import os
import subprocess
import unittest

from fabric_cluster import ClusterTest

CAF_PEER = os.environ["CAF_PEER"]


class Caf(ClusterTest):

    def setUp(self):
        super().setUp()
        self.programs = []
        self.cluster.start_head("--lease", "2s", cpus=1)

    def tearDown(self):
        for program in self.programs:
            program.kill()
            program.communicate()
        super().tearDown()

    def start(self, *words):
        made = subprocess.Popen([CAF_PEER, *words], env=self.cluster.env, text=True,
                                cwd=self.cluster.folder, stdout=subprocess.PIPE)
        self.programs.append(made)
        return made

    def serve(self, name, role="serve"):
        made = self.start(role, name)
        self.assertEqual(made.stdout.readline(), "published\n")
        return made

    def talk(self, *words):
        return self.cluster.run(*words, program=CAF_PEER, timeout=60).stdout.strip()

    def test_an_actor_is_found_and_answers(self):
        self.serve("adder")
        self.assertEqual(self.talk("add", "adder"), "42")
        self.assertEqual(self.talk("add", "adder"), "42")

    def test_names_that_are_taken_or_unknown_are_refused_with_their_reason(self):
        server = self.serve("adder")
        self.assertRegex(self.start("serve", "adder").communicate(timeout=30)[0],
                         r"refused key_conflict the name \"adder\" is held")
        self.assertRegex(self.talk("unknown", "nobody"), r"error .*NOT_FOUND.*\\?\"nobody")
        self.talk("kill", "adder")
        self.assertEqual(server.communicate(timeout=30)[0], "ended\n")

    def test_handles_travel_within_messages_and_requests_are_passed_on(self):
        self.serve("one")
        self.serve("two")
        self.assertEqual(self.talk("handle", "one"), "hello")
        self.assertEqual(self.talk("delegate", "one", "two"), "9")

    def test_types_that_one_side_does_not_know_are_refused_by_name(self):
        self.serve("ignorant", role="ignorant")
        self.assertRegex(self.talk("secret", "ignorant"), r"error .*secret.* is not registered")

    def test_monitors_and_links_fire_when_an_actor_ends(self):
        for how, told in (("monitor", "down"), ("link", "exit")):
            self.serve("adder")
            self.assertRegex(self.talk(how, "adder", "end"), rf"watching\n{told} .*user_shutdown")
        self.serve("bound")
        self.assertRegex(self.talk("linked", "bound"), r"down .*user_shutdown")

    def test_a_killed_program_fires_monitors_and_fails_requests(self):
        server = self.serve("adder")
        watcher = self.start("monitor", "adder")
        self.assertEqual(watcher.stdout.readline(), "watching\n")
        asker = self.start("hold", "adder")
        self.assertEqual(server.stdout.readline(), "asked adder\n")
        server.kill()
        self.assertRegex(watcher.communicate(timeout=20)[0], r"down .*remote_link_unreachable")
        self.assertRegex(asker.communicate(timeout=20)[0], r"error .*remote_link_unreachable")

    def test_no_message_is_lost_while_the_head_is_restarted(self):
        self.serve("adder")
        sender = self.start("order", "adder", "100000")
        self.assertEqual(sender.stdout.readline(), "sending\n")
        for _ in range(2):
            self.cluster.kill("head")
            self.cluster.start_head("--lease", "2s", cpus=1)
        self.assertEqual(sender.communicate(timeout=90)[0], "all in order\n")
        self.assertEqual(self.talk("add", "adder"), "42")


if __name__ == "__main__":
    unittest.main()
