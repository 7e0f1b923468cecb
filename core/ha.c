/* SPDX-License-Identifier: Apache-2.0
 * core/ha.c - the machine of one member. Events only note facts; then the one switch below, advance(), moves on.
 *
 *              start, released
 *   STARTING -----------------> LISTENING <------------------------------------------------+
 *      |                         |     ^                                                   |
 *      | was stopped             | may | no quorum within a length, or a master heard:      |
 *      v        start            | ask | give back, pause                                  |
 *   STOPPED ----------> LISTENING  v     |                                                 |
 *      ^                         ASKING -+                                                 |
 *      |                         | quorum                                                  |
 *      |                         v                  authority ran out, or is another's     |
 *      |                       TAKING --------------+                                      |
 *      |                         | taken            |                                      |
 *      |                         v                  v           released                   |
 *      |                       ACTING ---------> RELEASING --------------------------------+
 *      |            order: |    ^ taken            ^                                       |
 *      |      switch, stop v    |                  | authority ran out                     |
 *      +--- left ------ HANDING |  ----------------+                                       |
 *                        |  |   +- RETAKING (a release failed, not forced)                 |
 *                        |  +--------^                                                     |
 *                        +--------- all released, end of term applied: "ask me now" -------+
 *
 * TAKING, ACTING, HANDING, RETAKING are the modes that hold authority. Before anything else each step looks whether it
 * has run out by event->now: what ran out in between, noticed or not, is over, and no late promise mends it. */
#include "core/ha_state.h"
#include "core/id.h"

static void start_of_life(struct ha *h)
{
    h->store.start++;
    h->store_due = true;
    voter_init(&h->voter, &h->store.voter, h->now);
    if (voter_promised(&h->voter, h->now) == ha_self(h))
        h->orphans_until = h->voter.until + mastership_drift(ha_grace_most(h));
    mastership_init(&h->mastership, h->store.start);
    h->mode = HA_STARTING;
    h->held = true;
    ha_plan_start(h);
}

void ha_init(struct ha *h, const struct ha_config *config, const struct ha_store *store, uint64_t seed, msec now)
{
    *h = (struct ha){.config = *config, .store = *store, .random = seed | 1, .now = now, .started = now};
    h->facts.mixed = true; /* until the driver says otherwise */
    h->beat_at = now;
    start_of_life(h);
}

const struct ha_store *ha_stored(const struct ha *h)
{
    return &h->store;
}

void ha_force_ends(struct ha *h)
{
    h->store_due |= h->store.forced != 0;
    h->store.forced = 0;
    h->forced = false;
}

void ha_demote(struct ha *h, bool owner, const char *why)
{
    if (!owner)
        ha_force_ends(h);
    ha_log(h, HA_WARNING, "releasing: %s (term %llu)", why, (unsigned long long)h->term);
    h->owner = owner && h->owner;
    h->forced = false;
    h->leaving = h->leaving && h->mode == HA_HANDING;
    h->mode = HA_RELEASING;
    h->fence_at = h->now + h->config.fence_timeout;
    h->vip_held = h->renumber = false;
    h->renewing = 0;
    ha_plan_release(h);
}

void ha_leave_asking(struct ha *h, msec pause)
{
    ha_give_back(h);
    h->mode = HA_LISTENING;
    h->ask_after = h->now + pause;
    h->invited = 0;
    h->forced = false;
}

/* ---- what each mode does next ---- */

static void starting(struct ha *h)
{
    ha_job_run(h);
    if (!ha_job_done(h))
        return;
    h->held = false;
    if (h->store.stopped || h->leaving)
        ha_left(h);
    else
        h->mode = HA_LISTENING;
}

static void note_bar(struct ha *h, enum ha_bar bar)
{
    if (bar == h->bar)
        return;
    h->bar = bar;
    if (ha_bar_needs_person(bar))
        ha_log(h, HA_WARNING, "not becoming master: %s", ha_bar_text(bar));
}

/* Its own highest term serves again as long as nobody has a higher one. */
static term_no asking_term(const struct ha *h)
{
    if (h->invited)
        return h->invited;
    return member_of_term(h->store.seen) == ha_self(h) ? h->store.seen : ha_next_term(h, ha_self(h));
}

/* What a person forced once goes on: over a restart, and over a pause that its own vote did not outlast. */
static bool still_forced(const struct ha *h)
{
    return h->store.forced != 0 && h->store.forced == h->store.acted && h->store.forced == h->store.seen &&
           voter_promised(&h->voter, h->now) != ha_other(h) && !ha_peer_acts(h) && !ha_split(h);
}

/* A member that holds nothing has its folders covered all the same: what is written there would be lost later. */
static void cover(struct ha *h)
{
    if (!h->cover_due || !ha_job_done(h) || h->now < h->cover_after)
        return;
    h->cover_due = false;
    h->cover_after = h->now + ha_length(&h->config); /* one that ends again and again does not fill the log */
    ha_log(h, HA_WARNING, "the capture of the protected folders has ended: it is started again");
    ha_plan_cover(h);
}

