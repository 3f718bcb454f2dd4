# SPDX-License-Identifier: MIT
"""Assignment against SpatiaLite's SQL on the sample town, and statistics against SQLite's own, all over the result's geometries."""
import os

import pytest

from support import SAMPLE, open_result, run

SQL = {  # rule -> the predicate of building b and ZIP z
    "within": "ST_Within(b.geom, z.geom) = 1",
    "covered-by": "ST_CoveredBy(b.geom, z.geom) = 1",
    "intersects": "ST_Intersects(b.geom, z.geom) = 1",
    "centroid": "ST_Within(ST_Centroid(b.geom), z.geom) = 1",
    "inner-point": "ST_Within(ST_PointOnSurface(b.geom), z.geom) = 1",
}


def pairs(path):
    return set(open_result(path).execute("select zip, building_fid from important_building"))


@pytest.fixture(scope="module")
def everything(shared_folder):
    """Every building near a ZIP is in the result of `intersects`, with its geometry as zonefold uses it: the material for SQL."""
    path = os.path.join(shared_folder, "intersects.sqlite")
    run("run", *SAMPLE, "--assign", "intersects", "-q", "-o", path)
    return path


@pytest.mark.parametrize("rule", SQL)
def test_assignment_equals_spatialite(everything, folder, rule):
    db = open_result(everything)
    out = os.path.join(folder, "rule.sqlite")
    run("run", *SAMPLE, "--assign", rule, "--buildings-out", "ids", "-q", "--overwrite", "-o", out)
    by_sql = set(db.execute(f"""
        select distinct z.zip, b.building_fid from zip_summary z, important_building b
        where b.rowid in (select rowid from SpatialIndex where f_table_name = 'important_building' and search_frame = z.geom)
          and {SQL[rule]}"""))
    found = pairs(out)
    assert len(found) > 3000, f"{rule}: {len(found)} pairs"
    assert found == by_sql, f"{rule}: zonefold {len(found)} pairs, SpatiaLite {len(by_sql)}: {sorted(found ^ by_sql)[:5]}"


def test_statistics_equal_sqlite(folder):
    out = os.path.join(folder, "statistics.sqlite")
    run("run", *SAMPLE, "--where", "height > 0 and \"use\" <> 'industrial'", "--stat", "height=count,sum,mean,min,max,range",
        "--stat", "use=count,missing,min,max", "--stat", "year_built=count,missing,min,max", "-q", "-o", out)
    db = open_result(out)
    assert db.execute("select count(*) from important_building where not (height > 0 and \"use\" <> 'industrial')").fetchone() == (0,), "every important building passes the condition"
    rows = db.execute("""
        select z.zip, z.important, z.height_count, z.height_sum, z.height_mean, z.height_min, z.height_max, z.height_range,
               z.use_count, z.use_missing, z.use_min, z.use_max, z.year_built_count, z.year_built_missing, z.year_built_min,
               z.important_area_m2,
               count(b.id), count(b.height), total(b.height), avg(b.height), min(b.height), max(b.height), max(b.height) - min(b.height),
               count(b."use"), count(b.id) - count(b."use"), min(b."use"), max(b."use"), count(b.year_built),
               count(b.id) - count(b.year_built), min(b.year_built), total(b.area_m2)
        from zip_summary z left join important_building b using (zip_rank) group by z.zip_rank""").fetchall()
    assert len(rows) >= 10, "the sample has ZIPs"
    for row in rows:
        for mine, theirs in zip(row[1:16], row[16:]):
            same = mine == theirs if not isinstance(mine, float) or theirs is None else abs(mine - theirs) <= 1e-9 * max(1, abs(theirs))
            assert same, f"ZIP {row[0]}: {mine}, SQLite says {theirs}: {row}"


def test_metadata_and_ledger_are_whole(everything):
    db = open_result(everything)
    for table in ("zip_summary", "important_building", "rejected_feature"):
        assert db.execute("select CheckSpatialIndex(?, 'geom')", (table,)).fetchone() == (1,), f"{table}: CheckSpatialIndex"
        assert db.execute("select count(*) from geometry_columns where f_table_name = ?", (table,)).fetchone() == (1,), table
    counts = dict(db.execute("select name, value from run_count"))
    assert (counts["buildings_read"] == counts["buildings_assigned"] + counts["buildings_crossing"] + counts["buildings_outside"]
          + counts["buildings_empty"] + counts["buildings_skipped"]), f"the ledger balances: {counts}"
    assert db.execute("select count(*) from important_building").fetchone()[0] == counts["important"], "important"
    assert db.execute("select sum(buildings), sum(crossing) from zip_summary").fetchone()[0] == counts["assignments"], "assignments"
    assert (db.execute("select count(*) from rejected_feature where action = 'repaired' and layer = 'buildings'").fetchone()[0]
          == counts["buildings_repaired"] > 0), "repaired buildings are listed"
