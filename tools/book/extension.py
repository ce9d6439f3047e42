"""What Sphinx loads: a link from the first use of each term on a page to the glossary, and the link to edit a page."""

import re

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform

from tools.book import glossary, reference, stage

# No links inside these: titles, code, tables, links.
CLOSED = (nodes.title, nodes.literal, nodes.FixedTextElement, nodes.raw, nodes.table, nodes.image, nodes.reference,
          addnodes.pending_xref)


class LinkTerms(SphinxTransform):
    """Links the first use of each term on a page that teaches."""

    default_priority = 800

    def apply(self, **_):
        if not self.env.docname.startswith(("notebooks/", "data/")):
            return
        terms = {form.lower(): term.name for term in glossary.terms() for form in term.forms}
        waiting = _pattern(terms)
        for text in list(self.document.findall(nodes.Text)):
            pieces, rest = [], text.astext()
            while (found := waiting.search(rest)) and not _is_closed(text):
                name = terms[found[0].lower()]
                terms = {form: other for form, other in terms.items() if other != name}
                waiting = _pattern(terms)
                pieces += [nodes.Text(rest[:found.start()]), self._link(found[0], name)]
                rest = rest[found.end():]
            if pieces:
                text.parent.replace(text, [*pieces, nodes.Text(rest)])

    def _link(self, words, name):
        return addnodes.pending_xref("", nodes.inline("", words, classes=["term"]), refdomain="std", reftype="term",
                                     reftarget=name, refexplicit=True, refwarn=True, refdoc=self.env.docname)


def _pattern(forms):
    """Return what finds any of the forms as whole words; nothing when there are none."""
    longest_first = sorted(forms, key=len, reverse=True)
    return re.compile(r"(?<![\w-])(?:" + ("|".join(map(re.escape, longest_first)) or "(?!)") + r")(?![\w-])", re.I)


def _is_closed(node):
    """Tell whether a text is no place for a link: in a title, code, a table or another link, or a title of a work."""
    while node := node.parent:
        if isinstance(node, CLOSED) or isinstance(node, nodes.section) and node[0].astext() == "References":
            return True
    return False


def _add_edit_link(app, pagename, templatename, context, doctree):
    path = stage.source_of(pagename)
    address = app.config.mupy_address
    context["edit_url"] = f"{address}/edit/main/{path}" if address and path else ""


def setup(app):
    if (app.srcdir / "reference").is_dir():
        reference.modules()  # imported here once, and not by each process that reads pages
    app.add_config_value("mupy_address", "", "html")
    app.add_transform(LinkTerms)
    app.connect("html-page-context", _add_edit_link)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
