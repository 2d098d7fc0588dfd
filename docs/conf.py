"""Configuration of Sphinx."""

from musify import __version__

project = "musify"
author = "The musify developers"
release = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "musify"
exclude_patterns = ["_build"]
autodoc_typehints = "none"
autodoc_mock_imports = ["torch", "transformers"]  # too large to install for their names
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_validation_checks: set[str] = set()
nitpick_ignore_regex = [("py:.*", r".*")]  # types in docstrings are prose, not references
