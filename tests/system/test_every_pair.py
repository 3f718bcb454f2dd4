# SPDX-License-Identifier: MIT
"""Every geometry of the fuzz corpora, of the golden cases and of published pairs as a ZIP, against every other as a building, under every rule: no data
ends a run with an internal error, and what is valid lies to each other as arithmetic in whole numbers says."""
import functools
import itertools
import os
import sqlite3
import struct
import sys

import pytest
from exact_oracle import area, is_near, relate
from support import ROOT, effort
from town import Town, layer, ogr, works

sys.path.insert(0, os.path.join(ROOT, "tests", "system", "golden"))
from layers import buildings as golden_buildings, geometry as golden_geometry, zips as golden_zips

EMPTY_MEMBERS = (  # GEOS 3.11 reads past the end of the third, and takes the empty point for one at (0, 0)
    "MULTIPOINT (EMPTY,(3 3))", "MULTIPOINT ((3 3),EMPTY)", "MULTILINESTRING (EMPTY,(1 1,5 5))", "MULTILINESTRING ((1 1,5 5),EMPTY)",
    "MULTIPOLYGON (EMPTY,((1 1,5 1,5 5,1 1)))", "POLYGON ((1 1,5 1,5 5,1 1),EMPTY)",
    "GEOMETRYCOLLECTION (POINT EMPTY,POLYGON ((1 1,5 1,5 5,1 1)),LINESTRING EMPTY,LINESTRING (0 0,9 9))", "GEOMETRYCOLLECTION (POINT EMPTY,MULTIPOINT (EMPTY,(2 2)))")
RULES = ("within", "covered-by", "intersects", "centroid", "inner-point", "largest", "share")
CORPUS = os.path.join(ROOT, "tests", "fuzz", "corpus")
PUBLISHED = os.path.join(ROOT, "tests", "fixtures", "published_pairs.txt")


def published():
    """(name, WKT, WKT, relation) of each line."""
    with open(PUBLISHED, encoding="utf-8") as file:
        return [tuple(part.strip() for part in line.split("|")) for line in file if not line.startswith("#")]


def corpus(name):
    folder = os.path.join(CORPUS, name)
    for entry in sorted(os.listdir(folder)):
        with open(os.path.join(folder, entry), "rb") as file:
            yield file.read()


def lattice_shape(code):
    """WKB of a drawing of the corpus `shape`, as tests/fuzz/shape.c reads it."""
    step, x, y = (1, 0.1, 1e-5, 1 / 3)[code[0] & 3], (0, 236000.3, -71.06, 1e6 / 7)[code[0] >> 2 & 3], (0, 236000.3, -71.06, 1e6 / 7)[code[0] >> 4 & 3]
    polygons, rings, ring = [], [], []
    for c in [*code[1:], 0xF1]:
        if c >= 0xF0 and ring:
            rings.append(ring + ring[:1])
            ring = []
        if c == 0xF1 and rings:
            polygons.append(rings)
            rings = []
        elif c < 0xF0:
            ring.append((x + step * (c & 15), y + step * (c >> 4)))
    out = struct.pack("<BII", 1, 6, len(polygons))
    for rings in polygons:
        out += struct.pack("<BII", 1, 3, len(rings))
        for ring in rings:
            out += struct.pack("<I", len(ring)) + b"".join(struct.pack("<2d", *p) for p in ring)
    return out


def wkb_of(wkt):
    return bytes(ogr.CreateGeometryFromWkt(wkt).ExportToIsoWkb())


@functools.lru_cache
def every_geometry():
    """WKB of all, also what is no WKB, each once."""
    found = [*corpus("wkb"), *corpus("path"), *map(lattice_shape, corpus("shape"))]
    found += map(wkb_of, EMPTY_MEMBERS)
    found += [wkb_of(wkt) for _, a, b, _ in published() for wkt in (a, b)]
    shapes = [row[0] for row in (*golden_zips(), *golden_buildings())]
    found += [bytes(golden_geometry(shape).ExportToWkb()) for shape in shapes if shape is not None]
    return list(dict.fromkeys(found))


def parsed(wkb):
    """The geometry in two dimensions; None of what is no WKB."""
    ogr.DontUseExceptions()
    made = ogr.CreateGeometryFromWkb(wkb) if len(wkb) >= 9 else None
    ogr.UseExceptions()
    if made is not None:
        made.FlattenTo2D()
    return made


