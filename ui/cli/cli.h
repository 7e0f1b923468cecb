/* SPDX-License-Identifier: Apache-2.0
 * ui/cli/cli.h - drctl: commands, their options, and how they end. */
#ifndef DR_UI_CLI_H
#define DR_UI_CLI_H

#include "core/error.h"
#include "core/types.h"

#include <stdio.h>

#define CLI_ROOT      "/usr/drbksoft/drnode"
#define CLI_WORDS_MAX 4

/* Exit status; docs/reference/drctl.md lists them. */
enum cli_exit {
    CLI_DONE = 0,
    CLI_FAILED = 1,    /* tried and did not work, or drnode declined */
    CLI_USAGE = 2,     /* what was typed makes no sense: nothing was tried */
    CLI_NO_DRNODE = 3, /* no drnode runs with this root; no console answers */
    CLI_NO_ACCESS = 4, /* not root; not logged in, or not permitted */
    CLI_DECLINED = 5   /* the question was not answered with yes */
};

struct cli_options {
    char root[1024];
    bool local, json, watch, yes, force, follow, at_turn, all, help;
    char set[512];
    uint32_t ms;
    char ca[512]; /* of the console: */
    bool insecure;
    uint32_t page, limit;
};

struct cli {
    struct cli_options options;
    unsigned words;
    const char *word[CLI_WORDS_MAX]; /* after the command: RULE, FOLDER, freeze RULE */
    int argc;                        /* of a command that reads its own arguments */
    char **argv;
};

struct cli_command {
    const char *name;
    const char *arguments; /* for the usage */
    const char *doc;
    const char
        *options;   /* that it takes, separated by blanks; NULL: it reads argc, argv (argv[0] is its name) itself */
    unsigned words; /* it takes at most */
    int (*run)(struct cli *cli);
};

/* NULL behind the last. */
const struct cli_command *cli_command_at(unsigned index);

/* All of drctl but main(); `argv` as main has it. Returns the exit status. */
int cli_main(int argc, char **argv);

/* "drctl: " and the error's text on stderr; returns the exit status that fits. */
int cli_fail(const struct dr_error *err);
int cli_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Asks drnode: CLI_DONE and the answer (the caller's to release), or what went wrong, which has been printed then. */
struct client_request;
struct json_t;
int cli_ask(struct json_t **answer, const struct cli *cli, const struct client_request *request);
/* The same, and prints the answer: as JSON where that is wanted, else by `print`. */
typedef void cli_print(FILE *out, const struct json_t *answer);
int cli_show(const struct cli *cli, const struct client_request *request, cli_print *print);
#define CLI_REDRAW_MS 500
/* With --watch the same again and again, until the person ends it; a drnode that is away just now is part of the
 * picture. */
int cli_watch(const struct cli *cli, const struct client_request *request, cli_print *print);
/* Asks for a `yes`, after `risk` has printed what is at stake: CLI_DONE, or why nothing is to be done. --yes is one. */
int cli_confirm(const struct cli *cli, const char *command, int (*risk)(const struct cli *cli));
/* What an order that was carried out ends with: the answer as JSON where that is wanted, else `done`. Releases it. */
int cli_finish(const struct cli *cli, struct json_t *answer, const char *done);
/* The whole answer as one line of JSON on stdout. */
void cli_print_json(const struct json_t *answer);
/* cli->word[index], or NULL. */
const char *cli_word(const struct cli *cli, unsigned index);

int cmd_status(struct cli *cli);
int cmd_why(struct cli *cli);
int cmd_switch(struct cli *cli);
int cmd_force_switch(struct cli *cli);
int cmd_stop(struct cli *cli);
int cmd_start(struct cli *cli);
int cmd_stop_script(struct cli *cli);
int cmd_rejoin(struct cli *cli);
int cmd_rep(struct cli *cli);
int cmd_events(struct cli *cli);
int cmd_group(struct cli *cli);
int cmd_recover(struct cli *cli);
int cmd_replay(struct cli *cli);

#endif
