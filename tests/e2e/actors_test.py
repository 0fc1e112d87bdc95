"""Actors of a C++ program live in processes on the nodes, also when things die."""

import os
import signal
import subprocess
import unittest

from fabric_cluster import ClusterTest, wait_until

TROUPE = os.environ["TROUPE"]


class Actors(ClusterTest):

    def troupe(self, *words, timeout=60):
        done = self.cluster.run(*words, program=TROUPE, timeout=timeout)
        self.assertEqual(done.stderr, "")
        return done.stdout.strip().split("\n")

    def start_troupe(self, *words):
        program = subprocess.Popen([TROUPE, *words], env=self.cluster.env, cwd=self.cluster.folder,
                                   text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        self.addCleanup(program.kill)
        return program

    def finish(self, program, timeout=60):
        out, err = program.communicate("\n", timeout=timeout)
        self.assertEqual(err, "")
        return out.strip().split("\n")

    def hosts(self):
        """Process ids of the processes that actors live in."""
        return self.cluster.worker_processes()

    def kill_hosts(self):
        for pid in self.hosts():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def test_an_actor_lives_on_a_node(self):
        c = self.cluster
        c.start_head(cpus=0)
        c.start_node("other", cpus=1)
        out = self.troupe("count", "3")
        self.assertEqual(out[:2], ["8", "15"])
        self.assertIn(out[2], ("head", "other"))

    def test_what_goes_wrong_is_told_with_its_reason(self):
        self.cluster.start_head(cpus=1)
        out = self.troupe("wrong")
        self.assertEqual(out[0], "actor_gone||the actor bad is gone (not_made: "
                                 "std::invalid_argument: negative); the call did not run")
        self.assertEqual(out[1], "gone|bad|not_made|0|std::invalid_argument: negative")
        self.assertEqual(out[2:4], ["done", "gone|counter|stopped|0|"])
        self.assertEqual(out[4:7], ["done", "done", "gone|counter|restart_limit|1|told to"])
        self.assertRegex(out[7], r"^gone\|counter\|infeasible\|0\|.*nosuch")

    def test_a_crash_is_an_unknown_outcome_and_a_restart(self):
        self.cluster.start_head(cpus=1)
        out = self.troupe("crash")
        self.assertEqual(out[0], "3")
        self.assertRegex(out[1], r"^outcome_unknown\|")
        self.assertEqual(out[2:4], ["5", "2"], "its state was kept")
        self.assertRegex(out[4], r"^outcome_unknown\|")
        self.assertEqual(out[5], "gone|counter|restart_limit|1|")

    def test_an_actor_can_be_killed(self):
        self.cluster.start_head(cpus=1)
        out = self.troupe("kill", "stuck")
        self.assertEqual(out[0], "3")
        self.assertRegex(out[1], r"^actor_gone\|.*whether the call ran is not known")
        self.assertEqual(out[2:], ["gone|victim|killed|0|", "7", "gone|counter|killed|0|", "9"])

    def test_those_that_need_something_have_processes_of_their_own(self):
        c = self.cluster
        c.start_head(cpus=2)
        c.start_node("a", cpus=1)
        self.assertEqual(self.troupe("own", "3"), ["3"])

    def test_actors_travel_and_call(self):
        self.cluster.start_head(cpus=3)
        self.assertEqual(self.troupe("travel"), ["100", "105", "42", "111", "10000000"])

    def test_a_group_falls_together(self):
        self.cluster.start_head(cpus=1)
        self.assertEqual(self.troupe("group"),
                         ["7", "done", "2", "done", "gone|counter|restart_limit|1|told to",
                          "gone|counter|restart_limit|1|"])

    def test_a_call_can_be_timed_out(self):
        self.cluster.start_head(cpus=1)
        out = self.troupe("timeout")
        self.assertRegex(out[0], r"^timed_out\|")
        self.assertEqual(out[1], "2")

    def test_thousands_share_a_process(self):
        self.cluster.start_head(cpus=1)
        self.assertEqual(self.troupe("many", "3000"), ["4501500"])

    def test_other_programs_find_an_actor_by_name_and_hear_of_its_end(self):
        self.cluster.start_head(cpus=1)
        owner = self.start_troupe("named", "hits", "a")
        self.assertEqual(owner.stdout.readline(), "11\n")
        self.assertEqual(self.troupe("add", "hits", "a", "4"), ["15"])
        self.assertEqual(self.troupe("add", "hits", "b", "4"), ["not_found"])
        self.assertEqual(self.troupe("named", "hits", "a"), ["name_taken"])
        watcher = self.start_troupe("ended", "hits", "a")
        self.assertEqual(watcher.stdout.readline(), "16\n")
        self.kill_hosts()
        self.assertEqual(self.troupe("add", "hits", "a", "4"), ["20"])
        self.assertEqual(self.finish(owner), ["20"])
        out = self.finish(watcher)
        self.assertRegex(out[0], r"^gone\|hits\|closed\|")
        self.assertRegex(out[1], r"^actor_gone\|")

    def test_another_program_can_kill_it(self):
        self.cluster.start_head(cpus=1)
        owner = self.start_troupe("named", "hits", "a")
        self.assertEqual(owner.stdout.readline(), "11\n")
        self.assertEqual(self.troupe("kill-named", "hits", "a"), ["gone|hits|killed|0|"])
        self.assertRegex(self.finish(owner)[0], r"^actor_gone\|")

    def found_again(self, *words):
        """What a call answers once the actor has its name again."""
        def answered():
            out = self.troupe(*words)
            return out if out[0].isdigit() else None
        return wait_until(answered, what="the actor's return")

    def test_a_detached_actor_outlives_its_program_and_its_process(self):
        c = self.cluster
        c.start_head("--lease", "2s", cpus=1)
        self.assertEqual(self.troupe("detach", "hits", "a", "10"), ["11"])
        self.assertEqual(self.troupe("add", "hits", "a", "4"), ["15"])
        self.assertRegex(self.troupe("detach", "hits", "a", "10")[0], r"^name_taken\|")
        before = self.hosts()
        self.assertEqual(len(before), 1)
        self.kill_hosts()
        self.assertEqual(self.found_again("add", "hits", "a", "4"), ["19"], "its state was kept")
        self.assertEqual(self.troupe("kill-named", "hits", "a"), ["gone|hits|killed|0|"])
        job = wait_until(lambda: [j for j in c.json("list", "jobs")["jobs"]
                                  if j["name"] == "troupe:hits" and j["state"] == "succeeded"],
                         what="the end of its job")
        self.assertEqual(len(job), 1)
        self.assertEqual(self.troupe("detach", "hits", "a", "20"), ["21"])
        self.assertEqual(self.troupe("kill-named", "hits", "a"), ["gone|hits|killed|0|"])

    def test_a_detached_actor_goes_on_when_the_head_is_restarted(self):
        c = self.cluster
        c.start_head("--lease", "5s", cpus=0)
        c.start_node("n", cpus=1)
        self.assertEqual(self.troupe("detach", "hits", "a", "10", "0.5"), ["11"])
        c.kill("head")
        c.start_head("--lease", "5s", cpus=0)
        self.assertEqual(self.found_again("add", "hits", "a", "4"), ["15"])
        self.assertEqual(self.troupe("kill-named", "hits", "a"), ["gone|hits|killed|0|"])

    def test_a_detached_actor_that_cannot_be_made_is_not_tried_again(self):
        c = self.cluster
        c.start_head(cpus=1)
        program = self.start_troupe("detach", "bad", "a", "-1")
        job = wait_until(lambda: [j for j in c.json("list", "jobs")["jobs"]
                                  if j["state"] == "cancelled"], what="the end of its job")
        self.assertEqual(job[0]["name"], "troupe:bad")
        program.kill()
        program.communicate()

    def assert_nothing_acknowledged_is_lost(self, lines, restarts_min):
        for line in lines:
            done, unknown, other, value, life = map(int, line.split())
            self.assertEqual(other, 0, line)
            self.assertGreaterEqual(value, done, line)
            self.assertLessEqual(value, done + unknown, line)
            self.assertGreater(life, restarts_min, line)

    def calls_go_on(self, program):
        self.assertEqual(program.stdout.readline(), "calling\n")

    def test_killed_hosts_cost_no_call_that_was_answered(self):
        self.cluster.start_head(cpus=1)
        program = self.start_troupe("load", "8")
        self.calls_go_on(program)
        for _ in range(3):
            before = wait_until(self.hosts, what="a host")
            self.kill_hosts()
            wait_until(lambda: set(self.hosts()) - set(before), what="the next host")
        self.assert_nothing_acknowledged_is_lost(self.finish(program), 1)

    def test_a_killed_node_costs_no_call_that_was_answered(self):
        c = self.cluster
        c.start_head("--lease", "3s", cpus=0)
        c.start_node("a", cpus=1)
        c.start_node("b", cpus=1)
        program = self.start_troupe("load", "2", "0.5")
        self.calls_go_on(program)
        before = wait_until(lambda: len(self.hosts()) == 2 and self.hosts(), what="two hosts")
        c.kill(self.node_of(before[0]))
        wait_until(lambda: set(self.hosts()) - set(before), what="the next host")
        lines = self.finish(program)
        self.assert_nothing_acknowledged_is_lost(lines, 0)
        self.assertTrue(any(line.split()[4] == "2" for line in lines), lines)

    def node_of(self, pid):
        with open(f"/proc/{pid}/environ", "rb") as f:
            for word in f.read().split(b"\0"):
                if word.startswith(b"FABRIC_NODE_NAME="):
                    return word.split(b"=")[1].decode()

    def test_a_killed_head_costs_nothing_when_it_is_back(self):
        c = self.cluster
        c.start_head("--lease", "10s", cpus=0)
        c.start_node("a", cpus=1)
        program = self.start_troupe("load", "2", "0.5")
        self.calls_go_on(program)
        wait_until(self.hosts, what="a host")
        c.kill("head")
        c.start_head("--lease", "10s", cpus=0)
        wait_until(lambda: "a" in c.nodes(), what="the node")
        lines = self.finish(program)
        self.assert_nothing_acknowledged_is_lost(lines, 0)
        self.assertTrue(all(line.split()[4] == "1" for line in lines), lines)

    def test_a_host_that_hangs_is_replaced(self):
        self.cluster.start_head("--lease", "2s", cpus=1)
        program = self.start_troupe("load", "2")
        self.calls_go_on(program)
        before = self.hosts()
        os.kill(before[0], signal.SIGSTOP)
        wait_until(lambda: set(self.hosts()) - set(before), what="the next host")
        self.assert_nothing_acknowledged_is_lost(self.finish(program), 1)

    def test_hosts_end_with_their_owner(self):
        c = self.cluster
        c.start_head("--lease", "2s", cpus=1)
        program = self.start_troupe("load", "2")
        self.calls_go_on(program)
        wait_until(self.hosts, what="a host")
        program.kill()
        program.communicate()
        wait_until(lambda: not self.hosts(), what="the end of the hosts")


if __name__ == "__main__":
    unittest.main()
