/* SPDX-License-Identifier: Apache-2.0
 * core/ha_words.c - events and actions of the core in words: a flight recorder's timeline, and where a replay differs.
 */
#include "core/ha_replay.h"

#include <stdio.h>

static const char *const mode_names[] = {
    [HA_STARTING] = "starting",    [HA_LISTENING] = "listening", [HA_ASKING] = "asking to be master",
    [HA_TAKING] = "taking over",   [HA_ACTING] = "master",       [HA_HANDING] = "releasing on a person's word",
    [HA_RETAKING] = "taking back", [HA_RELEASING] = "releasing", [HA_STOPPED] = "stopped"};

static const char *const order_names[] = {[HA_ORDER_SWITCH] = "switch",
                                          [HA_ORDER_SWITCH_FORCE] = "switch by force",
                                          [HA_ORDER_TAKE_FORCE] = "force-switch",
                                          [HA_ORDER_STOP] = "stop",
                                          [HA_ORDER_STOP_FORCE] = "stop by force",
                                          [HA_ORDER_START] = "start",
                                          [HA_ORDER_STOP_SCRIPT] = "stop-script",
                                          [HA_ORDER_REJOIN] = "rejoin"};

static const char *const phase_names[] = {"nothing replicates", "mirroring", "replicating"};

const char *ha_mode_name(enum ha_mode mode)
{
    return mode_names[mode];
}

static void vote_words(char text[WORDS_MAX], const char *who, const struct vote_reply *vote)
{
    if (vote->granted)
        snprintf(text, WORDS_MAX, "%s promises its vote in term %llu for %lld ms%s", who,
                 (unsigned long long)vote->term, (long long)vote->length,
                 vote->handed_over ? ": handed over, nothing held" : "");
    else if (vote->candidate == MEMBER_NONE)
        snprintf(text, WORDS_MAX, "%s refuses: it knows term %llu", who, (unsigned long long)vote->term);
    else
        snprintf(text, WORDS_MAX, "%s refuses: promised to member %c in term %llu, for %lld ms more", who,
                 vote->candidate == MEMBER_A ? 'A' : 'B', (unsigned long long)vote->term, (long long)vote->length);
}

static const char *standing(const struct ha_report *r)
{
    if (r->stopped)
        return "stopped";
    if (r->switching)
        return "switching";
    if (r->acting)
        return "master";
    return r->asking ? "asking to be master" : "slave";
}

static void message_words(char text[WORDS_MAX], const struct ha_event *e)
{
    const struct ha_message *m = e->message;
    const struct ha_report *r = &m->report;
    char vote[WORDS_MAX];
    if (m->from == MEMBER_NONE) {
        vote_words(text, "the witness", &m->vote);
        return;
    }
    if (m->voted)
        vote_words(vote, "", &m->vote);
    snprintf(text, WORDS_MAX, "the other member %s on line %u: %s, term %llu, %s%s%.120s%s",
             m->kind == HA_BEAT ? "beats" : "answers", e->line + 1, standing(r), (unsigned long long)r->term,
             r->phase <= HA_PHASE_REPLICATING ? phase_names[r->phase] : "?", m->voted ? ";" : "", m->voted ? vote : "",
             r->ask_now ? "; asks this one to take over" : "");
}

static void facts_words(char text[WORDS_MAX], const struct ha_facts *f)
{
    snprintf(text, WORDS_MAX, "facts: %s%s%s%s%s, %llu records behind", phase_names[f->phase],
             f->mixed ? ", the copy is no prefix" : "", f->in_window ? "" : ", outside the time windows",
             f->ended ? ", end of term applied" : "", f->uncovered ? ", the capture has ended" : "",
             (unsigned long long)f->lag_records);
}

static void done_words(char text[WORDS_MAX], const struct ha *h, const struct ha_event *e)
{
    enum ha_command_kind kind = e->command == h->renewing ? HA_VIP_RENEW : 0;
    if (kind == 0 && e->command == h->job.id)
        kind = ha_job_command(h);
    if (e->ok)
        snprintf(text, WORDS_MAX, "done: %s", ha_command_name(kind));
    else
        snprintf(text, WORDS_MAX, "failed: %s: %.255s", ha_command_name(kind), e->text);
}

void ha_event_words(char text[WORDS_MAX], const struct ha *before, const struct ha_event *event)
{
    switch (event->kind) {
    case HA_TICK: snprintf(text, WORDS_MAX, "time"); break;
    case HA_RECEIVED: message_words(text, event); break;
    case HA_FACTS: facts_words(text, &event->facts); break;
    case HA_DONE: done_words(text, before, event); break;
    case HA_STORE_FAILED: snprintf(text, WORDS_MAX, "the state could not be stored"); break;
    case HA_ORDER: snprintf(text, WORDS_MAX, "a person orders: %s", order_names[event->order]); break;
    }
}

static void send_words(char text[WORDS_MAX], const char *whom, const struct ha_action *a)
{
    const struct ha_message *m = &a->u.send.message;
    char vote[WORDS_MAX] = "";
    if (m->voted)
        vote_words(vote, ": ", &m->vote);
    const char *ask = m->ask.kind == VOTE_ASK ? ", asks for its vote" : "";
    snprintf(text, WORDS_MAX, "%s to %s on line %u as %s, term %llu%s%.200s", m->kind == HA_BEAT ? "beat" : "answer",
             whom, a->u.send.line + 1, standing(&m->report), (unsigned long long)m->report.term,
             m->ask.kind == VOTE_GIVE_BACK ? ", gives its vote back" : ask, vote);
}

void ha_action_words(char text[WORDS_MAX], const struct ha_action *a)
{
    switch (a->kind) {
    case HA_STORE: snprintf(text, WORDS_MAX, "store the state"); break;
    case HA_SEND_PEER: send_words(text, "the other member", a); break;
    case HA_SEND_WITNESS: send_words(text, "the witness", a); break;
    case HA_COMMAND:
        snprintf(text, WORDS_MAX, "%s (command %llu, term %llu%s)", ha_command_name(a->u.command.kind),
                 (unsigned long long)a->u.command.id, (unsigned long long)a->u.command.term,
                 a->u.command.at_once ? ", at once" : "");
        break;
    case HA_KILL_SCRIPT: snprintf(text, WORDS_MAX, "end the script that runs"); break;
    case HA_LOG: snprintf(text, WORDS_MAX, "%s", a->u.log.text); break;
    }
}
