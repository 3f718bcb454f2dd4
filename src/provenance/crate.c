/* SPDX-License-Identifier: MIT */
/* Describes a bag for machines: RO-Crate 1.1 (https://w3id.org/ro/crate/1.1), profile Process Run Crate 0.5
 * (https://w3id.org/ro/wfrun/process/0.5). */
#include "provenance/bag.h"

#include <inttypes.h>
#include <string.h>

/** Builds the @graph: entities, each of them keys and values. */
typedef struct graph {
    zf_text *out;
    bool has_entity, has_key;
} graph;

/** Opens an entity. */
static void begin(graph *g) {
    zf_text_append(g->out, g->has_entity ? ",\n    {" : "\n    {");
    g->has_entity = true;
    g->has_key = false;
}

static void end(graph *g) {
    zf_text_append(g->out, "\n    }");
}

/** Appends a key; its value follows. */
static void key(graph *g, const char *name) {
    zf_text_append(g->out, g->has_key ? ",\n      " : "\n      ");
    g->has_key = true;
    zf_text_append_json(g->out, name);
    zf_text_append(g->out, ": ");
}

/** Appends a key and a text. */
static void text(graph *g, const char *name, const char *value) {
    key(g, name);
    zf_text_append_json(g->out, value);
}

/** Appends {"@id": id}. */
static void append_reference(zf_text *out, const char *id) {
    zf_text_append(out, "{\"@id\": ");
    zf_text_append_json(out, id);
    zf_text_append(out, "}");
}

/** Appends a key and a reference to another entity. */
static void reference(graph *g, const char *name, const char *id) {
    key(g, name);
    append_reference(g->out, id);
}

/** Appends a path as a relative URI: bytes that are not unreserved are percent-encoded. */
static void append_path_id(zf_text *out, const char *path) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
    zf_text id = {0};
    for (; *path != '\0'; path++) {
        if (strchr(plain, *path) != NULL)
            zf_text_append_n(&id, path, 1);
        else
            zf_text_append_format(&id, "%%%02X", (unsigned)(unsigned char)*path);
    }
    zf_text_append_json(out, id.bytes != NULL ? id.bytes : "");
    out->is_failed |= id.is_failed;
    zf_text_deinit(&id);
}

