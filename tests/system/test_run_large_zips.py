# SPDX-License-Identifier: MIT
"""ZIPs of the size of a state, across the antimeridian and near the poles: lengths and areas of analyses against geodesics of the ellipsoid."""
import math
import sqlite3

import pytest
from town import Town, layer, ogr, works

E2, A_M = 0.0066943799901413165, 6378137
PLACES = [(-150, 61.2), (-176.6, 51.9), (173.2, 52.8), (-122.3, 47.6), (-68, 45), (-97, 38), (15, 78.2), (60, 87), (-60, -84), (179.999765, -17)]
ZIPS = [("MULTIPOLYGON (((-180 50,-130 50,-130 72,-180 72,-180 50)),((172 50,180 50,180 54,172 54,172 50)))", "AK"),
        ("POLYGON ((-125 25,-66 25,-66 49,-125 49,-125 25))", "48"), ("POLYGON ((-180 75,180 75,180 90,-180 90,-180 75))", "north"),
        ("POLYGON ((-180 -90,180 -90,180 -60,-180 -60,-180 -90))", "south"),
        ("MULTIPOLYGON (((177 -20,180 -20,180 -15,177 -15,177 -20)),((-180 -20,-178 -20,-178 -15,-180 -15,-180 -20)))", "Fiji")]


def box(longitude, latitude, west_m, south_m, east_m, north_m):
    """Metres to the east and north of a place, right to 1e-5 of lengths nearby; beyond 180 it goes on at -180."""
    sine = math.sin(math.radians(latitude))
    across_m = A_M / math.sqrt(1 - E2 * sine * sine)
    east_deg = math.degrees(1 / (across_m * math.cos(math.radians(latitude))))
    north_deg = math.degrees((1 - E2 * sine * sine) / (across_m * (1 - E2)))
    turn = lambda x: x - 360 if x > 180 else x
    west, east = (turn(longitude + m * east_deg) for m in (west_m, east_m))
    south, north = (latitude + m * north_deg for m in (south_m, north_m))
    return f"POLYGON (({west!r} {south!r},{east!r} {south!r},{east!r} {north!r},{west!r} {north!r},{west!r} {south!r}))"


def asked(gap_m, *analyses, step=(0, 1), measure=()):
    """Pairs of houses of 20 m by 20 m, the second one `gap_m` beyond the first, to the north or to the east."""
    town = Town()
    rows = []
    for longitude, latitude in PLACES:
        dx, dy = (s * (20 + gap_m) for s in step)
        rows += [(box(longitude, latitude, 0, 0, 20, 20), ), (box(longitude, latitude, dx, dy, dx + 20, dy + 20), )]
    zips = layer(town.file("z.gpkg"), "zips", ZIPS, [("zip", ogr.OFTString)], epsg=4326, kind=ogr.wkbUnknown)
    buildings = layer(town.file("b.gpkg"), "b", rows, [], epsg=4326)
    words = [word for analysis in analyses for word in ("--analysis", analysis)]
    works(town.arguments("-q", "--overwrite", *words, *measure, zips=zips, buildings=buildings))
    return town


def rows(town, sql):
    with sqlite3.connect(town.output) as db:
        return db.execute(sql).fetchall()


@pytest.mark.parametrize("step", [(0, 1), (1, 0)], ids=("north", "east"))
def test_distances_and_clusters(step):
    town = asked(10, "nearest:metric=edge", "nearest", "clusters:eps_m=9.995,min=2", "clusters:eps_m=10.005,min=2", step=step)
    found = rows(town, "SELECT building_fid, nn_edge_m, nn_m, cluster_9_995m_2, cluster_10_005m_2 FROM important_building")
    assert len(found) == 2 * len(PLACES)
    for fid, edge_m, centre_m, apart, together in found:
        assert abs(edge_m - 10) < 0.001 and abs(centre_m - 30) < 0.003, (fid, edge_m, centre_m)
        assert apart is None and together is not None, fid


def test_shared_walls_and_overlaps():
    for fid, adjacent, wall_m in rows(asked(0, "adjacency"), "SELECT building_fid, adjacent, shared_wall_m FROM important_building"):
        assert adjacent == 1 and abs(wall_m - 20) < 0.002, (fid, adjacent, wall_m)
    found = rows(asked(-5, "overlaps"), "SELECT fid_a, area_m2, share_a, share_b FROM overlaps")
    assert len(found) == len(PLACES)
    for fid, area_m2, *shares in found:
        assert abs(area_m2 - 100) < 0.01 and all(abs(share - 0.25) < 2.5e-5 for share in shares), (fid, area_m2, shares)


def test_footprints_of_many_points_are_compared_in_their_own_plane_too():
    """More points than are kept in the plane of a pair: rings of 500 corners, 10 m apart."""
    town = Town()
    ring = lambda x0, y0: "POLYGON ((" + ",".join(
        f"{x0 + 20 / 55800 * math.cos(2 * math.pi * i / 500)!r} {y0 + 20 / 111300 * math.sin(2 * math.pi * i / 500)!r}" for i in [*range(500), 0]) + "))"
    zips = layer(town.file("z.gpkg"), "zips", ZIPS[:1], [("zip", ogr.OFTString)], epsg=4326, kind=ogr.wkbUnknown)
    buildings = layer(town.file("b.gpkg"), "b", [(ring(-176, 60), ), (ring(-176, 60 + 50 / 111300), )], [], epsg=4326)
    works(town.arguments("-q", "--analysis", "nearest:metric=edge", zips=zips, buildings=buildings))
    first, second = rows(town, "SELECT nn_edge_m FROM important_building")
    north_m = A_M * (1 - E2) / (1 - E2 * 0.75) ** 1.5 * math.radians(10 / 111300)
    assert first == second and abs(first[0] - north_m) < 0.001, (first, north_m)
