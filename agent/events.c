/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/events.h"

#include <stdlib.h>

#define LINES_MAX 512 /* an answer; more come with the next `after` */

static void write_event(struct json_writer *answer, const struct log_line *line)
{
    json_write_begin(answer, NULL);
    json_write_unsigned(answer, "number", line->number);
    json_write_number(answer, "time_ms", line->time_ms);
    json_write_text(answer, "level", log_level_name(line->level));
    json_write_text(answer, "rule", line->rule.hex);
    json_write_text(answer, "event", line->event);
    json_write_text(answer, "text", line->text);
    json_write_end(answer);
}

enum dr_code events_answer(struct log *log, const struct config *config, const struct control_request *request,
                           struct json_writer *answer, struct dr_error *err)
{
    const struct rule *rule = NULL;
    const char *name = control_argument(request, "rule");
    uint64_t after;
    if (control_number(&after, request, "after", 0, UINT64_MAX, err) != DR_OK)
        return err->code;
    if (name && config_find(&rule, config, name, err) != DR_OK)
        return err->code;
    struct log_line *line = malloc(LINES_MAX * sizeof *line);
    if (!line)
        return dr_fail(err, DR_FULL, "no memory for %d events", LINES_MAX);
    unsigned count = log_recent(log, rule ? &rule->id : NULL, after, line, LINES_MAX);
    json_write_array(answer, "events");
    for (unsigned i = 0; i < count; i++)
        write_event(answer, &line[i]);
    json_write_array_end(answer);
    free(line);
    return DR_OK;
}
