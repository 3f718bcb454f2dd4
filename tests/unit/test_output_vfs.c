/* SPDX-License-Identifier: MIT */
/* What goes through the blocks against a plain array of bytes; and no failure of the file below is lost. */
#include "output/output_internal.h"
#include "unit/output_bench.h"

enum { N_STEPS = 20000, MAX_BYTES = 1 << 20, MAX_WRITE = 100000, PAGE = 4096, N_PAGES = 100 };

static uint64_t generator = 20260101;

static uint64_t draw(uint64_t n) { /* splitmix64; below n */
    uint64_t x = generator += 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return (x ^ (x >> 31)) % n;
}

/* ---- a file through the VFS ---- */

typedef struct opened {
    int fd;
    zf_output_vfs vfs;
    const char *name; /* as SQLite gives them */
    sqlite3_file *file;
} opened;

static void open_through(opened *o, const char *path, sqlite3_vfs *below) {
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MAIN_DB;
    *o = (opened){.fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600)};
    assert_true(o->fd >= 0);
    assert_int_equal(zf_output_vfs_register(&o->vfs, o->fd, NULL), ZF_OK);
    if (below != NULL)
        o->vfs.standard = below;
    o->name = sqlite3_create_filename(path, "", "", 0, NULL);
    o->file = calloc(1, (size_t)o->vfs.base.szOsFile);
    assert_non_null(o->file);
    assert_int_equal(o->vfs.base.xOpen(&o->vfs.base, o->name, o->file, flags, &flags), SQLITE_OK);
}

static int close_through(opened *o) {
    int code = o->file->pMethods->xClose(o->file);
    zf_output_vfs_unregister(&o->vfs);
    sqlite3_free_filename((char *)o->name);
    free(o->file);
    close(o->fd);
    return code;
}

/* ---- the same bytes ---- */

/* Mostly the next page, as SQLite does; now and then an older one, or any bytes anywhere. */
static void draw_write(sqlite3_int64 *next, sqlite3_int64 *out_at, int *out_n) {
    const uint64_t kind = draw(20);
    *out_n = kind > 1 ? PAGE : 1 + (int)draw(kind == 0 ? MAX_WRITE : 6000);
    *out_at = kind > 4 ? *next : (sqlite3_int64)draw((uint64_t)(*next + PAGE));
    if (*out_at + *out_n > MAX_BYTES)
        *out_at = 0;
    *next = *out_at + *out_n;
}

/** Model of a file. */
typedef struct model {
    uint8_t bytes[MAX_BYTES];
    sqlite3_int64 n;
} model;

static void write_both(opened *o, model *m, sqlite3_int64 *next) {
    static uint8_t bytes[MAX_WRITE];
    sqlite3_int64 at = 0;
    int n = 0;
    draw_write(next, &at, &n);
    for (int i = 0; i < n; i++)
        bytes[i] = (uint8_t)draw(256);
    assert_int_equal(o->file->pMethods->xWrite(o->file, bytes, n, at), SQLITE_OK);
    memcpy(m->bytes + at, bytes, (size_t)n);
    m->n = at + n > m->n ? at + n : m->n;
}

static void read_and_compare(opened *o, const model *m) {
    static uint8_t bytes[MAX_WRITE];
    if (m->n == 0)
        return;
    const int most = m->n < MAX_WRITE ? (int)m->n : MAX_WRITE;
    const int n = draw(2) == 0 && most >= PAGE ? PAGE : 1 + (int)draw((uint64_t)most);
    const sqlite3_int64 at = (sqlite3_int64)draw((uint64_t)(m->n - n + 1));
    assert_int_equal(o->file->pMethods->xRead(o->file, bytes, n, at), SQLITE_OK);
    assert_memory_equal(bytes, m->bytes + at, (size_t)n);
}

static void cut_both(opened *o, model *m, sqlite3_int64 *next) {
    const sqlite3_int64 n = (sqlite3_int64)draw((uint64_t)m->n + 1);
    assert_int_equal(o->file->pMethods->xTruncate(o->file, n), SQLITE_OK);
    memset(m->bytes + n, 0, (size_t)(m->n - n));
    m->n = *next = n;
}

static void assert_same_size(opened *o, const model *m) {
    sqlite3_int64 n = -1;
    assert_int_equal(o->file->pMethods->xFileSize(o->file, &n), SQLITE_OK);
    assert_int_equal(n, m->n);
}

static void assert_same_file(const bench *b, const model *m) {
    size_t n = 0;
    uint8_t *bytes = read_whole(b->path, &n);
    assert_int_equal(n, m->n);
    assert_memory_equal(bytes, m->bytes, n);
    free(bytes);
}

static void the_file_holds_what_was_written(void **state) {
    const bench *b = *state;
    static model m;
    opened o;
    sqlite3_int64 next = 0;
    open_through(&o, b->path, NULL);
    for (int i = 0; i < N_STEPS; i++) {
        const uint64_t kind = draw(1000);
        if (kind < 900)
            write_both(&o, &m, &next);
        else if (kind < 980)
            read_and_compare(&o, &m);
        else if (kind < 990)
            assert_same_size(&o, &m);
        else if (kind < 994)
            cut_both(&o, &m, &next);
        else if (kind < 997) {
            assert_int_equal(o.file->pMethods->xSync(o.file, SQLITE_SYNC_NORMAL), SQLITE_OK);
            assert_same_file(b, &m);
        } else {
            o.file->pMethods->xFileControl(o.file, SQLITE_FCNTL_SYNC, NULL);
            assert_same_file(b, &m);
        }
    }
    assert_int_equal(close_through(&o), SQLITE_OK);
    assert_same_file(b, &m);
}

