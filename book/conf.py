"""Sphinx's settings for the web book; tools.book stages the pages and calls it."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from mupy_helpers import __version__  # noqa: E402

project = "MuPy"
author = "the MuPy contributors"
copyright = "the MuPy contributors. Text and figures CC BY 4.0, code BSD-3-Clause"  # noqa: A001
release = version = __version__
language = "en"

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.mathjax", "tools.book.extension"]
exclude_patterns = []

# Pages show what the notebooks store; nothing is run.
nb_execution_mode = "off"
nb_merge_streams = True
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 4
myst_links_external_new_tab = False

# The helpers' docstrings are numpy-style, and their single backticks mean code.
default_role = "code"
napoleon_google_docstring = False
napoleon_use_rtype = False
autodoc_member_order = "bysource"
autodoc_typehints = "none"
autodoc_preserve_defaults = True
add_module_names = False
toc_object_entries_show_parents = "hide"

# Copied into the book by tools.book, and only where a page holds a formula.
mathjax_path = "mathjax/tex-chtml.js"

html_theme = "pydata_sphinx_theme"
html_title = "MuPy"
html_static_path = [str(ROOT / "book" / "_static")]
templates_path = [str(ROOT / "book" / "_templates")]
html_favicon = str(ROOT / "book" / "_static" / "favicon.svg")
html_css_files = ["book.css"]
html_copy_source = False
html_show_sphinx = False
html_use_index = False
html_domain_indices = False
html_context = {"default_mode": "auto"}
html_sidebars = {"**": ["book-contents.html"]}
html_theme_options = {
    "logo": {"text": "MuPy"},
    "navbar_center": [],
    "navbar_persistent": ["book-search.html"],
    "secondary_sidebar_items": ["page-toc", "book-edit.html"],
    "show_toc_level": 2,
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_version_warning_banner": False,
    "search_bar_text": "Search the book",
}
