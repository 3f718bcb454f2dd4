/* SPDX-License-Identifier: MIT */
/* Arrays and schemas as another version of GDAL might hand them out. */
#include "source_files.h"

static unsigned n_released;

static void release_array(struct ArrowArray *array) {
    array->release = NULL;
    n_released++;
}

/* Three rows at struct offset 1, children with offsets of their own; the fid of row r is 100 + r. */
static int64_t fids[] = {-1, -1, -1, 100, 101, 102};
static int32_t numbers[] = {-9, 7, 8, 9};
static uint8_t number_validity[] = {0x0A}; /* elements 1 and 3: rows 0 and 2 */
static uint32_t text_offsets[] = {0, 2, 5, 5, 9};
static char text_bytes[] = "xxabcwxyz";
static uint64_t long_offsets[] = {0, 4, 5, 6, 8};
static uint8_t long_bytes[] = {9, 9, 9, 9, 1, 2, 3, 4};
static uint8_t flags[] = {0x50}; /* elements 4 and 6 */

static const void *fid_buffers[] = {NULL, fids};
static const void *number_buffers[] = {number_validity, numbers};
static const void *text_buffers[] = {NULL, text_offsets, text_bytes};
static const void *long_buffers[] = {NULL, long_offsets, long_bytes};
static const void *flag_buffers[] = {NULL, flags};
static const void *row_buffers[] = {NULL};

enum { FID, NUMBER, TEXT, LONG, FLAG, N_CHILDREN };

typedef struct made_array {
    struct ArrowArray array;
    struct ArrowArray children[N_CHILDREN];
    struct ArrowArray *list[N_CHILDREN];
} made_array;

static void make_child(made_array *m, int i, int64_t offset, const void **buffers, int64_t n_buffers) {
    m->children[i] = (struct ArrowArray){.length = 4,
                                         .null_count = i == NUMBER ? -1 : 0,
                                         .offset = offset,
                                         .n_buffers = n_buffers,
                                         .buffers = buffers};
    m->list[i] = &m->children[i];
}

static void make_array(made_array *m) {
    make_child(m, FID, 2, fid_buffers, 2);
    make_child(m, NUMBER, 0, number_buffers, 2);
    make_child(m, TEXT, 0, text_buffers, 3);
    make_child(m, LONG, 0, long_buffers, 3);
    make_child(m, FLAG, 3, flag_buffers, 2);
    m->array = (struct ArrowArray){.length = 3,
                                   .offset = 1,
                                   .n_buffers = 1,
                                   .n_children = N_CHILDREN,
                                   .buffers = row_buffers,
                                   .children = m->list,
                                   .release = release_array};
    n_released = 0;
}

static zf_field_type types[] = {ZF_FIELD_INTEGER, ZF_FIELD_TEXT, ZF_FIELD_BOOLEAN};
static int children[] = {NUMBER, TEXT, FLAG};
static zf_layout layouts[] = {ZF_LAYOUT_INT32, ZF_LAYOUT_BYTES32, ZF_LAYOUT_BIT};

static zf_feature_reader make_reader(void) {
    return (zf_feature_reader){.types = types,
                               .n_fields = 3,
                               .wants_geometry = true,
                               .plan = {.fid_child = FID,
                                        .geometry_child = LONG,
                                        .geometry_layout = ZF_LAYOUT_BYTES64,
                                        .column_child = children,
                                        .column_layout = layouts}};
}

static void offsets_of_struct_and_children_add_up(void **state) {
    (void)state;
    made_array m;
    make_array(&m);
    zf_feature_reader reader = make_reader();
    zf_batch *batch = NULL;
    char scratch[ZF_VALUE_SCRATCH_BYTES];
    assert_int_equal(zf_arrow_bind(&reader, &m.array, &batch, NULL), ZF_OK);
    assert_null(m.array.release);
    assert_int_equal(zf_batch_count(batch), 3);
    const char *const texts[] = {"abc", "", "wxyz"};
    const size_t n_geometry[] = {1, 1, 2};
    for (size_t row = 0; row < 3; row++) {
        assert_int_equal(zf_batch_fid(batch, row), 100 + (int)row);
        zf_value number = zf_batch_value(batch, 0, row, scratch);
        assert_int_equal(number.kind, row == 1 ? ZF_VALUE_NULL : ZF_VALUE_INTEGER);
        if (row != 1)
            assert_int_equal(number.as.integer, 7 + (int)row);
        zf_value text = zf_batch_value(batch, 1, row, scratch);
        assert_int_equal(text.kind, ZF_VALUE_TEXT);
        assert_int_equal(text.as.bytes.n, strlen(texts[row]));
        assert_memory_equal(text.as.bytes.bytes, texts[row], text.as.bytes.n);
        zf_value flag = zf_batch_value(batch, 2, row, scratch);
        assert_true(flag.kind == ZF_VALUE_INTEGER && flag.as.integer == (row != 1));
        zf_bytes bytes = zf_column_bytes(&batch->geometry, row);
        assert_int_equal(bytes.n, n_geometry[row]);
        assert_int_equal(bytes.bytes[0], 1 + (int)row);
    }
    assert_int_equal(n_released, 0);
    zf_batch_release(batch);
    assert_int_equal(n_released, 1);
}

