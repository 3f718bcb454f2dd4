# SPDX-License-Identifier: MIT
"""Every measure in --where, --stat and --fields, against its definition worked out here from the geometries of the result: the
sample in its feet and in degrees, Cambridge where it is at hand."""
import math
import os
import struct
import subprocess
import sys

from support import CAMBRIDGE, DATA, SAMPLE, needs_cambridge, open_result, run

MEASURES = ["area_m2", "perimeter_m", "width_m", "length_m", "elongation", "orientation_deg", "rectangularity", "convexity",
            "compactness", "n_vertices", "n_parts", "n_holes", "courtyard_area_m2", "centroid_x", "centroid_y"]
TIE = 1 + 1e-8


def polygons(wkb):
    """Rings without closing points, polygon by polygon, of 2D little-endian WKB."""
    def polygon(at):
        n_rings, at = struct.unpack_from("<I", wkb, at + 5)[0], at + 9
        rings = []
        for _ in range(n_rings):
            n, at = struct.unpack_from("<I", wkb, at)[0], at + 4
            numbers = struct.unpack_from(f"<{2 * n}d", wkb, at)
            rings.append(list(zip(numbers[::2], numbers[1::2]))[:-1])
            at += 16 * n
        return rings, at

    if struct.unpack_from("<I", wkb, 1)[0] == 3:
        return [polygon(0)[0]]
    found, at = [], 9
    for _ in range(struct.unpack_from("<I", wkb, 5)[0]):
        rings, at = polygon(at)
        found.append(rings)
    return found


def around(ring):
    return zip(ring, ring[1:] + ring[:1])


def area(ring):
    x0, y0 = ring[0]
    return abs(sum((a[0] - x0) * (b[1] - y0) - (b[0] - x0) * (a[1] - y0) for a, b in around(ring))) / 2


def hull(points):
    """By wrapping: from each corner to the point that has all others on its left."""
    points = sorted(set(points))
    corners = [points[0]]
    while True:
        at, best = corners[-1], None
        for p in points:
            if p == at:
                continue
            turn = 0 if best is None else (best[0] - at[0]) * (p[1] - at[1]) - (best[1] - at[1]) * (p[0] - at[0])
            if best is None or turn < 0 or (turn == 0 and math.dist(at, p) > math.dist(at, best)):
                best = p
        if best == corners[0]:
            return corners
        corners.append(best)
        assert len(corners) <= len(points), "the hull closes"


def rectangle(corners):
    """(length, width, degrees from the nearest axis) of the smallest rectangle on a side of the hull."""
    found = []
    for a, b in around(corners):
        angle = math.atan2(b[1] - a[1], b[0] - a[0])
        c, s = math.cos(angle), math.sin(angle)
        u = [(x - a[0]) * c + (y - a[1]) * s for x, y in corners]
        v = [(y - a[1]) * c - (x - a[0]) * s for x, y in corners]
        sides = (max(u) - min(u), max(v) - min(v))
        found.append((max(sides), min(sides), abs(math.remainder(math.degrees(angle), 90))))
    least = min(l * w for l, w, _ in found)
    found = [r for r in found if r[0] * r[1] <= least * TIE]
    least = min(l + w for l, w, _ in found)
    return min((r for r in found if r[0] + r[1] <= least * TIE), key=lambda r: r[2])


def circle_through(holders):
    """(x, y, radius) of the smallest circle with these two or three on it."""
    if len(holders) == 2:
        (ax, ay), (bx, by) = holders
        return (ax + bx) / 2, (ay + by) / 2, math.dist(*holders) / 2
    (ax, ay), (bx, by), (cx, cy) = holders
    bx, by, cx, cy = bx - ax, by - ay, cx - ax, cy - ay
    d = 2 * (bx * cy - by * cx)
    x, y = (cy * (bx * bx + by * by) - by * (cx * cx + cy * cy)) / d, (bx * (cx * cx + cy * cy) - cx * (bx * bx + by * by)) / d
    return ax + x, ay + y, math.hypot(x, y)


def circle(points, holders):
    """Welzl's: a point outside the circle of those before it lies on theirs together. holders lie on it in any case."""
    found = circle_through(holders) if len(holders) > 1 else (*(holders or points)[0], 0)
    if len(holders) == 3:
        return found
    for i, p in enumerate(points):
        if math.hypot(p[0] - found[0], p[1] - found[1]) > found[2] * (1 + 1e-12) + 1e-12:
            found = circle(points[:i], holders + [p])
    return found


def by_definition(parts, unit):
    """The shape's measures in the plane. unit: metres."""
    rings = [[[(x * unit, y * unit) for x, y in ring] for ring in part] for part in parts]
    x0, y0 = rings[0][0][0]
    rings = [[[(x - x0, y - y0) for x, y in ring] for ring in part] for part in rings]
    corners = hull([p for part in rings for p in part[0]])
    length, width, degrees = rectangle(corners)
    holes = sum(area(ring) for part in rings for ring in part[1:])
    built = sum(area(part[0]) for part in rings) - holes
    return {"area_m2": built, "courtyard_area_m2": holes, "width_m": width, "length_m": length, "elongation": width / length,
            "orientation_deg": degrees, "rectangularity": built / (length * width), "convexity": built / area(corners),
            "compactness": built / (math.pi * circle(corners, [])[2] ** 2), "n_parts": len(rings),
            "n_holes": sum(len(part) - 1 for part in rings), "n_vertices": sum(len(ring) for part in rings for ring in part),
            "perimeter_m": sum(math.dist(a, b) for part in rings for ring in part for a, b in around(ring))}


