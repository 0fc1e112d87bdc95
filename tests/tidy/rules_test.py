#!/usr/bin/env python3
"""Each rule finds what it is for, and nothing in code that keeps it."""
import io
import tempfile
import unittest
from contextlib import redirect_stdout
from pathlib import Path

import tidy

HEADERS = {
    "resources/include/fabric/amount.hpp": "#pragma once\n",
    "resources/text.hpp": "#pragma once\n",
    "scheduler/engine.hpp": "#pragma once\n",
    "transport/message.hpp": "#pragma once\n",
    "actors/caf_bridge/include/fabric/node.hpp": "#pragma once\n",
    "actors/protocol.hpp": "#pragma once\n",
}


def report(files):
    """The rules that are broken by `files` (text by path) on top of a clean tree."""
    with tempfile.TemporaryDirectory() as root:
        for path, text in {**HEADERS, **files}.items():
            file = Path(root) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        out = io.StringIO()
        with redirect_stdout(out):
            status = tidy.main(root)
    rules = [line.split(": ")[1] for line in out.getvalue().splitlines()
             if ": " in line and not line.startswith("note:")]
    assert (status == 1) == bool(rules), out.getvalue()
    return rules, out.getvalue()


class Rules(unittest.TestCase):
    def breaks(self, rule, path, text):
        rules, said = report({path: text})
        self.assertEqual(rules, [rule], said)

    def keeps(self, path, text):
        rules, said = report({path: text})
        self.assertEqual(rules, [], said)

    def test_includes_go_down_the_ladder(self):
        for path, name in (
            ("resources/a.cpp", '"scheduler/engine.hpp"'),
            ("scheduler/a.cpp", '"transport/message.hpp"'),
            ("transport/a.cpp", '"scheduler/engine.hpp"'),
            ("scheduler/a.cpp", '"fabric/node.hpp"'),
            ("resources/a.cpp", "<unistd.h>"),
            ("resources/a.cpp", "<zmq.hpp>"),
            ("scheduler/a.cpp", "<caf/all.hpp>"),
            ("scheduler/a.cpp", "<msgpack.hpp>"),
            ("scheduler/a.cpp", "<thread>"),
            ("scheduler/a.cpp", "<mutex>"),
            ("transport/a.cpp", "<caf/all.hpp>"),
            ("transport/poll_loop.cpp", "<zmq.hpp>"),
            ("transport/socket.cpp", "<msgpack.hpp>"),
            ("actors/a.cpp", "<zmq.hpp>"),
            ("actors/a.cpp", "<msgpack/v3/pack.hpp>"),
            ("actors/a.cpp", "<httplib.h>"),
            ("actors/a.cpp", '"../resources/text.hpp"'),
            ("actors/a.cpp", '"text.hpp"'),
        ):
            with self.subTest(path=path, name=name):
                self.breaks("include", path, f"#include {name}\n")

    def test_includes_that_are_allowed(self):
        for path, name in (
            ("resources/a.cpp", "<vector>"),
            ("resources/detect_x.cpp", "<sched.h>"),
            ("scheduler/a.cpp", '"resources/text.hpp"'),
            ("scheduler/a.cpp", '"fabric/amount.hpp"'),
            ("transport/socket.hpp", "<zmq.hpp>\n#pragma once"),
            ("transport/codec_trial.cpp", "<msgpack.hpp>"),
            ("transport/a.cpp", "<sodium.h>"),
            ("transport/a.cpp", "<sys/socket.h>"),
            ("actors/a.cpp", "<caf/all.hpp>"),
            ("actors/a.cpp", '"scheduler/engine.hpp"'),
            ("actors/dashboard/http_desk.cpp", "<httplib.h>"),
            ("bench/a.cpp", "<zmq.hpp>"),
        ):
            with self.subTest(path=path, name=name):
                self.keeps(path, f"#include {name}\n")

    def test_public_headers_are_plain(self):
        public = "actors/caf_bridge/include/fabric/"
        self.breaks("include", public + "a.hpp", "#pragma once\n#include <caf/all.hpp>\n")
        self.breaks("include", public + "a.hpp", '#pragma once\n#include "actors/protocol.hpp"\n')
        self.keeps(public + "caf.hpp", "#pragma once\n#include <caf/all.hpp>\n")
        self.keeps(public + "a.hpp", '#pragma once\n#include "fabric/amount.hpp"\n')

    def test_calls_that_have_a_better_replacement(self):
        for call in ('system("ls");', "std::system(line.c_str());", "x = std::rand();", "rand();",
                     "strcpy(a, b);", "std::sprintf(a, b);", 'popen("ls", "r");', "atoi(a);",
                     "assert(x);", "gmtime(&t);"):
            with self.subTest(call=call):
                self.breaks("banned call", "actors/a.cpp", f"void f() {{ {call} }}\n")

    def test_calls_that_only_look_like_them(self):
        for call in ("caf::actor_system system(config);", "self.system();", "node->system();",
                     "static_assert(true);", "my::rand(seed);", "strand(x);", "snprintf(a, 1, b);",
                     '// system("ls")', 'say("rand()");', "gmtime_r(&t, &out);",
                     "auto n = 1'000'000; // don't rand()"):
            with self.subTest(call=call):
                self.keeps("actors/a.cpp", f"void f() {{ {call}\n }}\n")

    def test_tests_do_not_sleep(self):
        for call in ("std::this_thread::sleep_for(1s);", "usleep(5);", "::sleep(1);"):
            text = f"TEST(A, B) {{ {call} }}\n"
            with self.subTest(call=call):
                self.breaks("sleep", "tests/scheduler/a_test.cpp", text)
                self.keeps("tests/e2e/a_test.cpp", text)

    def test_cores_read_no_clock_and_no_entropy(self):
        for rule, call in (("clock", "std::chrono::steady_clock::now();"),
                           ("clock", "clock_gettime(CLOCK_BOOTTIME, &t);"),
                           ("randomness", "std::random_device entropy;"),
                           ("randomness", "std::mt19937_64 engine;")):
            with self.subTest(call=call):
                self.breaks(rule, "scheduler/a.cpp", f"void f() {{ {call} }}\n")
                self.keeps("actors/a.cpp", f"void f() {{ {call} }}\n")
        self.keeps("scheduler/a.cpp", "std::mt19937_64 engine{seed};\n")

    def test_fuzzed_code_compiles_with_clang(self):
        text = "auto v = x | std::views::values;\n"
        self.breaks("clang", "transport/a.cpp", text)
        self.keeps("actors/a.cpp", text)

    def test_nothing_is_left_unfinished(self):
        for word in ("TO" + "DO", "FIX" + "ME", "XX" + "X"):
            self.breaks("unfinished", "actors/a.cpp", f"// {word}: later\n")
            self.breaks("unfinished", "docs/page.md", f"{word}\n")
        self.keeps("actors/a.cpp", '// "name-XXXXXX" for mkdtemp\n')

    def test_no_path_of_one_machine(self):
        for place in ("home/anna", "Users/anna", "ro" + "ot/x"):
            self.breaks("developer path", "docs/page.md", f"see /{place}/build\n")
        self.keeps("docs/page.md", "GET https://example.com/home/anna and src/root/x\n")

    def test_files_have_plain_names(self):
        self.breaks("file name", "actors/NodeActor.cpp", "\n")
        self.breaks("file name", "actors/string_util.cpp", "\n")
        self.breaks("file name", "actors/node.cc", "\n")

    def test_files_with_tests_say_so(self):
        self.breaks("test name", "tests/scheduler/engine.cpp", "TEST(A, B) {}\n")
        self.breaks("test name", "tests/scheduler/engine_test.cpp", "int x;\n")
        self.keeps("tests/scheduler/engine_test.cpp", "TEST_F(A, B) {}\n")

    def test_headers_are_read_once(self):
        self.breaks("pragma once", "actors/a.hpp", "int f();\n")
        self.breaks("pragma once", "actors/a.hpp", "// #pragma once\nint f();\n")

    def test_files_and_lines_are_short(self):
        self.breaks("line length", "actors/a.cpp", "//" + "x" * 99 + "\n")
        self.keeps("actors/a.cpp", "//" + "x" * 98 + "\n")
        self.breaks("file size", "actors/a.cpp", "int x;\n" * 901)
        rules, said = report({"actors/a.cpp": "int x;\n" * 401})
        self.assertEqual(rules, [])
        self.assertIn("actors/a.cpp has 401 lines", said)

    def test_results_cannot_be_ignored(self):
        path = "resources/include/fabric/result.hpp"
        self.breaks("nodiscard", path, "#pragma once\nclass result;\n")
        self.keeps(path, "#pragma once\nclass [[nodiscard]] result;\n")


if __name__ == "__main__":
    unittest.main()
