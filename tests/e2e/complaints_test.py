"""What users of other systems complained of: versions that do not match, and starts that fail in silence.

Every failure here must end within two seconds with its cause and its remedy, and the doctor must find
the same."""

import contextlib
import http.server
import os
import signal
import socket
import threading
import time
import unittest

from fabric_cluster import FABRICD, ClusterTest, is_alive, wait_until


def listener():
    """A socket that listens on a free port of loopback and never answers."""
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    s.listen()
    return s


def built_as(version):
    """The program as another version is built; it lies beside fabricd."""
    return os.path.join(os.path.dirname(FABRICD), f"fabricd_{version}")


class QuietHandler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Versions(ClusterTest):
    def test_a_node_of_another_version_and_a_later_minor_protocol_joins_and_works(self):
        c = self.cluster
        c.start_head(cpus=1)
        c.start_node("newer", cpus=8, program=built_as("next"))
        done = c.run("run", "--cpus", "8", "--", "sh", "-c", "echo $FABRIC_NODE_NAME", check=0)
        self.assertEqual(done.stdout, "newer\n")
        with open(c.path("head/daemon.log")) as log:
            self.assertIn("fabric 0.2.0", log.read())

    def test_a_newer_head_serves_older_nodes_and_clients(self):
        c = self.cluster
        c.start_head(cpus=1, program=built_as("next"))
        c.start_node("older", cpus=8)
        done = c.run("run", "--cpus", "8", "--", "sh", "-c", "echo $FABRIC_NODE_NAME", check=0)
        self.assertEqual(done.stdout, "older\n")
        self.assertEqual(c.json("status")["head"]["version"], "0.2.0")

    def test_an_incompatible_major_is_refused_in_one_line_that_says_which_side_to_upgrade(self):
        c = self.cluster
        c.start_head(cpus=1)
        done = c.run("start", "--address", c.address, "--token", c.token, "--state-dir", "far",
                     program=built_as("far"))
        self.assert_fault(done, "VERSION", 76, "9.0.0", "0.1.0", "upgrade the head")

    def test_an_older_major_is_told_to_upgrade_itself(self):
        c = self.cluster
        c.start_head(cpus=1)
        done = c.run("start", "--address", c.address, "--token", c.token, "--state-dir", "old",
                     program=built_as("old"))
        self.assert_fault(done, "VERSION", 76, "0.0.1", "0.1.0", "upgrade the node or client")