def numbers_of(geometry):
    count = geometry.GetGeometryCount()
    if count or geometry.IsEmpty():
        return [c for i in range(count) for c in numbers_of(geometry.GetGeometryRef(i))]
    return [c for p in geometry.GetPoints() for c in p[:2]]


@functools.lru_cache
def is_sound(wkb):
    """Valid and of ordinary size: what GEOS says of numbers whose products vanish or have no bound means nothing."""
    made = parsed(wkb)
    sizes = [] if made is None or made.IsEmpty() or made.GetGeometryName() == "GEOMETRYCOLLECTION" else [abs(c) for c in numbers_of(made)]
    return sizes != [] and all(c == 0 or 1e-100 < c < 1e50 for c in sizes) and made.IsValid()


def write_layer(path, blobs):
    """A GeoPackage with these bytes as geometries, fids from 1."""
    layer(path, "shapes", [(None, f"z{i:04}") for i in range(1, len(blobs) + 1)], [("zip", ogr.OFTString)], epsg=32619, kind=ogr.wkbUnknown)
    with sqlite3.connect(path) as db:
        for trigger, in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'shapes'").fetchall():
            db.execute(f'DROP TRIGGER "{trigger}"')
        header = b"GP\0\1" + struct.pack("<i", 32619)
        db.executemany("UPDATE shapes SET geom = ? WHERE fid = ?", [(header + wkb, fid) for fid, wkb in enumerate(blobs, 1)])
    return path


def is_huge(wkb):
    """Whose areas have no bound: as a ZIP under share the ledger of areas does not balance with all versions of GEOS."""
    made = parsed(wkb)
    return made is not None and any(c != 0 and not 1e-100 < abs(c) < 1e50 for c in numbers_of(made))


def is_path(wkb):
    made = parsed(wkb)
    return made is not None and "POLYGON" not in made.ExportToWkt()


class Layers:
    """The geometries as ZIPs, as polygons and as points and lines, with the fids of each."""

    def __init__(self):
        self.town = Town()
        every = every_geometry()
        self.shapes = [wkb for wkb in every if not is_path(wkb)]
        self.paths = [wkb for wkb in every if is_path(wkb)]
        self.zips = write_layer(self.town.file("z.gpkg"), self.shapes)
        far = bytes(ogr.CreateGeometryFromWkt("POLYGON ((9e8 9e8,9.1e8 9e8,9.1e8 9.1e8,9e8 9e8))").ExportToWkb())
        self.ordinary = write_layer(self.town.file("o.gpkg"), [far if is_huge(wkb) else wkb for wkb in self.shapes])
        self.files = {"polygons": write_layer(self.town.file("b.gpkg"), self.shapes), "paths": write_layer(self.town.file("p.gpkg"), self.paths)}

    def buildings(self, kind):
        return self.shapes if kind == "polygons" else self.paths

    def assigned(self, rule, kind):
        """{(zip number, building fid): share} of a run, which must work."""
        works(self.town.arguments("-q", "--overwrite", "--assign", rule, "--analysis", "none",
                                 zips=self.ordinary if rule == "share" else self.zips, buildings=self.files[kind]))
        with sqlite3.connect(self.town.output) as db:
            share = "share" if rule == "share" else "1"
            return {(int(z[1:]), fid): s for z, fid, s in db.execute(f"SELECT zip, building_fid, {share} FROM important_building")}


@pytest.fixture(scope="module")
def layers():
    return Layers()