static void listening(struct ha *h)
{
    ha_follow(h);
    cover(h);
    ha_job_run(h);
    if (h->ask_now && h->now >= h->ask_now_until)
        h->ask_now = 0;
    enum ha_bar bar = ha_bar(h);
    note_bar(h, bar);
    h->forced = still_forced(h);
    if (bar == HA_MAY_ASK || h->forced)
        ha_start_asking(h, asking_term(h));
}

static void take(struct ha *h)
{
    msec now = h->now, length = ha_length(&h->config);
    bool handed = mastership_handed_over(&h->mastership, &h->store.set, ha_self(h), now);
    bool overridden = h->forced && mastership_end(&h->mastership, ha_configuration(h)->voter[ha_other(h)]) <= now;
    h->act_at = now + (handed ? 0 : ha_grace_most(h)) + (overridden ? length : 0);
    h->mode = HA_TAKING;
    h->failed_until = 0;
    ha_log(h, HA_INFO, "becoming master in term %llu", (unsigned long long)h->term);
    ha_plan_take(h);
}

/* The arbiter may answer before the old master says that it holds nothing: an interval's wait saves release_grace. */
static msec hand_over_due(const struct ha *h)
{
    return h->asking_until - ha_length(&h->config) + h->config.interval;
}

static bool waits_for_hand_over(const struct ha *h)
{
    return h->invited != 0 && h->now < hand_over_due(h) &&
           !mastership_handed_over(&h->mastership, &h->store.set, ha_self(h), h->now);
}

static void asking(struct ha *h)
{
    bool quorum = mastership_authority(&h->mastership, &h->store.set, ha_self(h)) > h->now;
    bool over = h->now >= h->asking_until;
    enum ha_bar bar = h->forced ? HA_MAY_ASK : ha_bar(h);
    if (bar != HA_MAY_ASK && bar != HA_BAR_PEER_ASKS)
        ha_leave_asking(h, 0);
    else if ((quorum && !waits_for_hand_over(h)) || (over && h->forced))
        take(h);
    else if (over)
        ha_leave_asking(h, ha_length(&h->config) + ha_random(h, ha_length(&h->config)));
}

static void taking(struct ha *h)
{
    ha_propose(h);
    ha_job_run(h);
    if (!ha_job_done(h))
        return;
    if (h->mode == HA_TAKING)
        ha_log(h, HA_INFO, "master in term %llu", (unsigned long long)h->term);
    h->acting_since = h->now;
    h->mode = HA_ACTING;
}

static void acting(struct ha *h)
{
    if (h->renumber && ha_job_done(h)) {
        h->renumber = false;
        ha_plan_renumber(h);
    }
    ha_propose(h);
    ha_job_run(h);
    ha_watch_objects(h);
}

/* The other may ask now; that nothing is held here is durable before it hears so. */
static void hand_over(struct ha *h)
{
    h->ask_now = ha_next_term(h, ha_other(h));
    h->ask_now_until = h->now + ha_length(&h->config);
    h->ask_after = h->now + 2 * ha_length(&h->config);
    h->store.handed = h->ask_now;
    ha_saw_term(h, h->ask_now);
    h->owner = false;
    h->mode = HA_LISTENING;
    ha_evaded(h);
    ha_log(h, HA_INFO, "handed over: the other member may be master in term %llu", (unsigned long long)h->ask_now);
    ha_give_back(h);
}

static void handing(struct ha *h)
{
    ha_job_run(h);
    if (!ha_job_done(h) || ha_orphans(h))
        return;
    h->held = false;
    if (!h->leaving) {
        hand_over(h);
        return;
    }
    ha_give_back(h);
    ha_left(h);
}

static void releasing(struct ha *h)
{
    ha_job_run(h);
    if (!ha_job_done(h))
        return;
    h->held = false;
    ha_log(h, HA_INFO, "released: nothing of the rule is held here any more");
    if (!h->owner)
        ha_give_back(h);
    h->mode = HA_LISTENING;
    if (h->leaving)
        ha_left(h);
}

static void advance(struct ha *h)
{
    switch (h->mode) {
    case HA_STARTING: starting(h); break;
    case HA_LISTENING: listening(h); break;
    case HA_ASKING: asking(h); break;
    case HA_TAKING:
    case HA_RETAKING: taking(h); break;
    case HA_ACTING: acting(h); break;
    case HA_HANDING: handing(h); break;
    case HA_RELEASING: releasing(h); break;
    case HA_STOPPED:
        cover(h);
        ha_job_run(h);
        break;
    }
}

