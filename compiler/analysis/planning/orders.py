"""
Orders in which a search places buffers.

An order is a word whose letters are weights, the first one most important, each with
the larger first:

* `T` the bytes of the fullest section that the buffer lives in
* `M` the bytes of all sections it lives in
* `S` how many sections it lives in
* `O` how many buffers it meets
* `V` the bytes of the buffers it meets
* `W` its lifetime
* `Z` its size
* `A` its size times its lifetime
* `U` how early it dies
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from .requests import Request, neighbours

WORDS = ("TWA", "SZT", "WAT", "U", "OA", "TAW", "VA", "A")
"""The orders in the sequence in which they are tried."""

LEAST, MOST = 85, 118
"""Percent of a weight that a shaken order may take it for."""


def sections_of(requests: Sequence[Request]) -> list[list[int]]:
    """The largest sets of requests that are live together, as sorted indices."""
    found: list[frozenset[int]] = []
    starts = sorted({request.start for request in requests})
    live = [
        frozenset(i for i, r in enumerate(requests) if r.start <= step < r.end)
        for step in starts
    ]
    for section in sorted(dict.fromkeys(live), key=lambda s: (-len(s), sorted(s))):
        if not any(section <= larger for larger in found):
            found.append(section)
    return [sorted(section) for section in found]


def weights_of(
    requests: Sequence[Request], sections: Sequence[Sequence[int]]
) -> dict[str, list[int]]:
    """The weights of each letter, in the order of the requests."""
    totals = [sum(requests[i].size for i in section) for section in sections]
    inside: list[list[int]] = [[] for _ in requests]
    for section, total in zip(sections, totals, strict=True):
        for index in section:
            inside[index].append(total)
    meeting = neighbours(requests)
    end = max((request.end for request in requests), default=0)
    return {
        "T": [max(found, default=0) for found in inside],
        "M": [sum(found) for found in inside],
        "S": [len(found) for found in inside],
        "O": [len(others) for others in meeting],
        "V": [sum(requests[i].size for i in others) for others in meeting],
        "W": [request.lifetime for request in requests],
        "Z": [request.size for request in requests],
        "A": [request.size * request.lifetime for request in requests],
        "U": [end - request.end for request in requests],
    }


def ordered(word: str, weights: dict[str, list[int]], seed: int = 0) -> list[int]:
    """
    The indices in the order of `word`; a seed that is not 0 shakes the weights.

    Integers only, so that it is the same order everywhere.
    """
    columns = [weights[letter] for letter in word]
    if seed:
        random_percent = random.Random(seed).randrange
        columns = [
            [weight * random_percent(LEAST, MOST) for weight in column]
            for column in columns
        ]
    rows = list(zip(*columns, strict=True))
    return sorted(range(len(rows)), key=lambda i: [-weight for weight in rows[i]])
