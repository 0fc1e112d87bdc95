"""Real daemons for end-to-end tests: each cluster lives in a folder of its own and leaves no process."""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

FABRICD = os.environ["FABRICD"]
SECONDS_MAX = 2.0  # until a command that cannot succeed has said so


def wait_until(claim, seconds=30, what="the claim"):
    """Polls a claim about other processes until it holds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = claim()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"{what} did not come true within {seconds} s")


def until(name):
    """Words of a shell that wait for a file in the folder where they run."""
    return f"while [ ! -e {name} ]; do sleep 0.02; done"


def is_alive(pid):
    """True for a process that is there and no zombie."""
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


class Cluster:
    """A head and its nodes. `folder` holds everything."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="fabric-e2e-")
        self.env = dict(os.environ, HOME=self.folder, TMPDIR=self.folder, XDG_STATE_HOME=self.path("xdg"),
                        FABRIC_CLUSTER=self.path("head/cluster.json"))
        self.env.pop("FABRIC_TOKEN", None)
        self.address = None
        self.token = None
        self.names = []
        self.disks = []
        self.prefix = []  # words before every fabricd, as those that enter a network namespace

    def worker_processes(self):
        """Process ids of the programs' worker processes on the nodes."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/environ", "rb") as f:
                    words = f.read().split(b"\0")
                with open(f"/proc/{pid}/cmdline", "rb") as f:
                    is_launched = b"worker-launch" not in f.read()
            except OSError:
                continue
            is_one = any(word.startswith(b"FABRIC_WORKER=") for word in words)
            is_ours = f"HOME={self.folder}".encode() in words
            if is_one and is_ours and is_launched and is_alive(pid):
                found.append(int(pid))
        return found

    def path(self, name):
        return os.path.join(self.folder, name)

    def mount_disk(self, name, size):
        """The path of a folder that is a disk of its own until the cluster is closed."""
        disk = self.path(name)
        os.mkdir(disk)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "none", disk], check=True)
        self.disks.append(disk)
        return disk

    def run(self, *words, check=None, env=None, timeout=120, cwd=None, program=FABRICD,
            **more):
        """Runs fabricd; answers the finished process with text output."""
        done = subprocess.run([*self.prefix, program, *words], env=env or self.env,
                              cwd=cwd or self.folder, text=True,
                              capture_output=True, timeout=timeout, stdin=subprocess.DEVNULL, **more)
        if check is not None and done.returncode != check:
            raise AssertionError(f"fabricd {' '.join(words)} ended with {done.returncode}, not "
                                 f"{check}\nstdout: {done.stdout}\nstderr: {done.stderr}")
        return done

    def popen(self, *words, env=None, stdout=subprocess.PIPE, **more):
        return subprocess.Popen([*self.prefix, FABRICD, *words], env=env or self.env,
                                cwd=self.folder, text=True,
                                stdout=stdout, stderr=subprocess.PIPE,
                                stdin=subprocess.DEVNULL, **more)

    def json(self, *words):
        return json.loads(self.run(*words, "--json", check=0).stdout)

    def submit(self, *words):
        """Submits a job; answers its id."""
        return self.run("submit", *words, check=0).stdout.strip()

    def wait_for_state(self, task, state, seconds=30):
        """Waits until a job of one task, or a task, is in a state; answers all that is known of it."""
        def reached():
            known = self.json("get", task)
            return known if known["state"] == state else None
        return wait_until(reached, seconds, f"the state {state} of {task}")

    def lines(self, name):
        """Of a file in the folder that tasks append to; none where there is no such file yet."""
        try:
            with open(self.path(name)) as f:
                return f.read().splitlines()
        except FileNotFoundError:
            return []

    def touch(self, name):
        """Makes the file that a task of `until(name)` waits for."""
        with open(self.path(name), "w"):
            pass

    def start_head(self, *more, cpus=3, env=None, program=FABRICD):
        words = ["start", "--head", "--state-dir", "head", "--name", "head"]
        if self.address is None:
            words += ["--port", "0"]
            words += [] if "--no-dashboard" in more else ["--dashboard-port", "0"]
        words += ["--num-cpus", str(cpus), *more]
        done = self.run(*words, check=0, env=env, program=program)
        self.address = re.search(r"--address (\S+)", done.stdout).group(1)
        self.token = re.search(r"--token (\S+)", done.stdout).group(1)
        if "head" not in self.names:
            self.names.append("head")
        return done

    def start_node(self, name, *more, cpus=3, env=None, state_dir=None,
                   program=FABRICD):
        state_dir = state_dir or name
        done = self.run("start", "--address", self.address, "--token", self.token, "--name", name,
                        "--num-cpus", str(cpus), "--num-gpus", "0", "--state-dir", state_dir, *more,
                        check=0, env=env, program=program)
        if state_dir not in self.names:
            self.names.append(state_dir)
        return done

    def pid_of(self, name):
        with open(self.path(f"{name}/daemon.lock")) as lock:
            return int(lock.read().split()[0])

    def kill(self, name, number=signal.SIGKILL):
        """Signals a daemon; one that is killed is gone, and its lock with it, when this returns."""
        pid = self.pid_of(name)
        os.kill(pid, number)
        if number == signal.SIGKILL:
            wait_until(lambda: not is_alive(pid), what="the end of a killed daemon")

    def nodes(self):
        return {n["name"]: n for n in self.json("status")["nodes"]}

    def processes(self):
        """Every process of ours: daemons, spawners and tasks carry the folder or a daemon's mark."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/environ", "rb") as f:
                    environ = f.read()
                with open(f"/proc/{pid}/stat") as f:
                    state = f.read().rsplit(")", 1)[1].split()[0]
            except OSError:
                continue
            if self.folder.encode() in environ and state != "Z" and int(pid) != os.getpid():
                found.append(int(pid))
        return found

    def close(self):
        for name in reversed(self.names):
            self.run("stop", "--now", "--timeout", "10s", "--state-dir", name)
        left = self.processes()
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        logs = ""
        for name in self.names:
            try:
                with open(self.path(f"{name}/daemon.log")) as log:
                    logs += f"--- {name}\n{log.read()[-3000:]}"
            except OSError:
                pass
        for disk in self.disks:
            subprocess.run(["umount", "-l", disk], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)
        return left, logs


