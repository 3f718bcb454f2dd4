/* SPDX-License-Identifier: MIT */
/* The encoding of a shapefile's texts: whether the file declares it, and whether the texts agree. */
#include "source/shapefile.h"

#include <cpl_string.h>
#include <stdlib.h>
#include <string.h>

/* Counts over the texts of the first records that are not plain ASCII. */
typedef struct text_sample {
    uint64_t n_utf8;  /* valid UTF-8 */
    uint64_t n_cut;   /* valid but for an incomplete last character, and as long as the field */
    uint64_t n_other; /* not UTF-8 */
    uint64_t
        n_windows; /* bytes from 0x80 to 0x9F: letters and signs in Windows code pages, unused in ISO 8859 */
} text_sample;

size_t zf_utf8_cut_bytes(const char *text, size_t n) {
    size_t n_tail = 1;
    while (n_tail < 4 && n_tail <= n && zf_utf8_is_continuation(text[n - n_tail]))
        n_tail++;
    if (n_tail > 3 || n_tail > n)
        return 0;
    const unsigned char lead = (unsigned char)text[n - n_tail];
    const size_t n_wanted = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
    return n_wanted > n_tail ? n_tail : 0;
}

static bool is_utf8(const char *text, size_t n) {
    for (size_t i = 0, n_bytes; i < n; i += n_bytes)
        if ((n_bytes = zf_utf8_bytes(text + i, n - i)) == 0)
            return false;
    return true;
}

static bool is_ascii(const char *text, size_t n) {
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)text[i] >= 0x80)
            return false;
    return true;
}

/* Counts one text. */
static void add_text(void *user, const char *text, size_t n, size_t width) {
    text_sample *sample = user;
    if (is_ascii(text, n))
        return;
    for (size_t i = 0; i < n; i++)
        sample->n_windows += ((unsigned char)text[i] & 0xE0) == 0x80;
    const size_t n_cut = n == width ? zf_utf8_cut_bytes(text, n) : 0;
    if (!is_utf8(text, n - n_cut))
        sample->n_other++;
    else if (n_cut > 0) {
        sample->n_cut++;
        sample->n_utf8 += !is_ascii(text, n - n_cut);
    } else
        sample->n_utf8++;
}

static text_sample sample_texts(const zf_source *source) {
    text_sample sample = {0};
    zf_dbf dbf;
    if (zf_dbf_open(source, &dbf)) {
        zf_dbf_visit_texts(&dbf, add_text, &sample);
        zf_dbf_close(&dbf);
    }
    return sample;
}

static const char *metadata(const zf_source *source, const char *key) {
    const char *value = GDALGetMetadataItem(source->layer, key, "SHAPEFILE");
    return value ? value : "";
}

static bool is_name_of_utf8(const char *encoding) {
    return zf_string_equal_nocase(encoding, "UTF-8");
}

bool zf_shapefile_has_usable_cpg(const zf_source *source) {
    const char *encoding = metadata(source, "SOURCE_ENCODING");
    if (!*encoding || !*metadata(source, "ENCODING_FROM_CPG"))
        return false;
    return !is_name_of_utf8(encoding) || sample_texts(source).n_other == 0;
}

/* True if the code page of the .dbf is 0x57: "ANSI", which is another encoding on each system. */
static bool has_ansi_code_page(const zf_source *source) {
    return !*metadata(source, "ENCODING_FROM_CPG") && strcmp(metadata(source, "LDID_VALUE"), "87") == 0;
}

/* Notes texts of a file whose code page is 0x57 and which GDAL therefore reads as ISO-8859-1. */
static void check_ansi_texts(zf_source *source, const text_sample *sample) {
    const bool is_utf8_likely = sample->n_utf8 > 0 && sample->n_other == 0;
    if (!is_utf8_likely && sample->n_windows == 0)
        return;
    zf_source_note(
        source,
        "the code page of the .dbf (0x57, ANSI) does not say which encoding its texts have, and they "
        "do not look like ISO-8859-1, as which they are read: give their encoding with `encoding`, for "
        "example `encoding` %s",
        is_utf8_likely ? "UTF-8" : "CP1252");
}

void zf_shapefile_check_encoding(zf_source *source, const char *given) {
    const char *encoding = source->info.encoding ? source->info.encoding : "";
    const text_sample sample = sample_texts(source);
    const bool is_utf8_declared = is_name_of_utf8(encoding);
    source->shapefile.has_utf8_texts =
        (is_utf8_declared || !*encoding) && sample.n_other == 0 && (is_utf8_declared || sample.n_utf8 > 0);
    if (!given && has_ansi_code_page(source))
        check_ansi_texts(source, &sample);
    if ((*encoding && !is_utf8_declared) || source->shapefile.has_utf8_texts ||
        sample.n_other + sample.n_cut == 0)
        return;
    zf_source_note(
        source,
        "%s, and its texts are not UTF-8: give their encoding with `encoding`, for example `encoding` CP1252",
        is_utf8_declared ? "the shapefile declares its texts as UTF-8"
                         : "the shapefile does not declare the encoding of its texts (no usable .cpg)");
}