def flattened(parts):
    """Degrees to metres on the plane that touches GRS 80 in the middle of the envelope."""
    a, e2 = 6378137.0, 0.006694380022900788
    points = [p for part in parts for p in part[0]]
    lon0 = (min(p[0] for p in points) + max(p[0] for p in points)) / 2
    lat0 = (min(p[1] for p in points) + max(p[1] for p in points)) / 2

    def geocentric(lon, lat):
        lon, lat = math.radians(lon), math.radians(lat)
        n = a / math.sqrt(1 - e2 * math.sin(lat) ** 2)
        return n * math.cos(lat) * math.cos(lon), n * math.cos(lat) * math.sin(lon), n * (1 - e2) * math.sin(lat)

    origin = geocentric(lon0, lat0)
    sl, cl, sp, cp = *(f(math.radians(lon0)) for f in (math.sin, math.cos)), *(f(math.radians(lat0)) for f in (math.sin, math.cos))

    def flat(p):
        x, y, z = (u - v for u, v in zip(geocentric(*p), origin))
        return -sl * x + cl * y, -sp * (cl * x + sl * y) + cp * z

    return [[[flat(p) for p in ring] for ring in part] for part in parts]


def check_layer(folder, name, layers, unit, tolerance, more=()):
    out = os.path.join(folder, name + ".sqlite")
    stats = [word for m in MEASURES for word in ("--stat", f"{m}=count,min,mean,max")]
    run("run", *layers, "--fields", ",".join(MEASURES), *stats, *more, "-q", "-o", out)
    db = open_result(out)
    rows = db.execute(f"select zip, building_fid, ST_AsBinary(geom), {', '.join(MEASURES)} from important_building").fetchall()
    assert len(rows) > 1000, f"{name}: {len(rows)} rows"
    worst = {}
    for row in rows:
        parts = polygons(row[2])
        values = dict(zip(MEASURES, row[3:]))
        for key, wanted in by_definition(parts if unit else flattened(parts), unit or 1).items():
            scale = {"area_m2": values["area_m2"], "courtyard_area_m2": values["area_m2"], "orientation_deg": 45.0,
                     "perimeter_m": wanted, "width_m": values["length_m"], "length_m": wanted}.get(key, 1.0)
            error = abs(values[key] - wanted) / scale
            worst[key] = max(worst.get(key, 0), error)
            assert error <= (0 if key.startswith("n_") else tolerance), f"{name} {row[1]}: {key} is {values[key]}, by definition {wanted}"
    print(f"{name}: {len(rows)} buildings, worst: {', '.join(f'{k} {v:.1e}' for k, v in worst.items() if v > 0)}")
    for m in MEASURES:
        for mine, theirs in zip(*(db.execute(sql).fetchall() for sql in (
                f"select zip, {m}_count, {m}_min, {m}_max, {m}_mean from zip_summary where {m}_count > 0 order by zip",
                f"select zip, count({m}), min({m}), max({m}), avg({m}) from important_building group by zip order by zip"))):
            assert mine[:4] == theirs[:4] and math.isclose(mine[4], theirs[4], rel_tol=1e-9), f"{name} --stat {m}: {mine}, SQLite says {theirs}"
    for m in MEASURES:  # the middle value divides the rows as SQLite does
        middle = sorted(row[3 + MEASURES.index(m)] for row in rows)[len(rows) // 2]
        chosen = os.path.join(folder, "chosen.sqlite")
        run("run", *layers, "--where", f"{m} > {middle!r}", "--analysis", "none", "--buildings-out", "ids", *more, "-q", "--overwrite", "-o", chosen)
        found = set(open_result(chosen).execute("select zip, building_fid from important_building"))
        wanted = {row[:2] for row in rows if row[3 + MEASURES.index(m)] > middle}
        assert found == wanted, f"{name} --where {m} > {middle}: {len(found)} rows, {len(wanted)} wanted"


IN_DEGREES = """
import sys
from osgeo import ogr, osr
ogr.UseExceptions()
feet, degrees = osr.SpatialReference(), osr.SpatialReference()
feet.ImportFromEPSG(2249)
degrees.ImportFromEPSG(4269)
for crs in (feet, degrees):
    crs.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
change = osr.CoordinateTransformation(feet, degrees)
old = ogr.Open(sys.argv[1])
new = ogr.GetDriverByName("GPKG").CreateDataSource(sys.argv[2])
layer = new.CreateLayer("buildings", degrees, ogr.wkbMultiPolygon)
layer.StartTransaction()
for feature in old.GetLayer(0):
    shape = feature.GetGeometryRef()
    if shape is not None and not shape.IsEmpty():
        shape = shape.Clone()
        shape.Transform(change)
        made = ogr.Feature(layer.GetLayerDefn())
        made.SetGeometry(shape)
        layer.CreateFeature(made)
layer.CommitTransaction()
"""


def in_degrees(folder):
    """In a process of its own, feature by feature: ogr2ogr's Arrow path crashes in GDAL 3.10."""
    out = os.path.join(folder, "degrees.gpkg")
    subprocess.run([sys.executable, "-c", IN_DEGREES, os.path.join(DATA, "buildings.gpkg"), out], check=True)
    return out


FOOT_M = 12 / 39.37
ZIPS = ["--zips", os.path.join(DATA, "zips.gpkg")]


def test_measures_in_feet(folder):
    check_layer(folder, "sample", SAMPLE, FOOT_M, 1e-9)


def test_measures_in_degrees(folder):
    check_layer(folder, "degrees", ZIPS + ["--buildings", in_degrees(folder)], None, 1e-7)


@needs_cambridge
def test_measures_of_cambridge(folder):
    check_layer(folder, "cambridge", ["--zips", os.path.join(CAMBRIDGE, "zips.gpkg"), "--buildings", os.path.join(CAMBRIDGE, "buildings.gpkg")],
                FOOT_M, 1e-9)