class Starts(ClusterTest):
    def assert_fails_fast(self, words, code, status, *said):
        self.assert_fault(self.timed(*words), code, status, *said)

    def doctor_finds(self, words, *said):
        done = self.timed("doctor", *words)
        self.assertEqual(done.returncode, 78, done.stdout)
        line = [text for text in done.stdout.splitlines() if text.startswith("PROBLEM")]
        self.assertTrue(any(all(word in text for word in said) for text in line), done.stdout)

    def test_a_taken_port_names_the_process_that_holds_it(self):
        with listener() as s:
            port = str(s.getsockname()[1])
            mine = (str(os.getpid()), "python3")
            self.assert_fails_fast(["start", "--head", "--port", port, "--state-dir", "h"],
                                   "ADDRESS_IN_USE", 78, port, *mine)
            self.doctor_finds(["--port", port], port, *mine)

    def test_the_doctor_tries_the_port_itself(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))  # held, but nobody listens, so no table of listeners shows it
            port = str(s.getsockname()[1])
            self.doctor_finds(["--port", port], port, "held")
        self.assertRegex(self.timed("doctor", "--port", port).stdout, f"ok +port {port} +free")

    def test_the_doctor_follows_what_a_running_head_tells_others(self):
        c = self.cluster
        c.start_head()
        found = self.timed("doctor", "--state-dir", "head", "--port", c.address.split(":")[1]).stdout
        self.assertRegex(found, f"ok +address {c.address} .*reaches it")
        self.assertIn(f"a fabric head listens: pid {c.pid_of('head')}", found)
        self.assertIn("the head's wall clock tells the same time", found)
        with open(c.path("head/cluster.json")) as f:
            told = f.read()
        with listener() as s:
            dead = f"127.0.0.1:{s.getsockname()[1]}"
        with open(c.path("head/cluster.json"), "w") as f:
            f.write(told.replace(c.address, dead))
        self.doctor_finds(["--state-dir", "head"], dead, "does not reach it", "--node-ip-address")

    def test_a_state_directory_in_use_names_its_daemon(self):
        c = self.cluster
        c.start_head()
        self.assert_fails_fast(["start", "--head", "--port", "0", "--state-dir", "head"],
                               "STORE_LOCKED", 73, str(c.pid_of("head")))

    def test_what_a_killed_daemon_left_behind_is_in_nobodys_way(self):
        c = self.cluster
        c.start_head()
        pid = c.pid_of("head")
        c.kill("head")
        wait_until(lambda: not is_alive(pid), what="its end")
        self.assertTrue(os.path.exists(c.path("head/daemon.lock")))
        found = self.timed("doctor", "--state-dir", "head")
        self.assertIn("harms nothing", found.stdout)
        self.timed("start", "--head", "--state-dir", "head", "--name", "head")
        self.assertNotEqual(c.pid_of("head"), pid)
        self.assertEqual(c.nodes()["head"]["state"], "active")

    def test_a_head_that_is_not_there(self):
        with listener() as s:
            port = s.getsockname()[1]
        self.cluster.start_head()
        token = ["--token", self.cluster.token, "--state-dir", "n"]
        self.assert_fails_fast(["start", "--address", f"127.0.0.1:{port}", *token], "UNREACHABLE", 69,
                               str(port))
        self.doctor_finds(["--address", f"127.0.0.1:{port}"], str(port), "refuse")

    def test_a_port_that_accepts_but_never_answers(self):
        self.cluster.start_head()
        with listener() as s:
            port = s.getsockname()[1]
            self.assert_fails_fast(["start", "--address", f"127.0.0.1:{port}", "--token",
                                    self.cluster.token, "--state-dir", "n"], "UNREACHABLE", 69, str(port),
                                   "does not answer")
            self.doctor_finds(["--address", f"127.0.0.1:{port}"], str(port), "says nothing")

    def test_a_port_that_is_a_web_server(self):
        self.cluster.start_head()
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), QuietHandler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            address = f"127.0.0.1:{server.server_port}"
            self.assert_fails_fast(["start", "--address", address, "--token", self.cluster.token,
                                    "--state-dir", "n"], "UNREACHABLE", 69, address, "as a fabric head")
            self.doctor_finds(["--address", address], address, "fabric head")
        finally:
            server.shutdown()
            server.server_close()

    def test_a_port_that_another_program_greets_from(self):
        self.cluster.start_head()
        with listener() as s:
            address = f"127.0.0.1:{s.getsockname()[1]}"

            def greet():
                with contextlib.suppress(OSError):
                    while True:
                        with s.accept()[0] as one:
                            one.sendall(b"220 mail.example.org ready\r\n")

            threading.Thread(target=greet, daemon=True).start()
            self.assert_fails_fast(["start", "--address", address, "--token", self.cluster.token,
                                    "--state-dir", "n"], "AUTH_FAILED", 77, address, "no fabric head")
            self.doctor_finds(["--address", address], address, "no fabric head")
            s.shutdown(socket.SHUT_RDWR)

    def test_a_wrong_token(self):
        c = self.cluster
        c.start_head()
        join = ["start", "--address", c.address, "--state-dir", "n", "--token"]
        self.assert_fails_fast([*join, "nonsense"], "AUTH_FAILED", 77, "token")
        self.assert_fails_fast([*join, c.token[:-9]], "AUTH_FAILED", 77, "truncated")
        self.assert_fails_fast(join[:-1], "AUTH_FAILED", 77, "--token")
        doctor = ["--address", c.address, "--token"]
        self.doctor_finds([*doctor, "nonsense"], "token")
        self.doctor_finds([*doctor, c.token[:-9]], "truncated")
        self.assertIn("admits this token", self.timed("doctor", *doctor, c.token).stdout)
        other = type(c)()
        try:
            other.start_head()
            self.assert_fails_fast([*join, other.token], "AUTH_FAILED", 77, "another key", "token")
            self.doctor_finds([*doctor, other.token], "another key")
        finally:
            other.close()

    def test_an_address_that_is_not_this_machines(self):
        words = ["--node-ip-address", "203.0.113.9"]
        self.assert_fails_fast(["start", "--head", "--port", "0", "--state-dir", "h", *words],
                               "CONFIG", 78, "203.0.113.9", "127.0.0.1")
        self.doctor_finds(words, "203.0.113.9")

    def test_a_state_directory_of_the_other_kind(self):
        c = self.cluster
        c.start_head()
        c.start_node("n")
        c.run("stop", "--now", "--state-dir", "n", check=0)
        c.names.remove("n")
        self.assert_fails_fast(["start", "--head", "--port", "0", "--state-dir", "n"], "CONFIG", 78,
                               "worker node")
        self.assertIn("belongs to a worker node", c.run("doctor", "--state-dir", "n").stdout)
        c.run("stop", "--now", "--state-dir", "head", check=0)
        self.assert_fails_fast(["start", "--address", c.address, "--token", c.token, "--state-dir",
                                "head"], "CONFIG", 78, "belongs to a head")
        self.assertIn("belongs to a head", c.run("doctor", "--state-dir", "head").stdout)

    def test_a_cluster_file_that_others_may_read(self):
        c = self.cluster
        c.start_head()
        os.chmod(c.path("head/cluster.json"), 0o640)
        self.assert_fails_fast(["status"], "CONFIG", 78, "cluster.json", "chmod 600")
        self.doctor_finds([], "cluster.json", "chmod 600")

    def test_damaged_keys(self):
        c = self.cluster
        c.start_head()
        c.run("stop", "--now", "--state-dir", "head", check=0)
        with open(c.path("head/keys.json"), "r+") as f:
            f.truncate(40)
        self.assert_fails_fast(["start", "--head", "--port", "0", "--state-dir", "head"], "BAD_MESSAGE",
                               65, "keys.json")
        self.doctor_finds(["--state-dir", "head"], "keys.json")

    def test_keys_that_others_may_read(self):
        c = self.cluster
        c.start_head()
        c.run("stop", "--now", "--state-dir", "head", check=0)
        os.chmod(c.path("head/keys.json"), 0o644)
        self.assert_fails_fast(["start", "--head", "--port", "0", "--state-dir", "head"], "CONFIG", 78,
                               "chmod 600")
        self.doctor_finds(["--state-dir", "head"], "chmod 600")
        os.chmod(c.path("head/keys.json"), 0o600)

    def test_a_restarted_head_keeps_its_place_and_its_nodes_find_it_again(self):
        c = self.cluster
        c.start_head()
        c.start_node("n")
        address, cluster = c.address, c.json("status")["head"]["cluster"]
        c.run("stop", "--now", "--state-dir", "head", check=0)
        c.start_head()
        self.assertEqual(c.address, address)
        self.assertEqual(c.json("status")["head"]["cluster"], cluster)
        wait_until(lambda: c.nodes()["n"]["state"] == "active", 20, "the node's return")

    def test_a_stopped_node_drains_first(self):
        c = self.cluster
        c.start_head(cpus=1)
        c.start_node("n", cpus=4)
        job = c.run("submit", "--cpus", "4", "--", "sh", "-c", "sleep 1", check=0).stdout.strip()
        wait_until(lambda: c.json("get", job)["state"] == "running", what="the task's start")
        c.run("stop", "--state-dir", "n", check=0)
        task = c.json("get", job)
        self.assertEqual((task["state"], task["attempts"]), ("succeeded", 1))
        self.assertEqual(c.run("run", "--", "echo", "on", check=0).stdout, "on\n")


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    unittest.main(verbosity=2)
