# SPDX-License-Identifier: MIT
"""Fixtures of all Python tests. tests/fixtures is on the path (pytest.ini)."""
import os

import pytest

pytest.register_assert_rewrite("faults", "replays", "screenless", "support", "town")
import support  # noqa: E402

BUILD = os.path.join(support.ROOT, "build", "dev")
for name, path in (("PROGRAM", "zonefold"), ("DOCS", "project/src/zonefold-docs"), ("MANUAL", "project/man"), ("COMPLETION", "project/zonefold.bash"), ("BUILD", ""), ("LIBRARY", "project/src/libzonefold.so"),
                   ("FAILING_ALLOCATIONS", "project/tests/libfailing_allocations.so"), ("KILLED_CALLS", "project/tests/libkilled_calls.so")):
    os.environ.setdefault(f"ZONEFOLD_{name}", os.path.join(BUILD, path))  # ctest sets them, for each build its own


def pytest_collection_modifyitems(config, items):
    """With ZONEFOLD_PART=K/N, keeps each N-th case, from the K-th, of every test that has more than N cases, unless it is marked `whole`."""
    if support.PART is None:
        return
    first, step = support.PART
    cases = {}
    for item in items:
        cases.setdefault(item.nodeid.split("[")[0], []).append(item)
    left_out = {item for group in cases.values() if len(group) > step and not group[0].get_closest_marker("whole")
                for i, item in enumerate(group) if i % step != first}
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=list(left_out))


@pytest.fixture
def folder():
    """A directory that goes away with the test."""
    with support.scratch() as path:
        yield path


@pytest.fixture(scope="module")
def shared_folder():
    """A directory for what all cases of a file read."""
    with support.scratch() as path:
        yield path


@pytest.fixture
def town():
    """Two ZIPs and eight buildings in a directory of their own; see tests/fixtures/town.py."""
    from town import Town
    return Town()
