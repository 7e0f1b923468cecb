/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/cli/whatif.h"

#include "core/arbiter.h"
#include "core/ha_settings.h"
#include "ui/cli/timeline.h"

#include <stdlib.h>
#include <string.h>

#define PENDING 512
#define LAST    64  /* kinds of commands */
#define QUICK   1   /* ms, of what the record never shows */
#define SAME    100 /* ms */

/* A beat in the record: to whom and when; and if it was answered, after how long, and what was said. */
struct request {
    bool witness, answered;
    uint32_t line;
    unsigned life; /* of drnode, from 1: clocks of two lives do not compare */
    msec sent, took;
    struct ha_report report;
};

struct world {
    /* from the record */
    struct request *request;
    size_t requests, room, nearest;
    unsigned life;
    msec took[LAST];   /* commands, by kind: the last one of each; -1: never */
    msec issued[LAST]; /* the last of each */
    bool full;         /* no memory for all of it */

    /* what is played */
    struct timeline timeline;
    struct ha_replay was; /* as it was decided */
    struct ha h;          /* as it would be */
    struct ha_config old;
    const char *settings;
    struct ha_answer answer;
    struct voter peer, witness[WITNESSES_MAX];
    struct coming {
        msec at;
        bool done;
        uint64_t command;
        uint32_t line;
        struct ha_message message;
    } coming[PENDING];
    unsigned pending;
    msec wake;
    bool parted;  /* one acts and the other does not, once for longer than a moment */
    msec parting; /* since when; 0: not */
    struct mark {
        struct flight_head head;
        msec at, silence;
    } there, here; /* first time that it became master, in the record and here; 0: never */
    unsigned assumed;
    msec last_word; /* of the other member */
    struct dr_error err;
};

/* ---- first pass: what was answered, and how long commands took ---- */

static void remember_request(struct world *w, const struct ha_action *a)
{
    const struct ha_message *m = &a->u.send.message;
    bool witness = a->kind == HA_SEND_WITNESS;
    if ((!witness && a->kind != HA_SEND_PEER) || m->kind != HA_BEAT)
        return;
    if (w->requests == w->room) {
        size_t room = w->room ? 2 * w->room : 1024;
        struct request *more = realloc(w->request, room * sizeof *more);
        w->full = more == NULL;
        if (w->full)
            return;
        w->request = more;
        w->room = room;
    }
    w->request[w->requests++] =
        (struct request){.witness = witness, .line = a->u.send.line, .life = w->life, .sent = m->sent};
}

static void remember_answer(struct world *w, const struct ha_event *e)
{
    const struct ha_message *m = e->message;
    bool witness = m->from == MEMBER_NONE;
    for (size_t i = w->requests; m->kind == HA_ANSWER && i-- > 0 && w->request[i].life == w->life;) {
        struct request *r = &w->request[i];
        if (r->sent < m->sent)
            return;
        if (r->witness != witness || r->line != e->line || r->sent != m->sent)
            continue;
        r->answered = true;
        r->took = e->now - m->sent;
        r->report = m->report;
        return;
    }
}

static bool follows(const struct world *w, const struct flight_reader *reader)
{
    return w->was.running && reader->head.why == FLIGHT_FULL && reader->head.life == w->was.life;
}

static bool collect_begin(void *baton, const struct flight_reader *reader)
{
    struct world *w = baton;
    char why[REPLAY_TEXT];
    w->life += !follows(w, reader);
    return ha_replay_begin(&w->was, reader, why);
}

static bool collect_step(void *baton, const struct flight_reader *reader)
{
    struct world *w = baton;
    const struct ha_event *e = &reader->step.held.event;
    enum ha_command_kind kind = ha_job_command(&w->was.h);
    char why[REPLAY_TEXT];
    if (e->kind == HA_RECEIVED)
        remember_answer(w, e);
    if (e->kind == HA_DONE && e->command == w->was.h.renewing)
        kind = HA_VIP_RENEW;
    if (e->kind == HA_DONE && kind != 0 && w->issued[kind] != 0)
        w->took[kind] = e->now - w->issued[kind];
    for (uint32_t i = 0; i < reader->step.answer.actions; i++) {
        const struct ha_action *a = &reader->step.answer.action[i];
        remember_request(w, a);
        if (a->kind == HA_COMMAND)
            w->issued[a->u.command.kind] = e->now;
    }
    (void)ha_replay_step(&w->was, &reader->step, why); /* `replay` without other settings is what looks at that */
    return !w->full;
}

