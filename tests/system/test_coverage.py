# SPDX-License-Identifier: MIT
"""coverage and built_area_m2 are of all buildings of a ZIP, important_coverage and important_area_m2 of the important ones."""
import random
import sqlite3

import pytest
from osgeo import ogr
from town import content, layer, square, works

COLUMNS = "zip, built_area_m2, coverage, important_area_m2, important_coverage"


def rows(path, sql):
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        return db.execute(sql).fetchall()


def village(town):
    """400 squares of random sizes over both ZIPs, half of them important; plain metres."""
    chance = random.Random(3)
    zips = layer(town.file("z.gpkg"), "zips", [(square(0, 0, 1000), "a"), (square(1000, 0, 1000), "b"), (square(9000, 0, 10), "none")],
                 [("zip", ogr.OFTString)], epsg=32633)
    houses = [(chance.uniform(0, 1980), chance.uniform(0, 980), chance.uniform(0.01, 20), chance.random()) for _ in range(400)]
    buildings = layer(town.file("b.gpkg"), "buildings", [(square(*house[:3]), house[3]) for house in houses], [("v", ogr.OFTReal)], epsg=32633)
    return zips, buildings


@pytest.mark.parametrize("rule", ["within", "intersects", "share"])
def test_areas_are_of_all_and_of_the_important_ones(town, rule):
    zips, buildings = village(town)
    works(town.arguments("--assign", rule, zips=zips, buildings=buildings))
    of_all = rows(town.output, "SELECT z.zip, total(b.area_m2 * b.share), z.area_m2 FROM zip_summary z LEFT JOIN important_building b USING (zip_rank) "
                  "GROUP BY z.zip_rank")
    works(town.arguments("--assign", rule, "--where", "v > 0.5", "--overwrite", zips=zips, buildings=buildings))
    important = rows(town.output, "SELECT total(b.area_m2 * b.share) FROM zip_summary z LEFT JOIN important_building b USING (zip_rank) GROUP BY z.zip_rank")
    for (zip_id, built, coverage, part, part_coverage), (_, all_m2, zip_m2), (important_m2,) in zip(
            rows(town.output, f"SELECT {COLUMNS} FROM zip_summary"), of_all, important):
        assert built == pytest.approx(all_m2, rel=1e-12) and coverage == built / zip_m2, zip_id
        assert part == pytest.approx(important_m2, rel=1e-12) and part_coverage == part / zip_m2, zip_id
        assert part < built or zip_id == "none"


def test_without_conditions_both_are_the_same(town):
    zips, buildings = village(town)
    for more in ([], ["--buildings-out", "none", "--analysis", "none"]):
        works(town.arguments("--overwrite", *more, zips=zips, buildings=buildings))
        for _, built, coverage, part, part_coverage in rows(town.output, f"SELECT {COLUMNS} FROM zip_summary"):
            assert (built, coverage) == (part, part_coverage)


def test_threads_batches_and_memory_change_nothing(town):
    zips, buildings = village(town)
    results = set()
    for more in (["--threads", "1"], ["--threads", "4", "--batch-size", "3"], ["--memory", "32MiB", "--threads", "2", "--batch-size", "50"]):
        works(town.arguments("--overwrite", "--where", "v > 0.5", "--assign", "intersects", *more, zips=zips, buildings=buildings))
        results.add(content(town.output))
    assert len(results) == 1


def test_a_coverage_above_1_is_warned_of(town):
    zips = layer(town.file("z.gpkg"), "zips", [(square(0, 0, 10), "02139"), (square(20, 0, 10), "02141")], [("zip", ogr.OFTString)], epsg=32633)
    twice = [(square(0, 0, 10), 1.0), (square(0, 0, 10), 2.0), (square(20, 0, 10), 1.0)]
    buildings = layer(town.file("b.gpkg"), "buildings", twice, [("v", ogr.OFTReal)], epsg=32633)
    done = works(town.arguments("--where", "v > 1", zips=zips, buildings=buildings))
    warning = [line for line in done.stderr.splitlines() if "coverage" in line]
    assert len(warning) == 1 and "'02139'" in warning[0] and "overlap" in warning[0] and " 1 ZIP " in warning[0], done.stderr
    assert rows(town.output, "SELECT coverage, important_coverage FROM zip_summary") == [(2, 1), (1, 0)]
    assert "coverage are of all buildings" in done.stdout


def test_columns_say_which_buildings_they_are_of(town):
    works(town.arguments("--where", "height > 15", "--map-by", "coverage"))
    (style,) = rows(town.output, "SELECT styleQML FROM layer_styles WHERE f_table_name='zip_summary' LIMIT 1")[0]
    for label in ("Coverage, all buildings", "Coverage, important buildings", "Built area, all buildings", "Built area, important buildings"):
        assert label in style, label
    assert "all buildings" in style.split("<renderer-v2")[1].split("</renderer-v2>")[0], "the legend says so, too"
