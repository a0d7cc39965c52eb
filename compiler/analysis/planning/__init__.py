"""
Static offsets: where each buffer of one memory level stands.

From sizes and lifetimes alone: plain values in, plain values out, nothing here knows
the IR. `plan` has a level's peak as small as can be, `plan_within` stops at a capacity.
"""

from .greedy import (
    ORDERS,
    Key,
    first_fit,
    greedy,
    laid,
    lowest_offset,
    skyline,
    stacked,
)
from .plans import METHODS, PLANNERS, Method, Plan, Planner, plan, plan_within
from .requests import (
    Request,
    aligned,
    independent_parts,
    live_bytes,
    lower_bound,
    neighbours,
    peak,
)
from .search import Allowance, has_solver

__all__ = [
    "METHODS",
    "ORDERS",
    "PLANNERS",
    "Allowance",
    "Key",
    "Method",
    "Plan",
    "Planner",
    "Request",
    "aligned",
    "first_fit",
    "greedy",
    "has_solver",
    "independent_parts",
    "laid",
    "live_bytes",
    "lower_bound",
    "lowest_offset",
    "neighbours",
    "peak",
    "plan",
    "plan_within",
    "skyline",
    "stacked",
]
