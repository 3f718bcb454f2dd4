# SPDX-License-Identifier: MIT
"""Statistics of each ZIP against R's own: var, sd, quantile, table; wtd.var and shares by R's weighted arithmetic. Skipped where there is no R."""
import math
import os
import shutil
import sqlite3
import subprocess

import pytest
from support import CAMBRIDGE, SAMPLE, needs_cambridge, run

pytestmark = pytest.mark.skipif(not shutil.which("Rscript"), reason="there is no Rscript here (Debian: r-base-core)")

NUMBERS = "count missing unique mode sum mean min max range median stddev stddev_sample variance cv q1 q3 iqr p7 p90 shannon simpson gini".split()
WEIGHTED = "count missing sum mean stddev stddev_sample variance cv".split()
R = r"""
args <- commandArgs(TRUE)
d <- read.csv(args[1], colClasses = c(zip = "character"))
show <- function(zip, field, name, x) cat(zip, field, name, if (is.null(x) || is.na(x)) "NULL" else sprintf("%.17g", x), sep = "\t", fill = TRUE)
for (zip in sort(unique(d$zip))) for (field in setdiff(names(d), c("zip", "w"))) {
  all <- d[d$zip == zip, ]; w <- all$w[!is.na(all[[field]])]; x <- as.numeric(all[[field]][!is.na(all[[field]])])
  show(zip, field, "w_missing", sum(all$w[is.na(all[[field]])])); show(zip, field, "missing", sum(is.na(all[[field]])))
  show(zip, field, "count", length(x)); show(zip, field, "sum", sum(x)); show(zip, field, "w_count", sum(w)); show(zip, field, "w_sum", sum(w * x))
  if (length(x) == 0) next
  t <- table(x); p <- as.numeric(t) / length(x); q <- quantile(x, c(.07, .25, .5, .75, .9), type = 7, names = FALSE); n <- length(x)
  pop <- var(x) * (n - 1) / n; if (n == 1) pop <- 0
  show(zip, field, "unique", length(t)); show(zip, field, "mode", min(as.numeric(names(t)[t == max(t)]))); show(zip, field, "mean", mean(x))
  show(zip, field, "min", min(x)); show(zip, field, "max", max(x)); show(zip, field, "range", diff(range(x))); show(zip, field, "median", median(x))
  show(zip, field, "variance", pop); show(zip, field, "stddev", sqrt(pop)); show(zip, field, "stddev_sample", sd(x)); show(zip, field, "cv", sqrt(pop) / mean(x))
  show(zip, field, "p7", q[1]); show(zip, field, "q1", q[2]); show(zip, field, "q3", q[4]); show(zip, field, "iqr", IQR(x)); show(zip, field, "p90", q[5])
  show(zip, field, "shannon", -sum(p * log(p))); show(zip, field, "simpson", sum(p^2))
  show(zip, field, "gini", sum((2 * rank(x, ties.method = "first") - n - 1) * x) / (n * sum(x)))
  m <- weighted.mean(x, w); v <- sum(w * (x - m)^2)
  show(zip, field, "w_mean", m); show(zip, field, "w_variance", v / sum(w)); show(zip, field, "w_stddev", sqrt(v / sum(w)))
  show(zip, field, "w_stddev_sample", if (sum(w) > 1) sqrt(v / (sum(w) - 1)) else NA); show(zip, field, "w_cv", sqrt(v / sum(w)) / m)
}
"""


def r_says(folder, rows, fields):
    table, script = os.path.join(folder, "rows.csv"), os.path.join(folder, "statistics.R")
    with open(table, "w", encoding="utf-8") as file:
        file.write(",".join(["zip", "w", *fields]) + "\n")
        for row in rows:
            file.write(",".join(["NA" if value is None else value if isinstance(value, str) else repr(value) for value in row]) + "\n")
    with open(script, "w", encoding="utf-8") as file:
        file.write(R)
    done = subprocess.run(["Rscript", "--vanilla", script, table], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    return {tuple(line.split("\t")[:3]): line.split("\t")[3].strip() for line in done.stdout.splitlines()}


def agrees(found, said):
    if said == "NULL" or found is None:
        return found is None and said == "NULL"
    return math.isclose(found, float(said), rel_tol=1e-10, abs_tol=1e-9)


def compare(folder, name, layers, fields, rule, stats, prefix=""):
    out = os.path.join(folder, f"{name}.{rule}.sqlite")
    asked = [part for field in fields for part in ("--stat", f"{field}={','.join(stats)}")]
    run("run", *layers, "--assign", rule, "--analysis", "none", "--fields", ",".join(fields), *asked, "--overwrite", "-q", "-o", out)
    db = sqlite3.connect(out)
    db.row_factory = sqlite3.Row
    rows = db.execute(f"select zip, share, {', '.join(fields)} from important_building").fetchall()
    said, n = r_says(folder, [tuple(row) for row in rows], fields), 0
    for row in db.execute("select * from zip_summary where important > 0").fetchall():
        for field in fields:
            for stat in stats:
                key = (row["zip"], field, prefix + stat)
                assert agrees(row[f"{field}_{stat}"], said.get(key, "NULL")), f"{name} {key}: {row[f'{field}_{stat}']}, R says {said.get(key)}"
                n += 1
    assert n > 50, f"{n} statistics"
    print(f"{name}, {rule}: {n} statistics equal R's")


CASES = [("within", NUMBERS, ""), ("share", WEIGHTED, "w_")]
PARCELS = ["--zips", os.path.join(CAMBRIDGE, "zips.gpkg"), "--buildings", os.path.join(CAMBRIDGE, "parcels.gpkg"), "--buildings-layer", "parcels"]


@pytest.mark.parametrize(("rule", "stats", "prefix"), CASES, ids=("plain", "weighted"))
def test_statistics_of_the_sample(folder, rule, stats, prefix):
    compare(folder, "sample", SAMPLE, ["height", "year_built"], rule, stats, prefix)


@needs_cambridge
@pytest.mark.parametrize(("rule", "stats", "prefix"), CASES, ids=("plain", "weighted"))
def test_statistics_of_parcels(folder, rule, stats, prefix):
    compare(folder, "parcels", PARCELS, ["stories", "year_built", "value_total"], rule, stats, prefix)
