"""Settings of Sphinx for the documentation: ``python -m sphinx -W --keep-going -c docs . build/docs``."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
# The documented packages are those of this tree, and this folder has extensions of its own.
sys.path[:0] = [str(ROOT), str(ROOT / "docs")]

from benchnn.record.version import __version__  # noqa: E402

project = "benchnn"
author = "benchnn contributors"
project_copyright = author
version = release = __version__

extensions = ["myst_parser", "numpydoc", "sphinx.ext.autodoc", "contents", "docstrings", "model_pages"]
# Pages link to files outside of docs/, so that the root of the repository is the source.
root_doc = "docs/index"
include_patterns = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "examples/README.md", "docs/**.md"]
exclude_patterns = [".*", "build", "dist", "results"]

# Links lead to headings by the names that code hosts give them.
myst_heading_anchors = 6
# In docstrings, `name` is a link if the reference has such a name.
default_role = "py:obj"
numpydoc_show_class_members = False
autodoc_typehints_format = "short"
autodoc_member_order = "bysource"

html_theme = "furo"
html_title = f"benchnn {release}"
html_copy_source = False
