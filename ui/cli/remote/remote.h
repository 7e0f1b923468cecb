/* SPDX-License-Identifier: Apache-2.0
 * ui/cli/remote/remote.h - commands that the console carries out: one line of a table each. */
#ifndef DR_UI_CLI_REMOTE_REMOTE_H
#define DR_UI_CLI_REMOTE_REMOTE_H

#include "ui/cli/cli.h"

#include <jansson.h>

#define REMOTE_WORDS_MAX 64

struct remote_command {
    const char *name;      /* its words: "user list" */
    const char *arguments; /* for the usage; each that is not in [brackets] is needed; "..." ends it: any number more */
    const char *method, *path; /* $1 stands for the first argument */
    /* Parameters, between blanks: name=$1 an argument, name=[$2] a list of it, name=[$2*] of it and all behind it,
     * name=@$1 base64 of that file, name=?word the answer to a question that is not echoed, else the text itself. */
    const char *body;
    const char *list;    /* member of the answer that is shown as a table; NULL: what it answers, or "done" */
    const char *columns; /* of that table, between blanks */
    const char *doc;
};
const struct remote_command *remote_at(unsigned index);

/* The command that the first of these words name; `*used`: how many. NULL: none. */
const struct remote_command *remote_find(unsigned *used, int words, const char *const *word);
int remote_run(const struct remote_command *command, const struct cli_options *options, int words,
               const char *const *word);

/* Whether the command line is one for the console; then it has been carried out. */
bool remote_main(int *status, int argc, char **argv);

/* ui/cli/completion.c */
int completion_print(FILE *out);

/* The error for a person or as JSON, and the exit status that fits. */
int remote_failed(const struct dr_error *err, bool json);

/* login.c: `word`: URL and, if it is said, the user. */
int remote_login(const struct cli_options *options, int words, const char *const *word);
int remote_logout(const struct cli_options *options);
/* From the environment variable DRCTL_PASSWORD, else asked for. False: there is none. */
bool remote_ask_secret(char *text, size_t size, const char *question);

/* request.c: the parameters of a call. NULL: it was told. */
json_t *remote_parameters(const struct remote_command *command, int words, const char *const *word);
/* show.c */
void remote_show(const struct remote_command *command, const json_t *data);

#endif
