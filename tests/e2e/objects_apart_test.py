"""Objects of hosts that cannot reach each other travel through the head."""

import os

import own_namespaces
from networks import HEAD_ADDRESS, Networks, sh

OBJECTS = os.environ["OBJECTS"]
MANY = 2_000_000  # numbers, 16 MB


class Apart(Networks):
    """The program is where the head is; the worker reaches nothing but the head's port."""

    def store(self, name):
        os.makedirs(self.cluster.path(name), exist_ok=True)
        return (f"name=e2e-{os.getpid()}-{name},memory=256MiB,disk_bytes=1MiB,"
                f"disk={self.cluster.path(name)}")

    def start_apart(self):
        c = self.cluster
        c.env["FABRIC_OBJECTS"] = self.store("here")
        c.start_head("--node-ip-address", HEAD_ADDRESS, cpus=0)
        port = c.address.rsplit(":", 1)[1]
        sh(f"""ip netns exec nat nft add rule ip home pass \
               oifname out tcp dport != {port} drop""")
        with self.being("work"):
            c.start_node("far", cpus=1, env=dict(c.env, FABRIC_OBJECTS=self.store("there")))

    def objects(self, *words):
        done = self.cluster.run(*words, program=OBJECTS)
        self.assertEqual(done.stderr, "")
        return done.stdout.splitlines()

    def test_what_is_put_made_and_large_travels_through_the_head(self):
        self.start_apart()
        n, total = str(MANY), str(MANY * (MANY + 1) // 2)
        self.assertEqual(self.objects("where"), ["far"])
        self.assertEqual(self.objects("argument", n), 4 * [total] + [n, "held 0"])
        self.assertEqual(self.objects("result", n), 2 * [total] + [n, "held 0"])
        self.assertEqual(self.objects("large", n), [n, n, "held 0"])


if __name__ == "__main__":
    own_namespaces.main("net", "mount", needed=("ip", "nft", "nsenter", "sysctl"))
