"""Links between the documents lead somewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from document_support import DOCUMENTS, ROOT, anchors, links


def is_outside(link: str) -> bool:
    return "://" in link or link.startswith("mailto:")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_internal_links_resolve(document: Path) -> None:
    broken = []
    for link in links(document):
        if is_outside(link):
            continue
        name, _, anchor = link.partition("#")
        target = (document.parent / name).resolve() if name else document
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_the_readme_leads_to_every_document() -> None:
    targets = {(ROOT / link.partition("#")[0]).resolve() for link in links(ROOT / "README.md")}
    assert {document for document in DOCUMENTS if document.name != "README.md"} <= targets
