"""Run PyNN's scenario tests with benchnn.pynn, and print their outcomes.

    python benchmarks/pynn_scenarios.py FOLDER [-k EXPRESSION]

FOLDER is ``test/system/scenarios`` of PyNN's repository; the tests are not part of PyNN's wheel. They are run in place,
with a working folder that is removed afterwards. A test that is written for several simulators runs once, with
benchnn.pynn in their place. A test is not applicable if a type of cell, synapse or receptor is not available, with the
error as the reason, or if the test itself skips.

Exit code 0 if at least 90 % of the applicable tests pass.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path
from types import ModuleType

import pytest

BAR = 0.9


class Scenarios:
    """A pytest plug-in: one simulator for all tests, and one line per test."""

    def __init__(self, sim: ModuleType, not_available: type[Exception]) -> None:
        self.sim = sim
        self.not_available = not_available
        self.outcomes: dict[str, tuple[str, str]] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Replace the simulators of a test by benchnn.pynn."""
        markers = metafunc.definition.own_markers
        markers[:] = [marker for marker in markers if marker.name != "parametrize" or marker.args[0] != "sim"]
        if "sim" in metafunc.fixturenames:
            metafunc.parametrize("sim", [self.sim], ids=["benchnn"])

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo):
        """Store the outcome with its reason."""
        report = (yield).get_result()
        name = item.nodeid.rpartition("/")[2].removesuffix("[benchnn]")
        if report.skipped:
            self.outcomes[name] = ("not applicable", str(report.longrepr[2]).removeprefix("Skipped: "))
        elif call.excinfo is not None:
            error = call.excinfo.value
            kind = "not applicable" if isinstance(error, self.not_available) else "failed"
            self.outcomes[name] = (kind, f"{type(error).__name__}: {error}".strip().splitlines()[0])
        elif report.when == "call":
            self.outcomes[name] = ("passed", "")


def main() -> int:
    """Run the tests and print the table."""
    parser = argparse.ArgumentParser(description="PyNN's scenario tests against benchnn.pynn")
    parser.add_argument("folder", type=Path, help="test/system/scenarios of PyNN's repository")
    parser.add_argument("-k", dest="chosen", default="", help="run only tests whose names match, like pytest's -k")
    parser.add_argument("-v", dest="verbose", action="store_true", help="also show pytest's output")
    options = parser.parse_args()
    folder = options.folder.resolve()
    if not folder.joinpath("fixtures.py").is_file():
        parser.error(f"{folder} has no fixtures.py; give the folder test/system/scenarios of PyNN's repository")

    import benchnn.pynn
    from simcore.errors import UnavailableError

    sys.dont_write_bytecode = True
    scenarios = Scenarios(benchnn.pynn, UnavailableError)
    with tempfile.TemporaryDirectory(prefix="pynn-scenarios-") as working:
        os.chdir(working)
        quiet = ["--tb=short"] if options.verbose else ["--tb=no", "-q", "--no-header", "--no-summary", "-W", "ignore"]
        arguments = [str(folder), "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", str(folder), *quiet]
        pytest.main([*arguments, "-k", options.chosen], plugins=[scenarios])
        os.chdir(folder)
    print()
    for name, (outcome, reason) in scenarios.outcomes.items():
        print(f"{outcome:14} {name}{': ' + reason if reason else ''}")
    counts = {kind: sum(found == kind for found, _ in scenarios.outcomes.values()) for kind in KINDS}
    applicable = counts["passed"] + counts["failed"]
    share = counts["passed"] / applicable if applicable else 0.0
    listed = ", ".join(f"{number} {kind}" for kind, number in counts.items())
    print(f"\n{listed}: {share:.0%} of {applicable} applicable tests pass")
    return 0 if share >= BAR else 1


KINDS = ("passed", "failed", "not applicable")

if __name__ == "__main__":
    sys.exit(main())
