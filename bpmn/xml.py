"""Reading XML that somebody uploaded: no entities, no network, no document type, bounded size and depth."""

from typing import Final

from lxml import etree

from domain.process_errors import ModelRefused

MAX_BYTES: Final = 2_000_000
MAX_DEPTH: Final = 64
MAX_ELEMENTS: Final = 50_000


def parse_xml(content: bytes, path: str) -> etree._Element:
    """The root of `content`. Raises ModelRefused; `path` names the file in the message.

    A document type is refused before the parser sees it: entity expansion and external subsets both need one,
    and no BPMN or DMN file does. Comments and processing instructions are dropped.
    """
    if len(content) > MAX_BYTES:
        raise _refused(path, f"larger than {MAX_BYTES} bytes")
    if b"<!DOCTYPE" in content.upper() or b"\x00" in content:
        # NUL bytes are UTF-16 or UTF-32, in which "<!DOCTYPE" would hide from the byte search.
        raise _refused(path, "a document type or a wide encoding is not allowed")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _refused(path, f"not well-formed XML: {error}") from error
    _check_shape(root, path)
    return root


def _check_shape(root: etree._Element, path: str) -> None:
    count = 0
    level = [root]
    for _ in range(MAX_DEPTH):
        count += len(level)
        if count > MAX_ELEMENTS:
            raise _refused(path, f"more than {MAX_ELEMENTS} elements")
        level = [child for element in level for child in element]
        if not level:
            return
    raise _refused(path, f"nested deeper than {MAX_DEPTH} levels")


def _refused(path: str, reason: str) -> ModelRefused:
    return ModelRefused(f"{path}: {reason}", path=path, reason=f"{path}: {reason}")
