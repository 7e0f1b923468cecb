/* SPDX-License-Identifier: Apache-2.0 */
#include "core/ha_account.h"

#include "core/ha_replay.h"
#include "core/ha_state.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct teller {
    const struct ha *h;
    const struct ha_names *names;
    struct ha_account *account;
    enum ha_about about;
};

static void tell(struct teller *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void tell(struct teller *t, const char *format, ...)
{
    if (t->account->facts == HA_FACTS_TOLD)
        return;
    struct ha_fact *fact = &t->account->fact[t->account->facts++];
    va_list args;
    va_start(args, format);
    vsnprintf(fact->text, sizeof fact->text, format, args);
    va_end(args);
    fact->about = t->about;
}

/* 0.4 s, 12 s, 3 min, 5 h */
#define SPAN 24
static const char *span(char text[SPAN], msec ms)
{
    if (ms < 10000)
        snprintf(text, SPAN, "%lld.%lld s", (long long)(ms / 1000), (long long)(ms % 1000 / 100));
    else if (ms < 120000)
        snprintf(text, SPAN, "%lld s", (long long)(ms / 1000));
    else if (ms < 7200000)
        snprintf(text, SPAN, "%lld min", (long long)(ms / 60000));
    else
        snprintf(text, SPAN, "%lld h", (long long)(ms / 3600000));
    return text;
}

static const char *member_name(const struct teller *t, enum member m)
{
    return m == MEMBER_NONE ? "nobody" : t->names->member[m];
}

/* "until": from then on, or since when no more. */
static const char *until(char text[SPAN + 24], msec end, msec now)
{
    char span_text[SPAN];
    if (end > now)
        snprintf(text, SPAN + 24, "for %s more", span(span_text, end - now));
    else
        snprintf(text, SPAN + 24, "which ran out %s ago", span(span_text, now - end));
    return text;
}

/* ---- this member ---- */

static void tell_mode(struct teller *t)
{
    const struct ha *h = t->h;
    char one[SPAN], two[SPAN];
    unsigned long long term = h->term, following = h->following, seen = h->store.seen;
    if (h->mode == HA_ACTING)
        tell(t, "master in term %llu since %s; its authority lasts %s if nobody renews it", term,
             span(one, h->now - h->acting_since), span(two, ha_authority(h) > h->now ? ha_authority(h) - h->now : 0));
    else if (h->mode != HA_LISTENING)
        tell(t, "%s, term %llu", ha_mode_name(h->mode), term);
    else if (h->following)
        tell(t, "slave of %s's mastership, term %llu", member_name(t, ha_other(h)), following);
    else
        tell(t, "knows of no master; the highest term that it has seen is %llu", seen);
}

static void tell_own_vote(struct teller *t)
{
    char text[SPAN + 24];
    const struct voter *v = &t->h->voter;
    if (v->store.candidate == MEMBER_NONE)
        tell(t, "its vote is promised to nobody");
    else
        tell(t, "its vote is promised to %s in term %llu, %s", member_name(t, v->store.candidate),
             (unsigned long long)v->store.term, until(text, v->until, t->h->now));
}

static void tell_data(struct teller *t)
{
    static const char *const phases[] = {"nothing is replicated", "a mirror runs", "replicating"};
    const struct ha_facts *f = &t->h->facts;
    const struct ha_store *s = &t->h->store;
    const char *lacks = "";
    if (f->mixed)
        lacks = "; its copy is of no one moment";
    else if (f->uncovered)
        lacks = "; its folders are not captured";
    tell(t, "%s; its data are those of term %llu%s%s", phases[f->phase], (unsigned long long)s->synced,
         s->synced == s->seen ? ", the newest known" : "", lacks);
    if (t->h->owner && f->phase != HA_PHASE_NONE)
        tell(t, "%llu records (%llu bytes, %lld ms) are not on the other member yet",
             (unsigned long long)f->lag_records, (unsigned long long)f->lag_bytes, (long long)f->lag_ms);
}

static void tell_configuration(struct teller *t)
{
    const struct ha *h = t->h;
    tell(t, "who is master needs %s%s", ha_quorum_name(ha_configuration(h)->kind),
         h->store.set.count > 1 ? "; a change of that has not been acknowledged by the other member yet" : "");
}

static void tell_self(struct teller *t)
{
    t->about = HA_ABOUT_SELF;
    tell_mode(t);
    if (ha_job_command(t->h) != 0)
        tell(t, "under way: %s", ha_command_name(ha_job_command(t->h)));
    tell_own_vote(t);
    tell_data(t);
    tell_configuration(t);
}

/* ---- the other member ---- */

static void tell_report(struct teller *t, const struct ha_report *r, msec age)
{
    char text[SPAN];
    const char *standing = r->stopped     ? "stopped by a person"
                           : r->switching ? "its resources are on their way"
                           : r->acting    ? "master"
                           : r->asking    ? "asking to be master"
                                          : "slave";
    tell(t, "said %s ago: %s, term %llu; it could%s be master", span(text, age), standing, (unsigned long long)r->term,
         r->able ? "" : " not");
    if (r->ask_now)
        tell(t, "it hands its mastership over: this member may ask in term %llu", (unsigned long long)r->ask_now);
}

static void tell_peer(struct teller *t)
{
    const struct ha *h = t->h;
    char text[SPAN + 24], age[SPAN];
    msec heard = ha_last_heard(h), end = mastership_end(&h->mastership, h->peer.report.identity);
    t->about = HA_ABOUT_PEER;
    if (h->peer.report.identity == 0)
        tell(t, "has never been heard since this drnode started");
    else
        tell_report(t, &h->peer.report, h->now - h->peer.reported);
    if (heard != 0)
        tell(t, "the last beat that it answered was sent %s ago; it counts as silent after %lld ms",
             span(age, h->now - heard), (long long)ha_length(&h->config));
    if (end != 0 && h->peer.report.identity != 0)
        tell(t, "its vote is promised to this member, %s", until(text, end, h->now));
}

/* ---- witnesses ---- */

static void tell_answer(struct teller *t, const char *name, const struct ha_said *said)
{
    char age[SPAN], text[SPAN + 24];
    msec now = t->h->now;
    const struct vote_reply *v = &said->vote;
    span(age, now - said->at);
    if (v->granted)
        tell(t, "%.80s answered %s ago: promised to this member in term %llu, %s", name, age,
             (unsigned long long)v->term, until(text, said->at + v->length, now));
    else if (v->candidate == MEMBER_NONE)
        tell(t, "%.80s answered %s ago: no vote in an older term, as it knows term %llu", name, age,
             (unsigned long long)v->term);
    else
        tell(t, "%.80s answered %s ago: promised to %s in term %llu, %s", name, age, member_name(t, v->candidate),
             (unsigned long long)v->term, until(text, said->at + v->length, now));
}

static void tell_witnesses(struct teller *t, const struct ha_said said[WITNESSES_MAX])
{
    const struct ha *h = t->h;
    bool asks = ha_holding(h) || h->mode == HA_ASKING;
    t->about = HA_ABOUT_WITNESS;
    for (uint32_t i = 0; i < h->config.witnesses; i++) {
        if (said[i].at != 0)
            tell_answer(t, t->names->witness[i].name, &said[i]);
        else
            tell(t, "%.80s has not answered since this drnode started%s", t->names->witness[i].name,
                 asks ? "" : "; it is asked only by who is master, or wants to be");
    }
}

void ha_account(const struct ha *ha, msec now, const struct ha_names *names, const struct ha_said said[WITNESSES_MAX],
                struct ha_account *account)
{
    struct ha view = *ha;
    view.now = now;
    struct teller t = {.h = &view, .names = names, .account = account};
    account->facts = 0;
    tell_self(&t);
    tell_peer(&t);
    tell_witnesses(&t, said);
}
