"""Which folders an instance may have, and what it remembers in them."""

import os
import stat
import unittest

from fabric_cluster import ClusterTest


class StateFolder(ClusterTest):
    def setUp(self):
        super().setUp()
        self.cluster.env.pop("FABRIC_CLUSTER")

    def folder(self, name, mode, *files):
        """A folder with empty files in it."""
        path = self.cluster.path(name)
        os.mkdir(path)
        os.chmod(path, mode)
        for file in files:
            with open(os.path.join(path, file), "w"):
                pass
        return path

    def mode_of(self, name):
        return stat.S_IMODE(os.stat(self.cluster.path(name)).st_mode)

    def start(self, name):
        return self.cluster.run("start", "--head", "--port", "0", "--state-dir", name)

    def stop(self, name):
        self.cluster.run("stop", "--now", "--state-dir", name, check=0)

    def test_a_name_is_one_component_of_a_path_and_not_too_long(self):
        c = self.cluster
        for name in ("", ".", "..", "a/b", "a b", "é", "x" * 129):
            for words in (["start", "--head", "--port", "0"], ["stop"]):
                self.assert_fault(c.run(*words, "--name", name), "USAGE", 64, "--name", "128", "just . or ..")
        self.assertFalse(os.path.exists(c.path("xdg")))
        name = "a.B-3_" + "x" * 122
        c.run("start", "--head", "--port", "0", "--name", name, check=0)
        self.assertEqual(self.mode_of("xdg/fabric"), 0o700)
        self.assertEqual(self.mode_of(f"xdg/fabric/{name}"), 0o700)
        c.run("stop", "--now", "--name", name, check=0)

    def test_without_a_home_a_folder_must_be_named(self):
        c = self.cluster
        c.env.pop("XDG_STATE_HOME")
        for home in (None, "", "relative"):
            c.env.pop("HOME", None)
            if home is not None:
                c.env["HOME"] = home
            tune = ["tune", "--study", "s", "--minimize", "--param", "x=int(1,2)", "--", "echo", "{x}"]
            for words in (["start", "--head", "--port", "0"], ["stop"], ["status"], ["study", "list"], tune):
                self.assert_fault(c.run(*words), "CONFIG", 78, "HOME is", "XDG_STATE_HOME")
            self.assertIn("state home", c.run("doctor", check=78).stdout)
            self.assertEqual(self.start("h").returncode, 0)
            self.stop("h")

    def test_a_folder_of_something_else_is_refused_and_left_as_it_was(self):
        self.folder("photos", 0o755, "cat.jpg")
        self.assert_fault(self.start("photos"), "CONFIG", 78, "photos", "holds other things", "--state-dir")
        self.assertEqual(self.mode_of("photos"), 0o755)
        self.assertEqual(os.listdir(self.cluster.path("photos")), ["cat.jpg"])

    def test_an_empty_folder_is_closed_to_others_and_used(self):
        self.folder("new", 0o777)
        self.folder("disk", 0o755, "lost+found")
        for name in ("new", "disk"):
            self.assertEqual(self.start(name).returncode, 0)
            self.assertEqual(self.mode_of(name), 0o700)
            self.stop(name)
            self.assertEqual(self.start(name).returncode, 0)
            self.stop(name)

    def test_a_start_that_failed_leaves_a_folder_that_another_start_may_use(self):
        self.assert_fault(self.cluster.run("start", "--head", "--port", "0", "--state-dir", "h",
                                           "--node-ip-address", "203.0.113.9"), "CONFIG", 78)
        self.assertEqual(self.start("h").returncode, 0)
        self.stop("h")

    def test_an_instances_folder_that_was_opened_to_others_is_refused(self):
        self.start("h")
        self.stop("h")
        for mode in (0o750, 0o702):
            os.chmod(self.cluster.path("h"), mode)
            self.assert_fault(self.start("h"), "CONFIG", 78, "open to other users", "chmod 700")
            self.assertEqual(self.mode_of("h"), mode)
        os.chmod(self.cluster.path("h"), 0o700)
        self.assertEqual(self.start("h").returncode, 0)
        self.stop("h")

    def test_a_head_remembers_where_its_store_is(self):
        c = self.cluster
        os.mkdir(c.path("disk"))
        c.env["FABRIC_CLUSTER"] = c.path("head/cluster.json")
        c.start_head("--store", "sqlite:///disk/jobs.db")
        job = c.run("submit", "--key", "k", "--", "true", check=0).stdout
        cluster = c.json("status")["head"]["cluster"]
        self.stop("head")
        c.start_head()
        self.assertEqual(c.json("status")["head"]["cluster"], cluster)
        self.assertEqual(c.run("submit", "--key", "k", "--", "true", check=0).stdout, job)
        self.assertFalse(os.path.exists(c.path("head/store.db")))

    def test_a_head_whose_store_is_gone_does_not_begin_an_empty_one(self):
        c = self.cluster
        os.mkdir(c.path("disk"))
        c.env["FABRIC_CLUSTER"] = c.path("head/cluster.json")
        c.start_head("--store", "sqlite:///disk/jobs.db")
        cluster = c.json("status")["head"]["cluster"]
        self.stop("head")
        os.rename(c.path("disk"), c.path("elsewhere"))
        for more in ([], ["--store", "sqlite:///disk/jobs.db"]):
            self.assert_fault(c.run("start", "--head", "--state-dir", "head", *more), "NOT_FOUND", 66,
                              "disk/jobs.db", "gone", "--store")
        c.start_head("--store", "sqlite:///elsewhere/jobs.db")
        self.assertEqual(c.json("status")["head"]["cluster"], cluster)
        self.stop("head")
        c.start_head("--store", "sqlite:///another.db")
        self.assertNotEqual(c.json("status")["head"]["cluster"], cluster)

    def test_a_store_in_the_state_directory_moves_with_it(self):
        c = self.cluster
        self.start("h")
        self.stop("h")
        os.rename(c.path("h"), c.path("moved"))
        self.assertEqual(self.start("moved").returncode, 0)
        self.stop("moved")
        os.unlink(c.path("moved/store.db"))
        self.assert_fault(self.start("moved"), "NOT_FOUND", 66, "moved/store.db", "gone")


if __name__ == "__main__":
    unittest.main(verbosity=2)
