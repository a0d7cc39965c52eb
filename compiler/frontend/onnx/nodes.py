"""The nodes of a graph: which are needed, and what they read."""

from __future__ import annotations

from collections.abc import Iterator

from onnx import GraphProto, ModelProto, NodeProto


def spelled(name: str) -> str:
    """
    `name` in what ASCII prints, the rest escaped: text of the IR must come back as it
    went, and a name is part of a line.
    """
    return "".join(map(spelled_character, name))


def spelled_character(character: str) -> str:
    """One character of a name."""
    if not character.isascii():
        return character.encode("ascii", "backslashreplace").decode()
    return character if character.isprintable() else f"\\x{ord(character):02x}"


def subgraphs(node: NodeProto) -> list[GraphProto]:
    """The graphs among the attributes of `node`."""
    found: list[GraphProto] = []
    for attribute in node.attribute:
        found += [attribute.g] if attribute.HasField("g") else []
        found += attribute.graphs
    return found


def needed_nodes(model: ModelProto) -> list[NodeProto]:
    """The nodes the graph's outputs depend on, in order; unread results are unnamed."""
    needed = {value.name for value in model.graph.output}
    kept: list[NodeProto] = []
    for node in reversed(model.graph.node):
        if needed.isdisjoint(node.output):
            continue
        kept.append(_without_unread(node, needed))
        needed.update(read_names(node))
    return kept[::-1]


def _without_unread(node: NodeProto, needed: set[str]) -> NodeProto:
    result = NodeProto()
    result.CopyFrom(node)
    for index, name in enumerate(node.output):
        result.output[index] = name if name in needed else ""
    return result


def read_names(node: NodeProto) -> Iterator[str]:
    """What `node` reads, also inside its subgraphs."""
    yield from filter(None, node.input)
    for graph in subgraphs(node):
        yield from (value.name for value in graph.output)
        for inner in graph.node:
            yield from read_names(inner)