/* ---- second pass ---- */

/* The recorded beat to there that was sent nearest to `now`, if it was answered; NULL: nobody was reached about then.
 */
static const struct request *nearest_to(struct world *w, bool witness, uint32_t line, msec now)
{
    const struct request *best = NULL;
    msec distance = 2 * w->old.interval, from = now - distance;
    while (w->nearest < w->requests && (w->request[w->nearest].life < w->life || w->request[w->nearest].sent < from))
        w->nearest++;
    for (size_t i = w->nearest; i < w->requests && w->request[i].life == w->life; i++) {
        const struct request *r = &w->request[i];
        msec d = r->sent > now ? r->sent - now : now - r->sent;
        if (r->sent > now + 2 * w->old.interval)
            break;
        if (r->witness == witness && r->line == line && d <= distance) {
            best = r;
            distance = d;
        }
    }
    return best;
}

static struct coming *expect(struct world *w, msec at)
{
    if (w->pending == PENDING)
        return NULL;
    struct coming *c = &w->coming[w->pending++];
    *c = (struct coming){.at = at};
    return c;
}

/* What a voter of the record's far end answers; its report is what it said about then. */
static void answer_later(struct world *w, const struct ha_action *a, struct voter *voter, const struct request *like)
{
    const struct ha_message *m = &a->u.send.message;
    struct voter_answer vote;
    msec now = w->h.now, took = like != NULL ? like->took : QUICK;
    voter_step(voter, &m->ask, now + took / 2, &vote);
    struct coming *c = m->kind == HA_BEAT ? expect(w, now + took) : NULL;
    if (c == NULL)
        return;
    bool witness = a->kind == HA_SEND_WITNESS;
    c->line = a->u.send.line;
    c->message = (struct ha_message){.kind = HA_ANSWER,
                                     .rule = m->rule,
                                     .asker = m->asker,
                                     .round = m->round,
                                     .sent = m->sent,
                                     .voted = vote.reply_due,
                                     .vote = vote.reply};
    c->message.from = witness ? MEMBER_NONE : member_other(w->h.config.self);
    if (!witness) {
        c->message.report = like->report;
        c->message.report.stamp = w->h.peer.report.stamp; /* it says nothing newer than its beats do */
    }
}

/* A witness that was not asked about then, as a slave asks none, is taken to be there. */
static void send(struct world *w, const struct ha_action *a)
{
    bool witness = a->kind == HA_SEND_WITNESS;
    uint32_t line = a->u.send.line;
    const struct request *like = nearest_to(w, witness, line, w->h.now);
    w->assumed += witness && like == NULL;
    if (like != NULL ? like->answered : witness)
        answer_later(w, a, witness ? &w->witness[line] : &w->peer, like);
}

static void carry_out(struct world *w)
{
    for (uint32_t i = 0; i < w->answer.actions; i++) {
        const struct ha_action *a = &w->answer.action[i];
        if (a->kind == HA_SEND_PEER || a->kind == HA_SEND_WITNESS)
            send(w, a);
        if (a->kind != HA_COMMAND)
            continue;
        msec took = w->took[a->u.command.kind];
        struct coming *c = expect(w, w->h.now + (took >= 0 ? took : QUICK));
        if (c != NULL) {
            c->done = true;
            c->command = a->u.command.id;
        }
    }
}

/* ---- where the two differ ---- */

