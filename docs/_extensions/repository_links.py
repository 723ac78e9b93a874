"""Links from a page to files of the repository that are no pages of the site.

On GitHub, where the same pages are read, such a link opens the file. The site has no copy of it,
so here the name of what it leads to stands as text. Links between pages stay as strict as ever.
"""

from pathlib import Path

from docutils import nodes
from sphinx.addnodes import download_reference, pending_xref
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform


class RepositoryLinks(SphinxPostTransform):
    """Turn links that lead to a file which is no page into plain text."""

    default_priority = 1  # before references are resolved

    def run(self, **kwargs: object) -> None:  # noqa: ARG002  Sphinx's signature
        """Replace each such link."""
        for node in self.document.findall(pending_xref):
            self._to_notebook(node)
        for node in list(self.document.findall(self._leads_out)):
            node.replace_self([nodes.inline("", "", *node.children)])

    def _to_notebook(self, node: nodes.Element) -> None:
        """Name a notebook as the page that it is here: its folder is linked in, and so resolved."""
        target, folder = Path(str(node["reftarget"])), Path(self.env.srcdir, "notebooks").resolve()
        if node.get("refdomain") == "doc" and target.parent == folder:
            node["reftarget"] = f"notebooks/{target.name}"

    def _leads_out(self, node: nodes.Node) -> bool:
        if isinstance(node, download_reference):
            return str(node.get("reftarget", "")).startswith("../")
        if not isinstance(node, pending_xref) or node.get("refdomain") != "doc":
            return False
        target = str(node["reftarget"])
        page = Path(self.env.srcdir) / f"{target}.md"
        return target not in self.env.all_docs and page.exists()


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the transform."""
    app.add_post_transform(RepositoryLinks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
