"""The include ladder: resources <- scheduler, resources <- transport, actors above, bench and
tests on top; scheduler and transport do not know each other."""
import re

STD_C = {"assert.h", "errno.h", "float.h", "limits.h", "math.h", "setjmp.h", "signal.h",
         "stddef.h", "stdint.h", "stdio.h", "stdlib.h", "string.h", "time.h"}

# Folders that a folder may include from, by root-relative name.
LADDER = {
    "resources": {"resources"},
    "scheduler": {"resources", "scheduler"},
    "transport": {"resources", "transport"},
    "actors": {"resources", "scheduler", "transport", "actors"},
    "bench": {"resources", "scheduler", "transport", "actors", "bench"},
    "tests": {"resources", "scheduler", "transport", "actors", "bench", "tests"},
}

# Where public headers lie; a program sees one include folder.
PUBLIC_ROOTS = ("resources/include", "transport/include", "actors/api/include", "actors/caf_bridge/include",
                "actors/study/include")

# Libraries that a folder may include, by the beginning of the header's name, and the files of the
# folder that may (any where the pattern is empty). The system's own headers are "posix".
LIBRARIES = {
    "resources": {"posix": r"detect\w*\.cpp$"},
    "scheduler": {"Eigen": r"tuner/samplers/(?:evolution|gaussian_process|gp)\.(?:hpp|cpp)$"},
    "transport": {
        "posix": "",
        "sodium": "",
        "zmq": r"socket\.hpp$",
        "msgpack": r"(?:codec|value_writer)\w*\.(?:hpp|cpp)$",
    },
}
FORBIDDEN_LIBRARIES = {"actors": {"zmq", "msgpack"}, "bench": set(), "tests": set()}

# A library that is hidden behind one file.
HOMES = {"httplib": "actors/dashboard/http_desk.cpp"}

# A pure core has no threads and gets the time as an argument.
SCHEDULER_STD_FORBIDDEN = {"thread", "mutex", "shared_mutex", "condition_variable", "future",
                           "atomic", "stop_token", "semaphore", "latch", "barrier", "iostream",
                           "fstream", "filesystem"}


def library_of(name):
    """None for the standard library."""
    for library in ("zmq", "msgpack", "caf", "sodium", "gtest", "gmock", "benchmark", "sqlite3",
                    "spdlog", "nlohmann", "CLI", "httplib", "Eigen"):
        if re.match(library + r"(?:[/._]|$)", name):
            return library
    if "/" not in name and not name.endswith((".h", ".hpp")):
        return None
    if name in STD_C:
        return None
    return "posix" if name.endswith(".h") else name


def is_public_header(source):
    return "/include/fabric/" in source.path


def check_library(source, name):
    library = library_of(name)
    if library is None:
        if source.folder == "scheduler" and name in SCHEDULER_STD_FORBIDDEN:
            return "the scheduler has no threads and no input or output"
        return None
    if library == "msgpack" and source.path.endswith("/include/fabric/msgpack.hpp"):
        return None  # a program that includes it has asked for it
    if library == "caf" and is_public_header(source) and not source.path.endswith("/caf.hpp"):
        return "public headers other than caf.hpp have no CAF"
    if source.path != HOMES.get(library, source.path):
        return f"{HOMES[library]} alone may include {library}"
    if source.folder in LIBRARIES:
        allowed = LIBRARIES[source.folder]
        if library not in allowed:
            return f"{source.folder} may not include {library}"
        if not re.search(allowed[library], source.path):
            return f"in {source.folder}, {library} is for files like {allowed[library]}"
    elif library in FORBIDDEN_LIBRARIES.get(source.folder, set()):
        return f"{source.folder} may not include {library}; transport does that"
    return None


def home_of(source, name):
    """The folder that a quoted include is from, or None where there is no such file."""
    if (source.root / name).is_file():
        return name.split("/")[0]
    if name.startswith("fabric/"):
        for root in PUBLIC_ROOTS:
            if (source.root / root / name).is_file():
                return root.split("/")[0]
    return None


def check_own(source, name):
    if name.startswith("../") or "/../" in name or name.startswith("./"):
        return "name the file from the root, without '..'"
    home = home_of(source, name)
    if home is None:
        return f"there is no {name} from the root; name it from there"
    if source.folder in LADDER and home not in LADDER[source.folder]:
        return f"{source.folder} may not include from {home}"
    if is_public_header(source) and not name.startswith("fabric/"):
        return "a public header includes public headers only"
    return None


def check(source):
    if not source.is_cpp:
        return
    for line, kind, name in source.includes():
        if kind == "<" and not name.startswith("fabric/"):
            advice = check_library(source, name)
        else:
            advice = check_own(source, name)
        if advice:
            yield line, "include", advice
