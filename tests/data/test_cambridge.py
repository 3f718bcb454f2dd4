# SPDX-License-Identifier: MIT
"""Cambridge, Massachusetts: the pairs and sums that PostGIS finds, from GeoPackage and from shapefile."""
import csv
import os

import pytest

from support import CAMBRIDGE, needs_cambridge, open_result, run

pytestmark = needs_cambridge
ZIPS = ["--zips", os.path.join(CAMBRIDGE, "zips.gpkg")]
LAYERS = {  # name -> (options of the building layer, what turns its fid into the oracle's)
    "cambridge": (ZIPS + ["--buildings", os.path.join(CAMBRIDGE, "buildings.gpkg")], 0),
    "cambridge-shp": (["--zips", os.path.join(CAMBRIDGE, "shp", "zips.shp"),
                       "--buildings", os.path.join(CAMBRIDGE, "shp", "Buildings.shp")], 1),
    "parcels": (ZIPS + ["--buildings", os.path.join(CAMBRIDGE, "parcels.gpkg"), "--buildings-layer", "parcels"], 0),
}


def expected(name, what):
    with open(os.path.join(CAMBRIDGE, "expected", f"{name.removesuffix('-shp')}.{what}.csv"), newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("rule", ("within", "intersects", "centroid", "largest"))
@pytest.mark.parametrize("name", LAYERS)
def test_pairs_equal_postgis(folder, name, rule):
    options, offset = LAYERS[name]
    out = os.path.join(folder, f"{name}.{rule}.sqlite")
    run("run", *options, "--assign", rule, "--analysis", "none", "--buildings-out", "ids", "-q", "-o", out)
    found = {(z, fid + offset) for z, fid in open_result(out).execute("select zip, building_fid from important_building")}
    wanted = {(row["zip"], int(row["fid"])) for row in expected(name, rule)}
    assert wanted, "the oracle is not empty"
    assert found == wanted, (f"{name} {rule}: {len(found - wanted)} pairs too many, {len(wanted - found)} missing: "
          f"{sorted(found ^ wanted)[:5]}")


@pytest.mark.parametrize("name", LAYERS)
def test_count_sum_max_and_median_of_areas_equal_postgis(folder, name):
    options, _ = LAYERS[name]
    out = os.path.join(folder, f"{name}.summary.sqlite")
    run("run", *options, "--measure", "geodesic", "--stat", "area_m2=sum,max,median", "-q", "-o", out)
    found = {row[0]: row[1:] for row in open_result(out).execute(
        "select zip, important, area_m2_sum, area_m2_max, area_m2_median from zip_summary")}
    wanted = expected(name, "summary")
    assert set(found) == {row["zip"] for row in wanted}, f"{name}: the ZIPs are {sorted(found)}"
    for row in wanted:
        n, *values = found[row["zip"]]
        assert n == int(row["n"]), f"{name} {row['zip']}: count {n}, PostGIS says {row['n']}"
        for key, value in zip(("area_m2_sum", "area_m2_max", "area_m2_median"), values):
            if row[key] == "":
                assert value is None, f"{name} {row['zip']} {key}: {value} of no buildings"
                continue
            if n == 0:
                assert value == 0, f"{name} {row['zip']} {key}: {value} of no buildings"
                continue
            # the oracle is written to a thousandth of a square metre
            error = abs(value - float(row[key]))
            assert error <= max(1e-6 * float(row[key]), 0.00051), f"{name} {row['zip']} {key}: {value}, PostGIS says {row[key]}"


def rows_of(path, offset):
    db = open_result(path)
    columns = [c[1] for c in db.execute("pragma table_info(zip_summary)") if c[1] != "geom"]
    zips = db.execute(f"select {', '.join(columns)}, ST_AsBinary(geom) from zip_summary").fetchall()
    buildings = db.execute("select zip, building_fid + ?, area_m2, nn_m, nn_fid + ?, ELEV_GL, ST_AsBinary(geom)"
                           " from important_building", (offset, offset)).fetchall()
    counts = db.execute("select name, value from run_count").fetchall()
    return zips, buildings, counts


def test_geopackage_and_shapefile_give_the_same_rows(folder):
    results = []
    for name in ("cambridge", "cambridge-shp"):
        options, offset = LAYERS[name]
        out = os.path.join(folder, f"{name}.sqlite")
        run("run", *options, "--where", "ELEV_GL > 0", "--stat", "ELEV_GL=mean,max", "--stat", "area_m2=sum", "-q", "-o", out)
        results.append(rows_of(out, offset))
    for what, a, b in zip(("zip_summary", "important_building", "run_count"), *results):
        assert len(a) > 0 and a == b, f"GeoPackage and shapefile differ in {what}"
