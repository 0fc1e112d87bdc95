"""The package as a user has it: installed into a folder, and nothing else of this tree.

package_test.py install|headers|consumer|caf|study|pkgconfig|deb"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "tests/e2e"))

BUILD = Path(os.environ["BUILD"])
PREFIX = Path(os.environ["PREFIX"])
CMAKE, CPACK, CXX = os.environ["CMAKE"], os.environ["CPACK"], os.environ["CXX"]
PUBLIC = sorted(path.name for folder in ("resources", "transport", "actors/api",
                                             "actors/caf_bridge", "actors/study")
                for path in (ROOT / folder / "include/fabric").glob("*.hpp"))
OPT_IN = "caf.hpp"
PRINTED = ["6", "30", "81", "task_failed std::out_of_range no 7"]
PRINTED_BY_README = "385"


def run(*words, **more):
    """Answers standard output; the test fails where the program does."""
    done = subprocess.run([str(word) for word in words], text=True, capture_output=True, timeout=240,
                          stdin=subprocess.DEVNULL, **more)
    if done.returncode != 0:
        raise AssertionError(f"{words} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def without_cluster():
    return {name: value for name, value in os.environ.items() if name != "FABRIC_CLUSTER"}


def program_of_readme():
    """The first C++ program of the README's section on programs."""
    section = (ROOT / "README.md").read_text().split("## Use it from C++")[1].split("\n## ")[0]
    return re.search(r"```cpp\n(.*?)```", section, re.S).group(1)


class Folder(unittest.TestCase):
    """Gives each test an empty folder."""

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="fabric-package-"))
        self.addCleanup(shutil.rmtree, self.folder)


