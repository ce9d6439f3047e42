"""The web book: pages staged from notebooks, exercises, docstrings and book/*.md, then built by Sphinx.

`stage` decides which pages there are, `notebooks`, `tables`, `reference` and `glossary` write them,
`extension` is what Sphinx loads to link the glossary's terms.
"""
