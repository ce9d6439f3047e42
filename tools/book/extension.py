"""What Sphinx loads: a link from the first use of each term on a page to the glossary, and the link to edit a page."""

import re

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform

from tools.book import glossary, reference, stage

# No links inside these: titles, code, links, tables; nor where the glossary defines.
CLOSED = (nodes.title, nodes.literal, nodes.literal_block, nodes.reference, nodes.table, nodes.raw, nodes.FixedTextElement,
          addnodes.pending_xref, addnodes.glossary, addnodes.desc, nodes.image)


class LinkTerms(SphinxTransform):
    """Links the first use of each term on a page."""

    default_priority = 800

    def apply(self, **_):
        if self.env.docname.startswith(("glossary", "reference", "index")):
            return
        waiting = {form.lower(): term.name for term in glossary.terms() for form in term.forms}
        for text in list(self.document.findall(nodes.Text)):
            if waiting and not _is_inside(text, CLOSED):
                self._link(text, waiting)

    def _link(self, text, waiting):
        pieces, rest = [], text.astext()
        while waiting and (found := _pattern(waiting).search(rest)):
            term = waiting[found[0].lower()]
            for form in [form for form, name in waiting.items() if name == term]:
                del waiting[form]
            link = addnodes.pending_xref("", nodes.inline("", found[0], classes=["term"]), refdomain="std",
                                         reftype="term", reftarget=term, refexplicit=True, refwarn=True,
                                         refdoc=self.env.docname)
            pieces += [nodes.Text(rest[:found.start()]), link]
            rest = rest[found.end():]
        if pieces:
            text.parent.replace(text, [*pieces, nodes.Text(rest)])


def _pattern(forms):
    longest_first = sorted(forms, key=len, reverse=True)
    return re.compile(r"(?<![\w-])(?:" + "|".join(map(re.escape, longest_first)) + r")(?![\w-])", re.I)


def _is_inside(node, kinds):
    while node := node.parent:
        if isinstance(node, kinds):
            return True
    return False


def _add_edit_link(app, pagename, templatename, context, doctree):
    path = stage.source_of(pagename)
    address = app.config.mupy_address
    context["edit_url"] = f"{address}/edit/main/{path}" if address and path else ""


def setup(app):
    reference.modules()  # imported here once, and not by each process that reads pages
    app.add_config_value("mupy_address", "", "html")
    app.add_transform(LinkTerms)
    app.connect("html-page-context", _add_edit_link)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
