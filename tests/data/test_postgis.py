# SPDX-License-Identifier: MIT
"""Cambridge's buildings in a PostgreSQL of the test's own: clusters are those of ST_ClusterDBSCAN, and the nearest by edges, beyond the ZIP too,
those of ST_Distance."""
import glob
import os
import shutil
import subprocess

import pytest
from osgeo import ogr
from support import CAMBRIDGE, needs_cambridge, open_result, run


BIN = next(iter(sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)), None)
EXTENSION = glob.glob("/usr/share/postgresql/*/extension/postgis.control")
pytestmark = [needs_cambridge, pytest.mark.skipif(BIN is None or shutil.which("psql") is None or not EXTENSION,
                                                reason="no PostgreSQL server, psql or PostGIS (postgresql-15-postgis-3)")]

ogr.UseExceptions()
METRES_PER_FOOT = 12 / 39.37
ROUNDING_M = 1e-6
# (eps_m, min) -> clusters, buildings in them, of 02139, 02141 and 02142; as PostGIS 3.3 has them
CLUSTERS = {
    (3, 3): ((25, 109), (208, 1529), (18, 126)),
    (8, 5): ((8, 81), (129, 1482), (9, 77)),
    (20, 4): ((5, 176), (5, 1842), (16, 205)),
}
HALO_M = 50


class Postgres:
    """On a socket in a directory of its own; it does not run as root."""

    def __init__(self, folder):
        self.folder, self.user = folder, ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self.user:
            shutil.chown(folder, "postgres")
        self.data = os.path.join(folder, "data")
        self.call(f"{BIN}/initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C")
        options = f"-c unix_socket_directories={folder} -c listen_addresses= -c port=54328 -c fsync=off -c jit=off"
        self.call(f"{BIN}/pg_ctl", "-D", self.data, "-l", os.path.join(folder, "server.log"), "-w", "-o", options, "start")

    def call(self, *words):
        done = subprocess.run([*self.user, *words], cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=300)
        assert done.returncode == 0, f"{' '.join(words)}: {done.stderr}"

    def ask(self, sql, rows=""):
        """Rows of the answer, as texts; `rows` are what a COPY ... FROM STDIN reads."""
        done = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-p", "54328", "-U", "postgres", "-c", sql],
                              input=rows, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, f"{sql}: {done.stderr}"
        return [line.split("|") for line in done.stdout.splitlines() if line]

    def stop(self):
        subprocess.run([*self.user, f"{BIN}/pg_ctl", "-D", self.data, "-m", "immediate", "stop"], cwd="/", stdout=subprocess.DEVNULL, check=False)


def load(server, out):
    server.ask("CREATE EXTENSION postgis")
    server.ask("CREATE TABLE b (fid bigint PRIMARY KEY, geom geometry)")
    server.ask("CREATE TABLE own (zip text, fid bigint, PRIMARY KEY (zip, fid))")
    source, rows = ogr.Open(os.path.join(CAMBRIDGE, "buildings.gpkg")), []
    for feature in source.GetLayerByName("buildings"):
        shape = feature.GetGeometryRef()
        shape.FlattenTo2D()
        rows.append(f"{feature.GetFID()}\t{bytes(shape.ExportToWkb()).hex()}\n")
    server.ask("COPY b FROM STDIN", "".join(rows))
    pairs = open_result(out).execute("SELECT zip, building_fid FROM important_building")
    server.ask("COPY own FROM STDIN", "".join(f"{zip_id}\t{fid}\n" for zip_id, fid in pairs))
    server.ask("CREATE INDEX ON b USING gist (geom); ANALYZE b; ANALYZE own")


def groups(labels, members):
    found = {}
    for key in members:
        found.setdefault(labels[key], set()).add(key)
    return {frozenset(group) for group in found.values()}


