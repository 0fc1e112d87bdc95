#!/usr/bin/env python3
"""Checks the rules of this source tree that no compiler checks.

tidy.py ROOT prints one line for each violation, "file:line: rule: what to do instead", and the
list of long files, which is for information. Exit status 1 if there is any violation.
"""
import re
import sys
from pathlib import Path

import includes
import words
from source import sources_of

LONG_LINES = 400
LINES_MAX = 900
COLUMNS_MAX = {".hpp": 100, ".cpp": 100, ".py": 110}
VAGUE_NAMES = {"util", "utils", "helper", "helpers", "manager", "common", "misc"}
CODE = {".hpp", ".cpp", ".py"}


def check_name(source):
    if source.suffix not in (".hpp", ".cpp", ".py"):
        return
    if not re.fullmatch(r"[a-z][a-z0-9_]*", source.stem):
        yield 1, "file name", "use lower-case letters, digits and '_'"
    if VAGUE_NAMES & set(source.stem.split("_")):
        yield 1, "file name", "name the one idea that the file holds"


def check_unknown_suffix(source):
    if source.suffix in (".h", ".hh", ".hxx", ".cc", ".cxx", ".c"):
        yield 1, "file name", "C++ files end in .hpp or .cpp"


def check_test_name(source):
    if source.suffix != ".cpp" or not source.path.startswith("tests/"):
        return
    if source.path == "tests/fuzz/replay.cpp":
        return
    has_test = re.search(r"^\s*(?:TYPED_)?TEST(?:_F|_P)?\(", source.code, re.M) is not None
    if has_test and not source.stem.endswith("_test"):
        yield 1, "test name", "a file with tests ends in _test.cpp"
    if not has_test and source.stem.endswith("_test"):
        yield 1, "test name", "a file that ends in _test.cpp has tests"


def check_once(source):
    if source.suffix != ".hpp":
        return
    if len(re.findall(r"^#pragma once$", source.code, re.M)) != 1:
        yield 1, "pragma once", "a header has '#pragma once' once"
    if re.search(r"^#ifndef \w+_(?:H|HPP)_?$", source.code, re.M):
        yield 1, "pragma once", "use '#pragma once' instead of an include guard"


def check_size(source):
    if source.suffix in CODE and len(source.lines) > LINES_MAX:
        yield LINES_MAX + 1, "file size", f"{len(source.lines)} lines: find the second noun"


def check_columns(source):
    if source.suffix not in CODE:
        return
    most = COLUMNS_MAX[source.suffix]
    for number, line in enumerate(source.lines, 1):
        if len(line) > most and 'R"(' not in line:  # a raw string cannot be broken
            yield number, "line length", f"{len(line)} columns, {most} at most"


def check_result(source):
    """A fault that nobody looks at must break the build: both templates carry the attribute."""
    if source.path != "resources/include/fabric/result.hpp":
        return
    for match in re.finditer(r"class\s+(\[\[nodiscard\]\]\s+)?result\b", source.code):
        if not match.group(1):
            yield source.line_of(match.start()), "nodiscard", "result is [[nodiscard]]"


CHECKS = (
    check_name,
    check_unknown_suffix,
    check_test_name,
    check_once,
    check_size,
    check_columns,
    check_result,
    includes.check,
    words.check,
)


def violations_of(source):
    for check in CHECKS:
        for line, rule, advice in check(source):
            yield f"{source.path}:{line}: {rule}: {advice}"


def main(root):
    sources = list(sources_of(Path(root)))
    if not sources:
        print(f"no sources under {root}")
        return 1
    found = [line for source in sources for line in violations_of(source)]
    long_files = sorted((s for s in sources if s.suffix in CODE and len(s.lines) > LONG_LINES),
                        key=lambda s: -len(s.lines))
    for source in long_files:
        print(f"note: {source.path} has {len(source.lines)} lines; look for a second noun")
    print("\n".join(found))
    print(f"{len(sources)} files, {len(found)} violations")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
