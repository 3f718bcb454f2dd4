# SPDX-License-Identifier: MIT
"""Cambridge's buildings as points (their centroids) and as lines (their outlines): the pairs that PostGIS and SpatiaLite find."""
import csv
import os

import pytest
from osgeo import ogr

from support import CAMBRIDGE, needs_cambridge, open_result, run

pytestmark = needs_cambridge
PREDICATES = {"within": "ST_Within(b.geom, z.geom)", "covered-by": "ST_CoveredBy(b.geom, z.geom)", "intersects": "ST_Intersects(b.geom, z.geom)"}


@pytest.fixture(scope="module")
def layers(tmp_path_factory):
    """A GeoPackage with the layers points and lines, whose fids are those of the buildings."""
    path = str(tmp_path_factory.mktemp("points") / "p.gpkg")
    source = ogr.Open(os.path.join(CAMBRIDGE, "buildings.gpkg"))
    given = source.GetLayerByName("buildings")
    made = ogr.GetDriverByName("GPKG").CreateDataSource(path)
    for name, kind, change in (("points", ogr.wkbPoint, lambda g: g.Centroid()), ("lines", ogr.wkbMultiLineString, lambda g: ogr.ForceToMultiLineString(g.Boundary()))):
        layer = made.CreateLayer(name, given.GetSpatialRef(), kind)
        layer.StartTransaction()
        given.ResetReading()
        for feature in given:
            shape = feature.GetGeometryRef().Clone()
            shape.FlattenTo2D()
            new = ogr.Feature(layer.GetLayerDefn())
            new.SetFID(feature.GetFID())
            new.SetGeometry(change(shape))
            layer.CreateFeature(new)
        layer.CommitTransaction()
    return path


def pairs(folder, layers, layer, *more):
    """What a run finds, and its result."""
    out = os.path.join(folder, f"{layer}.{more[-1]}.sqlite")
    run("run", "--zips", os.path.join(CAMBRIDGE, "zips.gpkg"), "--buildings", layers, "--buildings-layer", layer, "--analysis", "none", "-q", "--overwrite", "-o", out, *more)
    db = open_result(out)
    return set(db.execute("SELECT zip, building_fid FROM important_building")), db


def test_centroids_as_points_equal_postgis(folder, layers):
    with open(os.path.join(CAMBRIDGE, "expected", "cambridge.centroid.csv"), newline="") as file:
        wanted = {(row["zip"], int(row["fid"])) for row in csv.DictReader(file)}
    for rule in ("within", "covered-by", "intersects", "centroid", "inner-point", "largest", "share"):  # no centroid lies on a border
        found, _ = pairs(folder, layers, "points", "--assign", rule)
        assert wanted and found == wanted, f"{rule}: {sorted(found ^ wanted)[:5]}"


@pytest.mark.parametrize("layer", ["points", "lines"])
@pytest.mark.parametrize("rule", PREDICATES)
def test_pairs_equal_spatialite(folder, layers, layer, rule):
    found, db = pairs(folder, layers, layer, "--assign", rule)
    everything, all_rows = pairs(folder, layers, layer, "--assign", "intersects")
    assert found <= everything, "the other rules find no more than intersects"
    all_rows.close()
    db.execute("ATTACH ? AS e", (os.path.join(folder, f"{layer}.intersects.sqlite"),))
    wanted = set(db.execute(f"SELECT z.zip, b.building_fid FROM zip_summary z, e.important_building b WHERE z.zip = b.zip AND {PREDICATES[rule]}"))
    assert wanted and found == wanted, f"{sorted(found ^ wanted)[:5]}"


def test_shares_of_lines_equal_spatialite(folder, layers):
    _, db = pairs(folder, layers, "lines", "--assign", "share")
    rows = db.execute("SELECT b.share, ST_Length(ST_Intersection(b.geom, z.geom)) / ST_Length(b.geom) FROM zip_summary z JOIN important_building b ON b.zip = z.zip "
                      "WHERE NOT ST_CoveredBy(b.geom, z.geom)").fetchall()
    assert len(rows) > 5 and all(abs(share - wanted) <= 1e-9 for share, wanted in rows), rows[:5]
