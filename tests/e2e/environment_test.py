"""What a task finds when it starts: its variables, its GPUs, its folder; and nothing else."""

import json
import os
import unittest

from fabric_cluster import ClusterTest, until, wait_until

# Without a shell, which would add variables of its own.
SHOW = ["--", "env", "-0"]


def variables(text):
    """The environment that `env -0` printed."""
    return dict(one.split("=", 1) for one in text.split("\0") if one)


def ours(text):
    return {name: value for name, value in variables(text).items() if name.startswith("FABRIC_")}


class Variables(ClusterTest):
    def test_a_task_knows_itself_its_attempt_and_where_it_runs(self):
        c = self.cluster
        c.start_head()
        seen = ours(c.run("run", "--cpus", "1.5", *SHOW, check=0).stdout)
        self.assertEqual(seen, {
            "FABRIC_TASK_ID": "1", "FABRIC_JOB_ID": "1", "FABRIC_ATTEMPT": "1", "FABRIC_FENCE": "1",
            "FABRIC_ATTEMPT_ID": "1.0#1", "FABRIC_NODE_ID": c.nodes()["head"]["id"],
            "FABRIC_NODE_NAME": "head", "FABRIC_CPUS": "1.5"})

    def test_a_task_of_an_array_knows_its_index_too(self):
        c = self.cluster
        c.start_head()
        job = c.submit("--array", "5-6", *SHOW)
        c.run("wait", job, check=0)
        for index in ("5", "6"):
            seen = ours(c.run("logs", f"{job}.{index}", check=0).stdout)
            self.assertEqual((seen["FABRIC_ARRAY_INDEX"], seen["FABRIC_TASK_ID"], seen["FABRIC_JOB_ID"]),
                             (index, f"{job}.{index}", job))

    def test_a_later_attempt_is_the_same_task_with_a_higher_fence(self):
        c = self.cluster
        c.start_head()
        job = c.submit("--retries", "1", "--", "sh", "-c",
                       "echo $FABRIC_TASK_ID $FABRIC_ATTEMPT $FABRIC_FENCE $FABRIC_ATTEMPT_ID >>ledger; "
                       "exit 1")
        self.assertEqual(c.run("wait", job).returncode, 1)
        self.assertEqual(c.lines("ledger"), [f"{job} 1 1 {job}.0#1", f"{job} 2 2 {job}.0#2"])

    def test_a_trial_has_its_study_its_number_and_its_point_in_each_form(self):
        c = self.cluster
        c.start_head()
        for where in ([], ["--local"]):
            name = "a study" + "".join(where)
            c.run("tune", "--study", name, "--minimize", "--param", "x=int(3,9)", "--param",
                  "rate=float(0,1,step=0.5)", "--param", "kind=choice(a,'b,c')", "--sampler", "grid",
                  "--trials", "2", "--storage", "sqlite:///s.db", *where, "--", "sh", "-c",
                  "env -0 >trial-{trial}; echo 1", check=0)
            trials = c.json("study", "trials", name, "--storage", "sqlite:///s.db")["trials"]
            self.assertEqual(len(trials), 2)
            for trial in trials:
                with open(c.path(f"trial-{trial['number']}")) as f:
                    seen = ours(f.read())
                self.assertEqual((seen["FABRIC_STUDY"], seen["FABRIC_TRIAL_NUMBER"]),
                                 (name, str(trial["number"])))
                self.assertEqual(json.loads(seen["FABRIC_PARAMS"]), trial["params"])
                self.assertEqual(seen["FABRIC_PARAM_x"], str(trial["params"]["x"]))
                self.assertEqual(float(seen["FABRIC_PARAM_rate"]), trial["params"]["rate"])
                self.assertEqual(seen["FABRIC_PARAM_kind"], trial["params"]["kind"])

    def test_of_the_daemons_environment_only_the_allowed_names_are_inherited(self):
        c = self.cluster
        c.start_head(env=dict(c.env, SECRET="1", FABRIC_TOKEN="1", NOTIFY_SOCKET="/none",
                              OMP_NUM_THREADS="2", LC_ALL="C", TZ="UTC", CUDA_HOME="/cuda"))
        seen = variables(c.run("run", "--env", "ADDED=a=b c", "--env", "TZ=CET", *SHOW, check=0).stdout)
        self.assertFalse({"SECRET", "FABRIC_TOKEN", "NOTIFY_SOCKET", "FABRIC_CLUSTER"} & set(seen))
        self.assertEqual([seen[name] for name in ("OMP_NUM_THREADS", "LC_ALL", "CUDA_HOME", "HOME")],
                         ["2", "C", "/cuda", c.folder])
        self.assertEqual((seen["ADDED"], seen["TZ"]), ("a=b c", "CET"))

    def test_env_cannot_forge_what_a_task_is_told_of_itself(self):
        c = self.cluster
        c.start_head("--num-gpus", "1")
        seen = variables(c.run("run", "--gpus", "1", "--env", "FABRIC_FENCE=99", "--env",
                               "CUDA_VISIBLE_DEVICES=7", *SHOW, check=0).stdout)
        self.assertEqual((seen["FABRIC_FENCE"], seen["CUDA_VISIBLE_DEVICES"]), ("1", "0"))

    def test_standard_input_is_empty(self):
        c = self.cluster
        c.start_head()
        self.assertEqual(c.run("run", "--", "sh", "-c", "cat | wc -c", check=0).stdout.strip(), "0")


