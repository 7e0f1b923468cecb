/* SPDX-License-Identifier: Apache-2.0
 * Asking drnode on behalf of a command. */
#include "ui/cli/cli.h"
#include "ui/cli/client.h"

#include <stdio.h>
#include <stdlib.h>

const char *cli_word(const struct cli *cli, unsigned index)
{
    return index < cli->words ? cli->word[index] : NULL;
}

void cli_print_json(const json_t *answer)
{
    json_dumpf(answer, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
    putchar('\n');
    fflush(stdout);
}

/* What drnode would have said, had it been there: scripts read one form only. */
static json_t *absent_answer(int status, const struct dr_error *err)
{
    const char *code = status == CLI_NO_DRNODE ? "no_drnode" : status == CLI_NO_ACCESS ? "not_allowed" : "failed";
    return json_pack("{s:b, s:s, s:s}", "ok", 0, "code", code, "error", err->text);
}

int cli_ask(json_t **answer, const struct cli *cli, const struct client_request *request)
{
    struct dr_error err;
    enum dr_code code = client_ask(answer, request, &err);
    if (code == DR_OK)
        return CLI_DONE;
    int status = cli_fail(&err);
    if (!*answer && code == DR_REFUSED)
        status = CLI_NO_ACCESS;
    if (!*answer)
        *answer = absent_answer(status, &err);
    if (cli->options.json && *answer)
        cli_print_json(*answer);
    json_decref(*answer);
    *answer = NULL;
    return status;
}

int cli_show(const struct cli *cli, const struct client_request *request, cli_print *print)
{
    json_t *answer;
    int status = cli_ask(&answer, cli, request);
    if (status != CLI_DONE)
        return status;
    if (cli->options.json)
        cli_print_json(answer);
    else
        print(stdout, answer);
    json_decref(answer);
    return CLI_DONE;
}

int cli_finish(const struct cli *cli, json_t *answer, const char *done)
{
    if (cli->options.json)
        cli_print_json(answer);
    else
        puts(done);
    json_decref(answer);
    return CLI_DONE;
}
