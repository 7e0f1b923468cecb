/* SPDX-License-Identifier: Apache-2.0
 * drctl status */
#include "ui/cli/cli.h"
#include "ui/cli/client.h"
#include "ui/cli/screen.h"
#include "ui/cli/status_view.h"

#include <stdlib.h>

#define STATUS_LIMIT_S 10
#define REDRAW_MS      500

static struct client_request status_request(const struct cli *cli)
{
    return (struct client_request){
        .root = cli->options.root, .command = "status", .rule = cli_word(cli, 0), .limit_s = STATUS_LIMIT_S};
}

/* One picture; a drnode that is away just now is part of it. */
static void draw(const struct client_request *request, bool json)
{
    char *text = NULL;
    size_t size;
    json_t *answer;
    struct dr_error err;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return;
    enum dr_code code = client_ask(&answer, request, &err);
    if (json && answer) {
        json_dumpf(answer, out, JSON_COMPACT | JSON_PRESERVE_ORDER);
        fputc('\n', out);
    } else if (code != DR_OK && json)
        fprintf(stderr, "drctl: %s\n", err.text);
    else if (code != DR_OK)
        fprintf(out, "drctl: %s\n", err.text);
    else
        status_view_print(out, answer);
    json_decref(answer);
    fclose(out);
    screen_show(text);
    free(text);
}

static int watch(const struct client_request *request, bool json)
{
    screen_begin();
    do
        draw(request, json);
    while (screen_wait(REDRAW_MS));
    screen_end();
    return CLI_DONE;
}

int cmd_status(struct cli *cli)
{
    struct client_request request = status_request(cli);
    return cli->options.watch ? watch(&request, cli->options.json) : cli_show(cli, &request, status_view_print);
}