@pytest.mark.parametrize(("eps_m", "least"), CLUSTERS)
def test_clusters_equal_st_clusterdbscan(server, out, eps_m, least):
    """Cores, and who is in no cluster, are settled by the definition. A building beside the cores of several clusters is in one of those; here it
    is the nearest core's."""
    eps = eps_m / METRES_PER_FOOT
    theirs = {(z, int(fid)): (int(c) if c else None) for z, fid, c in server.ask(
        f"SELECT zip, fid, ST_ClusterDBSCAN(geom, {eps!r}, {least}) OVER (PARTITION BY zip ORDER BY fid) FROM own JOIN b USING (fid)")}
    theirs = {key: (key[0], c) if c is not None else None for key, c in theirs.items()}
    near = {}
    for z, fid, other, feet in server.ask(f"""SELECT o.zip, o.fid, p.fid, ST_Distance(a.geom, c.geom) FROM own o JOIN b a USING (fid)
            JOIN b c ON ST_DWithin(a.geom, c.geom, {eps!r}) JOIN own p ON p.fid = c.fid AND p.zip = o.zip"""):
        near.setdefault((z, int(fid)), []).append((float(feet), (z, int(other))))
    cores = {key for key, others in near.items() if len(others) >= least}
    column = f"cluster_{eps_m}m_{least}"
    ours = {(z, fid): (z, c) if c is not None else None for z, fid, c in
            open_result(out).execute(f"SELECT zip, building_fid, {column} FROM important_building")}
    assert groups(ours, cores) == groups(theirs, cores), f"{column}: the cores' clusters are PostGIS's"
    assert {k for k in ours if ours[k] is None} == {k for k in theirs if theirs[k] is None}, f"{column}: as PostGIS, who is in none"
    n_open = 0
    for key in ours.keys() - cores:
        beside = sorted(pair for pair in near[key] if pair[1] in cores)
        if ours[key] is None:
            assert not beside, f"{column}: {key} is beside a core"
            continue
        nearest = {ours[core] for feet, core in beside if (feet - beside[0][0]) * METRES_PER_FOOT <= ROUNDING_M}
        assert ours[key] in nearest, f"{column}: {key} is not in the cluster of its nearest core"
        n_open += len({ours[core] for _, core in beside}) > 1
    told = open_result(out).execute(f"SELECT clusters_{eps_m}m_{least}, clustered_{eps_m}m_{least} FROM zip_summary WHERE important > 0 ORDER BY zip").fetchall()
    counted = [(len({c for (z, _), c in theirs.items() if z == zip_id} - {None}), sum(z == zip_id and c is not None for (z, _), c in theirs.items()))
               for zip_id in sorted({z for z, _ in theirs})]
    assert counted == told, f"{column}: PostGIS counts {counted}, not {told}"
    assert tuple(told) == CLUSTERS[eps_m, least], f"{column}: {told}, not {CLUSTERS[eps_m, least]}"
    print(f"{column}: {len(cores)} cores of {len(ours)} buildings, {n_open} beside several clusters; as ST_ClusterDBSCAN")


def test_nearest_by_edges_equals_st_distance(server, out):
    """Of the ZIP's own at any distance, and of all others at most HALO_M away."""
    halo = HALO_M / METRES_PER_FOOT
    wanted = {(z, int(fid)): float(feet) * METRES_PER_FOOT for z, fid, feet in server.ask(f"""SELECT o.zip, o.fid, min(ST_Distance(a.geom, c.geom))
            FROM own o JOIN b a USING (fid) JOIN b c ON c.fid <> o.fid AND (ST_DWithin(a.geom, c.geom, {halo!r})
            OR EXISTS (SELECT 1 FROM own p WHERE p.zip = o.zip AND p.fid = c.fid)) GROUP BY o.zip, o.fid""")}
    db = open_result(out)
    found = {(z, fid): rest for z, fid, *rest in db.execute("SELECT zip, building_fid, nn_edge_m, nn_edge_fid, nn_edge_m_2 FROM important_building")}
    pairs = "".join(f"{fid}\t{other}\n" for (_, fid), (_, other, _) in found.items())
    server.ask("CREATE TABLE pairs (fid bigint, other bigint)")
    server.ask("COPY pairs FROM STDIN", pairs)
    apart = {int(fid): float(feet) * METRES_PER_FOOT for fid, feet in server.ask(
        "SELECT p.fid, ST_Distance(a.geom, c.geom) FROM pairs p JOIN b a ON a.fid = p.fid JOIN b c ON c.fid = p.other")}
    assert found.keys() == wanted.keys(), "a nearest one for each"
    n_nearer = 0
    for key, (metres, _, own_metres) in found.items():
        assert abs(metres - wanted[key]) < ROUNDING_M, f"{key}: {metres} m, PostGIS says {wanted[key]}"
        assert abs(metres - apart[key[1]]) < ROUNDING_M, f"{key}: the one that is named is {apart[key[1]]} m away"
        n_nearer += metres < own_metres
    assert n_nearer > 5, f"only {n_nearer} have their nearest beyond the ZIP"
    print(f"nearest by edges: {len(found)} as ST_Distance, {n_nearer} of them beyond the ZIP")


@pytest.fixture(scope="module")
def out(shared_folder):
    path = os.path.join(shared_folder, "out.sqlite")
    analyses = [f"clusters:eps_m={eps_m},min={least}" for eps_m, least in CLUSTERS]
    analyses += [f"nearest:metric=edge,halo_m={HALO_M}", "nearest:metric=edge"]
    run("run", "--zips", os.path.join(CAMBRIDGE, "zips.gpkg"), "--buildings", os.path.join(CAMBRIDGE, "buildings.gpkg"), "--measure", "planar", "-q",
        *[word for analysis in analyses for word in ("--analysis", analysis)], "-o", path)
    return path


@pytest.fixture(scope="module")
def server(shared_folder, out):
    os.chmod(shared_folder, 0o711)
    place = os.path.join(shared_folder, "server")
    os.mkdir(place)
    server = Postgres(place)
    try:
        load(server, out)
        yield server
    finally:
        server.stop()
