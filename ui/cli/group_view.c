/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/cli/group_view.h"

#include "ui/cli/status_view.h"
#include "ui/cli/text.h"

#include <string.h>

#define LAST_EVENTS 12

void group_view_list(FILE *out, const json_t *answer)
{
    size_t i;
    json_t *group, *groups = json_object_get(answer, "groups");
    if (json_array_size(groups) == 0)
        fputs("this node has no group: put one into etc/groups\n", out);
    json_array_foreach(groups, i, group) fprintf(
        out, "%s: %lld rules in %lld stages, on error %s; plan: %s%s\n", status_view_text(group, "name"),
        status_view_number(group, "rules"), status_view_number(group, "stages"), status_view_text(group, "on_error"),
        status_view_text(group, "plan"), status_view_is(group, "runs_here") ? "" : " (not run here)");
}

/* What a person may want to do now. */
static const char *advice(const json_t *plan)
{
    const char *phase = status_view_text(plan, "phase");
    if (strcmp(phase, "stopped") == 0)
        return "stopped on an error: retry, skip or cancel";
    if (strcmp(phase, "confirm") == 0)
        return "waits for a confirmation: confirm, or cancel";
    if (strcmp(phase, "done") != 0 && strcmp(phase, "cancelled") != 0 && status_view_is(plan, "paused"))
        return "paused: resume, or cancel";
    return phase;
}

static void print_seen(FILE *out, const json_t *rule, const char *key, char letter)
{
    const json_t *seen = json_object_get(rule, key);
    fprintf(out, "  %c %s", letter, status_view_is(seen, "runs") ? status_view_text(seen, "role") : "not heard");
}

static void print_rule(FILE *out, const json_t *rule)
{
    const char *wanted = status_view_text(rule, "wanted"), *text = status_view_text(rule, "text");
    fprintf(out, "    %-24s %-10s", status_view_text(rule, "name"), status_view_text(rule, "step"));
    fprintf(out, " to %-8s", strcmp(wanted, "a") == 0 ? "A" : strcmp(wanted, "b") == 0 ? "B" : "?");
    print_seen(out, rule, "seen_a", 'A');
    print_seen(out, rule, "seen_b", 'B');
    fprintf(out, "%s%s\n", *text ? "\n        " : "", text);
}

static void print_stages(FILE *out, const json_t *plan)
{
    size_t i, n;
    json_t *stage, *rule;
    json_array_foreach(json_object_get(plan, "stage"), i, stage)
    {
        bool at_work = (long long)i == status_view_number(plan, "at_stage");
        fprintf(out, "  stage %zu%s%s\n", i + 1, status_view_is(stage, "confirm") ? ", on confirmation" : "",
                at_work ? "  <" : "");
        json_array_foreach(json_object_get(plan, "rule"), n, rule)
        {
            if (status_view_number(rule, "stage") == (long long)i)
                print_rule(out, rule);
        }
    }
}

static void print_event(FILE *out, const json_t *event)
{
    char when[32];
    const char *by = status_view_text(event, "by");
    text_clock(when, sizeof when, status_view_number(event, "time_ms"));
    fprintf(out, "%s %s%s%s\n", when, status_view_text(event, "text"), *by ? ", by " : "", by);
}

static void print_file(FILE *out, const json_t *group)
{
    size_t i, n;
    json_t *stage, *rule;
    json_array_foreach(json_object_get(group, "stage"), i, stage)
    {
        fprintf(out, "  stage %zu\n", i + 1);
        json_array_foreach(json_object_get(stage, "rule"), n, rule)
            fprintf(out, "    rule %s\n", status_view_text(rule, "id"));
    }
}

void group_view_show(FILE *out, const json_t *answer)
{
    const json_t *group = json_object_get(answer, "group"), *plan = json_object_get(answer, "plan");
    const char *broken = status_view_text(answer, "broken");
    if (*broken)
        fprintf(out, "%s\n", broken);
    if (plan == NULL) {
        fprintf(out, "%s: no plan yet\n", status_view_text(group, "name"));
        print_file(out, group);
        return;
    }
    fprintf(out, "%s: %s%s, %s\n", status_view_text(plan, "name"), status_view_text(plan, "kind"),
            status_view_is(plan, "force") ? " by force" : "", advice(plan));
    print_stages(out, plan);
    const json_t *events = json_object_get(plan, "event");
    size_t count = json_array_size(events);
    for (size_t i = count > LAST_EVENTS ? count - LAST_EVENTS : 0; i < count; i++)
        print_event(out, json_array_get(events, i));
}

long long group_view_events(FILE *out, const json_t *answer, bool json, long long after)
{
    size_t i;
    json_t *event;
    json_array_foreach(json_object_get(json_object_get(answer, "plan"), "event"), i, event)
    {
        if (status_view_number(event, "number") <= after)
            continue;
        after = status_view_number(event, "number");
        if (json) {
            json_dumpf(event, out, JSON_COMPACT | JSON_PRESERVE_ORDER);
            fputc('\n', out);
        } else
            print_event(out, event);
    }
    fflush(out);
    return after;
}
