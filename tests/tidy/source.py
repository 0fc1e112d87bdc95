"""The files of the tree, and C++ text without comments and literals."""
import re
from pathlib import Path

FOLDERS = ("resources", "scheduler", "transport", "actors", "bench", "tests", "docs", "examples",
           ".ci")
SUFFIXES = {".hpp", ".cpp", ".h", ".hh", ".hxx", ".cc", ".cxx", ".c", ".py", ".cmake", ".md",
            ".txt", ".sh", ".json", ".yml", ".yaml", ".in", ""}
# Inputs of the fuzz targets: arbitrary bytes.
SKIPPED_FOLDERS = {"corpus", "__pycache__"}

LITERAL_OR_COMMENT = re.compile(
    r'R"(?P<tag>[^()\\\s]{0,16})\((?:.|\n)*?\)(?P=tag)"'  # raw string
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'"  # not the ' inside of a number
    r"|//[^\n]*"
    r"|/\*(?:.|\n)*?\*/"
)


def _blank(match):
    """Keeps the line structure, and one character so that f("x") differs from f()."""
    text = match.group(0)
    filler = "" if text.startswith("/") else '""'
    return filler + "\n" * text.count("\n")


def code_of(text):
    return LITERAL_OR_COMMENT.sub(_blank, text)


class Source:
    def __init__(self, root, path):
        file = Path(root) / path
        self.root = Path(root)
        self.path = path.as_posix()
        self.stem = file.stem
        self.suffix = file.suffix
        self.text = file.read_text(encoding="utf-8", errors="replace")
        self.lines = self.text.split("\n")
        if self.lines[-1] == "":
            self.lines.pop()
        self.is_cpp = self.suffix in (".hpp", ".cpp")
        self.code = code_of(self.text) if self.is_cpp else self.text

    @property
    def folder(self):
        return self.path.split("/")[0]

    def includes(self):
        """(line, "<" or '"', name) of each include."""
        for number, line in enumerate(self.lines, 1):
            match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
            if match:
                yield number, match.group(1), match.group(2)

    def line_of(self, offset):
        return self.code.count("\n", 0, offset) + 1


def sources_of(root):
    # ".git" is a file in a linked work tree.
    files = [f for f in root.iterdir() if f.is_file() and f.name != ".git"]
    for folder in FOLDERS:
        if (root / folder).is_dir():
            files += [f for f in (root / folder).rglob("*") if f.is_file()]
    for file in sorted(files):
        path = file.relative_to(root)
        if file.suffix in SUFFIXES and not SKIPPED_FOLDERS & set(path.parts):
            yield Source(root, path)
