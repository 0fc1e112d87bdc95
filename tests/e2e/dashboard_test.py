"""The dashboard as a browser, a scraper and an attacker see it: real requests to a real head."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import unittest

from fabric_cluster import ClusterTest, is_alive, wait_until

CUT_SECONDS_MAX = 12  # until a caller that says nothing is cut off


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def json(self):
        return json.loads(self.body)


class DashboardTest(ClusterTest):
    def start_head(self, *more):
        done = self.cluster.start_head(*more)
        self.read_link(done)
        return done

    def read_link(self, done):
        found = re.search(r"^dashboard: http://(\S+):(\d+)/\?token=([0-9a-f]{64})$", done.stdout, re.M)
        self.assertTrue(found, done.stdout)
        self.host, self.port, self.token = found[1], int(found[2]), found[3]

    def ask(self, path, method="GET", headers=None, body=None, token=None):
        sent = dict(headers or {})
        if token:
            sent["Authorization"] = f"Bearer {token}"
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as to:
            to.request(method, path, body=body, headers=sent)
            got = to.getresponse()
            return Answer(got.status, dict(got.getheaders()), got.read().decode())

    def get(self, path, **more):
        return self.ask(path, token=self.token, **more)

    def connect(self):
        return contextlib.closing(socket.create_connection(("127.0.0.1", self.port), timeout=30))

    def log(self):
        with open(self.cluster.path("head/daemon.log")) as log:
            return log.read()


class Access(DashboardTest):
    def test_without_a_token_nothing_is_told(self):
        self.start_head()
        for path in ("/", "/app.js", "/api/status", "/metrics", "/nothing/here", "/?other=1"):
            told = self.ask(path)
            self.assertEqual(told.status, 401, path)
            text = told.body + repr(told.headers)
            for word in ("0.1.0", "httplib", self.cluster.folder, "Server"):
                self.assertNotIn(word, text)
            self.assertEqual(told.headers["WWW-Authenticate"], "Bearer")

    def test_wrong_tokens_are_counted_and_the_right_one_still_works(self):
        self.start_head()
        statuses = [self.ask("/api/status", token="0" * 64).status for _ in range(12)]
        self.assertEqual(statuses, [401] * 10 + [429] * 2)
        self.assertEqual(self.ask("/?token=wrong").status, 429)
        self.assertIn("Retry-After", self.ask("/", headers={"Cookie": self.cookie_name() + "=x"}).headers)
        self.assertEqual(self.ask("/api/status").status, 401, "no token is no guess")
        self.assertEqual(self.get("/api/status").status, 200)
        self.assertEqual(self.log().count("refused a wrong token"), 10)

    def cookie_name(self):
        return "fabric_" + self.cluster.json("status")["head"]["cluster"][:8]

    def test_the_link_signs_a_browser_in_and_leaves_the_token_out_of_the_address(self):
        self.start_head()
        done = self.ask(f"/?token={self.token}")
        self.assertEqual((done.status, done.headers["Location"]), (303, "/"))
        cookie, *attributes = done.headers["Set-Cookie"].split("; ")
        self.assertEqual(cookie, f"{self.cookie_name()}={self.token}")
        self.assertEqual(set(attributes), {"HttpOnly", "SameSite=Strict", "Path=/"})
        page = self.ask("/", headers={"Cookie": cookie})
        self.assertEqual(page.status, 200)
        self.assertIn("<title>Fabric</title>", page.body)
        self.assertEqual(self.ask(f"/api/status?token={self.token}").status, 401)

    def test_every_reply_has_the_headers_that_protect_a_browser(self):
        self.start_head()
        for answer in (self.get("/"), self.get("/api/status"), self.ask("/"), self.get("/x"),
                       self.get("/", headers={"Host": "evil.example"}), self.get("/", method="POST")):
            headers = answer.headers
            self.assertIn("default-src 'self'", headers["Content-Security-Policy"])
            self.assertIn("frame-ancestors 'none'", headers["Content-Security-Policy"])
            self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
            self.assertEqual(headers["Referrer-Policy"], "no-referrer")
            self.assertEqual(headers["Cache-Control"], "no-store")
            self.assertNotIn("Access-Control-Allow-Origin", headers)

    def test_a_page_that_rebinds_its_name_is_refused_with_one_line_in_the_log(self):
        self.start_head()
        methods = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")
        for method in methods:
            told = self.get("/api/status", method=method, headers={"Host": "evil.example:80"})
            self.assertEqual(told.status, 403, method)
        upgrade = {"Host": "evil.example", "Upgrade": "websocket", "Connection": "Upgrade"}
        self.assertEqual(self.get("/", headers=upgrade).status, 403)
        lines = [line for line in self.log().splitlines() if "evil.example" in line]
        self.assertEqual(len(lines), len(methods) + 1)
        self.assertIn("audit: dashboard: refused the host name 'evil.example:80' from 127.0.0.1", lines[0])
        for name in ("localhost:1", f"127.0.0.1:{self.port}"):
            self.assertEqual(self.get("/api/status", headers={"Host": name}).status, 200, name)

    def test_nothing_but_get_is_allowed(self):
        self.start_head()
        for method in ("HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
            told = self.get("/api/status", method=method, body="{}" if method == "POST" else None,
                            headers={"Content-Type": "application/json", "Origin": "http://evil.example"})
            self.assertEqual((told.status, told.headers["Allow"]), (405, "GET"), method)

    def test_the_token_is_in_no_log_and_in_no_file_of_others(self):
        self.start_head()
        self.ask(f"/?token={self.token}")
        self.ask("/", headers={"Cookie": f"x={self.token}"})
        self.assertNotIn(self.token, self.log())
        c = self.cluster
        for name in os.listdir(c.path("head")):
            path = c.path(f"head/{name}")
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    if self.token.encode() in file.read():
                        self.assertEqual((name, os.stat(path).st_mode & 0o777), ("keys.json", 0o600))


class Content(DashboardTest):
    def test_the_api_says_what_the_commands_say(self):
        c = self.cluster
        self.start_head()
        c.run("submit", "--name", "<script>alert(1)</script>", "--", "true", check=0)
        c.run("submit", "--array", "1-3", "--", "true", check=0)
        c.run("submit", "--gpus", "7", "--", "true", check=0)
        c.run("wait", "1", "2", check=0)
        wait_until(lambda: self.get("/api/status").json()["counters"]["finished"] == 4,
                   what="an answer that is no older than the tasks' end")

        for path, words in (("/api/jobs", ["list", "jobs"]),
                            ("/api/jobs?limit=2", ["list", "jobs", "--limit", "2"]),
                            ("/api/jobs?state=queued", ["list", "jobs", "--state", "queued"]),
                            ("/api/studies", ["list", "studies"]), ("/api/jobs/1", ["get", "1"]),
                            ("/api/jobs/2", ["get", "2"]), ("/api/jobs/2.3", ["get", "2.3"]),
                            ("/api/tasks?job=2", ["list", "tasks", "--job", "2"]),
                            ("/api/explain/3", ["explain", "3"]), ("/api/explain/2.1", ["explain", "2.1"])):
            got = self.get(path)
            self.assertEqual(got.headers["Content-Type"], "application/json")
            self.assertEqual(got.json(), c.json(*words), path)

        status, nodes = c.json("status"), c.json("list", "nodes")
        ours = self.get("/api/status").json()
        self.assertEqual(ours["head"]["dashboard"], f"http://127.0.0.1:{self.port}/")
        self.assertIn(f"\ndashboard http://127.0.0.1:{self.port}/\n", c.run("status", check=0).stdout)
        for document in (status, ours):
            document["head"].pop("now")
        for document in (status, ours, nodes):
            for node in document["nodes"]:
                node.pop("last_heard_ms")
        self.assertEqual(ours, status)
        self.assertEqual([n["id"] for n in self.get("/api/nodes").json()["nodes"]],
                         [n["id"] for n in nodes["nodes"]])
        with open(c.path("head/cluster.json")) as file:
            self.assertEqual(json.load(file)["dashboard"], f"http://127.0.0.1:{self.port}/")

    def test_names_from_elsewhere_are_data_and_never_markup(self):
        self.start_head()
        name = "<img src=x onerror=alert(1)></script>"
        self.cluster.run("submit", "--name", name, "--", "true", check=0)
        wait_until(lambda: self.get("/api/jobs").json()["jobs"], what="the job")
        jobs = self.get("/api/jobs")
        self.assertEqual(jobs.json()["jobs"][0]["name"], name)
        self.assertEqual(jobs.headers["Content-Type"], "application/json")
        self.assertNotIn(name, self.get("/").body)
        script = self.get("/app.js").body
        for sink in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            self.assertNotIn(sink, script)

    def test_there_is_nothing_under_other_paths(self):
        self.start_head()
        for path in ("/index.html", "/keys.json", "/../keys.json", "/..%2fkeys.json", "/%2e%2e/keys.json",
                     "/assets/../../keys.json", "/api/jobs/../status", "/api/jobs/%2e%2e", "/api/jobs/x",
                     "/app.js/", "/app.js%00", "//", "/./app.js", "/api/jobs/1%0d%0aX:1", "/" + "a" * 4000):
            self.assertEqual(self.get(path).status, 404, path)
        self.assertEqual(self.get("/api/jobs/99").json()["error"]["code"], "NOT_FOUND")
        self.assertEqual(self.get("/api/jobs?limit=0").status, 400)

    def test_metrics_are_what_prometheus_reads(self):
        self.start_head()
        self.cluster.run("run", "--", "true", check=0)
        wait_until(lambda: "fabric_tasks_finished_total 1\n" in self.get("/metrics").body, what="the count")
        got = self.get("/metrics")
        self.assertEqual(got.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
        sample = re.compile(r'[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? -?[0-9.e+-]+$')
        typed = {}
        for line in got.body.splitlines():
            if line.startswith("# TYPE "):
                name, kind = line.split()[2:]
                self.assertNotIn(name, typed)
                typed[name] = kind
            elif not line.startswith("# HELP "):
                self.assertRegex(line, sample)
                self.assertIn(re.match(r"[a-z_]+", line)[0], typed)
        self.assertEqual(typed["fabric_tasks_granted_total"], "counter")
        self.assertRegex(got.body,
                         r'fabric_node_resource_capacity\{node="head",id="\w+",resource="cpu"\} 3\n')
        self.assertIn('fabric_nodes{state="active"} 1\n', got.body)


class Callers(DashboardTest):
    def test_a_slow_caller_is_cut_off(self):
        self.start_head()
        with self.connect() as slow:
            slow.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")
            slow.settimeout(CUT_SECONDS_MAX)
            self.assertTrue(slow.recv(4096).startswith(b"HTTP/1.1 408 "))
            self.assertEqual(slow.recv(4096), b"")

    def test_many_silent_callers_keep_nobody_out(self):
        self.start_head()
        with contextlib.ExitStack() as open_ones:
            for _ in range(400):
                open_ones.enter_context(self.connect()).sendall(b"GET /api/status HTTP/1.1\r\n")
            self.assertEqual(self.get("/api/status").status, 200)

    def test_a_long_head_is_refused(self):
        self.start_head()
        with self.connect() as to:
            with contextlib.suppress(OSError):
                to.sendall(b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 8000)
            self.assertIn(b" 431 ", to.recv(4096))

    def test_a_body_is_never_read(self):
        self.start_head()
        for head in (b"Content-Length: 99999999999\r\n", b"Transfer-Encoding: chunked\r\n",
                     b"Content-Length: 10\r\nExpect: 100-continue\r\n"):
            with self.connect() as to:
                to.sendall(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + head + b"\r\n" + b"x" * 1000)
                self.assertIn(b"HTTP/1.1 405 ", to.recv(4096), head)

    def test_nonsense_harms_nothing(self):
        self.start_head()
        for bytes_sent in (b"\r\n\r\n", b"\0" * 100 + b"\r\n\r\n", b"GET\r\n\r\n", b"BREW / HTTP/1.1\r\n\r\n",
                           b"GET / HTTP/9\r\n\r\n", b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
                           b"GET /?token HTTP/1.1\r\n\r\n", b"\xff\xfe GET / HTTP/1.1\r\n\r\n"):
            with self.connect() as to:
                to.sendall(bytes_sent)
                self.assertRegex(to.recv(4096), rb"^HTTP/1.1 40[0-9] ")
        many = ",".join(["0-"] * 1000)
        whole = self.get("/app.js")
        ranged = self.get("/app.js", headers={"Range": f"bytes={many}"})
        self.assertEqual((ranged.status, ranged.body), (200, whole.body))
        self.assertEqual(self.get("/api/jobs?state=%ff").json(), {"jobs": []})


class Starts(DashboardTest):
    def test_a_restarted_head_keeps_address_and_token(self):
        c = self.cluster
        self.start_head()
        before = (self.port, self.token)
        c.run("stop", "--now", "--state-dir", "head", check=0)
        self.read_link(c.start_head())
        self.assertEqual((self.port, self.token), before)
        c.kill("head")
        pid = c.pid_of("head")
        wait_until(lambda: not is_alive(pid), what="its end")
        done = c.start_head()
        self.read_link(done)
        self.assertEqual((self.port, self.token, done.stderr), (*before, ""))
        self.assertEqual(self.get("/api/status").json()["head"]["epoch"], 3)

    def test_a_token_that_was_emptied_is_made_anew(self):
        c = self.cluster
        self.start_head()
        old, port = self.token, self.port
        c.run("stop", "--now", "--state-dir", "head", check=0)
        with open(c.path("head/keys.json"), "r+") as file:
            text = file.read().replace(old, "")
            file.seek(0)
            file.truncate()
            file.write(text)
        self.read_link(c.start_head())
        self.assertNotEqual(self.token, old)
        self.assertEqual(self.port, port)
        self.assertEqual(self.ask("/api/status", token=old).status, 401)
        self.assertEqual(self.get("/api/status").status, 200)

    def test_a_head_that_was_made_before_there_were_dashboards_gets_one(self):
        c = self.cluster
        c.start_head("--no-dashboard")
        c.run("stop", "--now", "--state-dir", "head", check=0)
        with open(c.path("head/keys.json")) as file:
            keys = {name: value for name, value in json.load(file).items()
                    if name != "observer" and not name.startswith("dashboard")}
        with open(c.path("head/keys.json"), "w") as file:
            json.dump(keys, file)
        self.start_head()
        self.assertEqual(self.get("/api/status").status, 200)

    def test_a_port_that_was_asked_for_and_is_taken_ends_the_start(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = str(taken.getsockname()[1])
            done = self.timed("start", "--head", "--port", "0", "--dashboard-port", port,
                              "--state-dir", "h")
            self.assert_fault(done, "ADDRESS_IN_USE", 78, port, str(os.getpid()), "python3",
                              "--dashboard-port")
        self.assertFalse(os.path.exists(self.cluster.path("h/store.db")))

    def test_a_port_that_was_not_asked_for_and_is_taken_is_another_one(self):
        c = self.cluster
        self.start_head()
        port = self.port
        c.run("stop", "--now", "--state-dir", "head", check=0)
        with socket.create_server(("127.0.0.1", port)):
            done = c.start_head()
            self.read_link(done)
        self.assertNotEqual(self.port, port)
        for word in (str(port), str(self.port), f"process {os.getpid()} (python3)"):
            self.assertIn(word, done.stderr)
        self.assertEqual(self.get("/api/status").status, 200)

    def test_a_dashboard_for_others_is_warned_of(self):
        c = self.cluster
        done = self.start_head("--dashboard-host", "0.0.0.0",
                               "--dashboard-names", "fabric.example,other.example")
        self.assertRegex(done.stderr, "^fabricd: warning: the dashboard at .* is plain HTTP.*\n$")
        self.assertEqual(self.host, socket.gethostname())
        self.assertIn("plain HTTP", "".join(c.json("status")["warnings"]))
        self.assertIn("fabric_warnings 1\n", self.get("/metrics").body)
        for name, status in ((self.host, 200), ("127.0.0.1", 200), ("localhost", 200),
                             ("fabric.example", 200), ("OTHER.example:80", 200), ("0.0.0.0", 403),
                             ("evil.example", 403)):
            self.assertEqual(self.get("/api/status", headers={"Host": name}).status, status, name)
        c.run("stop", "--now", "--state-dir", "head", check=0)
        self.assertIn("plain HTTP", c.start_head().stderr)

    def test_a_head_can_do_without(self):
        c = self.cluster
        done = c.start_head("--no-dashboard")
        self.assertNotIn("dashboard", done.stdout + done.stderr)
        self.assertNotIn("dashboard", c.json("status")["head"])
        with open(c.path("head/cluster.json")) as file:
            self.assertNotIn("dashboard", json.load(file))
        c.run("stop", "--now", "--state-dir", "head", check=0)
        self.start_head()
        self.assertEqual(self.get("/api/status").status, 200)

    def test_flags_that_make_no_sense(self):
        head = ["start", "--head", "--port", "0", "--state-dir", "h"]
        for words, said in ((["--dashboard-port", "70000"], "70000"), (["--dashboard-port", "-1"], "-1"),
                            (["--no-dashboard", "--dashboard-port", "1"], "--no-dashboard"),
                            (["--dashboard-names", "a/b"], "a/b"), (["--dashboard-names", "a:1"], "a:1")):
            self.assert_fault(self.timed(*head, *words), "USAGE", 64, said)
        self.assert_fault(self.timed(*head, "--dashboard-host", "203.0.113.9"), "CONFIG", 78, "203.0.113.9",
                          "--dashboard-host")
        node = ["start", "--address", "127.0.0.1:1", "--token", "x", "--state-dir", "n"]
        for words in (["--dashboard-port", "1"], ["--dashboard-host", "::"], ["--no-dashboard"],
                      ["--dashboard-names", "a"]):
            self.assert_fault(self.timed(*node, *words), "USAGE", 64, "dashboard")

    def test_the_head_answers_while_it_drains_and_then_lets_the_port_go(self):
        c = self.cluster
        self.start_head()
        c.run("submit", "--", "sleep", "2", check=0)
        wait_until(lambda: self.get("/api/status").json()["queue"]["running"] == 1, what="the task's start")
        stop = c.popen("stop", "--state-dir", "head")
        wait_until(lambda: self.get("/api/nodes").json()["nodes"][0]["state"] == "draining", what="the drain")
        stop.communicate(timeout=60)
        with self.assertRaises(ConnectionRefusedError):
            self.get("/api/status")


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    unittest.main(verbosity=2)
