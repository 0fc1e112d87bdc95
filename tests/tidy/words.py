"""Words and calls that have no place in the tree, each with what to do instead.

The patterns are written so that they do not match themselves."""
import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Ban:
    rule: str
    pattern: str
    advice: str
    where: str = r""  # of the path
    unless: str = r"(?!)"  # of the path


CALL = r"(?<![\w.>:])(?:std::|::)?"

# In C++ code, without comments and literals.
IN_CODE = (
    Ban("sleep", r"\bsleep_(?:for|until)\b|" + CALL + r"(?:u|nano)?sleep\s*\(",
        "wait for what happens, or pass the time as an argument",
        where=r"^tests/", unless=r"^tests/e2e/"),
    Ban("banned call", CALL + r"system\s*\((?=\s*(?:\"|[\w.]+\.c_str))", "use posix_spawn"),
    Ban("banned call", CALL + r"popen\s*\(", "use posix_spawn"),
    Ban("banned call", CALL + r"s?rand\s*\(", "use <random> with a seed"),
    Ban("banned call", CALL + r"(?:str(?:cpy|cat|ncpy|ncat)|v?sprintf|gets)\s*\(",
        "use std::string"),
    Ban("banned call", CALL + r"strtok\s*\(", "use string_view::find"),
    Ban("banned call", CALL + r"ato(?:i|l|ll|f)\s*\(", "use std::from_chars"),
    Ban("banned call", CALL + r"(?:tmpnam|tempnam|mktemp)\s*\(", "use mkstemp or mkdtemp"),
    Ban("banned call", CALL + r"(?:localtime|gmtime|ctime|asctime)\s*\(",
        "use the form that is safe with threads (_r)"),
    Ban("banned call", CALL + r"assert\s*\(", "use FABRIC_CHECK, which every build has"),
    Ban("namespace", r"\busing\s+namespace\s+std\s*;", "name what is used"),
    Ban("clock", r"(?:\w*_clock|fabric_clock)\s*::\s*now\b|" + CALL +
        r"(?:clock_gettime|gettimeofday|time)\s*\(", "the core gets the time as an argument",
        where=r"^(?:scheduler|resources)/"),
    Ban("randomness", r"\brandom_device\b|\b(?:mt19937(?:_64)?|default_random_engine)\s+\w+\s*;",
        "seed it from the state", where=r"^(?:scheduler|resources)/"),
    Ban("clang", r"\bstd::views\b|\bstd::ranges::\w*_view\b|"
        r"\bstd::ranges::(?:unique|remove|remove_if|search|partition|rotate|equal_range)\b",
        "clang 14, which the fuzz targets need, cannot compile these with g++ 12's library",
        where=r"^(?:resources|transport|scheduler/tuner)/"),
)

# In every text: code, comments, scripts, pages.
IN_TEXT = (
    Ban("unfinished", r"\b(?:FIX[M]E|TO[D]O|XX[X])\b", "finish it, or state the limit plainly"),
    Ban("developer path", r"(?<![\w.})/-])/(?:hom[e]/\w|roo[t]/|User[s]/\w|wor[k]/)",
        "no path of one machine in the tree"),
)


def matches(bans, source, text):
    for ban in bans:
        if not re.search(ban.where, source.path) or re.search(ban.unless, source.path):
            continue
        for match in re.finditer(ban.pattern, text):
            yield text.count("\n", 0, match.start()) + 1, ban.rule, ban.advice


def check(source):
    if source.is_cpp:
        yield from matches(IN_CODE, source, source.code)
    yield from matches(IN_TEXT, source, source.text)
