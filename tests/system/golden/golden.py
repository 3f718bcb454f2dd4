#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Records what a program does in each golden case, and compares another program with the record.

  golden.py compare PROGRAM [NAME...]    one line per case; exit status 1 when a case differs
  golden.py record PROGRAM [NAME...]     writes expected/NAME.json
  golden.py list                         names and purposes

  --words      compare stderr and the whole of stdout, too
  --portable   compare as on other versions of the libraries (see README.md)"""
import argparse
import hashlib
import json
import math
import multiprocessing
import os
import re
import shlex
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(HERE, "..", "..", "..", "data")
EXPECTED = os.path.join(HERE, "expected")
sys.path.insert(0, HERE)
from cases import CASES  # noqa: E402

ROWS_KEPT = 200       # tables with more rows are kept as one summary per column
DIFFERENCES_SHOWN = 5
TOLERANCE = 1e-9      # relative; for real numbers on other versions of the libraries
FORECAST = 0.10       # relative; for the forecasts of `plan`, which follow the sizes of structs
FORECAST_KEYS = {"memory_bytes", "result_bytes", "temporary_bytes", "batch_rows"}
LIBRARY_KEYS = {"crs_operation", "crs_grids", "crs_better", "versions", "file_bytes"}  # words and sizes of the libraries
# Cells that carry versions, and hashes of them. Nothing else of a result is left out.
VERSION_KEYS = {"zonefold", "GDAL", "GEOS", "PROJ", "SQLite", "SpatiaLite", "content_sha256", "content_sha256.run_info", "content_sha256.run_input"}
VERSION_COLUMNS = {("spatialite_history", "ver_sqlite"), ("spatialite_history", "ver_splite")}
VERSION = "(version)"
# Tables of SpatiaLite itself: kept as a hash only.
METADATA = re.compile(r"(views_|virts_)?geometry_columns_|views_geometry|virts_geometry|spatial_ref_sys|spatialite_history|sqlite_sequence|data_licenses"
                      r"|sql_statements_log|sqlite_stat|idx_")


# ---- what a table holds ----

class Blob:
    """A geometry of SpatiaLite (or WKB in it) reduced to kind, number of points, area, length and lower left corner."""

    def __init__(self, blob):
        self.data, self.at = blob, 39
        self.order = "<" if blob[1] == 1 else ">"
        self.n, self.area, self.length, self.low = 0, 0.0, 0.0, [math.inf, math.inf]
        self.kind = self.shape(self.take("I"))

    @staticmethod
    def is_one(value):
        return isinstance(value, bytes) and len(value) > 43 and value[0] == 0 and value[1] in (0, 1) and value[38] == 0x7C and value[-1] == 0xFE

    def take(self, form):
        values = struct.unpack_from(self.order + form, self.data, self.at)
        self.at += struct.calcsize(self.order + form)
        return values[0] if len(values) == 1 else values

    def points(self, count, dimensions):
        flat = self.take(f"{count * dimensions}d") if count else ()
        flat = flat if isinstance(flat, tuple) else (flat,)
        found = list(zip(flat[0::dimensions], flat[1::dimensions]))
        self.n += count
        for x, y in found:
            self.low = [min(self.low[0], x), min(self.low[1], y)]
        self.length += math.fsum(math.dist(a, b) for a, b in zip(found, found[1:]))
        return found

    def shape(self, kind):
        flat, dimensions = kind % 1000, 2 + (0, 1, 1, 2)[kind // 1000]
        if flat == 1:
            self.points(1, dimensions)
        elif flat == 2:
            self.points(self.take("I"), dimensions)
        elif flat == 3:
            for i in range(self.take("I")):
                found = self.points(self.take("I"), dimensions)
                x0, y0 = found[0] if found else (0, 0)
                part = abs(math.fsum((ax - x0) * (by - y0) - (bx - x0) * (ay - y0) for (ax, ay), (bx, by) in zip(found, found[1:]))) / 2
                self.area += part if i == 0 else -part
        else:
            for _ in range(self.take("I")):
                self.at += 1  # the mark 0x69
                self.shape(self.take("I"))
        return kind

    def summary(self):
        return {"geometry": [self.kind, self.n, self.area, self.length, *self.low]}


def cell(value):
    """The value in the record: geometries as their summary, other blobs and long texts as a hash."""
    if Blob.is_one(value):
        return Blob(value).summary()
    if isinstance(value, bytes):
        return {"blob": hashlib.sha256(value).hexdigest()[:16]}
    if isinstance(value, str) and len(value) > 1000:
        return {"text": hashlib.sha256(value.encode()).hexdigest()[:16]}
    return value


def hashed(rows):
    """SHA-256 over the rows: the type and the exact value of each cell, geometries as hex."""
    state = hashlib.sha256()
    for row in rows:
        for value in row:
            kind = {int: "i", float: "r", str: "t", bytes: "b", type(None): "n"}[type(value)]
            text = value.hex() if isinstance(value, (bytes, float)) else str(value)
            state.update(f"{kind}{len(text)}:{text}".encode())
        state.update(b"\n")
    return state.hexdigest()


def column_summary(values):
    present = [v for v in values if v is not None]
    numbers = [v for v in present if isinstance(v, (int, float))]
    texts = sorted(v for v in present if isinstance(v, str))
    shapes = [Blob(v) for v in present if Blob.is_one(v)]
    out = {"n": len(present)}
    if numbers:
        whole = all(isinstance(v, int) for v in numbers)
        out |= {"sum": sum(numbers) if whole else math.fsum(numbers), "min": min(numbers), "max": max(numbers)}
    if texts:
        out |= {"unique": len(set(texts)), "texts": hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]}
    if shapes:
        out |= {"points": sum(s.n for s in shapes), "area": math.fsum(s.area for s in shapes), "length": math.fsum(s.length for s in shapes)}
    return out


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def without_versions(table, columns, row, folder):
    """The row with cells that carry versions taken out. Size and hash of an input are checked against the file itself."""
    row = list(row)
    if table == "run_info" and row[0] in VERSION_KEYS:
        row[1] = VERSION
    for i, name in enumerate(columns):
        if (table, name) in VERSION_COLUMNS:
            row[i] = VERSION
    if table == "run_input" and {"file", "bytes", "sha256"} <= set(columns):
        at = {name: i for i, name in enumerate(columns)}
        for place, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(place, name)
                if name == row[at["file"]] and os.path.getsize(path) == row[at["bytes"]] and digest(path) == row[at["sha256"]]:
                    row[at["bytes"]], row[at["sha256"]] = None, "as the file"
                    return row
    return row


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def result_of(path, folder):
    """Everything a result file holds."""
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    db.text_factory = lambda raw: raw.decode("utf-8", "backslashreplace")
    statements = db.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
    tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name").fetchall()
    out = {"statements": hashed(statements), "pragmas": [db.execute(f"PRAGMA {p}").fetchone()[0] for p in ("application_id", "user_version", "page_size")],
           "tables": {}}
    for (table,) in tables:
        info = db.execute(f"PRAGMA table_info({quoted(table)})").fetchall()
        columns = [name for _, name, *_ in info]
        try:
            rows = db.execute(f"SELECT * FROM {quoted(table)} ORDER BY rowid").fetchall()
        except sqlite3.OperationalError:  # WITHOUT ROWID
            rows = db.execute(f"SELECT * FROM {quoted(table)} ORDER BY {', '.join(str(i + 1) for i in range(len(columns)))}").fetchall()
        rows = [without_versions(table, columns, row, folder) for row in rows]
        kept = {"n": len(rows), "sha256": hashed(rows)}
        if not METADATA.match(table):
            kept["columns"] = [f"{name} {declared}{' PRIMARY KEY' if key else ''}" for _, name, declared, _, _, key in info]
            if len(rows) <= ROWS_KEPT:
                kept["rows"] = [[cell(value) for value in row] for row in rows]
            else:
                kept["summary"] = {name: column_summary([row[i] for row in rows]) for i, name in enumerate(columns)}
        out["tables"][table] = kept
    db.close()
    return out


# ---- one case ----

def facts(text):
    """Numbers, hashes and names of columns and tables, in their order. Sizes in bytes are left out: they are forecasts, or of files that libraries wrote."""
    text = re.sub(r"\b[\d.,]+ (B|[KMG]iB)\b", "", text)
    return re.findall(r"\b[0-9a-f]{64}\b|[A-Za-z][A-Za-z0-9]*_\w+|(?<![\w.])-?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?", text)


def versions_of(program):
    lines = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.splitlines()
    return dict(line.split(" ", 1) for line in lines)


def neutral(text, folder, replaced, written=None):
    """The text without versions, hashes of them, and the folder; where a result was changed (written is given), without hashes of what it holds now."""
    for found, name in replaced:
        text = re.sub(rf"(?<![\w.]){re.escape(found)}(?![\w.])", f"<{name}>", text)
    if written is not None:
        text = re.sub(r"\b[0-9a-f]{64}\b", lambda match: match[0] if match[0] in written else "<hash>", text)
    return text.replace(folder, "<folder>")


def contents_below(folder):
    return {os.path.relpath(os.path.join(place, name), folder): os.stat(os.path.join(place, name))
            for place, _, names in os.walk(folder) for name in names}


def hashes_written(folder):
    """(hash, key) of all results in the folder."""
    out = []
    for name in sorted(contents_below(folder)):
        if not name.endswith(".sqlite"):
            continue
        try:
            db = sqlite3.connect(f"file:{os.path.join(folder, name)}?mode=ro", uri=True)
            rows = db.execute("SELECT key, value FROM run_info WHERE key LIKE 'content_sha256%'").fetchall()
            db.close()
        except sqlite3.DatabaseError:
            continue
        out += [(value, key) for key, value in rows]
    return out


def do(step, folder):
    """A step that is no command: ('write', file, text), ('sql', file, statement), ('copy' or 'move', from, to), ('remove', file)."""
    verb, name, *rest = step
    path = os.path.join(folder, name)
    if verb == "write":
        with open(path, "w", encoding="utf-8") as file:
            file.write(rest[0])
    elif verb == "sql":
        db = sqlite3.connect(path)
        db.execute(rest[0])
        db.commit()
        db.close()
    elif verb in ("copy", "move"):
        os.makedirs(os.path.dirname(os.path.join(folder, rest[0])), exist_ok=True)
        (shutil.copy if verb == "copy" else shutil.move)(path, os.path.join(folder, rest[0]))
    elif verb == "remove":
        os.remove(path)
    else:
        raise ValueError(verb)


def environment(temporary):
    kept = {key: value for key, value in os.environ.items()
            if key in ("PATH", "LD_LIBRARY_PATH", "HOME", "PROJ_DATA", "PROJ_LIB") or key.endswith("SAN_OPTIONS")}
    return kept | {"LC_ALL": "C.UTF-8", "TZ": "UTC", "TMPDIR": temporary, "SOURCE_DATE_EPOCH": "1577836800"}


def run_case(case, program, layers, versions):
    """What the program does: the record of the case."""
    with tempfile.TemporaryDirectory(prefix="zonefold-golden-") as top:
        folder, temporary = os.path.join(top, "case"), os.path.join(top, "temporary")
        shutil.copytree(layers, folder, ignore=None if "strips/" in str(case.steps) else shutil.ignore_patterns("strips"))
        os.mkdir(temporary)
        if "data/" in str(case.steps):
            shutil.copytree(DATA, os.path.join(folder, "data"), ignore=shutil.ignore_patterns("*.md", "*.png"))
        replaced = sorted(((value, name) for name, value in versions.items()), key=lambda pair: -len(pair[0]))
        steps, before = [], contents_below(folder)
        for step in case.steps:
            if isinstance(step, tuple):
                do(step, folder)
                made = {"write": step[1], "sql": step[1], "copy": step[-1], "move": step[-1]}.get(step[0])  # an input of what follows
                before |= {name: stat for name, stat in contents_below(folder).items() if name == made}
                continue
            done = subprocess.run([program, *shlex.split(step)], capture_output=True, text=True, errors="backslashreplace", cwd=folder,
                                  env=environment(temporary), timeout=300)
            hashes = hashes_written(folder)
            replaced += [pair for pair in hashes if pair[1] in VERSION_KEYS]
            written = {value for value, _ in hashes} if any(other[0] == "sql" for other in case.steps if isinstance(other, tuple)) else None
            out = neutral(done.stdout, folder, replaced, written)
            record = {"command": step, "status": done.returncode}
            try:
                record["json"] = json.loads(out) if out[:1] in "[{" and out else None
            except ValueError:
                record["json"] = None
            if record["json"] is None:
                del record["json"]
                record |= {"facts": facts(out), "stdout": out}
            record["words"] = neutral(done.stderr, folder, replaced, written)
            steps.append(record)
        after = contents_below(folder)
        new = sorted(name for name in after if name not in before)
        same = [name for name in before if name in after and (before[name].st_size, before[name].st_mtime_ns) == (after[name].st_size, after[name].st_mtime_ns)]
        out = {"steps": steps, "files": new, "changed": sorted(name for name in before if name not in same),
               "left_in_temporary": sorted(os.listdir(temporary))}
        outputs = [name for name in sorted(after) if name in new]
        for name in outputs:
            path = os.path.join(folder, name)
            if name.endswith(".sqlite") and not name.startswith("bag/"):
                out.setdefault("results", {})[name] = result_of(path, folder)
            elif name.endswith(".qgz"):
                out.setdefault("projects", {})[name] = project_of(path)
            elif name.endswith(".yaml"):
                with open(path, encoding="utf-8") as file:
                    out.setdefault("texts", {})[name] = file.read().splitlines()
            elif name.endswith(".csv"):
                with open(path, encoding="utf-8") as file:
                    lines = file.read().splitlines()
                out.setdefault("texts", {})[name] = [lines[0], f"{len(lines)} lines"]
        return out


def project_of(path):
    with zipfile.ZipFile(path) as archive:
        members = archive.namelist()
        text = b"".join(archive.read(name) for name in members)
        text = re.sub(rb"_[0-9a-f]{16}\b", b"_CONTENT", text)  # ids of layers end in the hash of the content, which covers versions
        root = xml.fromstring(archive.read(members[0]))
    return {"members": members, "sha256": hashlib.sha256(text).hexdigest(), "sources": [e.text for e in root.iter("datasource")],
            "layers": [e.findtext("layername") for e in root.iter("maplayer")]}


# ---- comparing ----

class Comparison:
    """Collects differences. In portable mode real numbers may differ by TOLERANCE, and what the libraries word or write is left out."""

    def __init__(self, portable, words):
        self.portable, self.words, self.found = portable, words, []

    def differ(self, where, expected, got):
        def short(value):
            text = value if isinstance(value, str) and len(value) < 200 else json.dumps(value, ensure_ascii=False)
            return text if len(text) <= 200 else text[:200] + "..."
        self.found.append(f"{where}: expected {short(expected)}, got {short(got)}")

    def number(self, a, b, tolerance):
        return a == b or abs(a - b) <= tolerance * max(1.0, abs(a), abs(b))

    def value(self, where, expected, got):
        """Values of JSON, of any depth."""
        if isinstance(expected, dict) and isinstance(got, dict):
            for key in [*expected, *[k for k in got if k not in expected]]:
                if self.portable and key in LIBRARY_KEYS:
                    continue
                if key not in expected or key not in got:
                    self.differ(f"{where}.{key}", expected.get(key, "nothing"), got.get(key, "nothing"))
                elif key in FORECAST_KEYS:
                    unit = 1e6 if key.endswith("_bytes") else 1
                    if not self.number(expected[key] / unit, got[key] / unit, FORECAST):
                        self.differ(f"{where}.{key}", expected[key], got[key])
                else:
                    self.value(f"{where}.{key}", expected[key], got[key])
        elif isinstance(expected, list) and isinstance(got, list):
            if len(expected) != len(got):
                return self.differ(where, expected, got)
            for i, (a, b) in enumerate(zip(expected, got)):
                self.value(f"{where}[{i}]", a, b)
        elif not self.same(expected, got):
            self.differ(where, expected, got)
        return None

    def same(self, expected, got):
        """Two cells: exactly the same, or near enough in portable mode."""
        if isinstance(expected, bool) or isinstance(got, bool) or expected is None or got is None:
            return expected is got
        if self.portable:
            if isinstance(expected, float) and isinstance(got, (int, float)) or isinstance(got, float) and isinstance(expected, int):
                return self.number(expected, got, TOLERANCE)
            if isinstance(expected, dict) and isinstance(got, dict) and "geometry" in expected and "geometry" in got:
                (kind, _, *a), (other, _, *b) = expected["geometry"], got["geometry"]
                return kind == other and all(self.number(x, y, TOLERANCE) for x, y in zip(a, b))
            if isinstance(expected, str) and isinstance(got, str):
                return re.sub(r"\b[0-9a-f]{64}\b", "<hash>", expected) == re.sub(r"\b[0-9a-f]{64}\b", "<hash>", got)
        return type(expected) is type(got) and expected == got

    def step(self, expected, got):
        where = f"`zonefold {expected['command']}`"
        if expected["status"] != got["status"]:
            self.differ(f"{where} exit status", expected["status"], got["status"])
            if got["words"]:
                self.found.append(f"{where} stderr: {got['words'].splitlines()[0][:200]}")
        if "json" in expected or "json" in got:
            self.value(f"{where} stdout", expected.get("json"), got.get("json"))
        elif expected["facts"] != got["facts"]:
            a, b = expected["facts"], got["facts"]
            at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
            if not (self.portable and len(a) == len(b) and all(self.same_fact(x, y) for x, y in zip(a, b))):
                self.differ(f"{where} stdout, fact {at + 1}", " ".join(a[at:at + 6]), " ".join(b[at:at + 6]))
        if self.words:
            for part in ("stdout", "words"):
                if expected.get(part) != got.get(part):
                    self.differ(f"{where} {'stderr' if part == 'words' else part}", expected.get(part), got.get(part))

    def same_fact(self, a, b):
        """In text, which rounds, the last digit may differ between versions of the libraries; so may hashes of tables."""
        if len(a) == len(b) == 64:
            return True
        try:
            x, y = float(a.replace(",", "")), float(b.replace(",", ""))
        except ValueError:
            return a == b
        return a == b or "." in a and abs(x - y) <= 1.01 * 10.0 ** -len(a.split(".")[1])

    def table(self, where, expected, got):
        if expected.get("columns") != got.get("columns"):
            return self.differ(f"{where} columns", expected.get("columns"), got.get("columns"))
        if expected["n"] != got["n"]:
            self.differ(f"{where} rows", expected["n"], got["n"])
        elif not self.portable and expected["sha256"] == got["sha256"]:
            return None
        before = len(self.found)
        names = [text.split(" ")[0] for text in expected.get("columns", [])]
        name_of = dict(enumerate(names))
        skipped = self.portable and where.endswith("layer_styles")
        for i, (a, b) in enumerate(zip(expected.get("rows", []), got.get("rows", []))):
            if where.endswith(" run_info") and self.portable and (a[0] in LIBRARY_KEYS or a[0].startswith("content_sha256")):
                continue
            for j, (x, y) in enumerate(zip(a, b)):
                if self.portable and where.endswith(" run_input") and name_of.get(j) in ("bytes", "sha256"):
                    continue
                if not self.same(x, y) and not (skipped and isinstance(x, dict)):
                    self.differ(f"{where} row {i + 1} column {name_of.get(j, j)}", x, y)
        if "summary" in expected or "summary" in got:
            a, b = expected.get("summary", {}), got.get("summary", {})
            for name in a:
                for key, x in a[name].items():
                    y = b.get(name, {}).get(key)
                    if not self.same(x, y) and not (self.portable and key == "points"):
                        self.differ(f"{where} column {name}, {key} of all rows", x, y)
        if not self.portable and len(self.found) == before:
            self.found.append(f"{where}: the hash of the rows differs (order of rows, or points of geometries)")
        return None

    def result(self, name, expected, got):
        a, b = expected["tables"], got["tables"]
        names = [t for t in [*a, *[t for t in b if t not in a]] if not (self.portable and METADATA.match(t))]
        for table in sorted(names, key=lambda name: (bool(METADATA.match(name)), name == "run_info")):  # what others follow from comes first
            if table not in a or table not in b:
                self.differ(f"{name} table {table}", table in a, table in b)
            else:
                self.table(f"{name} {table}", a[table], b[table])
        if not self.portable:
            for key in ("pragmas", "statements"):
                if expected[key] != got[key]:
                    self.differ(f"{name} {key} of the schema", expected[key], got[key])

    def record(self, expected, got):
        for a, b in zip(expected["steps"], got["steps"]):
            self.step(a, b)
        for key in ("files", "changed", "left_in_temporary"):
            if expected[key] != got[key]:
                self.differ(key, expected[key], got[key])
        for key in ("results", "projects", "texts"):
            a, b = expected.get(key, {}), got.get(key, {})
            for name in a:
                if name not in b:
                    continue  # told as a missing file
                if key == "results":
                    self.result(name, a[name], b[name])
                else:
                    self.value(name, a[name] if not self.portable else without_hash(a[name]), b[name] if not self.portable else without_hash(b[name]))


def without_hash(record):
    return {k: v for k, v in record.items() if k != "sha256"} if isinstance(record, dict) else record


def path_of(name):
    return os.path.join(EXPECTED, name + ".json")


def expected_of(case):
    with open(path_of(case.name), encoding="utf-8") as file:
        record = json.load(file)
    if case.same_tables_as:
        tables = expected_of(CASES[case.same_tables_as])["results"]["r.sqlite"]
        record["results"] = {name: tables for name in record["files"] if name.endswith(".sqlite")}
    return record


def recorded_versions():
    with open(path_of("libraries"), encoding="utf-8") as file:
        return json.load(file)


def is_portable(versions):
    """Whether a library differs from the recorded one. zonefold's own version does not matter."""
    recorded = recorded_versions()
    return any(versions.get(name) != recorded[name] for name in recorded if name != "zonefold")


