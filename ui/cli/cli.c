/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/cli/cli.h"

#include "ui/cli/cmd_ca.h"
#include "ui/cli/cmd_lic.h"
#include "ui/cli/options.h"
#include "ui/cli/remote/remote.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Before and after every command. */
#define EVERYWHERE "local root help"

static int run_ca(struct cli *cli)
{
    return cmd_ca(cli->argc, cli->argv);
}

static int run_lic(struct cli *cli)
{
    return cmd_lic(cli->argc, cli->argv);
}

static const struct cli_command commands[] = {
    {"status", "[RULE]", "role, state, lines, addresses and replication", EVERYWHERE " json watch", 1, cmd_status},
    {"why", "[RULE]", "why the rule is in this state, and what keeps this member from taking over", EVERYWHERE " json",
     1, cmd_why},
    {"switch", "[RULE]", "planned switch: the other member becomes master, nothing is lost", EVERYWHERE " json force",
     1, cmd_switch},
    {"force-switch", "[RULE]", "this member becomes master though data may be lost; asks first", EVERYWHERE " json yes",
     1, cmd_force_switch},
    {"stop", "[RULE]", "this member leaves the rule: resources are released, the other does not change",
     EVERYWHERE " json force", 1, cmd_stop},
    {"start", "[RULE]", "this member takes part in the rule again", EVERYWHERE " json", 1, cmd_start},
    {"stop-script", "[RULE]", "ends a script that hangs, so that the switch goes on", EVERYWHERE " json", 1,
     cmd_stop_script},
    {"rejoin", "[RULE]", "a node whose state was damaged or lost takes part in the rule again", EVERYWHERE " json", 1,
     cmd_rejoin},
    {"rep", "freeze|thaw [RULE]", "hold back new changes (--at-turn, --ms N), let them go again",
     EVERYWHERE " json at-turn ms", 2, cmd_rep},
    {"events", "[RULE]", "what happened", EVERYWHERE " json follow", 1, cmd_events},
    {"group", "WHAT [GROUP]",
     "list, show, events, switch, fail-back, pause, resume, confirm, retry, skip, cancel: rules that switch together",
     EVERYWHERE " json watch follow force yes", 2, cmd_group},
    {"recover", "FOLDER", "bring a copy to its moment by hand; drnode must not be running", EVERYWHERE, 1, cmd_recover},
    {"replay", "FILE",
     "what a flight record (var/rules/ID/flight) holds: decisions and why; or with --set, what would be",
     EVERYWHERE " all set", 1, cmd_replay},
    {"lic", "keygen|issue ...", "make an issuer's key, and licences for consoles", NULL, 0, run_lic},
    {"ca", "init|issue ...", "make a certificate authority in a folder, and certificates for nodes", NULL, 0, run_ca},
};
#define COMMANDS (sizeof commands / sizeof *commands)

const struct cli_command *cli_command_at(unsigned index)
{
    return index < COMMANDS ? &commands[index] : NULL;
}

static void print_remote(FILE *out)
{
    const struct remote_command *command;
    fputs("\nCommands to a console: drctl COMMAND [OPTIONS]\n"
          "  login        URL [USER]           log in; the password is asked for, or in DRCTL_PASSWORD\n"
          "  logout                            end the session\n"
          "  completion                        a script for bash\n",
          out);
    for (unsigned i = 0; (command = remote_at(i)) != NULL; i++)
        fprintf(out, "  %-12s %-19s  %s\n", command->name, command->arguments, command->doc);
}

static void print_usage(FILE *out)
{
    fputs("usage: drctl --local [--root DIR] COMMAND [OPTIONS]\n\nCommands\n", out);
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(out, "  %-12s %-19s  %s\n", commands[i].name, commands[i].arguments, commands[i].doc);
    print_remote(out);
    fputs("\nOptions\n", out);
    for (unsigned i = 0; i < cli_options_model.fields; i++) {
        const struct model_field *field = &cli_options_model.field[i];
        fprintf(out, "  --%-10s %-19s  %s\n", field->name, field->kind == MODEL_SWITCH ? "" : field->standard,
                field->doc);
    }
    fputs(
        "\nRULE and GROUP are an id or a name, and may be left out when there is only one.\n"
        "Exit status: 0 done, 1 failed, 2 wrong usage, 3 no drnode or console there, 4 not allowed, 5 not confirmed.\n",
        out);
}

int cli_usage(const char *format, ...)
{
    va_list args;
    fputs("drctl: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputs(" (drctl --help shows how to use it)\n", stderr);
    return CLI_USAGE;
}

int cli_fail(const struct dr_error *err)
{
    fprintf(stderr, "drctl: %s\n", err->text);
    return err->code == DR_CLOSED ? CLI_NO_DRNODE : CLI_FAILED;
}

static const struct cli_command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

/* Options may stand anywhere among the words. */
static int take_rest(struct cli *cli, const struct cli_command *command, int argc, char **argv, int at)
{
    struct dr_error err;
    while (at < argc) {
        int before = at;
        if (options_take(&cli->options, argc, argv, &at, command->options, &err) != DR_OK)
            return cli_usage("%s: %s", command->name, err.text);
        if (at > before)
            continue;
        if (cli->words == command->words)
            return cli_usage("%s: too many arguments: \"%.64s\"", command->name, argv[at]);
        cli->word[cli->words++] = argv[at++];
    }
    return CLI_DONE;
}

static int run(struct cli *cli, const struct cli_command *command, int argc, char **argv, int at)
{
    if (!command->options) {
        cli->argc = argc - at + 1;
        cli->argv = argv + at - 1;
        return command->run(cli);
    }
    int status = take_rest(cli, command, argc, argv, at);
    if (status != CLI_DONE)
        return status;
    if (cli->options.help) {
        print_usage(stdout);
        return CLI_DONE;
    }
    if (!cli->options.local && command->run != cmd_replay)
        return cli_usage("%s: this works with --local only", command->name);
    return command->run(cli);
}

int cli_main(int argc, char **argv)
{
    struct cli cli = {.words = 0};
    struct dr_error err;
    int at = 1, status;
    if (remote_main(&status, argc, argv))
        return status;
    if (options_begin(&cli.options, &err) != DR_OK)
        return cli_usage("%s", err.text);
    for (int before = 0; at < argc && at != before;) {
        before = at;
        if (options_take(&cli.options, argc, argv, &at, EVERYWHERE, &err) != DR_OK)
            return cli_usage("%s", err.text);
    }
    if (cli.options.help) {
        print_usage(stdout);
        return CLI_DONE;
    }
    if (at == argc)
        return cli_usage("no command");
    const struct cli_command *command = find_command(argv[at]);
    if (!command)
        return cli_usage("%.64s: no such command", argv[at]);
    return run(&cli, command, argc, argv, at + 1);
}