static void assert_not_bound(made_array *m) {
    zf_feature_reader reader = make_reader();
    zf_batch *batch = NULL;
    zf_error error = ZF_ERROR_INIT;
    assert_int_equal(zf_arrow_bind(&reader, &m->array, &batch, &error), ZF_E_INTERNAL);
    assert_null(batch);
    assert_int_equal(n_released, 1);
    assert_non_null(strstr(error.text, "does not match its schema"));
}

static void an_array_that_does_not_fit_is_refused_and_released(void **state) {
    (void)state;
    made_array m;
    make_array(&m);
    m.children[TEXT].length = 3; /* needs the struct's offset + length */
    assert_not_bound(&m);
    make_array(&m);
    m.children[FLAG].n_buffers = 1;
    assert_not_bound(&m);
    make_array(&m);
    m.array.n_children = FLAG;
    assert_not_bound(&m);
    const void *no_values[] = {NULL, NULL};
    make_array(&m);
    m.children[FID].buffers = no_values;
    assert_not_bound(&m);
}

static void rows_that_are_null_as_a_whole_are_refused(void **state) {
    (void)state;
    made_array m;
    const uint8_t all = 0x0E, not_all = 0x0A;
    const void *validity[] = {&not_all};
    make_array(&m);
    m.array.buffers = validity;
    m.array.null_count = 1;
    assert_not_bound(&m);
    make_array(&m);
    validity[0] = &all;
    m.array.buffers = validity;
    m.array.null_count = -1;
    zf_feature_reader reader = make_reader();
    zf_batch *batch = NULL;
    assert_int_equal(zf_arrow_bind(&reader, &m.array, &batch, NULL), ZF_OK);
    zf_batch_release(batch);
}

/* A schema of fid, v and geom whose formats a test may change. */
typedef struct made_schema {
    struct ArrowSchema schema;
    struct ArrowSchema children[3];
    struct ArrowSchema *list[3];
} made_schema;

static void make_schema(made_schema *m) {
    const char *const names[] = {"fid", "geom", "v"}, *const formats[] = {"l", "z", "i"};
    for (size_t i = 0; i < 3; i++) {
        m->children[i] = (struct ArrowSchema){.name = names[i], .format = formats[i]};
        m->list[i] = &m->children[i];
    }
    m->schema = (struct ArrowSchema){.format = "+s", .n_children = 3, .children = m->list};
}

static zf_source *start_squares(void) {
    const char *path = file_in("schema.gpkg");
    static const int field = 0;
    if (zf_path_file_bytes(path) < 0)
        make_squares("GPKG", path, 2);
    zf_source *source = open_source(path);
    zf_source_query query = {&field, 1, true, NULL, NULL, 0};
    assert_int_equal(zf_source_start(source, &query, NULL), ZF_OK);
    return source;
}

static void columns_are_found_by_name(void **state) {
    (void)state;
    zf_source *source = start_squares();
    zf_feature_reader *reader = &source->reader;
    made_schema m;
    make_schema(&m);
    assert_null(zf_arrow_plan_columns(source, &m.schema, reader));
    assert_int_equal(reader->plan.fid_child, 0);
    assert_int_equal(reader->plan.geometry_child, 1);
    assert_int_equal(reader->plan.column_child[0], 2);
    assert_int_equal(reader->plan.column_layout[0], ZF_LAYOUT_INT32);
    m.children[0].name = "OGC_FID";
    m.children[1].format = "Z";
    m.children[2].format = "l";
    assert_null(zf_arrow_plan_columns(source, &m.schema, reader));
    assert_int_equal(reader->plan.geometry_layout, ZF_LAYOUT_BYTES64);
    assert_int_equal(reader->plan.column_layout[0], ZF_LAYOUT_INT64);
    zf_source_close(source);
}

static void an_unexpected_schema_says_why(void **state) {
    (void)state;
    zf_source *source = start_squares();
    struct ArrowSchema dictionary = {.format = "u"};
    for (int i = 0; i < 9; i++) {
        made_schema m;
        make_schema(&m);
        switch (i) {
        case 0:
            m.children[2].format = "g";
            break;
        case 1:
            m.children[2].format = "tdD";
            break;
        case 2:
            m.children[2].dictionary = &dictionary;
            break;
        case 3:
            m.children[2].name = "w";
            break;
        case 4:
            m.children[1].name = "geometry";
            break;
        case 5:
            m.children[1].format = "u";
            break;
        case 6:
            m.children[0].name = "id";
            break;
        case 7:
            m.children[0].format = "i";
            break;
        default:
            m.schema.format = "l";
        }
        const char *obstacle = zf_arrow_plan_columns(source, &m.schema, &source->reader);
        assert_non_null(obstacle);
        assert_non_null(strstr(obstacle, "stream"));
    }
    zf_source_close(source);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offsets_of_struct_and_children_add_up),
        cmocka_unit_test(an_array_that_does_not_fit_is_refused_and_released),
        cmocka_unit_test(rows_that_are_null_as_a_whole_are_refused),
        cmocka_unit_test(columns_are_found_by_name),
        cmocka_unit_test(an_unexpected_schema_says_why),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