def pairs(layers, kind):
    """(numbers, ZIP, building) of sound geometries; each third pair, all in a deep test."""
    zips = [(z, parsed(wkb)) for z, wkb in enumerate(layers.shapes, 1) if is_sound(wkb)]
    buildings = [(b, parsed(wkb)) for b, wkb in enumerate(layers.buildings(kind), 1) if is_sound(wkb)]
    assert len(zips) > 100 and len(buildings) > 30
    step = max(1, 24 // effort(8))
    return [((z, b), zip_, building) for n, ((z, zip_), (b, building)) in enumerate(itertools.product(zips, buildings)) if n % step == 0]


@pytest.fixture(scope="module")
def relations(layers):
    return {kind: [(key, relate(building, zip_), building) for key, zip_, building in pairs(layers, kind)] for kind in ("polygons", "paths")}


def test_there_are_many(layers):
    assert len(layers.shapes) > 150 and len(layers.paths) > 60


@pytest.mark.parametrize("kind", ("polygons", "paths"))
@pytest.mark.parametrize("rule", RULES)
def test_every_geometry_against_every_other(layers, relations, rule, kind):
    found = layers.assigned(rule, kind)
    n_met = 0
    for key, relation, building in relations[kind]:
        n_met += relation.meet
        if rule == "within":
            assert (key in found) == (relation.is_covered and relation.interiors_meet), key
        elif rule == "covered-by":
            assert (key in found) == relation.is_covered, key
        elif rule == "intersects":
            assert (key in found) == relation.meet, key
        elif rule == "share" and kind == "polygons":
            assert (key in found) == relation.interiors_meet, key
            if key in found:
                exact = relation.common / area(building)
                assert is_near(found[key], exact, 1e-12) or abs(found[key] - exact) < 1e-15, (key, found[key], float(exact))
        elif rule == "largest" and kind == "polygons":
            assert key not in found or relation.interiors_meet, key
        elif key in found and rule != "centroid":  # which may lie beside the building
            assert relation.meet, key
    assert n_met > (300 if effort(8) == 8 else 60)


def test_empty_members_move_no_point():
    """The same buildings with and without their empty members lie in the same ZIPs."""
    town = Town()
    zips = layer(town.file("z.gpkg"), "z", [("POLYGON ((2.25 2.25,4.5 2.25,4.5 4.5,2.25 4.5,2.25 2.25))", "1"), ("POLYGON ((0 0,2 0,2 2,0 2,0 0))", "2")], [("zip", ogr.OFTString)], epsg=32619)
    shapes = {"polygon": ("MULTIPOLYGON (EMPTY,((1 1,5 1,5 5,1 1)))", "POLYGON ((1 1,5 1,5 5,1 1))"),
              "path": ("MULTIPOINT (EMPTY,(3 3))", "POINT (3 3)", "MULTILINESTRING (EMPTY,(1 1,3 3,5 5))", "LINESTRING (1 1,3 3,5 5)")}
    ring = struct.pack("<I", 4) + b"".join(struct.pack("<2d", *p) for p in ((1, 1), (5, 1), (5, 5), (1, 1)))
    hole = struct.pack("<BII", 1, 3, 2) + ring + struct.pack("<I", 0)
    for (kind, wkts), rule in itertools.product(shapes.items(), ("centroid", "inner-point")):
        blobs = [*map(wkb_of, wkts), *([hole, wkb_of("POLYGON ((1 1,5 1,5 5,1 1))")] if kind == "polygon" else [])]
        works(town.arguments("-q", "--overwrite", "--assign", rule, "--analysis", "none", zips=zips, buildings=write_layer(town.file(f"{kind}-{rule}.gpkg"), blobs)))
        with sqlite3.connect(town.output) as db:
            found = {fid: zip_ for zip_, fid in db.execute("SELECT zip, building_fid FROM important_building")}
        assert found == {fid: "1" for fid in range(1, len(blobs) + 1)}, (kind, rule)


def says(relation, expected):
    """Whether the relation is as a matrix or word says; * says nothing."""
    if expected in ("meets", "apart"):
        return relation.meet == (expected == "meets")

    def agrees(fact, cells):
        known = [c for c in cells if c != "*"]
        return fact if set(known) - {"F"} else not fact if len(known) == len(cells) else True

    facts = ((relation.meet, (0, 1, 3, 4)), (relation.interiors_meet, (0,)), (not relation.is_covered, (2, 5)))
    return all(agrees(fact, [expected[i] for i in cells]) for fact, cells in facts)


def test_published_pairs_lie_as_published(layers):
    """What the oracle says is what was published, so that the rules above are compared with it."""
    for name, a, b, expected in published():
        assert says(relate(ogr.CreateGeometryFromWkt(a), ogr.CreateGeometryFromWkt(b)), expected), name
        assert is_sound(wkb_of(a)) and is_sound(wkb_of(b)), name
    found = {(kind, rule): layers.assigned(rule, kind) for kind in ("polygons", "paths") for rule in ("intersects", "within", "covered-by")}
    for name, a, b, expected in published():
        kind = "paths" if is_path(wkb_of(a)) else "polygons"
        key = (layers.shapes.index(wkb_of(b)) + 1, layers.buildings(kind).index(wkb_of(a)) + 1)
        relation = relate(ogr.CreateGeometryFromWkt(a), ogr.CreateGeometryFromWkt(b))
        relation.meet, relation.is_covered = key in found[kind, "intersects"], key in found[kind, "covered-by"]
        relation.interiors_meet = relation.interiors_meet if not relation.is_covered else key in found[kind, "within"]
        assert says(relation, expected), name
