/* SPDX-License-Identifier: MIT */
/* Error messages of the library for users of the program: parameters become options. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

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
