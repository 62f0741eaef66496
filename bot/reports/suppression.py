"""Which figures may be published: small ones are hidden, and nothing leads back to them.

The attacker of these rules knows every table that was ever published, and the exact number of
reports in each block. Against that attacker every hidden cell keeps a range of at least ``k``.
"""

from collections import deque
from collections.abc import Mapping, Sequence

K = 5
LEAST_ROWS = 2 * K

_SOURCE = ("source", "")
Node = tuple[str, str]
Arc = tuple[Node, Node]
Cells = dict[str, int]
Shown = dict[str, int | None]


def rounded(total: int, base: int = K) -> int:
    """A total to the nearest multiple of ``base``."""
    return (total + base // 2) // base * base


def hidden_cells(cells: Mapping[str, int], k: int = K) -> frozenset[str]:
    """What a table of one block must hide: cells below ``k``, and enough others with them.

    The hidden ones together are at least ``k`` and at least two, so that each could be anything
    between nothing and that sum. Zero is hidden too: it says that nobody was there.
    """
    hidden = {name for name, count in cells.items() if count < k}
    shown = sorted((name for name in cells if name not in hidden), key=lambda n: (cells[n], n))
    while hidden and shown and (len(hidden) < 2 or sum(cells[name] for name in hidden) < k):
        hidden.add(shown.pop(0))
    return frozenset(hidden)


def block_table(cells: Mapping[str, int], k: int = K) -> Shown:
    """A table of one block; ``None`` where a cell is hidden."""
    hidden = hidden_cells(cells, k)
    return {name: None if name in hidden else count for name, count in cells.items()}


def year_table(
    blocks: Sequence[tuple[Mapping[str, int], Mapping[str, int | None]]], k: int = K
) -> Shown:
    """The sums over several published blocks, as far as they give nothing hidden away.

    Each block is its true cells and what was published of them.
    """
    names = sorted({name for cells, _ in blocks for name in cells})
    sums = {name: sum(cells.get(name, 0) for cells, _ in blocks) for name in names}
    hidden = {
        (name, number): cells.get(name, 0)
        for number, (cells, shown) in enumerate(blocks)
        for name in names
        if name in cells and shown[name] is None
    }
    rows = sorted({name for name, _ in hidden})
    released = {name for name in rows if sums[name] >= k}
    while released and not _safe(hidden, released, k):
        released.remove(min(released, key=lambda name: (sums[name], name)))
    return {name: sums[name] if name not in rows or name in released else None for name in names}


def _safe(hidden: Mapping[tuple[str, int], int], released: set[str], k: int) -> bool:
    """Whether every hidden cell, and every hidden sum of a row, keeps a range of ``k``.

    Seen as flows: a row gives to its hidden cells, a cell to its block, whose sum is known. A
    row whose sum is not published gets from a common source whatever it needs.
    """
    flows: dict[Arc, int] = {}
    for (name, number), count in hidden.items():
        flows[("row", name), ("block", str(number))] = count
        if name not in released:
            arc = (_SOURCE, ("row", name))
            flows[arc] = flows.get(arc, 0) + count
    return all(_range(flows, arc, k) >= k for arc in flows)


def _range(flows: Mapping[Arc, int], arc: Arc, enough: int) -> int:
    """How far the flow through an arc can be raised and lowered, counted up to ``enough``."""
    tail, head = arc
    raised = _push(dict(flows), arc, head, tail, enough)
    if raised >= enough:
        return raised
    return raised + _push(dict(flows), arc, tail, head, min(enough, flows[arc]))


def _push(flows: dict[Arc, int], without: Arc, start: Node, end: Node, most: int) -> int:
    """How much can go around from ``start`` to ``end`` without this arc, at most ``most``."""
    pushed = 0
    while pushed < most:
        path = _path(flows, without, start, end)
        if path is None:
            break
        step = min([most - pushed, *(flows[arc] for arc, forward in path if not forward)])
        for arc, forward in path:
            flows[arc] += step if forward else -step
        pushed += step
    return pushed


def _path(
    flows: Mapping[Arc, int], without: Arc, start: Node, end: Node
) -> list[tuple[Arc, bool]] | None:
    """The shortest way where flow can be added (forward) or taken away (backward)."""
    came: dict[Node, tuple[Node, Arc, bool]] = {}
    queue = deque([start])
    seen = {start}
    while queue:
        here = queue.popleft()
        if here == end:
            break
        for arc, flow in flows.items():
            if arc == without:
                continue
            for there, forward in ((arc[1], True), (arc[0], False)):
                begins = arc[0] if forward else arc[1]
                if begins == here and there not in seen and (forward or flow > 0):
                    seen.add(there)
                    came[there] = (here, arc, forward)
                    queue.append(there)
    if end not in came:
        return None
    path = []
    node = end
    while node != start:
        node, arc, forward = came[node]
        path.append((arc, forward))
    return path
