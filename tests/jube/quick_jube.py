"""JUBE with the parser of YAML that is written in C.

JUBE reads the same files many times with the parser that is written in Python, which took most of its time.
"""

import runpy
import shutil
import sys


def command() -> list[str]:
    """Start of a command line of JUBE, which must be installed: this file, run by the interpreter of ``jube``."""
    installed = shutil.which("jube") or "jube"
    with open(installed, encoding="utf-8") as file:
        first = file.readline()
    return [*first[2:].split(), __file__, installed] if first.startswith("#!") else [installed]


def main() -> None:
    """Run ``jube`` on the arguments that follow its path."""
    import yaml

    if hasattr(yaml, "CLoader"):
        # JUBE reads with the first; its "!include" becomes part of the second.
        yaml.Loader = yaml.loader.Loader = yaml.CLoader
    del sys.argv[0], sys.path[0]
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
