# SPDX-License-Identifier: MIT
"""--assign share on real layers: pairs, shares and the ledger of areas against SpatiaLite's overlays, and against what PostGIS said."""
import os

import pytest
from support import CAMBRIDGE, SAMPLE, needs_cambridge, open_result, run

ZIPS = ["--zips", os.path.join(CAMBRIDGE, "zips.gpkg")]
LAYERS = {
    "buildings": ZIPS + ["--buildings", os.path.join(CAMBRIDGE, "buildings.gpkg")],
    "parcels": ZIPS + ["--buildings", os.path.join(CAMBRIDGE, "parcels.gpkg"), "--buildings-layer", "parcels"],
}
# PostGIS 3.3.2, GEOS 3.11.1: count(*), sum(share) and the least share of ST_Area(ST_Intersection(b, z)) / ST_Area(b) > 0,
# invalid parcels through ST_MakeValid
POSTGIS = {"buildings": (2314, 2304.95334709762, 0.0024380351356068195), "parcels": (13203, 13070.6516849045, 8.512577030548602e-05)}


def compare(folder, name, options):
    """Every building near a ZIP is in the result of `intersects`, with its geometry as zonefold uses it: the material for SQL."""
    everything, shared = os.path.join(folder, f"{name}.intersects.sqlite"), os.path.join(folder, f"{name}.share.sqlite")
    run("run", *options, "--assign", "intersects", "--analysis", "none", "-q", "-o", everything)
    run("run", *options, "--assign", "share", "--analysis", "none", "-q", "-o", shared)
    db = open_result(everything)
    by_sql = {(z, fid): share for z, fid, share in db.execute("""
        select z.zip, b.building_fid, ST_Area(ST_Intersection(b.geom, z.geom)) / ST_Area(b.geom) as part
        from zip_summary z join important_building b using (zip_rank) where coalesce(part, 0) > 0""")}
    result = open_result(shared)
    rows = result.execute("select zip, building_fid, share, area_m2 from important_building").fetchall()
    found = {(z, fid): share for z, fid, share, _ in rows}
    assert len(by_sql) > 1000 and set(found) == set(by_sql), f"{name}: {len(found)} pairs, SpatiaLite {len(by_sql)}: {sorted(set(found) ^ set(by_sql))[:5]}"
    worst = max(abs(found[pair] - by_sql[pair]) for pair in found)
    cut = sum(share < 1 for share in found.values())
    assert cut > 10 and worst < 1e-9, f"{name}: {cut} cut, shares differ by {worst}"
    area = {fid: m2 for _, fid, _, m2 in rows}
    left = db.execute("""
        select b.building_fid, coalesce(ST_Area(ST_Difference(b.geom, (select ST_Union(geom) from zip_summary))), 0) / ST_Area(b.geom)
        from important_building b group by b.building_fid""").fetchall()
    beyond = sum(area[fid] * part for fid, part in left if fid in area)
    areas = dict(result.execute("select name, value_m2 from run_area"))
    assert abs(areas["beyond"] - beyond) <= 1e-6 * areas["assigned"], f"{name}: {areas} and {beyond} m2 beyond by SpatiaLite"
    assert abs(areas["assigned"] - sum(area.values())) <= 1e-9 * areas["assigned"], f"{name}: {areas}"
    built = result.execute("select sum(built_area_m2) from zip_summary").fetchone()[0]
    assert abs(built - areas["in_zips"]) <= 1e-9 * areas["assigned"], f"{name}: {built} m2 built, {areas}"
    if name in POSTGIS:
        n, total, least = POSTGIS[name]
        assert len(found) == n and abs(sum(found.values()) - total) < 1e-6 and abs(min(found.values()) - least) < 1e-9, f"{name}: {len(found)} pairs, shares {sum(found.values())}, least {min(found.values())}; PostGIS says {POSTGIS[name]}"
    print(f"{name}: {len(found)} pairs, {cut} cut, equal; {areas}")


def test_shares_of_the_sample(folder):
    compare(folder, "sample", SAMPLE)


@needs_cambridge
@pytest.mark.parametrize("name", LAYERS)
def test_shares_of_cambridge(folder, name):
    compare(folder, name, LAYERS[name])