/* A take-over that took some milliseconds more or less is the same. */
static void note_parting(struct world *w, msec now)
{
    char when[32];
    if (w->parted || ha_holding(&w->h) == ha_holding(&w->was.h)) {
        w->parting = 0;
        return;
    }
    if (w->parting == 0)
        w->parting = now;
    if (now - w->parting < SAME)
        return;
    w->parted = true;
    timeline_when(when, &w->timeline.head, w->parting);
    fprintf(w->timeline.out, "%s  -- from here on it is %s, where the record has: %s\n", when, ha_mode_name(w->h.mode),
            ha_mode_name(w->was.h.mode));
}

static void note_master(struct world *w, struct mark *mark, enum ha_mode before, const struct ha *h)
{
    if (mark->at == 0 && before == HA_TAKING && h->mode == HA_ACTING)
        *mark = (struct mark){.head = w->timeline.head, .at = h->now, .silence = h->now - w->last_word};
}

static void say_master(FILE *out, const char *where, const struct mark *mark)
{
    char when[32];
    if (mark->at == 0) {
        fprintf(out, "%s: it does not become master\n", where);
        return;
    }
    timeline_when(when, &mark->head, mark->at);
    fprintf(out, "%s: master at %s, %lld ms after the last beat of the other member\n", where, when,
            (long long)mark->silence);
}

static void play(struct world *w, const struct ha_event *event)
{
    struct ha before = w->h;
    ha_step(&w->h, event, &w->answer);
    w->wake = w->answer.wake;
    timeline_step(&w->timeline, &before, event, &w->h, &w->answer);
    note_master(w, &w->here, before.mode, &w->h);
    note_parting(w, event->now);
    carry_out(w);
}

/* All that comes by itself before `now`. */
static void live_until(struct world *w, msec now)
{
    for (;;) {
        unsigned next = w->pending;
        msec at = w->wake;
        for (unsigned i = 0; i < w->pending; i++)
            if (w->coming[i].at <= at) {
                at = w->coming[i].at;
                next = i;
            }
        if (at >= now)
            return;
        struct ha_event e = {.kind = HA_TICK, .now = at > w->h.now ? at : w->h.now};
        struct coming c;
        if (next < w->pending) {
            c = w->coming[next];
            w->coming[next] = w->coming[--w->pending];
            e.kind = c.done ? HA_DONE : HA_RECEIVED;
            e.command = c.command;
            e.ok = true;
            e.text = "";
            e.line = c.line;
            e.message = &c.message;
        }
        play(w, &e);
    }
}

/* The same settings hold on the other member: it asks for promises of the new length. */
static void hear(struct world *w, const struct ha_event *e)
{
    struct ha_message m = *e->message;
    struct ha_event event = *e;
    struct voter_answer vote;
    if (m.ask.length == ha_length(&w->old))
        m.ask.length = ha_length(&w->h.config);
    event.message = &m;
    w->last_word = e->now;
    play(w, &event);
    voter_step(&w->peer, &m.ask, e->now, &vote);
    for (uint32_t i = 0; i < w->h.config.witnesses; i++)
        voter_step(&w->witness[i], &m.ask, e->now, &vote);
}

static bool apply(struct world *w)
{
    char text[512];
    w->old = w->was.h.config;
    snprintf(text, sizeof text, "%s", w->settings);
    for (char *rest = text, *one; (one = strsep(&rest, ",")) != NULL;) {
        char *value = strchr(one, '=');
        if (value == NULL) {
            dr_fail(&w->err, DR_INVALID, "--set %s: NAME=VALUE is wanted", one);
            return false;
        }
        *value++ = '\0';
        if (ha_setting(&w->h.config, one, value, &w->err) != DR_OK)
            return false;
    }
    for (unsigned i = 0; i < w->h.store.set.count; i++)
        if (w->h.config.release_grace != w->old.release_grace)
            w->h.store.set.of[i].release_grace = w->h.config.release_grace;
    return ha_check(&w->h.config, &w->err) == DR_OK;
}

