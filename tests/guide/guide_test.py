"""What a page of docs shows is what is compiled, and prints what the page says.

guide_test.py PROGRAM PAGE SOURCE [cluster]: with the last word it runs on a cluster."""

import os
import pathlib
import re
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).parent
PROGRAM, page, source, *ON_CLUSTER = sys.argv[1:]
del sys.argv[1:]
PAGE = (HERE / "../.." / page).read_text(encoding="utf-8")
SOURCE = (HERE / "../.." / source).read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def plain(text):
    """Lines without their indentation; empty ones do not count."""
    return [line.strip() for line in text.splitlines() if line.strip()]


class Guide(unittest.TestCase):

    def test_each_piece_of_code_is_compiled(self):
        source = "\n".join(plain(SOURCE))
        self.assertGreater(len(blocks("cpp")), 7)
        for block in blocks("cpp"):
            for piece in block.split("  // ...\n"):
                self.assertIn("\n".join(plain(piece)), source)

    def test_it_prints_what_the_page_says(self):
        env = dict(os.environ)
        env.pop("FABRIC_CLUSTER", None)
        if ON_CLUSTER:
            sys.path.insert(0, str(HERE / "../e2e"))
            from fabric_cluster import Cluster
            cluster = Cluster()
            self.addCleanup(cluster.close)
            cluster.start_head(cpus=2)
            env = cluster.env
        done = subprocess.run([PROGRAM], capture_output=True, text=True, timeout=60, env=env)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(plain(done.stdout), plain(blocks("text")[-1]))


if __name__ == "__main__":
    unittest.main()
