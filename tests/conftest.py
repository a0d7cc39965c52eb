"""What holds for all tests."""

from __future__ import annotations

import gc

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")


def pytest_collection_finish() -> None:
    """Leaves out what was imported when garbage is collected, and collects rarely."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
