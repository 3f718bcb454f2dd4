# SPDX-License-Identifier: MIT
"""Command lines that make no sense: exit status 2, a message on stderr, nothing on stdout, no file touched."""
import os

import pytest
from town import call, content, describe, fails, works

RUN = ["run", "--zips", "/nowhere/z.gpkg", "--buildings", "/nowhere/b.gpkg", "-o", "/nowhere/r.sqlite"]


def test_no_command_shows_the_usage_on_stderr():
    done = call([])
    assert done.returncode == 2 and done.stdout == "", f"no command{describe(done)}"
    assert "Usage: zonefold COMMAND" in done.stderr and "inspect" in done.stderr, f"the commands are listed{describe(done)}"


@pytest.mark.wording
def test_unknown_command_suggests_the_nearest():
    fails(2, ["rum"], "unknown command 'rum'", "'run'")
    fails(2, ["inspekt"], "'inspect'")
    fails(2, ["frobnicate"], "unknown command 'frobnicate'", "Usage:")


def test_options_before_the_command_are_explained():
    fails(2, ["--zips", "z.gpkg"], "'--zips'")


@pytest.mark.wording
def test_unknown_option_suggests_the_nearest():
    fails(2, [*RUN, "--buildngs", "x"], "unknown option '--buildngs'", "'--buildings'")
    fails(2, [*RUN, "--over-write"], "'--overwrite'")
    fails(2, [*RUN, "--xyzzy"], "unknown option '--xyzzy'")
    fails(2, [*RUN, "-x"], "unknown option '-x'")
    fails(2, [*RUN, "-overwrite"], "'--overwrite'")
    fails(2, ["inspect", "--formt", "json", "f"], "'--format'")


def test_options_of_later_versions_are_unknown():
    for option in ("--shard=1/2",):
        fails(2, [*RUN, option], "unknown option '" + option.split("=")[0])


@pytest.mark.wording
def test_repeated_option_is_refused():
    fails(2, [*RUN, "--zips", "other"], "'--zips'", "twice")
    fails(2, [*RUN, "--output=other"], "'--output'", "twice")
    fails(2, [*RUN, "--overwrite", "--overwrite"], "'--overwrite'", "twice")


@pytest.mark.wording
def test_missing_value_is_refused():
    fails(2, [*RUN, "--where"], "'--where' needs a value", "EXPR")
    fails(2, [*RUN, "--rule"], "'--rule' needs a value", "NAME=EXPR")
    fails(2, [*RUN, "--compute"], "'--compute' needs a value", "NAME=EXPR")
    fails(2, [*RUN, "--where", "--overwrite"], "'--where' needs a value", "'--overwrite' follows")
    fails(2, [*RUN, "--where", ""], "'--where' needs a value", "empty")
    fails(2, [*RUN, "--zip-field="], "'--zip-field' needs a value")
    fails(2, ["run", "-o"], "'--output' needs a value")


def test_value_of_a_flag_is_refused():
    fails(2, [*RUN, "--overwrite=yes"], "--overwrite")


def test_sizes_are_numbers_with_a_unit():
    for bad in ("0", "0MiB", "-1", "64 apples", "MiB", "1.5GiB", "64MiBs", "99999999999999999999", "99999999999TiB"):
        fails(2, [*RUN, "--memory=" + bad], "--memory", f"'{bad}'")
    for good in ("64MiB", "64M", "67108864", "1 GiB", "500MB", "65536KiB", "700000kB"):
        fails(3, [*RUN, "--memory", good], "/nowhere/")


@pytest.mark.wording
def test_bad_choice_lists_the_choices_and_the_nearest():
    fails(2, [*RUN, "--assign", "withn"], "within", "covered-by", "intersects", "centroid", "inner-point", "did you mean 'within'")
    fails(2, [*RUN, "--assign", "biggest"], "not 'biggest'")
    fails(2, [*RUN, "--assign", "Within"], "not 'Within'")
    fails(2, [*RUN, "--measure", "x"], "auto, geodesic or planar")
    fails(2, [*RUN, "--on-invalid", "x"], "repair, skip or fail")
    fails(2, [*RUN, "--buildings-out", "x"], "geometry, attributes, ids or none")
    fails(2, [*RUN, "--format", "xml"], "text or json")
    fails(2, [*RUN, "--progress", "x"], "auto, always or never")


def test_numbers_are_parsed_whole_and_ranged():
    for bad in ("0", "-1", "9abc", "1e3", "1.5", " 7", "0x10", "1000001", "99999999999999999999999999"):
        fails(2, [*RUN, "--batch-size", bad], "--batch-size", "1000000", f"'{bad}'")


