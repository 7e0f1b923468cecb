/* SPDX-License-Identifier: Apache-2.0
 * drctl replay FILE - what a flight recorder holds, through the same core again: are the answers the same, and what was
 * decided why. */
#include "ui/cli/cli.h"
#include "ui/cli/flight_files.h"
#include "ui/cli/timeline.h"
#include "ui/cli/whatif.h"

#include <inttypes.h>
#include <stdlib.h>

struct player {
    struct timeline timeline;
    struct ha_replay replay;
    struct ha before;
    uint64_t steps;
    msec last;
    char why[REPLAY_TEXT]; /* the first difference; "" none */
};

static void print_head(const struct player *p)
{
    const struct flight_head *head = &p->timeline.head;
    enum member self = p->replay.h.config.self;
    char when[32];
    timeline_when(when, head, head->now);
    fprintf(p->timeline.out, "%s  -- %s: rule %s on %s (member %c)\n", when,
            head->why == FLIGHT_START ? "drnode started" : "the record begins here", head->rule, head->member[self],
            self == MEMBER_A ? 'A' : 'B');
}

static bool begin(void *baton, const struct flight_reader *reader)
{
    struct player *p = baton;
    bool goes_on = p->replay.running && reader->head.why == FLIGHT_FULL && reader->head.life == p->replay.life;
    p->timeline.head = reader->head;
    p->last = reader->head.now;
    if (!ha_replay_begin(&p->replay, reader, p->why))
        return false;
    if (!goes_on)
        print_head(p);
    return true;
}

static bool step(void *baton, const struct flight_reader *reader)
{
    struct player *p = baton;
    p->before = p->replay.h;
    bool same = ha_replay_step(&p->replay, &reader->step, p->why);
    p->steps++;
    p->last = reader->step.held.event.now;
    timeline_step(&p->timeline, &p->before, &reader->step.held.event, &p->replay.h, &p->replay.answer);
    return same;
}

static int conclude(const struct player *p)
{
    char when[32];
    timeline_when(when, &p->timeline.head, p->last);
    if (p->why[0] == '\0') {
        printf("%" PRIu64 " steps until %s: the core gives the same answers again\n", p->steps, when);
        return CLI_DONE;
    }
    printf("step %" PRIu64 ", %s: the core does not give the same answer again: %s\n", p->steps, when, p->why);
    return CLI_FAILED;
}

int cmd_replay(struct cli *cli)
{
    struct flight_files files;
    struct dr_error err;
    if (cli_word(cli, 0) == NULL)
        return cli_usage("replay: which record? a rule's is var/rules/ID/flight below drnode's folder");
    struct player *p = calloc(1, sizeof *p);
    if (p == NULL || flight_files_read(&files, cli_word(cli, 0), FLIGHT_FILES_ALL, &err) != DR_OK) {
        free(p);
        return p ? cli_fail(&err) : CLI_FAILED;
    }
    if (cli->options.set[0]) {
        enum dr_code told = whatif_print(stdout, &files, cli->options.set, cli->options.all, &err);
        flight_files_free(&files);
        free(p);
        return told == DR_OK ? CLI_DONE : cli_fail(&err);
    }
    p->timeline = (struct timeline){.out = stdout, .all = cli->options.all};
    struct flight_visitor visitor = {.begin = begin, .step = step, .baton = p};
    enum dr_code code = flight_files_visit(&files, &visitor, &err);
    int status = code == DR_OK || p->steps > 0 ? conclude(p) : CLI_FAILED;
    if (code != DR_OK)
        status = cli_fail(&err);
    flight_files_free(&files);
    free(p);
    return status;
}