class install(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        shutil.rmtree(PREFIX, ignore_errors=True)
        run(CMAKE, "--install", BUILD, "--prefix", PREFIX)

    def test_what_is_installed(self):
        files = {str(path.relative_to(PREFIX)) for path in PREFIX.rglob("*") if path.is_file()}
        headers = {f"include/fabric/{name}" for name in PUBLIC}
        self.assertIn("include/fabric/fabric.hpp", headers)
        self.assertEqual(headers, {name for name in files if name.startswith("include/")})
        rest = {re.sub(r"-\w+(?=\.cmake$)", "-CONFIGURATION", name) for name in files - headers}
        package = "lib/cmake/taskfabric"
        self.assertEqual(rest, {
            "bin/fabricd", "lib/libtaskfabric.a", "lib/libtaskfabric_caf.a",
            "lib/libtaskfabric_study.a", "lib/pkgconfig/taskfabric.pc",
            "lib/pkgconfig/taskfabric-caf.pc", "lib/pkgconfig/taskfabric-study.pc",
            f"{package}/FindCAF.cmake", f"{package}/taskfabricConfig.cmake",
            f"{package}/taskfabricConfigVersion.cmake", f"{package}/taskfabricTargets.cmake",
            f"{package}/taskfabricTargets-CONFIGURATION.cmake",
            f"{package}/taskfabricCafTargets.cmake",
            f"{package}/taskfabricCafTargets-CONFIGURATION.cmake",
            f"{package}/taskfabricStudyTargets.cmake",
            f"{package}/taskfabricStudyTargets-CONFIGURATION.cmake"})

    def test_no_file_names_the_source_or_build_folder(self):
        for path in PREFIX.rglob("*"):
            if path.suffix in (".cmake", ".pc", ".hpp"):
                text = path.read_text()
                self.assertNotIn(str(ROOT), text, path)
                self.assertNotIn(str(BUILD), text, path)


class headers(Folder):

    def included_by(self, name):
        """Every file that a program with this one include reads."""
        source = self.folder / "one.cpp"
        source.write_text(f"#include <fabric/{name}>\n")
        rule = run(CXX, "-std=c++20", f"-I{PREFIX}/include", "-M", source)
        return rule.replace("\\\n", " ").split()[1:]

    def test_a_program_sees_the_standard_library_alone(self):
        standard = re.compile(r"/usr/include/(?!caf/|zmq|msgpack|sodium|sqlite|spdlog|fmt|nlohmann|boost)"
                              r"|/usr/lib/gcc/")
        for name in ("fabric.hpp", "coroutine.hpp", "study.hpp"):
            read = self.included_by(name)
            self.assertGreater(len(read), 50)
            foreign = [path for path in read[1:]
                       if not path.startswith(f"{PREFIX}/include/fabric/") and not standard.match(path)]
            self.assertEqual(foreign, [], name)

    def test_one_header_alone_knows_caf(self):
        self.assertTrue(any("/caf/" in path for path in self.included_by(OPT_IN)))
        for name in set(PUBLIC) - {OPT_IN}:
            text = (PREFIX / "include/fabric" / name).read_text()
            self.assertNotRegex(text, r"#include <(?:caf/|fabric/caf\.hpp)|#include \"fabric/caf\.hpp", name)


class consumer(Folder):
    """find_package, and calls here and on a cluster of the installed fabricd."""

    @classmethod
    def setUpClass(cls):
        cls.work = Path(tempfile.mkdtemp(prefix="fabric-consumer-"))
        cls.addClassCleanup(shutil.rmtree, cls.work)
        readme = cls.work / "readme.cpp"
        readme.write_text(program_of_readme())
        run(CMAKE, "-S", HERE / "program", "-B", cls.work / "build", f"-DCMAKE_PREFIX_PATH={PREFIX}",
            f"-DCMAKE_CXX_COMPILER={CXX}", f"-DREADME_PROGRAM={readme}")
        run(CMAKE, "--build", cls.work / "build", "-j2")

    def test_it_runs_here(self):
        printed = run(self.work / "build/consumer", env=without_cluster())
        self.assertEqual(printed.splitlines(), PRINTED)

    def test_the_program_of_the_readme_prints_its_answer(self):
        printed = run(self.work / "build/from_readme", env=without_cluster())
        self.assertEqual(printed.strip(), PRINTED_BY_README)

    def test_it_runs_on_a_cluster(self):
        from fabric_cluster import Cluster
        cluster = Cluster()
        try:
            cluster.start_head(cpus=2)
            printed = cluster.run(program=self.work / "build/consumer")
            self.assertEqual(printed.stdout.splitlines(), PRINTED, printed.stderr)
        finally:
            left, logs = cluster.close()
        self.assertEqual(left, [], logs)

    def configured(self, *lines):
        """Of a project with these lines: whether CMake took them, and what it said."""
        (self.folder / "CMakeLists.txt").write_text("\n".join((
            "cmake_minimum_required(VERSION 3.25)", "project(other LANGUAGES CXX)", *lines, "")))
        done = subprocess.run([CMAKE, "-S", self.folder, "-B", self.folder / "build",
                               f"-DCMAKE_PREFIX_PATH={PREFIX}"], text=True, capture_output=True,
                              timeout=100)
        return done.returncode == 0, " ".join((done.stdout + done.stderr).split())

    def test_a_version_that_is_not_installed_is_refused(self):
        is_taken, said = self.configured("find_package(taskfabric 9.0 REQUIRED)")
        self.assertFalse(is_taken)
        self.assertIn('compatible with requested version "9.0"', said)

    def test_a_library_that_is_missing_is_named_with_its_package(self):
        is_taken, said = self.configured("set(CMAKE_FIND_LIBRARY_PREFIXES no)",
                                         "find_package(taskfabric REQUIRED)")
        self.assertFalse(is_taken)
        self.assertIn("install Debian's package libzmq3-dev", said)

    def test_caf_is_needed_by_those_who_ask_for_it_alone(self):
        without_caf = "set(CAF_CORE_LIBRARY CAF_CORE_LIBRARY-NOTFOUND)", \
            "set(CMAKE_FIND_LIBRARY_SUFFIXES .none)", \
            "set(taskfabric_zmq_LIBRARY zmq)", "set(taskfabric_sodium_LIBRARY sodium)"
        is_taken, said = self.configured(*without_caf, "find_package(taskfabric REQUIRED)")
        self.assertTrue(is_taken, said)
        is_taken, said = self.configured(
            *without_caf, "find_package(taskfabric REQUIRED OPTIONAL_COMPONENTS caf)",
            "if(TARGET taskfabric::caf)", "message(FATAL_ERROR there)", "endif()")
        self.assertTrue(is_taken, said)
        is_taken, said = self.configured(*without_caf,
                                         "find_package(taskfabric REQUIRED COMPONENTS caf)")
        self.assertFalse(is_taken)
        self.assertIn("install Debian's package libcaf-dev", said)

    def test_a_component_that_there_is_not_is_refused(self):
        is_taken, said = self.configured("find_package(taskfabric REQUIRED COMPONENTS sockets)")
        self.assertFalse(is_taken)
        self.assertIn("has no component sockets, only caf and study", said)


class caf(Folder):
    """A program that lives in CAF."""

    @classmethod
    def setUpClass(cls):
        from fabric_cluster import Cluster
        cls.cluster = Cluster()
        cls.addClassCleanup(cls.cluster.close)
        cls.cluster.start_head(cpus=1)

    def test_it_is_built_with_find_package_and_runs_on_a_cluster(self):
        run(CMAKE, "-S", HERE / "caf_program", "-B", self.folder / "build",
            f"-DCMAKE_PREFIX_PATH={PREFIX}", f"-DCMAKE_CXX_COMPILER={CXX}")
        run(CMAKE, "--build", self.folder / "build", "-j2")
        program = self.folder / "build/caf_consumer"
        self.assertEqual(run(program, env=self.cluster.env), "42\n")
        nowhere = subprocess.run([program], env=dict(self.cluster.env, FABRIC_CLUSTER="nowhere.json"),
                                 cwd=self.folder, text=True, capture_output=True, timeout=30)
        self.assertEqual((nowhere.returncode, nowhere.stdout), (1, ""))
        self.assertIn("nowhere.json", nowhere.stderr)
        self.assertEqual(run(self.folder / "build/caf_and_calls", env=without_cluster()), "81\n")

    def test_it_is_built_with_what_pkg_config_says(self):
        env = dict(without_cluster(), PKG_CONFIG_PATH=f"{PREFIX}/lib/pkgconfig")
        flags = run("pkg-config", "--cflags", "--libs", "taskfabric-caf", env=env).split()
        program = self.folder / "caf_consumer"
        run(CXX, "-std=c++20", HERE / "caf_program/caf_consumer.cpp", "-o", program, *flags)
        self.assertEqual(run(program, env=self.cluster.env), "42\n")


class study(Folder):
    """A program that searches."""

    def assert_searches(self, program):
        storage = f"sqlite:///{self.folder}/s.db"
        self.assertEqual(run(program, storage, env=without_cluster()), "exhausted 10 0\n")
        self.assertEqual(run(program, storage, env=without_cluster()), "exhausted 10 0\n")
        listed = run(PREFIX / "bin/fabricd", "study", "show", "study", "--storage", storage)
        self.assertIn("10", listed)

    def test_it_is_built_with_find_package(self):
        run(CMAKE, "-S", HERE / "study_program", "-B", self.folder / "build",
            f"-DCMAKE_PREFIX_PATH={PREFIX}", f"-DCMAKE_CXX_COMPILER={CXX}")
        run(CMAKE, "--build", self.folder / "build")
        self.assert_searches(self.folder / "build/study_consumer")

    def test_it_is_built_with_what_pkg_config_says(self):
        env = dict(without_cluster(), PKG_CONFIG_PATH=f"{PREFIX}/lib/pkgconfig")
        flags = run("pkg-config", "--cflags", "--libs", "taskfabric-study", env=env).split()
        program = self.folder / "study_consumer"
        run(CXX, "-std=c++20", HERE / "study_program/study_consumer.cpp", "-o", program, *flags)
        self.assert_searches(program)


class pkgconfig(Folder):

    def test_a_program_is_built_with_what_pkg_config_says(self):
        env = dict(without_cluster(), PKG_CONFIG_PATH=f"{PREFIX}/lib/pkgconfig")
        flags = run("pkg-config", "--cflags", "taskfabric", env=env).split()
        libraries = run("pkg-config", "--libs", "taskfabric", env=env).split()
        program = self.folder / "consumer"
        run(CXX, "-std=c++20", *flags, HERE / "program/consumer.cpp", "-o", program, *libraries)
        self.assertEqual(run(program, env=without_cluster()).splitlines(), PRINTED)


class deb(Folder):

    @classmethod
    def setUpClass(cls):
        cls.work = Path(tempfile.mkdtemp(prefix="fabric-deb-"))
        cls.addClassCleanup(shutil.rmtree, cls.work)
        run(CPACK, "--config", BUILD / "CPackConfig.cmake", "-B", cls.work)
        cls.packages = {path.name.split("_")[0]: path for path in cls.work.glob("*.deb")}

    def fields(self, name):
        text = run("dpkg-deb", "-f", self.packages[name])
        return dict(re.findall(r"^([\w-]+): (.*)$", text, re.M))

    def files(self, name):
        lines = run("dpkg-deb", "-c", self.packages[name]).splitlines()
        return {line.split()[-1] for line in lines if not line.endswith("/")}

    def test_one_package_has_the_program_and_one_the_library(self):
        self.assertEqual(set(self.packages), {"taskfabric", "libtaskfabric-dev"})
        self.assertEqual(self.files("taskfabric"), {"./usr/bin/fabricd"})
        library = self.files("libtaskfabric-dev")
        self.assertLessEqual({f"./usr/lib/libtaskfabric{of}.a" for of in ("", "_caf", "_study")}, library)
        self.assertEqual({f"./usr/include/fabric/{name}" for name in PUBLIC},
                         {name for name in library if "/include/" in name})

    def test_each_needs_what_it_is_linked_with(self):
        program = self.fields("taskfabric")
        for library in ("libc6", "libcaf-core0.17", "libzmq5", "libsodium23", "libsqlite3-0"):
            self.assertRegex(program["Depends"], rf"(^|, ){re.escape(library)}( |,|$)")
        library = self.fields("libtaskfabric-dev")
        self.assertEqual(library["Depends"], "libzmq3-dev, libsodium-dev")
        self.assertEqual(library["Suggests"], "libcaf-dev, libsqlite3-dev, libpq-dev")

    def test_the_program_of_the_package_starts(self):
        run("dpkg-deb", "-x", self.packages["taskfabric"], self.folder)
        version = self.fields("taskfabric")["Version"]
        self.assertIn(version, run(self.folder / "usr/bin/fabricd", "version"))

    def test_a_program_links_with_the_library_of_the_package(self):
        run("dpkg-deb", "-x", self.packages["libtaskfabric-dev"], self.folder)
        env = dict(without_cluster(), PKG_CONFIG_PATH=f"{self.folder}/usr/lib/pkgconfig")
        source = self.folder / "least.cpp"
        source.write_text("#include <fabric/session.hpp>\n"
                          "int main() { return static_cast<int>(fabric::init().open_calls()); }\n")
        flags = run("pkg-config", "--cflags", "--libs", "taskfabric", env=env).split()
        run(CXX, "-std=c++20", source, "-o", self.folder / "least", *flags)
        run(self.folder / "least", env=without_cluster())


if __name__ == "__main__":
    unittest.main()
