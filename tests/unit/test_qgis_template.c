/* SPDX-License-Identifier: MIT */
/* Templates are filled with values and sections, and what goes wrong is said. */
#include "qgis/template.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h> /* wants those above */

static void assert_filled(const char *template, const zf_template_data *data, const char *expected) {
    zf_text out = {0};
    zf_error error = ZF_ERROR_INIT;
    if (zf_template_fill(template, data, &out, &error) != ZF_OK)
        fail_msg("%s", error.text);
    assert_string_equal(out.bytes != NULL ? out.bytes : "", expected);
    zf_text_deinit(&out);
}

static void assert_refused(const char *template, const zf_template_data *data, const char *expected) {
    zf_text out = {0};
    zf_error error = ZF_ERROR_INIT;
    assert_int_equal(zf_template_fill(template, data, &out, &error), ZF_E_INTERNAL);
    if (strstr(error.text, expected) == NULL)
        fail_msg("'%s' does not say '%s'", error.text, expected);
    zf_text_deinit(&out);
}

static void values_are_escaped_unless_they_are_xml(void **state) {
    zf_template_data *data = zf_template_data_create();
    (void)state;
    zf_template_set(data, "a", "<\"R & D\">");
    assert_filled("x=\"{{a}}\"", data, "x=\"&lt;&quot;R &amp; D&quot;&gt;\"");
    assert_filled("{{{a}}}.", data, "<\"R & D\">.");
    assert_filled("{ {a} }", data, "{ {a} }");
    assert_filled("", data, "");
    zf_template_data_destroy(data);
}

static void a_value_can_be_set_again_and_can_be_a_number(void **state) {
    zf_template_data *data = zf_template_data_create();
    zf_text text = {0};
    (void)state;
    zf_template_set(data, "a", "1");
    zf_template_set(data, "a", NULL);
    zf_template_set_number(data, "b", 0.1);
    zf_template_set_count(data, "c", SIZE_MAX);
    zf_text_append(&text, "t");
    zf_template_set_text(data, "d", &text);
    assert_null(text.bytes);
    assert_filled("[{{a}}|{{b}}|{{c}}|{{d}}]", data, "[|0.1|18446744073709551615|t]");
    zf_template_data_destroy(data);
}

static void a_section_stands_once_for_each_item(void **state) {
    zf_template_data *data = zf_template_data_create();
    (void)state;
    zf_template_set(data, "outer", "o");
    assert_filled("[{{#s}}{{name}}{{/s}}]", data, "[]");
    zf_template_set(zf_template_add(data, "s"), "name", "1");
    zf_template_set(zf_template_add(data, "s"), "name", "2");
    assert_filled("[{{#s}}{{name}}{{outer}},{{/s}}]", data, "[1o,2o,]");
    assert_filled("{{#s}}{{name}}{{/s}}{{#s}}{{name}}{{/s}}", data, "1212");
    zf_template_data_destroy(data);
}

static void sections_lie_in_sections(void **state) {
    zf_template_data *data = zf_template_data_create();
    (void)state;
    zf_template_set(data, "name", "root");
    zf_template_data *first = zf_template_add(data, "s"), *second = zf_template_add(data, "s");
    zf_template_set(first, "name", "A");
    zf_template_add(first, "t");
    zf_template_add(first, "t");
    (void)second;
    assert_filled("{{#s}}{{name}}({{#t}}{{name}}{{/t}}){{/s}}", data, "A(AA)root()");
    /* a section of the root inside another section, and one that is skipped with all that is in it */
    zf_template_set(zf_template_add(data, "u"), "name", "U");
    assert_filled("{{#s}}{{#u}}{{name}}{{/u}}{{/s}}", data, "UU");
    assert_filled("{{#none}}{{#s}}{{not_there}}{{/s}}{{/none}}.", data, ".");
    zf_template_data_destroy(data);
}

static void a_section_tag_alone_on_its_line_leaves_no_empty_line(void **state) {
    zf_template_data *data = zf_template_data_create();
    (void)state;
    zf_template_set(zf_template_add(data, "s"), "n", "1");
    zf_template_set(zf_template_add(data, "s"), "n", "2");
    assert_filled("{{#s}}\n{{n}}\n{{/s}}\nend\n", data, "1\n2\nend\n");
    assert_filled("a\n{{#none}}\nx\n{{/none}}\nb\n", data, "a\nb\n");
    assert_filled("a{{#s}}\n{{n}}{{/s}}\nb", data, "a\n1\n2\nb");
    zf_template_data_destroy(data);
}

static void wrong_templates_are_refused(void **state) {
    zf_template_data *data = zf_template_data_create();
    (void)state;
    zf_template_set(data, "a", "1");
    zf_template_add(data, "s");
    assert_refused("{{b}}", data, "'b'");
    assert_refused("{{aa}}", data, "'aa'");
    assert_refused("{{s}}", data, "'s'");
    assert_refused("{{#s}}", data, "'s'");
    assert_refused("{{#s}}{{/a}}", data, "'a'");
    assert_refused("{{/s}}", data, "'s'");
    assert_refused("{{a", data, "end of a tag");
    assert_refused("{{{a}}", data, "end of a tag");
    assert_refused("{{#none}}{{/s}}", data, "'s'");
    zf_template_data_destroy(data);
}

static void lost_data_are_a_lack_of_memory(void **state) {
    zf_text out = {0};
    (void)state;
    zf_template_set(NULL, "a", "1");
    zf_template_set_number(NULL, "a", 1);
    assert_null(zf_template_add(NULL, "s"));
    assert_int_equal(zf_template_fill("", NULL, &out, NULL), ZF_E_MEMORY);
    zf_template_data_destroy(NULL);
}

static void compiled_templates_are_whole_and_hold_nothing_of_their_making(void **state) {
    static const char *const templates[] = {
        zf_template_zip_summary_qml,      zf_template_important_building_qml,
        zf_template_rejected_feature_qml, zf_template_cluster_qml,
        zf_template_query_polygons_qml,   zf_template_query_lines_qml,
        zf_template_query_points_qml,     zf_template_project_qgs};
    (void)state;
    for (size_t i = 0; i < sizeof templates / sizeof *templates; i++) {
        const size_t n = strlen(templates[i]);
        assert_memory_equal(templates[i], "<!DOCTYPE qgis", 14);
        assert_string_equal(templates[i] + n - 8, "</qgis>\n");
        assert_null(strstr(templates[i], "{{>"));
        assert_null(strstr(templates[i], "{{!"));
        assert_null(strstr(templates[i], "\n "));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_escaped_unless_they_are_xml),
        cmocka_unit_test(a_value_can_be_set_again_and_can_be_a_number),
        cmocka_unit_test(a_section_stands_once_for_each_item),
        cmocka_unit_test(sections_lie_in_sections),
        cmocka_unit_test(a_section_tag_alone_on_its_line_leaves_no_empty_line),
        cmocka_unit_test(wrong_templates_are_refused),
        cmocka_unit_test(lost_data_are_a_lack_of_memory),
        cmocka_unit_test(compiled_templates_are_whole_and_hold_nothing_of_their_making),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
