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

int cli_ask(json_t **answer, const struct cli *cli, const struct client_request *request)
{
    struct dr_error err;
    enum dr_code code = client_ask(answer, request, &err);
    if (code == DR_OK)
        return CLI_DONE;
    int status = cli_fail(&err);
    if (!*answer)
        return code == DR_REFUSED ? CLI_NO_ACCESS : status;
    if (cli->options.json)
        cli_print_json(*answer);
    json_decref(*answer);
    *answer = NULL;
    return status;
}
