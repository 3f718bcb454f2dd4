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
