"""The package that docs/extending.md shows, installed once."""

import pytest
from packages import OWN_FILE, install, python, shown_files


@pytest.fixture(scope="session")
def example(tmp_path_factory):
    """Folder in which the package of the page is installed."""
    sources, site = tmp_path_factory.mktemp("example"), tmp_path_factory.mktemp("site")
    for name, content in shown_files().items():
        if name != OWN_FILE:
            (sources / name).parent.mkdir(exist_ok=True)
            (sources / name).write_text(content)
    install(sources, site)
    return site


@pytest.fixture
def benchnn(example, tmp_path):
    """Call the command line with the package installed: ``benchnn("doctor")``."""

    def call(*arguments, sites=(), **variables):
        return python("-m", "benchnn", *arguments, sites=(*sites, example), folder=tmp_path, **variables)

    return call
