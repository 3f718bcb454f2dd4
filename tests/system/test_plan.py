# SPDX-License-Identifier: MIT
"""What `plan` says is what `run` does; and it writes nothing."""
import json
import os

import pytest
from town import call, describe, fails, works


def planned(town, *more):
    return json.loads(works(["plan", *town.arguments(*more)[1:], "--format", "json"]).stdout)


def test_plan_reads_only_what_run_reads(town):
    plan = planned(town, "--where", "height > 5", "--stat", "use=min", "--fields", "last edit")
    assert plan["fields_read"] == ["height", "use", "last edit"], f"{plan}"
    assert planned(town, "--analysis", "none")["measures"] == ["area_m2"], "no centroids without an analysis"
    assert set(planned(town)["measures"]) == {"area_m2", "centroid_x", "centroid_y"}, "nearest needs centroids"


def test_plan_tells_the_layers_and_what_will_come_out(town):
    plan = planned(town)
    assert plan["zips"]["layer"] == "zips" and plan["zips"]["zips"] == 2 and plan["zips"]["vertices"] == 10, f"{plan}"
    assert plan["buildings"]["features"] == 8 and plan["important_building_rows_at_most"] == 8, f"{plan}"
    assert plan["zip_summary_rows"] == 2 and plan["passes"] == 1 and plan["temporary_bytes"] == 0, f"{plan}"
    assert plan["crs_operation"] is None and plan["measure"] == "planar", f"{plan}"
    assert plan["memory_limit_bytes"] == 256 << 20 and 0 < plan["memory_bytes"] < 256 << 20, f"{plan}"
    assert planned(town, "--buildings-out", "none")["important_building_rows_at_most"] == 0, "no buildings"
    assert planned(town, "--assign", "intersects")["important_building_rows_at_most"] is None, "a building may count in many"


@pytest.mark.wording
def test_plan_says_the_same_in_words(town):
    done = works(["plan", *town.arguments("--stat", "height=mean")[1:]])
    for words in ("layer 'zips'", "2 ZIPs of 2 features", "geometry, height (1 of 4 fields)", "1 over the buildings", "256.0 MiB allowed"):
        assert words in done.stdout, f"{words}{describe(done)}"


def test_plan_needs_no_output_and_writes_nothing(town):
    works(["plan", "--zips", town.zips, "--buildings", town.buildings])
    works(["plan", *town.arguments("--trace", town.file("out", "trace.csv"))[1:]])
    assert town.left_behind() == [], f"{town.left_behind()}"


def test_plan_refuses_what_run_refuses(town):
    for more, status, words in ((["--where", "floors > 1"], 2, "floors"), (["--zip-field", "nothing"], 2, "nothing"),
                                (["--memory", "1MiB"], 5, "--memory"), (["--stat", "height=mode_of"], 2, "mode_of")):
        for command in ("plan", "run"):
            fails(status, [command, *town.arguments(*more)[1:]], words)
    fails(2, ["plan", "--zips", town.zips], "missing --buildings")
    assert not os.path.exists(town.output), "nothing is written"


def test_a_temporary_directory_is_looked_at_only_when_it_is_needed(town):
    works(town.arguments("--temp-dir", "/nowhere/at/all"))
    done = call(town.arguments("--temp-dir", "", "--overwrite"))
    assert done.returncode == 2, f"an empty name{describe(done)}"
