/* SPDX-License-Identifier: Apache-2.0
 * agent/rule/session.c - connections of the peer's source: at most one for the stream and one for the mirror; a newer
 * one replaces an older one, whose end may not have been noticed here yet. */
#include "agent/rule/replicate_state.h"
#include "agent/source/receive.h"
#include "platform/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REFUSAL_LIMIT 2000

static enum session_lane slot_of(enum lane lane)
{
    return lane == LANE_MIRROR ? SESSION_MIRROR : SESSION_REPLICATION;
}

void replicate_end_sessions(struct replicate *r)
{
    pthread_mutex_lock(&r->lock);
    for (int i = 0; i < SESSIONS; i++)
        if (r->session[i] != NULL)
            wire_shut(r->session[i]);
    while (r->session[SESSION_REPLICATION] != NULL || r->session[SESSION_MIRROR] != NULL)
        pthread_cond_wait(&r->change, &r->lock);
    pthread_mutex_unlock(&r->lock);
}

/* False: this member takes nothing now. */
static bool enter(struct replicate *r, enum session_lane slot, struct wire *wire, struct receive_config *config)
{
    pthread_mutex_lock(&r->lock);
    while (r->receiving && r->session[slot] != NULL) {
        wire_shut(r->session[slot]);
        pthread_cond_wait(&r->change, &r->lock);
    }
    bool go_on = r->receiving;
    if (go_on) {
        struct target_progress progress;
        target_progress(r->target, &progress);
        bool own = r->terms.own_stream != 0 && progress.stream == r->terms.own_stream;
        r->session[slot] = wire;
        *config = (struct receive_config){.rule = r->config.rule->id,
                                          .self = r->config.self,
                                          .peer = r->config.rule->member[member_other(r->config.self)].node,
                                          .term = r->following,
                                          .paths = r->config.rule->paths,
                                          .errands = r->config.errands,
                                          .own_stream = own ? r->terms.own_stream : 0,
                                          .own_seq = own ? r->terms.own_seq : 0};
    }
    pthread_mutex_unlock(&r->lock);
    return go_on;
}

static void leave(struct replicate *r, enum session_lane slot)
{
    pthread_mutex_lock(&r->lock);
    r->session[slot] = NULL;
    pthread_cond_broadcast(&r->change);
    pthread_mutex_unlock(&r->lock);
}

static void refuse(struct wire *wire, const char *why)
{
    uint8_t body[1024];
    struct dr_error err;
    struct repl_welcome welcome = {.verdict = REPL_REFUSED};
    struct cursor c = cursor_over(body, sizeof body);
    snprintf(welcome.why, sizeof welcome.why, "%s", why);
    repl_welcome_encode(&c, &welcome);
    /* If it cannot be told it finds out by the end of the connection. */
    (void)!wire_send(wire, REPL_WELCOME, body, sizeof body - cursor_left(&c), &err);
}

struct stay { /* a session that goes on without a thread */
    struct replicate *replicate;
    struct replicate_end end;
};

static void say_end(struct replicate *r, const struct dr_error *why)
{
    char trouble[REPL_TEXT_MAX]; /* of the target: said by who watches it, once for many sessions */
    replicate_trouble(r, trouble);
    if (why->code != DR_CLOSED && trouble[0] == '\0')
        log_write(r->config.log, LOG_LEVEL_WARNING, &r->config.rule->id, "session_end", "%s", why->text);
}

static void ended(void *baton, const struct dr_error *why)
{
    struct stay *stay = baton;
    leave(stay->replicate, SESSION_REPLICATION);
    say_end(stay->replicate, why);
    stay->end.left(stay->end.baton);
    free(stay);
}

static enum dr_code serve_stream(struct replicate *r, struct conn *conn, const struct repl_hello *hello,
                                 const struct receive_config *config, const struct replicate_end *end,
                                 struct dr_error *err)
{
    struct stay *stay = malloc(sizeof *stay);
    if (stay == NULL)
        return dr_fail(err, DR_FULL, "no memory for a session");
    *stay = (struct stay){r, *end};
    struct receive_end over = {ended, stay};
    enum dr_code code = receive_replication(conn, hello, r->target, config, &over, err);
    if (code != DR_OK)
        free(stay);
    return code;
}

bool replicate_serve(struct replicate *r, enum lane lane, struct wire *wire, const struct repl_hello *hello,
                     const struct replicate_end *end)
{
    struct receive_config config;
    struct dr_error err;
    enum session_lane slot = slot_of(lane);
    if (!enter(r, slot, wire, &config)) {
        refuse(wire, "this member receives nothing now: `drctl --local why` there says more");
        return false;
    }
    enum dr_code code = lane == LANE_MIRROR ? receive_mirror(wire_conn(wire), hello, r->target, &config, &err)
                                            : serve_stream(r, wire_conn(wire), hello, &config, end, &err);
    if (code == DR_OK)
        return true;
    leave(r, slot);
    say_end(r, &err);
    return false;
}
