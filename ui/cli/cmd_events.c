/* SPDX-License-Identifier: Apache-2.0
 * drctl events */
#include "ui/cli/cli.h"
#include "ui/cli/client.h"
#include "ui/cli/screen.h"
#include "ui/cli/status_view.h"
#include "ui/cli/text.h"

#define LIMIT_S   10
#define FOLLOW_MS 500

static void print_event(const json_t *event)
{
    char when[32];
    text_clock(when, sizeof when, status_view_number(event, "time_ms"));
    printf("%s %-7s %-18s %s\n", when, status_view_text(event, "level"), status_view_text(event, "event"),
           status_view_text(event, "text"));
}

/* Returns the number of the last event that was shown. */
static unsigned long long print_events(const json_t *answer, bool json, unsigned long long last)
{
    size_t i;
    json_t *event;
    json_array_foreach(json_object_get(answer, "events"), i, event)
    {
        last = (unsigned long long)status_view_number(event, "number");
        if (json)
            cli_print_json(event); /* an event a line: a stream has no end that could close an array */
        else
            print_event(event);
    }
    fflush(stdout);
    return last;
}

int cmd_events(struct cli *cli)
{
    struct client_request request = {
        .root = cli->options.root, .command = "events", .rule = cli_word(cli, 0), .key = "after", .limit_s = LIMIT_S};
    json_t *answer;
    bool more;
    if (cli->options.follow)
        screen_begin();
    do {
        unsigned long long before = request.value;
        int status = cli_ask(&answer, cli, &request);
        if (status != CLI_DONE) {
            screen_end();
            return status;
        }
        request.value = print_events(answer, cli->options.json, before);
        json_decref(answer);
        more = request.value != before;
    } while (more || (cli->options.follow && screen_wait(FOLLOW_MS)));
    screen_end();
    return CLI_DONE;
}