class Gpus(ClusterTest):
    SEEN = "echo $FABRIC_ARRAY_INDEX ${CUDA_VISIBLE_DEVICES-untouched} >>gpus; "

    def hold(self, *words):
        """Tasks that note their GPUs and hold them until `go` is there."""
        return self.cluster.submit(*words, "--", "sh", "-c", self.SEEN + until("go"))

    def gpus(self, count):
        return wait_until(lambda: len(self.cluster.lines("gpus")) == count and
                          [line.split()[-1] for line in self.cluster.lines("gpus")], what="held GPUs")

    def test_tasks_that_run_at_once_see_different_whole_gpus(self):
        c = self.cluster
        c.start_head("--num-gpus", "3", cpus=4)
        self.hold("--gpus", "2")
        self.gpus(1)
        self.hold("--gpus", "1")
        seen = self.gpus(2)
        self.assertEqual(sorted(",".join(seen).split(",")), ["0", "1", "2"])
        c.touch("go")

    def test_shares_of_one_gpu_meet_on_it_and_leave_the_other_whole(self):
        c = self.cluster
        c.start_head("--num-gpus", "2", cpus=4)
        self.hold("--array", "2", "--gpus", "0.5")
        first, second = self.gpus(2)
        self.assertEqual(first, second)
        self.hold("--gpus", "1")
        self.assertEqual({first, self.gpus(3)[2]}, {"0", "1"})
        waits = self.hold("--gpus", "0.25")
        self.assertIn("gpu", c.json("explain", waits)["nodes"][0]["reason"])
        c.touch("go")
        c.run("wait", waits, check=0)

    def test_tasks_without_gpus_see_what_the_daemon_sees(self):
        c = self.cluster
        c.start_head("--num-gpus", "1", env=dict(c.env, CUDA_VISIBLE_DEVICES="7"))
        self.assertEqual(variables(c.run("run", *SHOW, check=0).stdout)["CUDA_VISIBLE_DEVICES"], "7")


class Folder(ClusterTest):
    def test_a_task_runs_where_it_was_submitted_or_where_cwd_says(self):
        c = self.cluster
        c.start_head()
        os.mkdir(c.path("elsewhere"))
        self.assertEqual(c.run("run", "--", "pwd", check=0).stdout.strip(), c.folder)
        self.assertEqual(c.run("run", "--cwd", c.path("elsewhere"), "--", "pwd", check=0).stdout.strip(),
                         c.path("elsewhere"))

    def test_a_cwd_that_the_node_does_not_have_is_no_folder_to_start_in(self):
        c = self.cluster
        c.start_head()
        self.assert_fault(c.run("run", "--cwd", c.path("none"), "--", "pwd"), "TASK_FAILED", 127,
                          c.path("none"))

    def test_where_the_node_lacks_your_folder_a_task_gets_an_empty_one_that_is_removed(self):
        c = self.cluster
        c.start_head()
        os.mkdir(c.path("gone"))
        first = c.submit("--", "sh", "-c", until("go"))
        job = c.run("submit", "--after", first, "--", "sh", "-c", "pwd; ls -A; echo x >file",
                    check=0, cwd=c.path("gone")).stdout.strip()
        os.rmdir(c.path("gone"))
        c.touch("go")
        c.run("wait", job, check=0)
        where = c.run("logs", job, check=0).stdout.splitlines()
        self.assertEqual(len(where), 1, "it was empty")
        self.assertTrue(where[0].startswith(c.path("head/scratch/")), where)
        wait_until(lambda: not os.path.exists(where[0]), what="the removal of the scratch folder")


if __name__ == "__main__":
    unittest.main(verbosity=2)