def test_unexpected_argument_is_refused():
    fails(2, [*RUN, "extra.gpkg"], "extra.gpkg")
    fails(2, [*RUN, "--", "--overwrite"], "--overwrite")
    fails(2, ["help", "run", "inspect"], "inspect")
    fails(2, ["--version", "x"], "x")


@pytest.mark.wording
def test_missing_options_are_named_with_an_example():
    message = fails(2, ["run", "--zips", "z"], "missing --buildings, --output", "for example: zonefold run zips.gpkg")
    assert "missing --zips" not in message, "what was given is not missing"
    fails(2, ["run"], "missing --zips, --buildings, --output")
    fails(2, ["inspect"], "missing FILE", "for example: zonefold inspect")


def test_quiet_and_verbose_contradict_each_other():
    fails(2, [*RUN, "-q", "-v"], "--quiet", "--verbose")
    fails(2, [*RUN, "-qv"], "--quiet", "--verbose")


def test_bad_lists_of_names_are_refused():
    fails(2, [*RUN, "--fields", "a,,b"], "--fields")
    fails(2, [*RUN, "--fields", "a,"], "--fields")
    fails(2, [*RUN, "--fields", '""'], "--fields")
    fails(2, [*RUN, "--fields", '"a'], "--fields")
    fails(2, [*RUN, "--fields", '"a"b'], "--fields")


def test_a_good_command_line_goes_on_to_the_files():
    for written in (["--batch-size", "1"], ["--batch-size=1000000"], ["--fields", 'a, "b,""c" ,d'], ["-vv"], ["-q"], ["--where=--x"],
                    ["--stat", "a=b", "--stat", "c=d"], ["--assign=centroid"], ["--where", "-height < 3"]):
        fails(3, [*RUN, *written], "/nowhere/z.gpkg")


def test_very_long_arguments_do_no_harm():
    for word in ("x" * 100000, "\N{LATIN SMALL LETTER E WITH ACUTE}" * 50000):
        fails(2, [word])
        fails(2, [*RUN, "--" + word])
        fails(2, [*RUN, "--assign", word])
        fails(2, [*RUN, "--fields", word + ",,"], "--fields")


def test_control_characters_do_not_reach_the_terminal():
    message = fails(2, [*RUN, "--assign", "\x1b[31mred"])
    assert "\x1b" not in message, "escape sequences are taken out"


def test_usage_errors_touch_no_file():
    before = sorted(os.listdir("."))
    fails(2, ["run", "--zips", "z", "--buildings", "b", "-o", "made.sqlite", "--trace", "made.csv", "--assign", "bad"])
    assert sorted(os.listdir(".")) == before, "no file was made"


def test_the_two_files_can_be_arguments(town):
    works(["run", town.zips, town.buildings, "-o", town.output, "-q"])
    before = content(town.output)
    works(["run", "-y", "-o", town.output, town.zips, "--buildings", town.buildings])
    assert content(town.output) == before, "the same result, and the same recorded job"
    works(["plan", "-z", town.zips, town.buildings])
    message = fails(2, ["run", town.zips, "-o", town.output], "--buildings")
    assert "--zips" not in message, message
    fails(2, ["run", town.zips, town.buildings, "--zips", town.zips, "-o", town.output], "--zips", "twice")
    fails(2, ["run", town.zips, town.buildings, "third.gpkg", "-o", town.output], "third.gpkg")


def test_short_names_are_those_of_the_common_options(town):
    works(["run", "-z", town.zips, "-b", town.buildings, "-i", "zip", "-r", "centroid", "-w", "height > 15", "-s", "height=mean", "-a", "none", "-f", "use", "-o", town.output])
    first = content(town.output)
    works(town.arguments("-y", "--zip-field", "zip", "--assign", "centroid", "--where", "height > 15", "--stat", "height=mean", "--analysis", "none", "--fields", "use"))
    assert content(town.output) == first


def test_arguments_win_over_a_job_file(town):
    job = town.file("job.yaml")
    with open(job, "w", encoding="utf-8") as file:
        file.write("zips: nowhere.gpkg\nbuildings: buildings.gpkg\nanalysis: none\n")
    works(["run", "--job", job, town.zips, "-o", town.output])


def test_errors_list_the_fields_of_the_layer_before_the_measures(town):
    for more in (["--stat", "storeys=mean"], ["--fields", "storeys"], ["--where", "storeys > 3"], ["--rule", "high=storeys > 3"]):
        said = fails(2, ["plan", *town.arguments(*more)[1:]], "height", "last edit", "area_m2")
        assert said.index("height") < said.index("last edit") < said.index("area_m2"), said
    fails(2, ["plan", *town.arguments("--stat", "area=mean")[1:]], "'area_m2'")