def compare_case(name, program, layers, versions, portable, words):
    """The differences of one case, as texts."""
    try:
        comparison = Comparison(portable, words)
        got = json.loads(json.dumps(run_case(CASES[name], program, layers, versions)))
        comparison.record(expected_of(CASES[name]), got)
        return comparison.found
    except Exception as error:  # one case must not hide the others
        return [f"{type(error).__name__}: {error}"]


def dump(record):
    """JSON with a line for each row, so that a change of the record can be read."""
    def walk(value, key, indent):
        pad = " " * indent
        if isinstance(value, dict) and value and key not in ("summary_column", "json"):
            inner = [f"{pad} {json.dumps(k, ensure_ascii=False)}: {walk(v, 'summary_column' if key == 'summary' else k, indent + 1)}" for k, v in value.items()]
            return "{\n" + ",\n".join(inner) + f"\n{pad}}}"
        if isinstance(value, list) and value and key in ("rows", "steps", "texts"):
            inner = [f"{pad} {walk(v, None if key == 'steps' else 'summary_column', indent + 1)}" for v in value]
            return "[\n" + ",\n".join(inner) + f"\n{pad}]"
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return walk(record, None, 0) + "\n"


def write_record(name, record):
    with open(path_of(name), "w", encoding="utf-8") as file:
        file.write(dump(record))


