/* SPDX-License-Identifier: Apache-2.0
 * drctl status, drctl why */
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
    json_t *answer;
    if (cli->options.watch)
        return watch(&request, cli->options.json);
    int status = cli_ask(&answer, cli, &request);
    if (status != CLI_DONE)
        return status;
    if (cli->options.json)
        cli_print_json(answer);
    else
        status_view_print(stdout, answer);
    json_decref(answer);
    return CLI_DONE;
}

static void print_why(const json_t *rule)
{
    printf("%s is %s, %s\n", status_view_text(rule, "name"), status_view_text(rule, "role"),
           status_view_text(rule, "state"));
    if (json_array_size(json_object_get(rule, "why")) == 0)
        puts("  nothing is in the way");
    status_view_why(stdout, rule);
}

static void append_why(json_t *rule, const char *text)
{
    if (*text)
        json_array_append_new(json_object_get(rule, "why"), json_pack("{s:s}", "text", text));
}

/* What is in the way of the data belongs to it too (on the side of the target drnode has said it already). */
static void complete_why(json_t *rule)
{
    append_why(rule, status_view_text(rule, "broken"));
    if (status_view_is(rule, "sending"))
        append_why(rule, status_view_text(json_object_get(rule, "source"), "why"));
}

/* Only what belongs to the question. */
static void print_why_json(const json_t *rules)
{
    static const char *const keys[] = {"rule", "name", "role", "state", "why"};
    size_t i;
    json_t *rule, *chosen = json_array();
    json_array_foreach(rules, i, rule)
    {
        json_t *one = json_object();
        for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++)
            json_object_set(one, keys[k], json_object_get(rule, keys[k]));
        json_array_append_new(chosen, one);
    }
    json_t *answer = json_pack("{s:b, s:o}", "ok", 1, "rules", chosen);
    cli_print_json(answer);
    json_decref(answer);
}

int cmd_why(struct cli *cli)
{
    struct client_request request = status_request(cli);
    json_t *answer, *rule;
    size_t i;
    int status = cli_ask(&answer, cli, &request);
    if (status != CLI_DONE)
        return status;
    json_t *rules = json_object_get(answer, "rules");
    json_array_foreach(rules, i, rule) complete_why(rule);
    if (cli->options.json)
        print_why_json(rules);
    else if (json_array_size(rules) == 0)
        status_view_print(stdout, answer);
    else
        json_array_foreach(rules, i, rule) print_why(rule);
    json_decref(answer);
    return CLI_DONE;
}
