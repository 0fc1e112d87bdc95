"""Unmodified Optuna workers at `fabricd study serve`: each point once, whatever dies meanwhile."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

from fabric_cluster import FABRICD, wait_until

PYTHON = "/usr/bin/python3"  # the one that Debian's python3-optuna is for
WORKER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "programs/optuna_worker.py")
WORKERS = 16


class Workers(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="fabric-e2e-")
        self.env = dict(os.environ, HOME=self.folder, XDG_STATE_HOME=self.folder)
        self.storage = "sqlite:///" + os.path.join(self.folder, "s.db")
        self.evaluated = os.path.join(self.folder, "evaluated")
        self.running = []

    def tearDown(self):
        for process in self.running:
            if process.poll() is None:
                process.kill()
            process.communicate()
        shutil.rmtree(self.folder)

    def serve(self, *words, port=0):
        server = subprocess.Popen(
            [FABRICD, "study", "serve", "--redis", f"127.0.0.1:{port}", "--storage", self.storage,
             "--json", *words], env=self.env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.running.append(server)
        line = server.stdout.readline()
        self.assertTrue(line, "the server did not start")
        return server, json.loads(line)["redis"]

    def start_workers(self, url, points, seconds=0.01, count=WORKERS, study="s"):
        started = []
        for _ in range(count):
            started.append(subprocess.Popen(
                [PYTHON, WORKER, url, study, str(points), str(seconds), self.evaluated], env=self.env,
                text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT))
        self.running += started
        return started

    def outputs_of(self, workers):
        outputs = [worker.communicate(timeout=120)[0] for worker in workers]
        for worker, output in zip(workers, outputs):
            self.assertEqual(worker.returncode, 0, output)
            self.assertIn("EXHAUSTED", output)

    def points(self):
        if not os.path.exists(self.evaluated):
            return []
        with open(self.evaluated) as f:
            return sorted(int(line) for line in f)

    def trials(self):
        done = subprocess.run([FABRICD, "study", "trials", "s", "--storage", self.storage, "--json"],
                              env=self.env, text=True, capture_output=True, timeout=60, check=True)
        return json.loads(done.stdout)["trials"]

    def optuna(self, program):
        done = subprocess.run([PYTHON, "-c", f"import optuna\nurl = {self.storage!r}\n{program}"],
                              env=self.env, text=True, capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_sixteen_workers_on_200_points_evaluate_each_once(self):
        """They create the study all at once, too, and nobody declared its space."""
        _, url = self.serve()
        self.outputs_of(self.start_workers(url, 200))
        self.assertEqual(self.points(), list(range(200)))
        self.assertEqual([t["state"] for t in self.trials()], ["COMPLETE"] * 200)
        seen = self.optuna("s = optuna.load_study(study_name='s', storage=url)\n"
                           "print(len(s.trials), s.best_value, s.best_params,"
                           " s.trials[9].user_attrs, [t.number for t in s.trials] == list(range(200)))")
        self.assertEqual(seen, "200 0.0 {'x': 7} {'HOST': {'host': 'laptop'}} True\n")

    def test_points_of_killed_workers_are_evaluated_by_others(self):
        _, url = self.serve("--study", "s", "--param", "x=int(0,49)", "--grace", "300ms")
        workers = self.start_workers(url, 50, seconds=0.3)
        pids = [int(worker.stdout.readline()) for worker in workers]
        victims = workers[:5]
        wait_until(lambda: len(self.points()) >= 5, what="some evaluations")
        for pid in pids[:5]:
            os.kill(pid, signal.SIGKILL)
        self.outputs_of(workers[5:])
        for worker in victims:
            worker.communicate(timeout=10)
        points = self.points()
        self.assertEqual(sorted(set(points)), list(range(50)))
        trials = self.trials()
        complete = sorted(t["params"]["x"] for t in trials if t["state"] == "COMPLETE")
        self.assertEqual(complete, list(range(50)), "each once, none missing")
        lost = [t for t in trials if t["state"] != "COMPLETE"]
        self.assertTrue(1 <= len(lost) <= 5, lost)
        # A victim may have died between its evaluation and its result, no worker was given it twice.
        self.assertLessEqual(len(points), 50 + len(lost))

    def test_constraints_of_a_worker_guide_the_server_and_make_the_best(self):
        """Of 0 to 999 the higher x is the better, and what is above 500 is not allowed."""
        _, url = self.serve("--sampler", "tpe", "--seed", "1")
        program = (
            "import optuna\n"
            "optuna.logging.set_verbosity(optuna.logging.ERROR)\n"
            "def objective(trial):\n"
            "    x = trial.suggest_int('x', 0, 999)\n"
            "    trial.set_user_attr('over', x - 500)\n"
            "    return -x\n"
            "sampler = optuna.samplers.TPESampler(constraints_func=lambda t: (t.user_attrs['over'],))\n"
            f"storage = optuna.storages.JournalStorage(optuna.storages.JournalRedisStorage({url!r}))\n"
            "study = optuna.create_study(study_name='s', storage=storage, sampler=sampler)\n"
            "study.optimize(objective, n_trials=80)\n")
        done = subprocess.run([PYTHON, "-W", "ignore", "-c", program], env=self.env, text=True,
                              capture_output=True, timeout=100)
        self.assertEqual(done.returncode, 0, done.stderr)
        trials = self.trials()
        self.assertEqual([t["constraints"] for t in trials], [[t["params"]["x"] - 500] for t in trials])
        near = [t["params"]["x"] <= 600 for t in trials[40:]]
        self.assertGreaterEqual(sum(near), 30, "without constraints few are")
        best = subprocess.run([FABRICD, "study", "best", "s", "--storage", self.storage, "--json"],
                              env=self.env, text=True, capture_output=True, timeout=60, check=True)
        x = max(t["params"]["x"] for t in trials if t["params"]["x"] <= 500)
        self.assertIn(f'"x": {x}', json.dumps(json.loads(best.stdout)))
        self.assertGreater(x, 450)

    def test_a_killed_server_that_starts_again_goes_on(self):
        server, url = self.serve("--study", "s", "--param", "x=int(0,19)")
        workers = self.start_workers(url, 20, seconds=0.5, count=4)
        for worker in workers:
            worker.stdout.readline()
        wait_until(lambda: len(self.points()) >= 4, what="some evaluations")
        # All are in their objective now: in the first half second after some of them ended.
        server.kill()
        server.wait()
        time.sleep(0.1)
        self.serve("--silence", "2s", port=int(url.rsplit(":", 1)[1]))
        for worker in workers:
            worker.communicate(timeout=60)  # one that asked just then has seen the connection break
        self.outputs_of(self.start_workers(url, 20, count=2))
        complete = sorted(t["params"]["x"] for t in self.trials() if t["state"] == "COMPLETE")
        self.assertEqual(complete, list(range(20)))

    def test_a_late_result_is_refused(self):
        _, url = self.serve("--study", "s", "--param", "x=int(0,9)", "--grace", "50ms")
        # The worker's connections break under it, as when a network is gone for a while.
        done = subprocess.run([PYTHON, "-c", f"""