def record_case(name, program, layers, versions):
    case = CASES[name]
    record = run_case(case, program, layers, versions)
    if case.same_tables_as:
        record.pop("results", None)
    write_record(name, record)
    return []


def make_layers(folder):
    """In a process of its own, which ends before the cases are run in forks of this one."""
    subprocess.run([sys.executable, "-c", "import sys; sys.path.insert(0, sys.argv[1]); import layers; layers.make(sys.argv[2])", HERE, folder],
                   check=True, stderr=subprocess.DEVNULL)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("verb", choices=("compare", "record", "list"))
    parser.add_argument("program", nargs="?")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--words", action="store_true")
    parser.add_argument("--portable", action="store_true")
    arguments = parser.parse_intermixed_args()
    if arguments.verb == "list":
        print("\n".join(f"{case.name}: {case.purpose}" for case in CASES.values()))
        return 0
    unknown = [name for name in arguments.names if name not in CASES]
    if not arguments.program or unknown:
        parser.error(f"no such case: {', '.join(unknown)}" if unknown else "name the program")
    program = os.path.abspath(arguments.program)
    versions = versions_of(program)
    names = arguments.names or list(CASES)
    if arguments.verb == "record" and arguments.names and is_portable(versions):
        parser.error("the other cases were recorded with other versions of the libraries: record all, or use those versions")
    failed = 0
    with tempfile.TemporaryDirectory(prefix="zonefold-golden-") as layers:
        make_layers(layers)
        with multiprocessing.Pool(2) as pool:
            if arguments.verb == "record":
                if not arguments.names:
                    for old in os.listdir(EXPECTED):
                        os.remove(os.path.join(EXPECTED, old))
                write_record("libraries", versions)
                jobs = [(name, pool.apply_async(record_case, (name, program, layers, versions))) for name in names]
            else:
                portable = arguments.portable or is_portable(versions)
                jobs = [(name, pool.apply_async(compare_case, (name, program, layers, versions, portable, arguments.words))) for name in names]
            for name, job in jobs:
                found = job.get()
                failed += bool(found)
                print(f"not ok {name}: " + "; ".join(found[:DIFFERENCES_SHOWN]) + (f"; {len(found) - DIFFERENCES_SHOWN} more" if len(found) > DIFFERENCES_SHOWN else "")
                      if found else f"ok {name}", flush=True)
    print(f"{len(names) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
