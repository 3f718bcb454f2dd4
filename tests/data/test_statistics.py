# SPDX-License-Identifier: MIT
"""Every statistic of Cambridge's parcels: their fields as the tax rolls have them, against definitions and SQLite's SQL."""
import os
import sqlite3

import pytest
from stats_oracle import NUMBER, TEXT, agrees, of_numbers, of_texts
from support import CAMBRIDGE, needs_cambridge, run

pytestmark = needs_cambridge
PARCELS = os.path.join(CAMBRIDGE, "parcels.gpkg")
FIELDS = {"stories": NUMBER, "year_built": NUMBER, "value_total": NUMBER, "land_area_sqft": NUMBER, "use_desc": TEXT, "location": TEXT}


def values_of_parcels():
    db = sqlite3.connect(f"file:{PARCELS}?mode=ro&immutable=1", uri=True)
    rows = {fid: dict(zip(FIELDS, values)) for fid, *values in db.execute(f"SELECT fid, {', '.join(FIELDS)} FROM parcels")}
    db.close()
    return rows


@pytest.fixture(scope="module")
def zones(shared_folder):
    """Of each ZIP the row of zip_summary and its parcels' fids."""
    asked = [part for field, names in FIELDS.items() for part in ("--stat", f"{field}={','.join(names)}")]
    out = os.path.join(shared_folder, "parcels.sqlite")
    run("run", "--zips", os.path.join(CAMBRIDGE, "zips.gpkg"), "--buildings", PARCELS, "--buildings-layer", "parcels",
        "--assign", "inner-point", "--analysis", "none", "--buildings-out", "ids", *asked, "-q", "-o", out)
    db = sqlite3.connect(f"file:{out}?mode=ro", uri=True)
    db.row_factory = sqlite3.Row
    by_zip = {}
    for zone, fid in db.execute("SELECT zip, building_fid FROM important_building"):
        by_zip.setdefault(zone, []).append(fid)
    assert sum(map(len, by_zip.values())) > 10000, "most parcels lie in some ZIP"
    return [(row, by_zip.get(row["zip"], [])) for row in db.execute("SELECT * FROM zip_summary").fetchall()]


@pytest.fixture(scope="module")
def parcels():
    return values_of_parcels()


@pytest.mark.parametrize("field", FIELDS)
def test_statistics_of_parcels_are_as_defined(zones, parcels, field):
    names = FIELDS[field]
    of = of_texts if names is TEXT else of_numbers
    for row, fids in zones:
        expected = of([(fid, parcels[fid][field]) for fid in fids])
        for name in names:
            found = row[f"{field}_{name}"]
            assert agrees(found, *expected[name]), f"{row['zip']} {field}_{name} is {found!r}, expected {expected[name]}"