static void run(struct ha *h)
{
    enum ha_mode before;
    h->intended.count = 0;
    do {
        before = h->mode;
        if (h->mode != HA_STARTING && h->now >= h->beat_at)
            ha_beat(h);
        advance(h);
    } while (h->mode != before);
    if (h->forced && mastership_authority(&h->mastership, &h->store.set, ha_self(h)) > h->now && h->mode != HA_ASKING)
        ha_force_ends(h);
    ha_watch_step(h);
    ha_renew(h);
    if (ha_holding(h))
        ha_note_told(h);
}

/* ---- events ---- */

static void received(struct ha *h, const struct ha_event *e)
{
    const struct ha_message *m = e->message;
    if (h->mode == HA_STARTING || m->from == ha_self(h) || !dr_id_equal(&m->rule, &h->config.rule) || ha_doubts(h, m))
        return;
    if (m->from == MEMBER_NONE) {
        ha_on_witness(h, m, e->line);
        return;
    }
    if (m->kind == HA_BEAT) {
        ha_on_report(h, m);
        ha_answer_beat(h, m, e->line);
        return;
    }
    if (m->asker == h->store.voter.identity && m->round.start == h->store.start && m->sent > h->peer.heard[e->line] &&
        m->sent <= h->now)
        h->peer.heard[e->line] = m->sent;
    ha_on_report(h, m);
    ha_on_vote(h, m);
}

/* What the other's take-over may hang on is said at once, not with the next beat. A master without its folders is
 * none: the other has them, and gets the first chance. */
static void facts(struct ha *h, const struct ha_facts *news)
{
    if (news->phase != h->facts.phase || news->mixed != h->facts.mixed)
        h->beat_at = h->now;
    h->facts = *news;
    h->cover_due = news->uncovered && !ha_holding(h);
    if (news->uncovered && ha_holding(h)) {
        ha_demote(h, false, "the capture of the protected folders has ended, so nothing can be written there");
        h->ask_after = h->now + 2 * ha_length(&h->config);
    }
}

static void absorb(struct ha *h, const struct ha_event *e)
{
    switch (e->kind) {
    case HA_TICK:
    case HA_STORE_FAILED: break;
    case HA_RECEIVED: received(h, e); break;
    case HA_FACTS: facts(h, &e->facts); break;
    case HA_DONE: ha_on_done(h, e); break;
    case HA_ORDER: ha_on_order(h, e->order); break;
    }
}

/* What followed the STORE was not done: commands are given again after the next one succeeds, messages with the next
 * beat. Nothing else happens in this step, so that a full disk is not asked again at once. */
static void store_failed(struct ha *h)
{
    if (!h->store_bad)
        ha_log(h, HA_ERROR,
               "the state of this member cannot be stored: it says nothing and takes nothing until it can; "
               "free space on the disk of var/rules");
    h->store_due = h->store_bad = true;
    h->store_tried = false;
    if (h->job.issued_now)
        h->job.id = 0;
    if (h->renew_issued_now)
        h->renewing = 0;
    h->beat_at = h->now + h->config.interval;
}

/* ---- time ---- */

static void earlier(const struct ha *h, msec *wake, msec at)
{
    if (at > h->now && at < *wake)
        *wake = at;
}

static msec next_wake(const struct ha *h)
{
    msec wake = h->now + h->config.interval, heard = ha_last_heard(h);
    earlier(h, &wake, h->beat_at);
    earlier(h, &wake, h->job.retry_at);
    if (ha_holding(h))
        earlier(h, &wake, ha_authority(h));
    if (h->mode == HA_TAKING)
        earlier(h, &wake, h->act_at);
    if (h->mode == HA_HANDING)
        earlier(h, &wake, h->orphans_until);
    if (h->mode == HA_ASKING) {
        earlier(h, &wake, h->asking_until);
        earlier(h, &wake, hand_over_due(h));
    }
    if (h->mode == HA_LISTENING) {
        earlier(h, &wake, h->ask_after);
        earlier(h, &wake, h->voter.until);
        earlier(h, &wake, heard + ha_length(&h->config));
        earlier(h, &wake, h->peer.reported + ha_length(&h->config));
        earlier(h, &wake, h->started + h->config.boot_wait);
    }
    return wake;
}

void ha_step(struct ha *h, const struct ha_event *event, struct ha_answer *answer)
{
    h->now = event->now;
    ha_answer_begin(h, answer);
    if (event->kind == HA_STORE_FAILED) {
        store_failed(h);
        answer->wake = next_wake(h);
        h->out = NULL;
        return;
    }
    h->store_bad = h->store_bad && !h->store_tried;
    h->job.issued_now = h->renew_issued_now = false;
    if (ha_holding(h) && h->now >= ha_authority(h))
        ha_demote(h, true, "authority ran out: too few voters answered in time");
    absorb(h, event);
    run(h);
    answer->wake = next_wake(h);
    ha_answer_end(h);
}
