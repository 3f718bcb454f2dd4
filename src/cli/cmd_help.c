/* SPDX-License-Identifier: MIT */
#include "cli/common_options.h"
#include "zonefold/program.h"
#include "zonefold/version.h"

#include <string.h>

typedef struct help_target {
    bool is_whole;
} help_target;

static const zf_option options[] = {
    {.group = "Options",
     .name = "all",
     .kind = ZF_OPTION_FLAG,
     .offset = offsetof(help_target, is_whole),
     .help = "All options of the command, each in full."},
    ZF_OPTION_SHOW_HELP,
};

const zf_option_table zf_cli_help_table = {
    .command = "help",
    .page = "zonefold",
    .summary = "show the help of a command",
    .usage = "zonefold help [COMMAND | TOPIC] [--all]",
    .description = "Shows the help of a command, or of what options take: stats, measures, analyses or "
                   "expressions. Without either, lists all commands.",
    .examples = "zonefold help\n"
                "zonefold help run --all\n"
                "zonefold help stats",
    .operand = "COMMAND",
    .max_operands = 1,
    .options = options,
    .n_options = sizeof options / sizeof options[0],
};

void zf_cli_append_overview(zf_text *out) {
    zf_text_append(out, "Usage: zonefold COMMAND [OPTION]...\n"
                        "       zonefold --version\n\n"
                        "Studies of buildings, ZIP by ZIP.\n\n"
                        "Commands:\n");
    size_t n;
    const zf_cli_command *commands = zf_cli_commands(&n);
    for (size_t i = 0; i < n; i++)
        zf_text_append_format(out, "  %-9s %s\n", commands[i].table->command, commands[i].table->summary);
    zf_text_append(out, "\nExamples:\n"
                        "  zonefold inspect buildings.gpkg\n");
    zf_text_append_format(out, "  %.*s\n", (int)strcspn(zf_cli_run_table.examples, "\n"),
                          zf_cli_run_table.examples);
    zf_text_append(out, "\nSee 'zonefold help COMMAND' for a command's options, and 'man zonefold-COMMAND' "
                        "for its full description.\n");
}

void zf_cli_append_versions(zf_text *out) {
    zf_text_append_format(out, "zonefold %s\n", zf_version());
    size_t n;
    const zf_library_version *libraries = zf_library_versions(&n);
    for (size_t i = 0; i < n; i++)
        zf_text_append_format(out, "%s %s\n", libraries[i].name, libraries[i].version);
    if (!zf_program_is_sealed())
        zf_text_append(out, "without seccomp: the kernel does not refuse sockets and other programs\n");
}

/* A topic that was meant, else a command. */
static zf_status unknown_topic(const char *name, zf_error *error) {
    const char *topics[ZF_OPTIONS_MAX];
    size_t n = 0;
    while ((topics[n] = zf_help_topic(n)) != NULL)
        n++;
    const char *near = zf_string_nearest(name, topics, n);
    if (near != NULL)
        return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                            "there is no help on '%.200s'; did you mean '%s'?", name, near);
    return zf_cli_unknown_command(name, error);
}

int zf_cli_help(int argc, char *const *argv) {
    zf_error error = ZF_ERROR_INIT;
    zf_text text = {0};
    zf_options_parsed parsed = {0};
    help_target target = {0};
    zf_status status = zf_options_parse(&zf_cli_help_table, argc, argv, &target, &parsed, &error);
    const char *name = parsed.operands.n > 0 ? parsed.operands.items[0] : NULL;
    const zf_cli_command *command = name != NULL ? zf_cli_command_by_name(name) : NULL;
    const bool is_topic = status == ZF_OK && name != NULL && command == NULL && !parsed.wants_help &&
                          zf_help_append_topic(name, &text);
    if (status == ZF_OK && name != NULL && command == NULL && !parsed.wants_help && !is_topic)
        status = unknown_topic(name, &error);
    if (status == ZF_OK) {
        if (parsed.wants_help)
            zf_options_append_help(&zf_cli_help_table, true, &text);
        else if (command != NULL)
            zf_options_append_help(command->table, target.is_whole, &text);
        else if (!is_topic)
            zf_cli_append_overview(&text);
        status = zf_cli_put(&text, &error);
    }
    zf_text_deinit(&text);
    zf_options_deinit(&zf_cli_help_table, &target, &parsed);
    return status == ZF_OK ? 0 : zf_cli_fail(status, &error, NULL);
}
