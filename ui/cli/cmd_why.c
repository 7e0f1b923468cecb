/* SPDX-License-Identifier: Apache-2.0
 * drctl why - one account of a rule: how it stands, what that rests on (this member, the other, the witnesses), what
 * happened last, what is in the way and what to do. */
#include "ui/cli/cli.h"
#include "ui/cli/client.h"
#include "ui/cli/flight_files.h"
#include "ui/cli/status_view.h"
#include "ui/cli/timeline.h"

#include <stdlib.h>
#include <string.h>

#define WHY_LIMIT_S 10
#define RECENT      2  /* segments of the flight record that are looked at */
#define LINES       16 /* of the timeline */

/* ---- what happened last ---- */

struct recent {
    struct timeline timeline;
    struct ha_replay replay;
    struct ha before;
    char why[REPLAY_TEXT];
};

static bool begin(void *baton, const struct flight_reader *reader)
{
    struct recent *r = baton;
    r->timeline.head = reader->head;
    return ha_replay_begin(&r->replay, reader, r->why);
}

static bool step(void *baton, const struct flight_reader *reader)
{
    struct recent *r = baton;
    r->before = r->replay.h;
    bool same = ha_replay_step(&r->replay, &reader->step, r->why);
    timeline_step(&r->timeline, &r->before, &reader->step.held.event, &r->replay.h, &r->replay.answer);
    return same;
}

/* The last lines, beginning with one that has a time. */
static void print_last(FILE *out, const char *text)
{
    unsigned lines = 0;
    for (const char *at = text; *at != '\0'; at++)
        lines += *at == '\n';
    for (; *text != '\0' && (lines > LINES || *text == ' '); lines--)
        text = strchr(text, '\n') + 1;
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        fprintf(out, "    %.*s\n", (int)length, text);
        text += length + 1;
    }
}

static enum dr_code collect(struct recent *r, const char *folder, struct dr_error *err)
{
    struct flight_files files;
    struct flight_visitor visitor = {.begin = begin, .step = step, .baton = r};
    enum dr_code code = flight_files_read(&files, folder, RECENT, err);
    if (code != DR_OK)
        return code;
    code = flight_files_visit(&files, &visitor, err);
    flight_files_free(&files);
    if (code == DR_OK && r->why[0] != '\0')
        return dr_fail(err, DR_INVALID, "it was decided by another version: %s", r->why);
    return code;
}

static void print_recent(const struct cli *cli, const json_t *rule)
{
    char folder[2048], *text = NULL;
    size_t size;
    struct dr_error err;
    struct recent *r = calloc(1, sizeof *r);
    FILE *lines = open_memstream(&text, &size);
    if (r != NULL && lines != NULL) {
        snprintf(folder, sizeof folder, "%s/var/rules/%s/flight", cli->options.root, status_view_text(rule, "rule"));
        r->timeline.out = lines;
        enum dr_code code = collect(r, folder, &err);
        fclose(lines);
        lines = NULL;
        if (code == DR_NOT_FOUND)
            puts("  what happened last is not recorded here");
        else
            printf("  what happened last (UTC; `drctl replay %s` has all)\n", folder);
        print_last(stdout, text);
        if (code != DR_OK && code != DR_NOT_FOUND)
            printf("    the flight record tells no more: %s\n", err.text);
    }
    if (lines != NULL)
        fclose(lines);
    free(text);
    free(r);
}

/* ---- how it stands ---- */

static void print_facts(const json_t *rule, const char *about, const char *title, const char *name)
{
    size_t i;
    json_t *fact;
    bool told = false;
    json_array_foreach(json_object_get(rule, "fact"), i, fact)
    {
        if (strcmp(status_view_text(fact, "about"), about) != 0)
            continue;
        if (!told)
            printf(*name ? "  %s %s\n" : "  %s\n", title, name);
        told = true;
        printf("    %s\n", status_view_text(fact, "text"));
    }
}

static void print_why(const struct cli *cli, const json_t *rule)
{
    printf("%s is %s, %s\n", status_view_text(rule, "name"), status_view_text(rule, "role"),
           status_view_text(rule, "state"));
    if (json_array_size(json_object_get(rule, "why")) == 0)
        puts("  nothing is in the way");
    status_view_why(stdout, rule);
    print_facts(rule, "self", "this member,", status_view_text(rule, "node_name"));
    print_facts(rule, "peer", "the other member,", status_view_text(rule, "peer_name"));
    print_facts(rule, "witness", "who votes besides", "");
    print_recent(cli, rule);
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
    static const char *const keys[] = {"rule", "name", "role", "state", "why", "fact"};
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
    struct client_request request = {
        .root = cli->options.root, .command = "status", .rule = cli_word(cli, 0), .limit_s = WHY_LIMIT_S};
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
        json_array_foreach(rules, i, rule) print_why(cli, rule);
    json_decref(answer);
    return CLI_DONE;
}
