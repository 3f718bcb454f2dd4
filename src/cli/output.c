/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

zf_status zf_cli_put_part(const zf_text *text, zf_error *error) {
    if (text->is_failed)
        return zf_error_memory(error, text->n, "the text for standard output");
    errno = 0;
    if (fwrite(text->bytes, 1, text->n, stdout) == text->n && fflush(stdout) == 0)
        return ZF_OK;
    if (errno == EPIPE)
        return ZF_DONE;
    return zf_error_set(error, ZF_E_OUTPUT, ZF_DOMAIN_OS, "cannot write to standard output: %s",
                        strerror(errno));
}

zf_status zf_cli_put(const zf_text *text, zf_error *error) {
    const zf_status status = zf_cli_put_part(text, error);
    return status == ZF_DONE ? ZF_OK : status;
}

void zf_cli_append_message(zf_text *out, const char *text) {
    while (*text != '\0') {
        const size_t n_before = strcspn(text, "`");
        const char *name = text + n_before + 1;
        zf_text_append_n(out, text, n_before);
        text += n_before;
        if (*text == '\0')
            return;
        const size_t n_name = strcspn(name, "`");
        const zf_option *option = name[n_name] == '`' ? zf_cli_option_of_parameter(name, n_name) : NULL;
        if (option != NULL)
            zf_text_append_format(out, "--%s", option->name);
        else
            zf_text_append(out, "`");
        text += option != NULL ? n_name + 2 : 1;
    }
}

int zf_cli_fail(zf_status status, const zf_error *error, const char *command) {
    char line[ZF_ERROR_TEXT_BYTES + ZF_ERROR_PATH_BYTES + ZF_ERROR_LAYER_BYTES + 64];
    char shown[2 * sizeof line];
    zf_text message = {0};
    zf_error_format(error, line, sizeof line);
    zf_cli_append_message(&message, line);
    const char *text = message.bytes != NULL && !message.is_failed ? message.bytes : line;
    fprintf(stderr, "zonefold: %s\n", zf_cli_printable(text, strlen(text), shown, sizeof shown));
    zf_text_deinit(&message);
    if (status == ZF_E_USAGE && command == NULL)
        fputs("Usage: zonefold COMMAND [OPTION]...\n", stderr);
    if (status == ZF_E_USAGE)
        fprintf(stderr, "Try 'zonefold help%s%s'.\n", command != NULL ? " " : "",
                command != NULL ? command : "");
    return zf_status_exit_code(status);
}

/* C0 but newline and tab, DEL, and C1, which some terminals obey as well */
static bool is_control(const unsigned char *text, size_t n_bytes) {
    if (n_bytes == 1)
        return (text[0] < 0x20 && text[0] != '\n' && text[0] != '\t') || text[0] == 0x7F;
    return text[0] == 0xC2 && text[1] < 0xA0;
}

const char *zf_cli_printable(const char *text, size_t n, char *out, size_t n_bytes) {
    const unsigned char *from = (const unsigned char *)text;
    size_t to = 0;
    for (size_t i = 0; i < n;) {
        const size_t width = zf_utf8_bytes(text + i, n - i);
        const bool is_shown = width > 0 && !is_control(from + i, width);
        const size_t needed = is_shown ? width : 1;
        if (to + needed >= n_bytes)
            break;
        memcpy(out + to, is_shown ? text + i : "?", needed);
        to += needed;
        i += width > 0 ? width : 1;
    }
    out[to] = '\0';
    return out;
}

size_t zf_cli_width(const char *text) {
    return zf_utf8_count(text, strlen(text));
}

void zf_cli_append_bytes(zf_text *out, uint64_t n_bytes) {
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    double size = (double)n_bytes;
    size_t unit = 0;
    while (size >= 1024.0 && unit + 1 < sizeof units / sizeof units[0]) {
        size /= 1024.0;
        unit++;
    }
    zf_text_append_format(out, unit == 0 ? "%.0f %s" : "%.1f %s", size, units[unit]);
}
