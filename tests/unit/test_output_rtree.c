/* SPDX-License-Identifier: MIT */
/* The packed spatial index against SQLite's and SpatiaLite's own: the same contents, the same answers, sound
 * before and after edits; and what happens to one that is not sound. */
#include "effort.h"
#include "output/output_internal.h"
#include "unit/output_bench.h"

#include <math.h>

enum { CELLS = ZF_RTREE_CELLS, N_WINDOWS = 2000, N_FRAMES = 200 };

static uint64_t generator = 19970407;

static uint64_t draw(void) { /* splitmix64 */
    uint64_t x = generator += 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

static double draw_between(double low, double high) {
    return low + (high - low) * ((double)(draw() >> 11) * 0x1p-53);
}

/* ---- layers ---- */

/** So many buildings, in ZIPs of one to five but for a huge one in the middle. */
typedef struct layer {
    uint32_t n;
    uint32_t n_huge;
    uint32_t null_every; /**< one in so many has no geometry; 0: none */
    zf_budget *budget;
    size_t max_nodes; /**< that wait for nodes above them; 0: as ever */
} layer;

static zf_status write_layer(zf_output *output, const layer *l, zf_error *error) {
    static wkb_writer w;
    const zf_value v[] = {zf_value_null(), zf_value_null(), zf_value_null(), zf_value_null()};
    zf_status status = ZF_OK;
    uint32_t rank = 0, left = 0;
    double x = 0, y = 0, spread = 1;
    generator = l->n;
    for (uint32_t i = 0; status == ZF_OK && i < l->n; i++, left--) {
        if (left == 0) {
            const bool is_huge = l->n_huge > 0 && i >= (l->n - l->n_huge) / 2 && spread < 2;
            left = is_huge ? l->n_huge : 1 + (uint32_t)(draw() % 5);
            spread = is_huge ? 3 : 1;
            x = draw_between(-74, -70);
            y = draw_between(-2, 2);
            rank++;
        }
        zf_bytes wkb =
            square(&w, x + draw_between(0, spread), y + draw_between(0, spread), draw_between(0, 0.01));
        if (l->null_every > 0 && i % l->null_every == 0)
            wkb = (zf_bytes){NULL, 0};
        status = zf_output_write_building(output, rank, "z", i, v, wkb, error);
    }
    return status;
}

static zf_output *open_sink(const bench *b, zf_budget *budget) {
    zf_output *output = NULL;
    zf_output_options options = bench_options(b);
    options.overwrite = true;
    options.budget = budget;
    assert_int_equal(zf_output_open(&options, &output, NULL), ZF_OK);
    return output;
}

static void make_layer(const bench *b, const layer *l) {
    zf_error error = ZF_ERROR_INIT;
    zf_output *output = open_sink(b, l->budget);
    if (l->max_nodes > 0)
        output->tables[ZF_OUTPUT_BUILDING].layer.rtree.max_nodes = l->max_nodes;
    if (write_layer(output, l, &error) != ZF_OK || zf_output_finish(output, &error) != ZF_OK)
        fail_msg("%u rows: %s", l->n, error.text);
}

static void assert_sound(reader *r) {
    assert_string_equal(ask(r, "SELECT CheckSpatialIndex('important_building','geom'),"
                               "rtreecheck('main','idx_important_building_geom')"),
                        "1|ok");
}

/* An R*Tree filled row by row from the same table. */
static void insert_another(reader *r, const char *table) {
    char sql[512];
    sqlite3_snprintf(sizeof sql, sql,
                     "INSERT INTO inserted SELECT rowid,MbrMinX(geom),MbrMaxX(geom),MbrMinY(geom),"
                     "MbrMaxY(geom) FROM %s WHERE geom IS NOT NULL",
                     table);
    assert_string_equal(ask(r, "CREATE VIRTUAL TABLE temp.inserted USING rtree(pkid,xmin,xmax,ymin,ymax)"),
                        "");
    assert_string_equal(ask(r, sql), "");
}

static void assert_same_contents(reader *r, const char *table) {
    char sql[512];
    sqlite3_snprintf(
        sizeof sql, sql,
        "SELECT (SELECT count(*) FROM (SELECT * FROM inserted EXCEPT SELECT * FROM idx_%s_geom)),"
        "(SELECT count(*) FROM (SELECT * FROM idx_%s_geom EXCEPT SELECT * FROM inserted)),"
        "(SELECT count(*) FROM inserted)=(SELECT count(*) FROM idx_%s_geom)",
        table, table, table);
    assert_string_equal(ask(r, sql), "0|0|1");
}

/* ---- answers ---- */

/** What a window found: enough to tell two sets of rows apart. */
typedef struct answer {
    int64_t n, sum, squares;
} answer;

static sqlite3_stmt *prepare(reader *r, const char *from_where) {
    char sql[512];
    sqlite3_stmt *statement = NULL;
    snprintf(sql, sizeof sql, "SELECT count(*),total(id)*1,total(id*id)*1 FROM %s", from_where);
    assert_int_equal(sqlite3_prepare_v2(r->db, sql, -1, &statement, NULL), SQLITE_OK);
    return statement;
}

static answer find(sqlite3_stmt *statement, const zf_envelope *window) {
    const double sides[] = {window->min_x, window->min_y, window->max_x, window->max_y};
    for (int i = 0; i < 4; i++)
        assert_int_equal(sqlite3_bind_double(statement, i + 1, sides[i]), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    answer a = {sqlite3_column_int64(statement, 0), sqlite3_column_int64(statement, 1),
                sqlite3_column_int64(statement, 2)};
    sqlite3_reset(statement);
    return a;
}

/* Of all sizes, and some with sides in single precision, where boxes just touch. */
static zf_envelope draw_window(sqlite3_stmt *box_of, uint32_t n) {
    const double side = pow(10, draw_between(-4, 0.3));
    const double x = draw_between(-75, -66), y = draw_between(-3, 6);
    zf_envelope window = {x, y, x + side, y + side * draw_between(0.2, 1)};
    if (n == 0 || draw() % 3 != 0)
        return window;
    sqlite3_bind_int64(box_of, 1, (sqlite3_int64)(draw() % n) + 1);
    if (sqlite3_step(box_of) == SQLITE_ROW) {
        window.min_x = sqlite3_column_double(box_of, 1);
        window.max_y = sqlite3_column_double(box_of, 2);
        window.max_x = window.min_x + side;
        window.min_y = window.max_y - side;
    }
    sqlite3_reset(box_of);
    return window;
}

#define MEETS " WHERE xmax>=?1 AND ymax>=?2 AND xmin<=?3 AND ymin<=?4"

static void assert_same_answers(reader *r, uint32_t n) {
    sqlite3_stmt *packed = prepare(r, "(SELECT pkid AS id FROM idx_important_building_geom" MEETS ")");
    sqlite3_stmt *inserted = prepare(r, "(SELECT pkid AS id FROM inserted" MEETS ")");
    sqlite3_stmt *framed = prepare(r, "(SELECT rowid AS id FROM SpatialIndex WHERE f_table_name="
                                      "'important_building' AND search_frame=BuildMbr(?1,?2,?3,?4))");
    sqlite3_stmt *box_of = NULL;
    assert_int_equal(
        sqlite3_prepare_v2(r->db, "SELECT pkid,xmax,ymin FROM inserted WHERE pkid=?1", -1, &box_of, NULL),
        SQLITE_OK);
    int64_t n_found = 0;
    for (int i = 0; i < N_WINDOWS; i++) {
        zf_envelope window = draw_window(box_of, n);
        answer a = find(packed, &window), expected = find(inserted, &window);
        assert_memory_equal(&a, &expected, sizeof a);
        if (i < N_FRAMES) { /* SpatiaLite rounds the frame outwards: it may find more, by its own rule */
            answer frame = find(framed, &window);
            assert_true(frame.n >= a.n);
        }
        n_found += a.n;
    }
    assert_int_equal(n_found > 0, ask(r, "SELECT 1 FROM inserted LIMIT 1")[0] == '1');
    sqlite3_finalize(packed);
    sqlite3_finalize(inserted);
    sqlite3_finalize(framed);
    sqlite3_finalize(box_of);
}

static const layer layers[] = {
    {.n = 0},
    {.n = 1},
    {.n = 1, .null_every = 1},
    {.n = 2},
    {.n = CELLS - 1},
    {.n = CELLS},
    {.n = CELLS + 1},
    {.n = CELLS + 2, .null_every = CELLS + 1},
    {.n = CELLS * CELLS - 1},
    {.n = CELLS * CELLS},
    {.n = CELLS * CELLS + 1},
    {.n = 20000, .n_huge = 3000, .null_every = 7},
    {.n = 50000},
    {.n = ZF_RTREE_MAX_COLLECTED},
    {.n = ZF_RTREE_MAX_COLLECTED + 1, .n_huge = ZF_RTREE_MAX_COLLECTED + 1},
    {.n = 100000, .n_huge = 70000},
    {.n = 150000, .n_huge = 70000, .max_nodes = 400}, /* more nodes wait than are allowed to */
    {.n = 150000, .null_every = 3, .max_nodes = 20},
};

static void layers_of_any_size_answer_as_if_filled_by_insert(void **state) {
    bench *b = *state;
    const size_t n = sizeof layers / sizeof *layers;
    const bool is_quick = effort(8) < 8;
    for (size_t i = 0; i < n; i++) {
        if (is_quick && layers[i].n > 20000 && i + 1 < n)
            continue;
        make_layer(b, &layers[i]);
        reader *r = reader_open(b->path);
        assert_sound(r);
        insert_another(r, "important_building");
        assert_same_contents(r, "important_building");
        assert_same_answers(r, layers[i].n);
        reader_close(r);
    }
}

/* SpatialIndex looks into the R*Tree itself: what it says of the packed one must be what it says of one that
 * SpatiaLite has built. */
static void spatialite_finds_the_same_rows_as_in_its_own_index(void **state) {
    bench *b = *state;
    static answer packed[N_FRAMES];
    const layer l = {.n = 20000, .n_huge = 9000};
    make_layer(b, &l);
    for (int pass = 0; pass < 2; pass++) {
        reader *r = reader_open(b->path);
        sqlite3_stmt *framed = prepare(r, "(SELECT rowid AS id FROM SpatialIndex WHERE f_table_name="
                                          "'important_building' AND search_frame=BuildMbr(?1,?2,?3,?4))");
        int64_t n_found = 0;
        generator = 7;
        for (int i = 0; i < N_FRAMES; i++) {
            const double x = draw_between(-75, -66), y = draw_between(-3, 6), side = draw_between(0, 0.5);
            answer a = find(framed, &(zf_envelope){x, y, x + side, y + side});
            if (pass == 0)
                packed[i] = a;
            else
                assert_memory_equal(&a, &packed[i], sizeof a);
            n_found += a.n;
        }
        assert_true(n_found > 1000);
        sqlite3_finalize(framed);
        assert_string_equal(ask(r, "SELECT RecoverSpatialIndex('important_building','geom',1)"), "1");
        reader_close(r);
    }
}

/* ---- rounding ---- */

/* Any double a single can hold, near any border between singles. */
static double draw_coordinate(void) {
    double single = ldexp((double)(float)draw_between(1, 2), (int)(draw() % 240) - 120);
    double number = draw() % 4 == 0 ? single : single * (1 + draw_between(-3e-7, 3e-7));
    return draw() % 2 == 0 ? number : -number;
}

static void boxes_are_rounded_as_the_rtree_rounds_them(void **state) {
    bench *b = *state;
    zf_output *output = open_sink(b, NULL);
    for (int i = 0; i < 30000; i++) {
        const zf_rejected point = {
            .fid = i, .reason = "invalid", .x = draw_coordinate(), .y = draw_coordinate()};
        assert_int_equal(zf_output_write_rejected(output, &point, NULL), ZF_OK);
    }
    assert_int_equal(zf_output_finish(output, NULL), ZF_OK);
    reader *r = reader_open(b->path);
    insert_another(r, "rejected_feature");
    assert_same_contents(r, "rejected_feature");
    assert_string_equal(ask(r, "SELECT count(*) FROM idx_rejected_feature_geom"), "30000");
    assert_string_equal(ask(r, "SELECT rtreecheck('main','idx_rejected_feature_geom')"), "ok");
    reader_close(r);
}

/* ---- edits ---- */

static void edits_after_packing_leave_a_sound_index(void **state) {
    bench *b = *state;
    const layer l = {.n = 10000, .n_huge = 6000};
    make_layer(b, &l);
    reader *r = reader_open(b->path);
    assert_string_equal(ask(r, "DELETE FROM important_building WHERE id=77"), "");
    assert_sound(r);
    assert_string_equal(ask(r, "INSERT INTO important_building(id,zip_rank,zip,building_fid,geom) VALUES"
                               "(77,1,'z',1,CastToMulti(BuildMbr(-71,1,-70.9,1.1,2249)))"),
                        "");
    assert_sound(r);
    assert_string_equal(ask(r, "SELECT id FROM important_building WHERE id=77 AND id IN (SELECT rowid FROM "
                               "SpatialIndex WHERE f_table_name='important_building' AND "
                               "search_frame=BuildMbr(-70.95,1,-70.91,1.1))"),
                        "77");
    assert_string_equal(ask(r, "UPDATE important_building SET geom=ShiftCoords(geom,0.5,-0.5) WHERE id%3=0"),
                        "");
    assert_sound(r);
    assert_string_equal(ask(r, "DELETE FROM important_building WHERE id%20<>0"), "");
    assert_sound(r);
    assert_string_equal(ask(r, "DELETE FROM important_building"), "");
    assert_sound(r);
    reader_close(r);
}

/* ---- size, bytes, memory ---- */

static void small_zips_share_leaves(void **state) {
    bench *b = *state;
    const layer l = {.n = 100000};
    make_layer(b, &l);
    reader *r = reader_open(b->path);
    const int n_nodes = atoi(ask(r, "SELECT count(*) FROM idx_important_building_geom_node"));
    assert_in_range(n_nodes, 100000 / CELLS, 100000 / (CELLS - 1) + 20);
    reader_close(r);
}

static void the_same_rows_are_the_same_bytes(void **state) {
    bench *b = *state;
    const layer l = {.n = 100000, .n_huge = 70000, .null_every = 11};
    size_t n = 0, m = 0;
    make_layer(b, &l);
    uint8_t *first = read_whole(b->path, &n);
    make_layer(b, &l);
    uint8_t *second = read_whole(b->path, &m);
    assert_int_equal(n, m);
    assert_memory_equal(first, second, n);
    free(first);
    free(second);
}

static void memory_is_bounded_and_given_back(void **state) {
    bench *b = *state;
    static const uint32_t sizes[] = {10, 1000, 100000, 300000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        zf_budget budget;
        zf_budget_init(&budget, 0);
        const layer l = {.n = sizes[i], .n_huge = sizes[i], .budget = &budget, .max_nodes = 2048};
        const size_t n_pending = 4096 * sizeof(zf_value) + 128 * 1024; /* rows that wait to be written */
        const size_t n_collected = sizes[i] <= 1024 ? 1024 : ZF_RTREE_MAX_COLLECTED;
        const size_t n_at_once = sizes[i] < n_collected ? sizes[i] : n_collected;
        const size_t n_nodes = sizes[i] <= CELLS ? 0 : sizes[i] <= 1024 * CELLS ? 1024 : 2048 + 1024;
        make_layer(b, &l);
        assert_in_range(budget.peak_bytes, 40 * n_at_once,
                        n_pending + 40 * n_collected + 40 * n_nodes + 32 * n_at_once + 70000);
        assert_int_equal(zf_budget_held(&budget, ZF_MEMORY_OUTPUT), 0);
    }
}

static void too_little_memory_is_said_and_leaves_nothing(void **state) {
    bench *b = *state;
    bool has_succeeded = false;
    size_t n_failed = 0;
    for (size_t limit = 1000; !has_succeeded; limit = limit * 5 / 4) {
        zf_budget budget;
        zf_error error = ZF_ERROR_INIT;
        zf_budget_init(&budget, limit);
        const layer l = {.n = 6000, .n_huge = 5000, .budget = &budget};
        zf_output *output = open_sink(b, &budget);
        zf_status status = write_layer(output, &l, &error);
        const bool was_written = status == ZF_OK;
        const zf_status finished = zf_output_finish(output, was_written ? &error : NULL);
        has_succeeded = finished == ZF_OK;
        assert_true(was_written || finished == ZF_E_INTERNAL);
        if (!has_succeeded) {
            n_failed++;
            assert_int_equal(error.status, ZF_E_MEMORY);
            assert_int_equal(count_files(b), 0);
        }
        assert_int_equal(zf_budget_held(&budget, ZF_MEMORY_OUTPUT), 0);
    }
    assert_true(n_failed > 10);
}

/* ---- an index that is not sound ---- */

static void put_bytes(sqlite3 *db, int64_t number, int at, const char *bytes, int n) {
    sqlite3_blob *blob = NULL;
    assert_int_equal(
        sqlite3_blob_open(db, "main", "idx_important_building_geom_node", "data", number, 1, &blob),
        SQLITE_OK);
    assert_int_equal(sqlite3_blob_write(blob, bytes, n, at), SQLITE_OK);
    assert_int_equal(sqlite3_blob_close(blob), SQLITE_OK);
}

/** One way to spoil an index: SQL, or bytes of a node. */
typedef struct spoiling {
    const char *sql;
    int64_t node;
    int at;
    const char *bytes;
    int n;
} spoiling;

#define INDEX   "idx_important_building_geom"
#define CELL(i) (ZF_RTREE_HEAD_BYTES + ZF_RTREE_CELL_BYTES * (i))

/* 3,000 rows: leaves 2 to 60, inner nodes 61 and 62, the root. */
static const spoiling spoilings[] = {
    {.sql = "UPDATE " INDEX "_rowid SET nodeno=nodeno%59+2 WHERE rowid=7"},
    {.sql = "DELETE FROM " INDEX "_rowid WHERE rowid=3000"},
    {.sql = "INSERT INTO " INDEX "_rowid VALUES(3001,2)"},
    {.sql = "UPDATE " INDEX "_parent SET parentnode=123-parentnode WHERE nodeno=9"},
    {.sql = "DELETE FROM " INDEX "_parent WHERE nodeno=61"},
    {.sql = "INSERT INTO " INDEX "_parent VALUES(1,1)"},
    {.sql = "DELETE FROM " INDEX "_node WHERE nodeno=5"},
    {.sql = "INSERT INTO " INDEX "_node SELECT 63,data FROM " INDEX "_node WHERE nodeno=5"},
    {.sql = "UPDATE " INDEX "_node SET data=substr(data,1,1227) WHERE nodeno=5"},
    {.sql = "UPDATE " INDEX "_node SET data=NULL WHERE nodeno=1"},
    {.node = 1, .at = 1, .bytes = "\1", .n = 1},            /* the root's depth */
    {.node = 61, .at = 1, .bytes = "\1", .n = 1},           /* a depth where none belongs */
    {.node = 5, .at = 2, .bytes = "\0\62", .n = 2},         /* one cell less */
    {.node = 5, .at = 2, .bytes = "\0\0", .n = 2},          /* none */
    {.node = 60, .at = 2, .bytes = "\0\64", .n = 2},        /* more than fit */
    {.node = 5, .at = CELL(3) + 6, .bytes = "\77", .n = 1}, /* another row */
    {.node = 5, .at = CELL(3) + 9, .bytes = "\1", .n = 1},  /* another box */
    {.node = 61, .at = CELL(2) + 6, .bytes = "\1", .n = 1}, /* no such child */
    {.node = 1, .at = CELL(0) + 7, .bytes = "\5", .n = 1},  /* a child of a lower level */
    {.node = 1, .at = CELL(0) + 9, .bytes = "\1", .n = 1},  /* not the box of the child */
    {.node = 61, .at = CELL(0) + 23, .bytes = "\377", .n = 1},
};

static void an_index_that_is_not_sound_is_found_out(void **state) {
    const layer l = {.n = 3000};
    for (size_t i = 0; i <= sizeof spoilings / sizeof *spoilings; i++) { /* the last time, none */
        zf_error error = ZF_ERROR_INIT;
        zf_output *output = open_sink(*state, NULL);
        zf_output_table *table = &output->tables[ZF_OUTPUT_BUILDING];
        const bool is_spoilt = i < sizeof spoilings / sizeof *spoilings;
        assert_int_equal(write_layer(output, &l, NULL), ZF_OK);
        assert_int_equal(zf_output_table_flush(&output->db, table, NULL), ZF_OK);
        assert_int_equal(zf_output_rtree_finish(&output->db, &table->layer.rtree, NULL), ZF_OK);
        assert_int_equal(table->layer.rtree.n_nodes, 61);
        if (is_spoilt && spoilings[i].sql != NULL)
            assert_int_equal(sqlite3_exec(output->db.handle, spoilings[i].sql, NULL, NULL, NULL), SQLITE_OK);
        else if (is_spoilt)
            put_bytes(output->db.handle, spoilings[i].node, spoilings[i].at, spoilings[i].bytes,
                      spoilings[i].n);
        zf_status status = zf_output_index_check(&output->db, table, &error);
        if (status != (is_spoilt ? ZF_E_INTERNAL : ZF_OK))
            fail_msg("spoiling %zu: %s", i, error.text);
        assert_true(!is_spoilt || strstr(error.text, "not hold the rows of important_building") != NULL);
        zf_output_abort(output);
    }
}

#define RTREE_TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        RTREE_TEST(layers_of_any_size_answer_as_if_filled_by_insert),
        RTREE_TEST(spatialite_finds_the_same_rows_as_in_its_own_index),
        RTREE_TEST(boxes_are_rounded_as_the_rtree_rounds_them),
        RTREE_TEST(edits_after_packing_leave_a_sound_index),
        RTREE_TEST(small_zips_share_leaves),
        RTREE_TEST(the_same_rows_are_the_same_bytes),
        RTREE_TEST(memory_is_bounded_and_given_back),
        RTREE_TEST(too_little_memory_is_said_and_leaves_nothing),
        RTREE_TEST(an_index_that_is_not_sound_is_found_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
