#!/usr/bin/env python3
"""format.py ROOT: every C++ file is as clang-format 14 writes it.

Another version formats differently, so without version 14 the check is skipped (status 77)."""
import re
import shutil
import subprocess
import sys
from pathlib import Path

from source import sources_of

SKIPPED = 77
AT_ONCE = 50


def clang_format():
    for name in ("clang-format-14", "clang-format"):
        path = shutil.which(name)
        if not path:
            continue
        version = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
        if re.search(r"version 14\.", version.stdout):
            return path
    return None


def main(root):
    tool = clang_format()
    if not tool:
        print("skipped: clang-format 14 is not installed")
        return SKIPPED
    files = [str(Path(root) / s.path) for s in sources_of(Path(root)) if s.is_cpp]
    failed = False
    for first in range(0, len(files), AT_ONCE):
        run = subprocess.run([tool, "--dry-run", "--Werror", *files[first:first + AT_ONCE]],
                             capture_output=True, text=True, check=False)
        failed = failed or run.returncode != 0
        for name in sorted(set(re.findall(r"^(\S+?):\d+:\d+: error", run.stderr, re.M))):
            print(f"{Path(name).relative_to(root)}: run clang-format -i on it")
    print(f"{len(files)} files checked with {tool}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
