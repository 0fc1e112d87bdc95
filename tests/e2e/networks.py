"""Two networks and a translator between them, for tests that run in namespaces of their own."""

import contextlib
import subprocess

from fabric_cluster import ClusterTest

HEAD_ADDRESS = "10.201.2.2"


def sh(text):
    done = subprocess.run(["sh", "-ec", text], capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"{text}\nended with {done.returncode}: {done.stderr}")


class Networks(ClusterTest):
    """Namespaces `work` -- `nat` -- `head`: `nat` masquerades, and `head` has no way to `work`.

    A worker at work has 10.201.1.2, which the head never sees."""

    @classmethod
    def setUpClass(cls):
        sh("""mount -t tmpfs none /run
              mkdir /run/netns
              for n in head nat work; do ip netns add $n; ip -n $n link set lo up; done
              ip -n nat link add in type veth peer name eth0 netns work
              ip -n nat link add out type veth peer name eth0 netns head
              ip -n work addr add 10.201.1.2/24 dev eth0
              ip -n nat addr add 10.201.1.1/24 dev in
              ip -n nat addr add 10.201.2.1/24 dev out
              ip -n head addr add 10.201.2.2/24 dev eth0
              ip -n work link set eth0 up
              ip -n nat link set in up
              ip -n nat link set out up
              ip -n head link set eth0 up
              ip -n work route add default via 10.201.1.1
              ip netns exec nat sysctl -qw net.ipv4.ip_forward=1
              ip netns exec nat nft -f - <<end
              table ip home {
                chain translate { type nat hook postrouting priority 100; oifname "out" masquerade; }
                chain pass { type filter hook forward priority 0; }
              }
end""")

    def setUp(self):
        super().setUp()
        self.cluster.prefix = self.at("head")

    def tearDown(self):
        sh("ip netns exec nat nft flush chain ip home pass; ip -n nat link set in up")
        super().tearDown()

    @staticmethod
    def at(place):
        return ["nsenter", f"--net=/run/netns/{place}"]

    @contextlib.contextmanager
    def being(self, place):
        before, self.cluster.prefix = self.cluster.prefix, self.at(place)
        yield
        self.cluster.prefix = before
