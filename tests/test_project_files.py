"""The files around the code agree with it and with each other: versions, links, the index of the documentation."""

import re
import tomllib
from pathlib import Path

import pytest

import benchnn

ROOT = Path(__file__).parents[1]
DOCS = sorted((ROOT / "docs").rglob("*.md"))
INDEXES = [page for page in DOCS if page.name == "index.md"]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "examples/README.md")),
    *DOCS,
]
CITATION = (ROOT / "CITATION.cff").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text()
RELEASES = re.findall(r"^## \[(\d[^\]]*)\] - (\d{4}-\d\d-\d\d)$", CHANGELOG, re.MULTILINE)
"""Versions of the changelog and their dates, as they follow each other there."""


def without_code(text):
    """A page without its fenced blocks and inline code, in which nothing is a link or a heading."""
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))


def links(page):
    """Targets of the links and images that lead to files of the project or to a place on the same page."""
    targets = re.findall(r"\]\(([^)\s]+)\)", without_code(page.read_text()))
    return [target for target in targets if not re.match(r"[a-z]+:", target)]


def anchors(page):
    """Names of the places of a page to which links can lead: its headings, as GitHub names them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def citation(key):
    """The value of a key at the top of CITATION.cff."""
    return re.search(rf"^{key}: (.+)$", CITATION, re.MULTILINE).group(1)


def test_changelog_citation_and_package_have_the_same_version():
    assert RELEASES[0][0] == citation("version") == benchnn.__version__


def test_changelog_and_citation_have_the_same_date():
    assert RELEASES[0][1] == citation("date-released")


def test_changelog_lists_the_newest_version_first_under_what_is_unreleased():
    headings = re.findall(r"^## (.+)$", CHANGELOG, re.MULTILINE)
    assert headings == ["[Unreleased]", *(f"[{version}] - {date}" for version, date in RELEASES)]
    dates = [date for _, date in RELEASES]
    assert dates == sorted(dates, reverse=True)


def test_package_and_citation_name_the_license_of_the_license_file():
    assert PROJECT["license"] == citation("license") == "BSD-3-Clause"
    assert PROJECT["license-files"] == ["LICENSE"]
    assert (ROOT / "LICENSE").read_text().startswith("BSD 3-Clause License\n")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_a_heading_that_exist(page):
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("index", INDEXES, ids=lambda index: str(index.relative_to(ROOT)))
def test_every_page_of_the_documentation_is_in_its_index(index):
    linked = {(index.parent / link.partition("#")[0]).resolve() for link in links(index)}
    beside = [page for page in DOCS if page.parent == index.parent and page != index]
    below = [page for page in INDEXES if page.parent.parent == index.parent]
    assert [page for page in beside + below if page not in linked] == []


def test_no_two_pages_of_the_documentation_have_the_same_title():
    titles = [page.read_text().partition("\n")[0] for page in DOCS]
    assert [title for title in set(titles) if titles.count(title) > 1] == []


def test_every_picture_of_the_documentation_is_shown():
    shown = {(page.parent / link).resolve() for page in PAGES for link in links(page)}
    assert {path.name for path in (ROOT / "docs" / "images").iterdir() if path not in shown} == set()


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_the_index_is_linked_from_where_readers_start(name):
    assert "docs/index.md" in links(ROOT / name)
