"""Configuration of Sphinx."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from docutils import nodes
from sphinx.application import Sphinx

from musify import __version__

HERE = Path(__file__).parent

project = "musify"
author = "The musify developers"
release = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "musify"
exclude_patterns = ["_build", "_gallery", "**/*.done"]
autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_validation_checks: set[str] = set()
# Extras of which only the names are needed to read docstrings.
autodoc_mock_imports = ["torch", "transformers"]
html_extra_path = ["_gallery"]
python_maximum_signature_line_length = 60  # longer ones have a line for each parameter
html_static_path = ["_static"]
html_css_files = ["musify.css"]
html_show_copyright = False
(HERE / "_gallery").mkdir(exist_ok=True)


def setup(app: Sphinx) -> None:
    """Run the examples of the gallery when the docs are built, and number references."""

    def make(_: Sphinx) -> None:
        made = HERE / "_gallery" / "gallery"
        made.mkdir(parents=True, exist_ok=True)
        for example in sorted((HERE.parent / "examples" / "gallery").glob("*.py")):
            done = made / f"{example.stem}.done"
            if done.exists() and done.stat().st_mtime > example.stat().st_mtime:
                continue
            # In an empty folder: what an example left when it failed would be in its own way.
            with TemporaryDirectory() as folder:
                environment = {**os.environ, "MPLBACKEND": "Agg"}
                command = [sys.executable, example, folder]
                subprocess.run(command, check=True, env=environment)  # noqa: S603 - our own
                shutil.copytree(folder, made, dirs_exist_ok=True)
            done.touch()

    def number(_: Sphinx, doctree: nodes.document) -> None:
        """Show references as they stand in docstrings; numpydoc misses those inside of lists."""
        for text in list(doctree.findall(nodes.Text)):
            shown = re.sub(r"\[R[0-9a-f]{12}-(\d+)\]", r"[\1]", text)
            if shown != text:
                text.parent.replace(text, nodes.Text(shown))

    app.connect("builder-inited", make)
    app.connect("doctree-read", number, priority=900)
