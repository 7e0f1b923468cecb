/* SPDX-License-Identifier: Apache-2.0
 * drctl status */
#include "ui/cli/cli.h"
#include "ui/cli/client.h"
#include "ui/cli/status_view.h"

#define STATUS_LIMIT_S 10

static struct client_request status_request(const struct cli *cli)
{
    return (struct client_request){
        .root = cli->options.root, .command = "status", .rule = cli_word(cli, 0), .limit_s = STATUS_LIMIT_S};
}

int cmd_status(struct cli *cli)
{
    struct client_request request = status_request(cli);
    return cli_watch(cli, &request, status_view_print);
}
