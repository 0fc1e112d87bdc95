"""Runs a test file as root of namespaces of its own, where it may make networks and mount disks.

They end with the last process in them, so nothing is left on the machine however a test ends."""

import os
import shutil
import subprocess
import sys
import unittest

INSIDE = "FABRIC_E2E_NAMESPACES"
SKIPPED = 77  # what ctest shows as skipped


def unshare_words(*kinds):
    """`kinds` as unshare(1) spells them: "net", "mount"."""
    words = ["unshare", *(f"--{kind}" for kind in kinds)]
    if os.geteuid() != 0:
        words += ["--user", "--map-root-user"]
    return words


def why_not(needed, kinds):
    """Why this machine cannot do it; empty where it can."""
    for program in ("unshare", *needed):
        if shutil.which(program) is None:
            return f"there is no program '{program}' here"
    probe = subprocess.run([*unshare_words(*kinds), "mount", "-t", "tmpfs", "none", "/run"],
                           capture_output=True, text=True)
    return "" if probe.returncode == 0 else "namespaces are not permitted here: " + probe.stderr.strip()


def main(*kinds, needed=()):
    """unittest's main inside new namespaces; says so and ends as skipped where there can be none."""
    if INSIDE in os.environ:
        unittest.main(verbosity=2)
    reason = why_not(needed, kinds)
    if reason:
        print(f"SKIPPED: {reason}", flush=True)
        sys.exit(SKIPPED)
    words = [*unshare_words(*kinds), sys.executable, *sys.argv]
    os.execvpe(words[0], words, dict(os.environ, **{INSIDE: "1"}))
