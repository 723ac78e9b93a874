"""How the documentation is built: ``sphinx-build -W docs site``, without any network access."""

import sys
from importlib.metadata import version as installed_version
from pathlib import Path

from pygments.lexers.special import TextLexer
from sphinx.highlighting import lexers

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_extensions"))

project = "eventcast"
author = "The eventcast developers"
project_copyright = author
version = release = installed_version("eventcast")

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "numpydoc",
    "sphinx.ext.mathjax",
    "sphinx_click",
    "sphinx_copybutton",
    "sphinx-mathjax-offline",  # bundles MathJax: pages make no outside request
    "kept_outputs",
    "repository_links",
]
exclude_patterns = ["_build", "data/README.md"]

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 600
nb_merge_streams = True

autodoc_default_options = {"members": False, "show-inheritance": False}
autodoc_typehints_format = "short"
python_maximum_signature_line_length = 88
autodoc_preserve_defaults = True
numpydoc_show_class_members = False
default_role = "code"

lexers["cron"] = lexers["csv"] = TextLexer()  # Pygments has none

html_theme = "furo"
html_title = f"eventcast {release}"
html_static_path = ["_static"]
html_css_files = ["eventcast.css"]
html_extra_path = ["network.schema.json"]
html_theme_options = {"top_of_page_buttons": []}
html_show_sourcelink = False


# Sphinx reads one folder only; a link lets notebooks run where they lie, beside the data.
if not (HERE / "notebooks").is_symlink():
    (HERE / "notebooks").symlink_to("../notebooks")
