/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"
#include "zonefold/program.h"

#include <stdio.h>
#include <string.h>

static int put(void (*append)(zf_text *out)) {
    zf_error error = ZF_ERROR_INIT;
    zf_text text = {0};
    append(&text);
    zf_status status = zf_cli_put(&text, &error);
    zf_text_deinit(&text);
    return status == ZF_OK ? 0 : zf_cli_fail(status, &error, NULL);
}

static int no_command(void) {
    zf_text text = {0};
    zf_cli_append_overview(&text);
    fprintf(stderr, "zonefold: no command given\n\n%s", text.bytes != NULL ? text.bytes : "");
    zf_text_deinit(&text);
    return zf_status_exit_code(ZF_E_USAGE);
}

int main(int argc, char **argv) {
    zf_program_prepare();
    if (argc < 2)
        return no_command();
    const char *word = argv[1];
    const zf_cli_command *command = zf_cli_command_by_name(word);
    if (command != NULL)
        return command->run(argc - 2, argv + 2);
    const bool is_version = strcmp(word, "--version") == 0;
    const bool is_help = strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
    zf_error error = ZF_ERROR_INIT;
    if (!is_version && !is_help)
        zf_cli_unknown_command(word, &error);
    else if (argc > 2)
        zf_error_set(&error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "unexpected argument '%.200s' after '%s'",
                     argv[2], word);
    else
        return put(is_version ? zf_cli_append_versions : zf_cli_append_overview);
    return zf_cli_fail(ZF_E_USAGE, &error, NULL);
}
