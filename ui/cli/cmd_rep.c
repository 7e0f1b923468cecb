/* SPDX-License-Identifier: Apache-2.0
 * drctl rep freeze, drctl rep thaw */
#include "ui/cli/cli.h"
#include "ui/cli/client.h"
#include "ui/cli/status_view.h"

#include <string.h>

/* The turn comes when the mirror that runs is complete. */
#define LIMIT_S 7200

static int ask(struct cli *cli, struct client_request request)
{
    json_t *answer;
    int status = cli_ask(&answer, cli, &request);
    if (status != CLI_DONE)
        return status;
    if (cli->options.json)
        cli_print_json(answer);
    else if (request.key)
        printf("held at record %lld for at most %llu ms\n", status_view_number(answer, "seq"), request.value);
    else
        puts("changes go on");
    json_decref(answer);
    return CLI_DONE;
}

int cmd_rep(struct cli *cli)
{
    const char *what = cli_word(cli, 0);
    struct client_request request = {.root = cli->options.root, .rule = cli_word(cli, 1), .limit_s = LIMIT_S};
    if (what && strcmp(what, "thaw") == 0) {
        request.command = "thaw";
        return ask(cli, request);
    }
    if (!what || strcmp(what, "freeze") != 0)
        return cli_usage("rep: freeze or thaw, then the rule");
    if (!cli->options.at_turn)
        return cli_usage("rep freeze: say --at-turn: changes are held when a running mirror is complete");
    request.command = "freeze";
    request.key = "ms";
    request.value = cli->options.ms;
    return ask(cli, request);
}