class ClusterTest(unittest.TestCase):
    """Starts with an empty folder; afterwards no process may be left."""

    def setUp(self):
        self.cluster = Cluster()

    def tearDown(self):
        left, logs = self.cluster.close()
        failed = any(error for _, error in self._outcome.errors) if hasattr(
            self._outcome, "errors") else not self._outcome.success
        if failed:
            print(logs)
        self.assertEqual(left, [], "processes were left behind")

    def timed(self, *words):
        """Runs a command; a machine that others load gets two more tries to be quick."""
        for _ in range(3):
            began = time.monotonic()
            done = self.cluster.run(*words)
            took = time.monotonic() - began
            if took < SECONDS_MAX:
                return done
        self.fail(f"it took {took:.2f} s: {done.stdout}{done.stderr}")

    def assert_fault(self, done, code, status, *words):
        """One line on stderr that names the code and says the words; with --json a document too."""
        self.assertEqual(done.returncode, status, done.stderr)
        if "--json" in done.args:
            error = json.loads(done.stdout)["error"]
            self.assertEqual((list(error), error["code"]), (["code", "retry", "detail", "hint"], code))
        else:
            self.assertEqual(done.stdout, "")
        lines = done.stderr.strip().splitlines()
        self.assertEqual(len(lines), 1, done.stderr)
        self.assertTrue(lines[0].startswith(f"fabricd: {code}: "), lines[0])
        for word in words:
            self.assertIn(word, lines[0])
