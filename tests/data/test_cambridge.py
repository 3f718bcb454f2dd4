#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Cambridge, Massachusetts: the pairs and sums that PostGIS finds, from GeoPackage and from shapefile."""
import csv
import os

from support import REAL, check, need_real_data, open_result, run, scratch

need_real_data()
CAMBRIDGE = os.path.join(REAL, "ma_cambridge")
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


def check_pairs(folder, name, rule):
    options, offset = LAYERS[name]
    out = os.path.join(folder, f"{name}.{rule}.sqlite")
    run("run", *options, "--assign", rule, "--analysis", "none", "--buildings-out", "ids", "-q", "-o", out)
    found = {(z, fid + offset) for z, fid in open_result(out).execute("select zip, building_fid from important_building")}
    wanted = {(row["zip"], int(row["fid"])) for row in expected(name, rule)}
    check(wanted, "the oracle is not empty")
    check(found == wanted, f"{name} {rule}: {len(found - wanted)} pairs too many, {len(wanted - found)} missing: "
          f"{sorted(found ^ wanted)[:5]}")
    print(f"{name} {rule}: {len(found)} pairs, equal")


def check_summary(folder, name):
    options, _ = LAYERS[name]
    out = os.path.join(folder, f"{name}.summary.sqlite")
    run("run", *options, "--measure", "geodesic", "--stat", "area_m2=sum,max,median", "-q", "-o", out)
    found = {row[0]: row[1:] for row in open_result(out).execute(
        "select zip, important, area_m2_sum, area_m2_max, area_m2_median from zip_summary")}
    wanted = expected(name, "summary")
    check(set(found) == {row["zip"] for row in wanted}, f"{name}: the ZIPs are {sorted(found)}")
    for row in wanted:
        n, *values = found[row["zip"]]
        check(n == int(row["n"]), f"{name} {row['zip']}: count {n}, PostGIS says {row['n']}")
        for key, value in zip(("area_m2_sum", "area_m2_max", "area_m2_median"), values):
            if row[key] == "":
                check(value is None, f"{name} {row['zip']} {key}: {value} of no buildings")
                continue
            if n == 0:
                check(value == 0, f"{name} {row['zip']} {key}: {value} of no buildings")
                continue
            # the oracle is written to a thousandth of a square metre
            error = abs(value - float(row[key]))
            check(error <= max(1e-6 * float(row[key]), 0.00051), f"{name} {row['zip']} {key}: {value}, PostGIS says {row[key]}")
    print(f"{name}: count, sum, max and median of the areas equal PostGIS's")


def rows_of(path, offset):
    db = open_result(path)
    columns = [c[1] for c in db.execute("pragma table_info(zip_summary)") if c[1] != "geom"]
    zips = db.execute(f"select {', '.join(columns)}, ST_AsBinary(geom) from zip_summary").fetchall()
    buildings = db.execute("select zip, building_fid + ?, area_m2, nn_m, nn_fid + ?, ELEV_GL, ST_AsBinary(geom)"
                           " from important_building", (offset, offset)).fetchall()
    counts = db.execute("select name, value from run_count").fetchall()
    return zips, buildings, counts


def check_formats_agree(folder):
    results = []
    for name in ("cambridge", "cambridge-shp"):
        options, offset = LAYERS[name]
        out = os.path.join(folder, f"{name}.sqlite")
        run("run", *options, "--where", "ELEV_GL > 0", "--stat", "ELEV_GL=mean,max", "--stat", "area_m2=sum", "-q", "-o", out)
        results.append(rows_of(out, offset))
    for what, a, b in zip(("zip_summary", "important_building", "run_count"), *results):
        check(len(a) > 0 and a == b, f"GeoPackage and shapefile differ in {what}")
    print("GeoPackage and shapefile give the same rows")


with scratch() as folder:
    for name in LAYERS:
        for rule in ("within", "intersects", "centroid", "largest"):
            check_pairs(folder, name, rule)
        check_summary(folder, name)
    check_formats_agree(folder)
