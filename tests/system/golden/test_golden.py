# SPDX-License-Identifier: MIT
"""The golden cases as pytest sees them: one test for each, of its name. ZONEFOLD_PROGRAM names the program."""
import multiprocessing
import os
import sys
import tempfile

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import golden  # noqa: E402
from support import program


@pytest.fixture(scope="session")
def comparisons(request):
    """Name of each selected case -> its comparison, which two processes work on."""
    names = [item.callspec.params["name"] for item in request.session.items if "comparisons" in getattr(item, "fixturenames", ())]
    versions = golden.versions_of(program())
    with tempfile.TemporaryDirectory(prefix="zonefold-golden-") as layers, multiprocessing.Pool(2) as pool:
        golden.make_layers(layers)
        yield {name: pool.apply_async(golden.compare_case, (name, program(), layers, versions, golden.is_portable(versions), False)) for name in names}


@pytest.mark.whole
@pytest.mark.parametrize("name", golden.CASES)
def test_golden(name, comparisons):
    differences = comparisons[name].get()
    if differences:
        pytest.fail("\n".join([golden.CASES[name].purpose, *differences]), pytrace=False)


def test_every_record_has_a_case():
    recorded = {os.path.splitext(name)[0] for name in os.listdir(golden.EXPECTED)} - {"libraries"}
    assert recorded == set(golden.CASES)