static void begin_voters(struct world *w, msec now)
{
    const struct configuration *c = ha_configuration(&w->h);
    struct voter_store store = {.identity = w->h.peer.report.identity ? w->h.peer.report.identity : 1,
                                .term = w->h.store.voter.term,
                                .candidate = w->h.store.voter.candidate,
                                .length = ha_length(&w->h.config)};
    voter_init(&w->peer, &store, now);
    for (uint32_t i = 0; i < WITNESSES_MAX; i++) {
        store.identity = w->h.third[i].identity ? w->h.third[i].identity : c->witness[i] ? c->witness[i] : i + 2;
        voter_init(&w->witness[i], &store, now);
    }
}

static bool begin(void *baton, const struct flight_reader *reader)
{
    struct world *w = baton;
    char why[REPLAY_TEXT];
    bool goes_on = follows(w, reader);
    if (!ha_replay_begin(&w->was, reader, why))
        return false;
    w->timeline.head = reader->head;
    if (goes_on)
        return true;
    w->h = w->was.h;
    w->pending = 0;
    w->wake = reader->head.now;
    w->parting = 0;
    w->life++;
    if (!apply(w))
        return false;
    begin_voters(w, reader->head.now);
    return true;
}

static bool step(void *baton, const struct flight_reader *reader)
{
    struct world *w = baton;
    const struct ha_event *e = &reader->step.held.event;
    enum ha_mode before = w->was.h.mode;
    char why[REPLAY_TEXT];
    live_until(w, e->now);
    (void)ha_replay_step(&w->was, &reader->step, why);
    note_master(w, &w->there, before, &w->was.h);
    if (e->kind == HA_RECEIVED && e->message->kind == HA_BEAT)
        hear(w, e);
    else if (e->kind == HA_FACTS || e->kind == HA_ORDER)
        play(w, e);
    note_parting(w, e->now);
    return true;
}

static void say_limits(const struct world *w, FILE *out)
{
    fputs("What this can tell: the same core with these settings on both members, told the same facts, orders and "
          "beats of\n"
          "the other member when they came. What it asks is answered if the recorded beat nearest to it was, after as "
          "long as\n"
          "that took; its commands take as long as the last of their kind.\n"
          "What it cannot tell: what failed for less than a recorded interval; when the other member would have "
          "beaten; and,\n"
          "from where the two part, what the other member and the witnesses would have said and done.\n",
          out);
    if (w->assumed > 0)
        fputs("Assumed: a witness, when the record did not ask it, is there, and has promised its vote to the other "
              "member\n"
              "whenever that asked this one for its own.\n",
              out);
}

static enum dr_code run(struct world *w, const struct flight_files *files, struct dr_error *err)
{
    struct flight_visitor first = {.begin = collect_begin, .step = collect_step, .baton = w};
    struct flight_visitor second = {.begin = begin, .step = step, .baton = w};
    for (unsigned i = 0; i < LAST; i++)
        w->took[i] = -1;
    enum dr_code code = flight_files_visit(files, &first, err);
    memset(&w->was, 0, sizeof w->was);
    w->life = 0;
    if (code == DR_OK && w->full)
        code = dr_fail(err, DR_FULL, "no memory for the answers of this record");
    if (code == DR_OK)
        code = flight_files_visit(files, &second, err);
    if (code == DR_OK && w->err.code != DR_OK)
        *err = w->err, code = err->code;
    return code;
}

enum dr_code whatif_print(FILE *out, const struct flight_files *files, const char *settings, bool all,
                          struct dr_error *err)
{
    struct world *w = calloc(1, sizeof *w);
    if (w == NULL)
        return dr_fail(err, DR_FULL, "no memory for a replay");
    w->timeline = (struct timeline){.out = out, .all = all};
    w->settings = settings;
    enum dr_code code = run(w, files, err);
    if (code == DR_OK) {
        say_master(out, "in the record      ", &w->there);
        say_master(out, "with these settings", &w->here);
        if (!w->parted)
            fputs("it comes to the same, as far as the record goes\n", out);
        say_limits(w, out);
    }
    free(w->request);
    free(w);
    return code;
}
