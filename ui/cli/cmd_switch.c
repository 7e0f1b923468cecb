/* SPDX-License-Identifier: Apache-2.0
 * drctl switch, force-switch, stop, start, stop-script, rejoin */
#include "ui/cli/cli.h"
#include "ui/cli/client.h"
#include "ui/cli/status_view.h"

#include <string.h>
#include <unistd.h>

/* A switch waits for scripts and the last records: their time-outs end it long before. */
#define SWITCH_LIMIT_S 7200
#define STATUS_LIMIT_S 10
/* A take-over's scripts may take an hour each. */
#define PEER_LIMIT_MS 3600000
#define PEER_NAP_MS   50

static struct client_request request_of(const struct cli *cli, const char *command, unsigned limit_s)
{
    return (struct client_request){
        .root = cli->options.root, .command = command, .rule = cli_word(cli, 0), .limit_s = limit_s};
}

/* Gives the order and keeps the answer. */
static int give(json_t **answer, const struct cli *cli, const char *command)
{
    struct client_request request = request_of(cli, command, SWITCH_LIMIT_S);
    request.force = cli->options.force;
    return cli_ask(answer, cli, &request);
}

static int order(const struct cli *cli, const char *command, const char *done)
{
    json_t *answer;
    int status = give(&answer, cli, command);
    return status == CLI_DONE ? cli_finish(cli, answer, done) : status;
}

/* The rule that an order without a name means, or the one that was named. */
static int ask_rule(json_t **answer, const json_t **rule, const struct cli *cli)
{
    struct client_request request = request_of(cli, "status", STATUS_LIMIT_S);
    int status = cli_ask(answer, cli, &request);
    if (status != CLI_DONE)
        return status;
    const json_t *rules = json_object_get(*answer, "rules");
    if (json_array_size(rules) == 1) {
        *rule = json_array_get(rules, 0);
        return CLI_DONE;
    }
    json_decref(*answer);
    return cli_usage("this node has not exactly one rule: name it");
}

/* This member has handed over when its order is answered; the other may still run its scripts. Or it does not take what
 * it was given: then this one does after a while. */
static int wait_for_peer(const struct cli *cli)
{
    for (unsigned waited = 0; waited < PEER_LIMIT_MS; waited += PEER_NAP_MS) {
        json_t *answer;
        const json_t *rule;
        int status = ask_rule(&answer, &rule, cli);
        if (status != CLI_DONE)
            return status;
        bool there = strcmp(status_view_text(rule, "peer_role"), "master") == 0;
        bool back = strcmp(status_view_text(rule, "role"), "master") == 0;
        json_decref(answer);
        if (there)
            return CLI_DONE;
        if (back)
            break;
        usleep(PEER_NAP_MS * 1000);
    }
    fputs("drctl: this member has handed over, but the other did not become master: ask there with drctl --local why\n",
          stderr);
    return CLI_FAILED;
}

int cmd_switch(struct cli *cli)
{
    json_t *answer;
    int status = give(&answer, cli, "switch");
    if (status != CLI_DONE)
        return status;
    status = wait_for_peer(cli);
    if (status == CLI_DONE)
        return cli_finish(cli, answer, "done: the other member is master");
    json_decref(answer);
    return status;
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

int cmd_rejoin(struct cli *cli)
{
    return order(cli, "rejoin",
                 "done: this node is in the rule again; a member's vote counts from when the master hears it");
}

/* What a forced take-over here may lose, as far as this member can know. */
static void print_loss(const json_t *rule)
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

static int print_risk(const struct cli *cli)
{
    json_t *answer;
    const json_t *rule;
    int status = ask_rule(&answer, &rule, cli);
    if (status != CLI_DONE)
        return status;
    print_loss(rule);
    json_decref(answer);
    return CLI_DONE;
}

int cmd_force_switch(struct cli *cli)
{
    int status = cli_confirm(cli, "force-switch", print_risk);
    return status == CLI_DONE ? order(cli, "force-switch", "done: this member is master") : status;
}
