"""How Sphinx builds these pages."""

import importlib.metadata

project = "leanfeed"
author = "The leanfeed authors"
release = version = importlib.metadata.version("leanfeed")
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
html_theme = "furo"
myst_heading_anchors = 3
autodoc_member_order = "bysource"
autodoc_typehints = "none"