import time, optuna
backend = optuna.storages.JournalRedisStorage({url!r})
study = optuna.create_study(study_name="s", storage=optuna.storages.JournalStorage(backend))
trial = study.ask()
x = trial.suggest_int("x", 0, 9)
backend._redis.connection_pool.disconnect()
time.sleep(1)
try:
    study.tell(trial, 1.0)
except Exception as why:
    print(type(why).__name__, why)
print(study.ask().suggest_int("x", 0, 9) == x)
"""], env=self.env, text=True, capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        first, second = done.stdout.splitlines()
        self.assertRegex(first, "(Runtime|Value)Error")
        self.assertEqual(second, "True", "the point is leased again")

    def fabricd(self, *words, status=0):
        done = subprocess.run([FABRICD, *words, "--storage", self.storage], env=self.env, text=True,
                              capture_output=True, timeout=60)
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    def test_a_space_that_the_study_does_not_have_is_refused(self):
        self.fabricd("study", "create", "s", "--minimize", "--param", "x=int(0,19)")
        serve = ["study", "serve", "--redis", "127.0.0.1:0", "--study", "s", "--param"]
        said = self.fabricd(*serve, "x=int(0,9)", status=64).stderr
        self.assertIn("USAGE: the study 's' has another space than --param says: x=int(0,19)", said)
        _, url = self.serve("--study", "s", "--param", "x=int(0,19)")
        self.outputs_of(self.start_workers(url, 20, count=2))
        self.assertEqual(self.points(), list(range(20)))

    def test_trials_of_a_tuner_beside_are_seen_at_once_and_after_a_restart(self):
        server, url = self.serve("--study", "s", "--param", "x=int(0,19)")
        see = ("import sys, optuna\n"
               "storage = optuna.storages.JournalStorage("
               "optuna.storages.JournalRedisStorage(sys.argv[1]))\n"
               "s = optuna.create_study(study_name='s', storage=storage, load_if_exists=True)\n"
               "print(sorted((t.params['x'], t.value) for t in s.trials))")

        def seen():
            done = subprocess.run([PYTHON, "-W", "ignore", "-c", see, url], env=self.env, text=True,
                                  capture_output=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
            return json.loads(done.stdout.replace("(", "[").replace(")", "]"))
        self.assertEqual(seen(), [])
        subprocess.run([FABRICD, "tune", "--local", "--study", "s", "--minimize", "--load-if-exists",
                        "--storage", self.storage, "--param", "x=int(0,19)", "--trials", "5", "--",
                        "echo", "{x}"], env=self.env, capture_output=True, timeout=60, check=True)
        wait_until(lambda: len(seen()) == 5, what="the server's look at the tables")
        server.terminate()
        server.wait()
        server, url = self.serve()
        self.assertEqual(len(seen()), 5)
        self.assertTrue(all(x == value for x, value in seen()))
        self.outputs_of(self.start_workers(url, 20, count=2))
        self.assertEqual(len(self.points()), 15, "the tuner's points are nobody's")
        server.terminate()
        server.wait()
        server, url = self.serve()
        self.assertEqual(sorted(x for x, _ in seen()), list(range(20)), "each once")

    def test_a_script_with_several_trials_under_way_does_not_wait_for_itself(self):
        """`n_jobs`, and several `ask` before a `tell`: Optuna's storage takes one request at a time."""
        _, url = self.serve("--study", "declared", "--param", "x=int(0,9)")
        program = (
            "import optuna, sys, time\n"
            "optuna.logging.set_verbosity(optuna.logging.CRITICAL)\n"
            f"storage = optuna.storages.JournalStorage(optuna.storages.JournalRedisStorage({url!r}))\n"
            "def objective(trial):\n"
            "    x = trial.suggest_int('x', 0, 9)\n"
            "    time.sleep(0.05)\n"
            "    return x\n"
            "def study(name):\n"
            "    return optuna.create_study(study_name=name, storage=storage, load_if_exists=True)\n"
            "try:\n"
            "    study('declared').optimize(objective, n_jobs=3)\n"
            "except Exception as why:\n"
            "    print(str(why).split()[0])\n"
            "print(sorted(t.params['x'] for t in study('declared').trials if t.value is not None))\n"
            "learned = study('learned')\n"
            "learned.optimize(objective, n_trials=6, n_jobs=4)\n"
            "print(len([t for t in learned.trials if t.value is not None]))\n"
            "asked = study('asked')\n"
            "for trial in [asked.ask({'x': optuna.distributions.IntDistribution(0, 9)}) for _ in range(4)]:\n"
            "    asked.tell(trial, trial.params['x'])\n"
            "print(len(asked.trials))\n")
        done = subprocess.run([PYTHON, "-W", "ignore", "-c", program], env=self.env, text=True,
                              capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.splitlines(), ["EXHAUSTED", str(list(range(10))), "6", "4"])

    def test_a_study_and_a_trial_that_others_add_while_it_serves_are_taken_up(self):
        _, url = self.serve()

        def study(*words):
            subprocess.run([FABRICD, "study", *words, "--storage", self.storage], env=self.env,
                           capture_output=True, timeout=60, check=True)

        def output_of(program):
            done = subprocess.run(
                [PYTHON, "-W", "ignore", "-c",
                 "import sys, optuna\n"
                 "optuna.logging.set_verbosity(optuna.logging.CRITICAL)\n"
                 "storage = optuna.storages.JournalStorage("
                 "optuna.storages.JournalRedisStorage(sys.argv[1]))\n" + program, url],
                env=self.env, text=True, capture_output=True, timeout=60)
            return done.stdout.strip()
        study("create", "made", "--minimize", "--param", "x=int(0,2)")
        names = "print([s.study_name for s in optuna.get_all_study_summaries(storage)])"
        wait_until(lambda: output_of(names) == "['made']", what="the study")
        fails_at_1 = ("s = optuna.load_study(study_name='made', storage=storage)\n"
                      "s.optimize(lambda t: 1 / (t.suggest_int('x', 0, 2) - 1), 3,"
                      " catch=(ZeroDivisionError,))\n")
        output_of(fails_at_1)
        states = ("s = optuna.load_study(study_name='made', storage=storage)\n"
                  "print(*(t.state.name for t in s.trials if t.params.get('x', 1) == 1))")
        self.assertEqual(output_of(states), "FAIL")
        study("retry", "made")
        wait_until(lambda: output_of(states) == "FAIL WAITING", what="the trial")
        output_of("s = optuna.load_study(study_name='made', storage=storage)\n"
                  "s.optimize(lambda t: t.suggest_int('x', 0, 2), 1)\n")
        self.assertEqual(output_of(states), "FAIL COMPLETE")
        stored = subprocess.run([FABRICD, "study", "trials", "made", "--storage", self.storage, "--json"],
                                env=self.env, text=True, capture_output=True, timeout=60, check=True)
        self.assertEqual([t["params"]["x"] for t in json.loads(stored.stdout)["trials"]
                          if t["state"] == "COMPLETE" and t["number"] == 3], [1])

    def test_the_point_of_a_working_worker_is_nobody_elses_while_the_server_lives(self):
        server, url = self.serve("--study", "s", "--param", "x=int(0,9)")
        port = url.rsplit(":", 1)[1].split("/")[0]
        worker = subprocess.Popen([PYTHON, "-W", "ignore", "-c", """
import sys, optuna
storage = optuna.storages.JournalStorage(optuna.storages.JournalRedisStorage(sys.argv[1]))
study = optuna.create_study(study_name="s", storage=storage)
trial = study.ask()
print(trial.suggest_int("x", 0, 9), flush=True)
sys.stdin.readline()
try:
    study.tell(trial, 105.0)
except Exception as why:
    print(type(why).__name__)
""", url], env=self.env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.running.append(worker)
        x = int(worker.stdout.readline())
        first = json.loads(self.fabricd("study", "ask", "s", "--json").stdout)
        self.assertNotEqual(first["params"]["x"], x)
        said = self.fabricd("study", "tell", "s", "0", "--value", "77", status=77).stderr
        self.assertIn("FORBIDDEN: trial 0 is with a worker of `fabricd study serve`", said)
        server.kill()
        server.wait()
        # Now nobody speaks for the worker.
        again = json.loads(self.fabricd("study", "ask", "s", "--json").stdout)
        self.assertEqual(again["params"]["x"], x)
        self.fabricd("study", "tell", "s", f"{again['number']}#{again['attempt']}",
                     "--value", "77")
        self.serve(port=port)
        output, errors = worker.communicate("go\n", timeout=60)
        self.assertRegex(output, "(Runtime|Value)Error", errors)
        done = [t for t in self.trials() if t["params"]["x"] == x]
        self.assertEqual([(t["state"], t["value"]) for t in done], [("COMPLETE", 77)])

    def test_a_study_that_is_deleted_is_gone_for_its_workers(self):
        _, url = self.serve("--study", "s", "--param", "x=int(0,9)")
        worker = subprocess.Popen([PYTHON, "-W", "ignore", "-c", """
import sys, optuna
storage = optuna.storages.JournalStorage(optuna.storages.JournalRedisStorage(sys.argv[1]))
study = optuna.create_study(study_name="s", storage=storage)
def objective(trial):
    print(trial.suggest_int("x", 0, 9), flush=True)
    sys.stdin.readline()
    return 0.0
try:
    study.optimize(objective, n_trials=2)
except KeyError as why:
    print("KeyError", why)
""", url], env=self.env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.running.append(worker)
        worker.stdout.readline()
        said = self.fabricd("study", "delete", "s", "--yes", status=73).stderr
        self.assertIn("STORE_LOCKED: the study 's' is served by process", said)
        self.assertIn("whose workers evaluate 1 trial", said)
        self.fabricd("study", "delete", "s", "--yes", "--force")
        output, errors = worker.communicate("go\n", timeout=60)
        self.assertEqual(output, "KeyError 'Record does not exist.'\n", errors)
        # As one that Optuna deletes, while nobody has a trial of it.
        _, url = self.serve("--study", "t", "--param", "x=int(0,9)")
        program = ("import optuna\nstorage = optuna.storages.JournalStorage("
                   f"optuna.storages.JournalRedisStorage({url!r}))\n"
                   "study = optuna.create_study(study_name='t', storage=storage)\n"
                   f"optuna.delete_study(storage={self.storage!r}, study_name='t')\n"
                   "study.ask()")
        done = subprocess.run([PYTHON, "-W", "ignore", "-c", program], env=self.env, text=True,
                              capture_output=True, timeout=60)
        self.assertIn("NOT_FOUND the study 't' was deleted", done.stderr)

    def test_a_script_that_widens_the_space_gets_the_points_it_lacked(self):
        _, url = self.serve()
        program = ("import sys, optuna\n"
                   "optuna.logging.set_verbosity(optuna.logging.ERROR)\n"
                   "backend = optuna.storages.JournalRedisStorage(sys.argv[1])\n"
                   "storage = optuna.storages.JournalStorage(backend)\n"
                   "study = optuna.create_study(study_name='s', storage=storage, load_if_exists=True)\n"
                   "high, trials = map(int, sys.argv[2:])\n"
                   "study.optimize(lambda t: t.suggest_int('x', 0, high), n_trials=trials)\n")

        def run(high, trials):
            return subprocess.run([PYTHON, "-W", "ignore", "-c", program, url, str(high), str(trials)],
                                  env=self.env, text=True, capture_output=True, timeout=60)
        self.assertEqual(run(4, 3).returncode, 0)
        said = run(9, 99).stderr
        self.assertIn("EXHAUSTED all 10 points of study 's' are done: its space is x=int(0,9)", said)
        self.assertEqual(sorted(t["params"]["x"] for t in self.trials()), list(range(10)))
        said = run(11, 99).stderr
        self.assertIn("where its script has another space, declare that: fabricd study create s "
                      f"--storage {self.storage} --load-if-exists --minimize --param ...", said)
        self.fabricd("study", "create", "s", "--load-if-exists", "--minimize", "--param", "x=int(0,11)")
        time.sleep(1.5)
        self.assertIn("EXHAUSTED all 12 points", run(11, 99).stderr)
        self.assertEqual(sorted(t["params"]["x"] for t in self.trials()), list(range(12)))

    def test_a_password_keeps_others_out(self):
        path = os.path.join(self.folder, "password")
        with open(path, "w") as f:
            f.write("secret\n")
        _, url = self.serve("--password-file", path)
        self.assertIn("PASSWORD", url)
        ask = "import sys, redis; print(redis.Redis.from_url(sys.argv[1]).get(':log_number'))"
        for word, claim in (("secret", "None\n"), ("wrong", "")):
            done = subprocess.run([PYTHON, "-c", ask, url.replace("PASSWORD", word)], text=True,
                                  capture_output=True, timeout=60)
            self.assertEqual(done.stdout, claim, done.stderr)

    def test_what_cannot_work_says_so(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            for words, code, status, part in (
                    (["--redis", f"127.0.0.1:{port}"], "ADDRESS_IN_USE", None, str(port)),
                    (["--redis", "6379"], "USAGE", 64, "HOST:PORT"),
                    (["--redis", "0.0.0.0:0"], "CONFIG", None, "--password-file"),
                    (["--redis", "127.0.0.1:0", "--param", "x=int(0,1)"], "USAGE", 64, "--study"),
                    (["--redis", "127.0.0.1:0", "--sampler", "nobody"], "USAGE", 64, "nobody"),
                    (["--redis", "127.0.0.1:0", "--password-file", "/none"], "NOT_FOUND", 66, "/none")):
                begun = time.monotonic()
                done = subprocess.run([FABRICD, "study", "serve", *words, "--storage", self.storage],
                                      env=self.env, text=True, capture_output=True, timeout=60)
                self.assertLess(time.monotonic() - begun, 2)
                self.assertTrue(done.stderr.startswith(f"fabricd: {code}: "), done.stderr)
                self.assertIn(part, done.stderr)
                if status is not None:
                    self.assertEqual(done.returncode, status)


if __name__ == "__main__":
    if subprocess.run([PYTHON, "-c", "import optuna, redis"], capture_output=True).returncode != 0:
        print("python3-optuna or python3-redis is not installed: Optuna's workers are NOT tested")
        sys.exit(77)
    unittest.main(verbosity=2)
