/* SPDX-License-Identifier: Apache-2.0
 * drctl switch, force-switch, stop, start, stop-script */
#include "ui/cli/cli.h"
#include "ui/cli/client.h"
#include "ui/cli/status_view.h"

#include <string.h>
#include <unistd.h>

/* A switch waits for scripts and the last records: their time-outs end it long before. */
#define SWITCH_LIMIT_S 7200

static int order(struct cli *cli, const char *command, const char *done)
{
    struct client_request request = {.root = cli->options.root,
                                     .command = command,
                                     .rule = cli_word(cli, 0),
                                     .force = cli->options.force,
                                     .limit_s = SWITCH_LIMIT_S};
    json_t *answer;
    int status = cli_ask(&answer, cli, &request);
    if (status != CLI_DONE)
        return status;
    if (cli->options.json)
        cli_print_json(answer);
    else
        puts(done);
    json_decref(answer);
    return CLI_DONE;
}

int cmd_switch(struct cli *cli)
{
    return order(cli, "switch", "done: the other member is master");
}

int cmd_stop(struct cli *cli)
{
    return order(cli, "stop", "done: this member has left the rule");
}

int cmd_start(struct cli *cli)
{
    return order(cli, "start", "done: this member takes part in the rule");
}

int cmd_stop_script(struct cli *cli)
{
    return order(cli, "stop-script", "done: the script has been told to end");
}

/* What a forced take-over here may lose, as far as this member can know. */
static void print_risk(const json_t *rule)
{
    const json_t *target = json_object_get(rule, "target");
    const char *peer = status_view_text(rule, "peer_name");
    printf("force-switch makes %s master of %s without %s's consent.\n", status_view_text(rule, "node_name"),
           status_view_text(rule, "name"), peer);
    if (status_view_is(target, "mixed"))
        puts("The copy here is MIXED: a mirror was under way, so its files are of no single moment.");
    printf("The copy here ends at record %lld; whatever %s did after that is lost.\n",
           status_view_number(target, "durable"), peer);
    if (!status_view_is(rule, "peer_heard"))
        printf("%s is not heard: how much that is cannot be known, and if it still runs there may be two masters.\n",
               peer);
    status_view_why(stdout, rule);
}

static int confirm(struct cli *cli)
{
    struct client_request request = {
        .root = cli->options.root, .command = "status", .rule = cli_word(cli, 0), .limit_s = 10};
    json_t *answer;
    char reply[16] = "";
    if (!isatty(STDIN_FILENO))
        return cli_usage("force-switch: there is nobody to ask: add --yes if data may be lost");
    int status = cli_ask(&answer, cli, &request);
    if (status != CLI_DONE)
        return status;
    const json_t *rules = json_object_get(answer, "rules");
    bool one = json_array_size(rules) == 1;
    if (one)
        print_risk(json_array_get(rules, 0));
    json_decref(answer);
    if (!one)
        return cli_usage("force-switch: this node has not exactly one rule: name it");
    fputs("Type yes to go on: ", stdout);
    fflush(stdout);
    if (fgets(reply, sizeof reply, stdin) && strcmp(reply, "yes\n") == 0)
        return CLI_DONE;
    fputs("drctl: not confirmed, nothing was done\n", stderr);
    return CLI_DECLINED;
}

int cmd_force_switch(struct cli *cli)
{
    int status = cli->options.yes ? CLI_DONE : confirm(cli);
    return status == CLI_DONE ? order(cli, "force-switch", "done: this member is master") : status;
}