static bool starts_with(const char *name, const char *prefix) {
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

static bool is_any(const zf_crate *crate, const zf_bag_file *file) {
    (void)crate;
    return file != NULL;
}

static bool is_object(const zf_crate *crate, const zf_bag_file *file) {
    (void)crate;
    return starts_with(file->name, "inputs/") || starts_with(file->name, "questions/");
}

static bool is_result(const zf_crate *crate, const zf_bag_file *file) {
    return strcmp(file->name, crate->result) == 0;
}

/** Appends a key and references to all files for which is_one holds. */
static void references(graph *g, const char *name, const zf_crate *crate,
                       bool (*is_one)(const zf_crate *crate, const zf_bag_file *file)) {
    size_t n = 0;
    key(g, name);
    for (size_t i = 0; i < crate->n; i++) {
        if (!is_one(crate, &crate->files[i]))
            continue;
        zf_text_append(g->out, n++ == 0 ? "[\n        {\"@id\": " : ",\n        {\"@id\": ");
        append_path_id(g->out, crate->files[i].name);
        zf_text_append(g->out, "}");
    }
    zf_text_append(g->out, n == 0 ? "[]" : "\n      ]");
}

/** The media type of a file by its extension; NULL if it is unknown. */
static const char *format_of(const zf_crate *crate, const zf_bag_file *file) {
    static const char *const formats[][2] = {
        {".gpkg", "application/geopackage+sqlite3"},
        {".geojson", "application/geo+json"},
        {".shp", "application/vnd.shp"},
        {".shx", "application/vnd.shx"},
        {".dbf", "application/vnd.dbf"},
        {".prj", "text/plain"},
        {".cpg", "text/plain"},
        {".txt", "text/plain"},
        {".yaml", "application/yaml"},
        {".sql", "application/sql"},
    };
    const char *point = strrchr(file->name, '.');
    if (is_result(crate, file))
        return "application/vnd.sqlite3";
    for (size_t i = 0; point != NULL && i < sizeof formats / sizeof *formats; i++)
        if (zf_string_equal_nocase(formats[i][0], point))
            return formats[i][1];
    return NULL;
}

/** One line that says what a file of the bag is. */
static const char *describe(const zf_crate *crate, const zf_bag_file *file) {
    return is_result(crate, file)                  ? "The result: a SpatiaLite file"
           : starts_with(file->name, "inputs/")    ? "A file of an input layer"
           : starts_with(file->name, "questions/") ? "The SQL of a query of the run"
           : strcmp(file->name, "job.yaml") == 0
               ? "The options of the run: zonefold run --job job.yaml --output FILE"
               : "The versions of zonefold and its libraries that made the result";
}

static const char *name_of(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/** Adds the entity of a file. */
static void add_file(graph *g, const zf_crate *crate, const zf_bag_file *file) {
    const char *format = format_of(crate, file);
    begin(g);
    key(g, "@id");
    append_path_id(g->out, file->name);
    text(g, "@type", "File");
    text(g, "name", name_of(file->name));
    text(g, "description", describe(crate, file));
    key(g, "contentSize");
    zf_text_append_format(g->out, "\"%" PRIu64 "\"", file->n_bytes);
    text(g, "sha256", file->sha256);
    if (format != NULL)
        text(g, "encodingFormat", format);
    end(g);
}

/** Adds the entities of the description itself, of the bag, and of the profile. */
static void add_root(graph *g, const zf_crate *crate) {
    begin(g);
    text(g, "@id", "ro-crate-metadata.json");
    text(g, "@type", "CreativeWork");
    reference(g, "about", "./");
    reference(g, "conformsTo", "https://w3id.org/ro/crate/1.1");
    end(g);
    begin(g);
    text(g, "@id", "./");
    text(g, "@type", "Dataset");
    text(g, "name", crate->result);
    text(g, "description",
         "A result of zonefold, which analyses buildings by ZIP, with its inputs and its job");
    if (crate->date != NULL)
        text(g, "datePublished", crate->date);
    reference(g, "conformsTo", "https://w3id.org/ro/wfrun/process/0.5");
    references(g, "hasPart", crate, is_any);
    reference(g, "mentions", "#run");
    end(g);
    begin(g);
    text(g, "@id", "https://w3id.org/ro/wfrun/process/0.5");
    text(g, "@type", "CreativeWork");
    text(g, "name", "Process Run Crate");
    text(g, "version", "0.5");
    end(g);
}

/** Adds the run: what it read, what it wrote, and with which program. */
static void add_run(graph *g, const zf_crate *crate) {
    begin(g);
    text(g, "@id", "#run");
    text(g, "@type", "CreateAction");
    text(g, "name", "zonefold run");
    text(g, "description", crate->recorded->job);
    reference(g, "instrument", "#zonefold");
    references(g, "object", crate, is_object);
    references(g, "result", crate, is_result);
    reference(g, "actionStatus", "http://schema.org/CompletedActionStatus");
    end(g);
}

static void append_id(zf_text *out, const zf_recorded_version *version) {
    zf_text_append_format(out, "{\"@id\": \"#%s\"}", version->name);
}

/** Adds zonefold, which is the first version, and its libraries, which are the others. */
static void add_software(graph *g, const zf_recorded *recorded) {
    for (size_t i = 0; i < recorded->n_versions; i++) {
        const zf_recorded_version *version = &recorded->versions[i];
        zf_text id = {0};
        begin(g);
        zf_text_append_format(&id, "#%s", version->name);
        text(g, "@id", id.bytes != NULL ? id.bytes : "");
        text(g, "@type", "SoftwareApplication");
        text(g, "name", version->name);
        if (version->recorded != NULL)
            text(g, "softwareVersion", version->recorded);
        if (i == 0) {
            key(g, "softwareRequirements");
            for (size_t k = 1; k < recorded->n_versions; k++) {
                zf_text_append(g->out, k == 1 ? "[" : ", ");
                append_id(g->out, &recorded->versions[k]);
            }
            zf_text_append(g->out, recorded->n_versions > 1 ? "]" : "[]");
        }
        end(g);
        g->out->is_failed |= id.is_failed;
        zf_text_deinit(&id);
    }
}

void zf_crate_append(const zf_crate *crate, zf_text *out) {
    graph g = {.out = out};
    zf_text_append(
        out, "{\n  \"@context\": [\n    \"https://w3id.org/ro/crate/1.1/context\",\n"
             "    {\"sha256\": \"https://w3id.org/ro/terms/workflow-run#sha256\"}\n  ],\n  \"@graph\": [");
    add_root(&g, crate);
    add_run(&g, crate);
    add_software(&g, crate->recorded);
    for (size_t i = 0; i < crate->n; i++)
        add_file(&g, crate, &crate->files[i]);
    zf_text_append(out, "\n  ]\n}\n");
}