/* ---- failures ---- */

static sqlite3_vfs failing;
static sqlite3_io_methods failing_methods;
static int (*real_write)(sqlite3_file *, const void *, int, sqlite3_int64);
static int n_writes, failing_write;

static int write_or_fail(sqlite3_file *file, const void *bytes, int n, sqlite3_int64 at) {
    return ++n_writes >= failing_write ? SQLITE_FULL : real_write(file, bytes, n, at);
}

static int open_failing(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags) {
    sqlite3_vfs *standard = sqlite3_vfs_find(NULL);
    (void)vfs;
    int code = standard->xOpen(standard, name, file, flags, out_flags);
    if (code != SQLITE_OK)
        return code;
    failing_methods = *file->pMethods;
    real_write = failing_methods.xWrite;
    failing_methods.xWrite = write_or_fail;
    file->pMethods = &failing_methods;
    return SQLITE_OK;
}

/* Pages in a row but for some that go back; then one of the calls that must not leave anything waiting. */
static int write_pages(opened *o, int last_call) {
    static uint8_t page[PAGE];
    int code = SQLITE_OK;
    for (int i = 0; code == SQLITE_OK && i < N_PAGES; i++)
        code = o->file->pMethods->xWrite(o->file, page, PAGE, (i % 30 == 29 ? i - 25 : i) * PAGE);
    if (code != SQLITE_OK)
        return code;
    switch (last_call) {
    case 0:
        return o->file->pMethods->xSync(o->file, SQLITE_SYNC_NORMAL);
    case 1: /* the standard VFS knows nothing of it */
        code = o->file->pMethods->xFileControl(o->file, SQLITE_FCNTL_SYNC, NULL);
        return code == SQLITE_NOTFOUND ? SQLITE_OK : code;
    case 2:
        return o->file->pMethods->xTruncate(o->file, N_PAGES * PAGE);
    default:
        return SQLITE_OK;
    }
}

static void a_failed_write_of_a_block_is_told(void **state) {
    const bench *b = *state;
    failing = *sqlite3_vfs_find(NULL);
    failing.xOpen = open_failing;
    for (int last_call = 0; last_call < 4; last_call++) {
        bool is_whole = false;
        for (failing_write = 1; !is_whole; failing_write++) {
            opened o;
            n_writes = 0;
            open_through(&o, b->path, &failing);
            int code = write_pages(&o, last_call);
            const int closed = close_through(&o);
            is_whole = n_writes < failing_write;
            assert_int_equal(code == SQLITE_OK ? closed : code, is_whole ? SQLITE_OK : SQLITE_FULL);
            assert_true(last_call == 3 || code == (is_whole ? SQLITE_OK : SQLITE_FULL));
        }
        assert_in_range(failing_write, 5, N_PAGES / 2); /* many pages were one write */
    }
}

/* ---- under SQLite ---- */

static void run(sqlite3 *db, const char *sql) {
    char *message = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s: %s", sql, message);
}

static const char edits[] = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=20; BEGIN;"
                            "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b BLOB); CREATE INDEX i ON t(a);"
                            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<20000)"
                            "INSERT INTO t SELECT i,hex(i*7919%20011),zeroblob(i%300) FROM n;"
                            "INSERT INTO t VALUES(NULL,'long',zeroblob(500000));"
                            "DELETE FROM t WHERE id%3=0; UPDATE t SET b=zeroblob(900) WHERE id%7=0; COMMIT";

static void a_database_is_the_same_as_through_the_standard_vfs(void **state) {
    const bench *b = *state;
    size_t n[2];
    uint8_t *bytes[2];
    for (int i = 0; i < 2; i++) {
        sqlite3 *db = NULL;
        zf_output_vfs vfs = {.is_registered = false};
        int fd = open(b->path, O_RDWR | O_CREAT | O_TRUNC, 0600);
        assert_int_equal(zf_output_vfs_register(&vfs, fd, NULL), ZF_OK);
        assert_int_equal(sqlite3_open_v2(b->path, &db, SQLITE_OPEN_READWRITE, i == 0 ? vfs.name : NULL),
                         SQLITE_OK);
        run(db, edits);
        bytes[i] = read_whole(b->path, &n[i]); /* all of it is there after the commit */
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
        zf_output_vfs_unregister(&vfs);
        close(fd);
    }
    assert_int_equal(n[0], n[1]);
    assert_memory_equal(bytes[0], bytes[1], n[0]);
    free(bytes[0]);
    free(bytes[1]);
}

#define VFS_TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        VFS_TEST(the_file_holds_what_was_written),
        VFS_TEST(a_failed_write_of_a_block_is_told),
        VFS_TEST(a_database_is_the_same_as_through_the_standard_vfs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
