/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/rule/drcapture.h"
#include "agent/rule/foreign.h"
#include "agent/rule/replicate_state.h"
#include "agent/target/aside.h"
#include "platform/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FREEZE_NAP  5
#define ASIDE_LIMIT 5000
#define ASIDE_NAP   20
#define LAST_WORDS  1000 /* for what a capture that ended has left in its ring */

enum dr_code replicate_create(struct replicate **out, const struct replicate_config *config, struct dr_error *err)
{
    struct replicate *r = calloc(1, sizeof *r);
    char relative[64];
    if (r == NULL)
        return dr_fail(err, DR_FULL, "no memory for rule %s", config->rule->name);
    r->config = *config;
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->change, NULL);
    snprintf(relative, sizeof relative, "var/rules/%s/target", config->rule->id.hex);
    bool fits = config_path(r->state, config->root, relative);
    snprintf(relative, sizeof relative, "var/rules/%s/terms", config->rule->id.hex);
    fits = fits && config_path(r->terms_file, config->root, relative);
    enum dr_code code = fits ? terms_read(&r->terms, r->terms_file, err)
                             : dr_fail(err, DR_INVALID, "the path %s is too long", config->root);
    if (code != DR_OK) {
        free(r);
        return code;
    }
    *out = r;
    return DR_OK;
}

static enum dr_code open_target(struct replicate *r, struct target **target, struct dr_error *err)
{
    const struct capture_info *info = capture_info(r->link);
    struct target_config config = {.state = r->state,
                                   .self = r->config.self,
                                   .paths = info->paths,
                                   .root = info->root,
                                   .keep_orphans = r->config.rule->orphans == RULE_ORPHANS_KEEP};
    return target_open(target, &config, err);
}

/* A capture that has ended is let go of, with what rests on its descriptors, so that another is begun. Its ring is
 * still mapped here: what the other member has not got yet goes there first. */
static void let_go_of_dead(struct replicate *r)
{
    struct capture_link *link = r->link;
    struct target *target = r->target;
    struct dr_error late;
    if (link == NULL || capture_lives(link))
        return;
    if (r->source != NULL && source_drain(r->source, ring_tail(capture_info(link)->ring), LAST_WORDS, &late) != DR_OK)
        log_write(r->config.log, LOG_LEVEL_WARNING, &r->config.rule->id, "capture_end",
                  "not all that drcapture recorded before it ended has reached the other member: %s", late.text);
    replicate_stop(r);
    pthread_mutex_lock(&r->lock);
    r->link = NULL;
    r->target = NULL;
    r->writable = false;
    r->uncovered = true;
    pthread_mutex_unlock(&r->lock);
    if (target != NULL)
        target_close(target);
    int64_t pid = capture_info(link)->pid;
    capture_detach(link);
    drcapture_bury(pid);
}

/* A drcapture that was found running may be older than the rule as it is now. */
static void say_settings(const struct replicate *r)
{
    char text[DR_ERROR_TEXT];
    if (drcapture_differs(capture_info(r->link), r->config.rule, r->config.self, text))
        log_write(r->config.log, LOG_LEVEL_WARNING, &r->config.rule->id, "capture_settings", "%s", text);
}

enum dr_code replicate_open(struct replicate *r, struct dr_error *err)
{
    let_go_of_dead(r);
    struct capture_link *link = r->link;
    struct target *target = r->target;
    enum dr_code code = DR_OK;
    if (link == NULL) {
        struct drcapture_config config = {
            .root = r->config.root, .rule = r->config.rule, .self = r->config.self, .starts = r->config.starts};
        code = drcapture_open(&link, &config, err);
        if (code != DR_OK)
            return code;
        pthread_mutex_lock(&r->lock);
        r->link = link;
        r->writable = capture_info(link)->mode == CAPTURE_READ_WRITE;
        pthread_mutex_unlock(&r->lock);
        say_settings(r);
    }
    if (target == NULL) {
        code = open_target(r, &target, err);
        pthread_mutex_lock(&r->lock);
        r->target = code == DR_OK ? target : NULL;
        r->damaged = code == DR_CORRUPT;
        r->uncovered = r->uncovered && code != DR_OK;
        pthread_mutex_unlock(&r->lock);
    }
    return code;
}

static enum dr_code start_source(struct replicate *r, term_no term, struct source **source, struct dr_error *err)
{
    const struct rule *rule = r->config.rule;
    const struct rule_member *peer = &rule->member[member_other(r->config.self)];
    /* What began a mastership in another ring says nothing about this one. */
    bool known = r->terms.stream == ring_stream(capture_info(r->stream)->ring);
    struct source_config config = {.rule = rule->id,
                                   .self = r->config.self,
                                   .term = term,
                                   .tls = r->config.tls,
                                   .errands = r->config.errands,
                                   .peer = peer->node,
                                   .address = peer->address,
                                   .replication_port = peer->replication_port,
                                   .mirror_port = peer->mirror_port,
                                   .capture = r->stream,
                                   .idmap = target_idmap(r->target),
                                   .former_stream = known ? r->terms.former_stream : 0,
                                   .former_seq = known ? r->terms.former_seq : 0,
                                   .began = known ? r->terms.began : 0,
                                   .compress = (enum compress)rule->compress,
                                   .rate = rule->rate_limit};
    return source_start(source, &config, err);
}

enum dr_code replicate_source(struct replicate *r, term_no term, struct dr_error *err)
{
    struct source *source = NULL;
    char socket[CONFIG_PATH_SIZE];
    replicate_stop(r);
    enum dr_code code = replicate_open(r, err);
    if (code != DR_OK)
        return code;
    if (!drcapture_socket(socket, r->config.root, r->config.rule))
        return dr_fail(err, DR_INVALID, "the path %s is too long", r->config.root);
    code = capture_attach(&r->stream, socket, err);
    if (code != DR_OK)
        return code;
    code = start_source(r, term, &source, err);
    pthread_mutex_lock(&r->lock);
    r->source = code == DR_OK ? source : NULL;
    pthread_mutex_unlock(&r->lock);
    return code;
}

/* Before the first mirror of all: what is there now is nobody's copy. */
static enum dr_code check_foreign(struct replicate *r, struct dr_error *err)
{
    struct target_progress progress;
    target_progress(r->target, &progress);
    if (progress.stream != 0 || progress.mixed)
        return DR_OK;
    return foreign_check(r->config.rule, r->config.self, capture_info(r->link)->root, err);
}

enum dr_code replicate_target(struct replicate *r, term_no term, struct dr_error *err)
{
    replicate_stop(r);
    enum dr_code code = replicate_open(r, err);
    if (code == DR_OK)
        code = check_foreign(r, err);
    if (code != DR_OK)
        return code;
    pthread_mutex_lock(&r->lock);
    r->receiving = true;
    r->following = term;
    pthread_mutex_unlock(&r->lock);
    return DR_OK;
}

void replicate_stop(struct replicate *r)
{
    pthread_mutex_lock(&r->lock);
    struct source *source = r->source;
    r->source = NULL;
    r->receiving = false;
    pthread_mutex_unlock(&r->lock);
    replicate_end_sessions(r);
    if (source != NULL)
        source_stop(source);
    if (r->stream != NULL)
        capture_detach(r->stream);
    r->stream = NULL;
}

enum dr_code replicate_finish(struct replicate *r, struct dr_error *err)
{
    replicate_stop(r);
    enum dr_code code = replicate_open(r, err);
    return code == DR_OK ? target_finish(r->target, err) : code;
}

void replicate_destroy(struct replicate *r)
{
    if (r == NULL)
        return;
    replicate_stop(r);
    if (r->target != NULL)
        target_close(r->target);
    if (r->link != NULL)
        capture_detach(r->link);
    pthread_cond_destroy(&r->change);
    pthread_mutex_destroy(&r->lock);
    free(r);
}

enum dr_code replicate_put_aside(struct replicate *r, term_no term, bool *aside, struct dr_error *err)
{
    pthread_mutex_lock(&r->lock);
    *aside = r->damaged;
    pthread_mutex_unlock(&r->lock);
    enum dr_code code = *aside ? aside_put(r->state, term, err) : DR_OK;
    /* Hands try to open it again and again. */
    for (msec until = clock_now() + ASIDE_LIMIT; code == DR_BUSY && clock_now() < until;) {
        clock_sleep(ASIDE_NAP);
        code = aside_put(r->state, term, err);
    }
    return code;
}

bool replicate_writable(struct replicate *r)
{
    pthread_mutex_lock(&r->lock);
    bool writable = r->writable;
    pthread_mutex_unlock(&r->lock);
    return writable;
}

/* ---- what others ask ---- */

static enum ha_phase source_phase_of(const struct source_status *status)
{
    switch (status->phase) {
    case SOURCE_MIRRORING: return HA_PHASE_MIRRORING;
    case SOURCE_REPLICATING: return HA_PHASE_REPLICATING;
    case SOURCE_CONNECTING:
    case SOURCE_STOPPED: return HA_PHASE_NONE;
    }
    return HA_PHASE_NONE;
}

/* What the target has taken in the mastership that it follows: it stays "replicating" when that master falls silent. */
static enum ha_phase target_phase_of(const struct replicate *r, const struct target_progress *progress)
{
    if (progress->mixed)
        return HA_PHASE_MIRRORING;
    bool followed = replicate_holds_foreign(r, progress) && progress->term >= r->following;
    return followed ? HA_PHASE_REPLICATING : HA_PHASE_NONE;
}

void replicate_facts(struct replicate *r, struct ha_facts *facts)
{
    struct source_status source;
    struct target_progress progress;
    *facts = (struct ha_facts){.phase = HA_PHASE_NONE};
    pthread_mutex_lock(&r->lock);
    facts->uncovered = r->uncovered || (r->link != NULL && !capture_lives(r->link));
    if (r->source != NULL) {
        source_status(r->source, &source);
        facts->phase = source_phase_of(&source);
        facts->lag_records = source.lag_records;
        facts->lag_bytes = source.lag_bytes;
        facts->lag_ms = source.lag_ms;
    } else if (r->target != NULL) {
        target_progress(r->target, &progress);
        facts->phase = r->receiving ? target_phase_of(r, &progress) : HA_PHASE_NONE;
        facts->mixed = progress.mixed;
        facts->ended = progress.ended;
    }
    pthread_mutex_unlock(&r->lock);
}

void replicate_trouble(struct replicate *r, char text[REPL_TEXT_MAX])
{
    struct target_progress progress = {.broken = ""};
    pthread_mutex_lock(&r->lock);
    if (r->target != NULL)
        target_progress(r->target, &progress);
    pthread_mutex_unlock(&r->lock);
    memcpy(text, progress.broken, REPL_TEXT_MAX);
}

void replicate_status(struct replicate *r, struct rule_status *status)
{
    pthread_mutex_lock(&r->lock);
    status->read_write = r->writable;
    status->sending = r->source != NULL;
    status->receiving = r->receiving;
    if (r->source != NULL)
        source_status(r->source, &status->source);
    if (r->target != NULL)
        target_progress(r->target, &status->target);
    if (r->link != NULL && !ring_broken(capture_info(r->link)->ring, status->broken, sizeof status->broken))
        status->broken[0] = '\0';
    pthread_mutex_unlock(&r->lock);
}

/* ---- freeze ---- */

static enum dr_code wait_turn(struct replicate *r, msec wait, struct dr_error *err)
{
    msec until = clock_now() + wait;
    struct ha_facts facts;
    do {
        replicate_facts(r, &facts);
        if (facts.phase == HA_PHASE_REPLICATING)
            return DR_OK;
        clock_sleep(FREEZE_NAP);
    } while (clock_now() < until);
    return dr_fail(err, DR_TIMEOUT, "the mirror was not complete within %lld ms: see `drctl --local status`",
                   (long long)wait);
}

static enum dr_code attach_for_a_moment(struct replicate *r, struct capture_link **link, struct dr_error *err)
{
    char socket[CONFIG_PATH_SIZE];
    if (!replicate_writable(r))
        return dr_fail(err, DR_REFUSED, "this member is not the master: freeze where the application writes");
    if (!drcapture_socket(socket, r->config.root, r->config.rule))
        return dr_fail(err, DR_INVALID, "the path %s is too long", r->config.root);
    return capture_attach(link, socket, err);
}

/* Waits until the peer has applied seq, without holding a source that hands may stop. */
static enum dr_code wait_applied(struct replicate *r, uint64_t seq, msec limit, struct dr_error *err)
{
    msec until = clock_now() + limit;
    for (;;) {
        struct rule_status *status = calloc(1, sizeof *status);
        if (status == NULL)
            return dr_fail(err, DR_FULL, "no memory to look at the replication");
        replicate_status(r, status);
        bool there = status->sending && status->source.applied >= seq;
        free(status);
        if (there)
            return DR_OK;
        if (clock_now() >= until)
            return dr_fail(err, DR_TIMEOUT, "the other member did not apply record %llu in time",
                           (unsigned long long)seq);
        clock_sleep(FREEZE_NAP);
    }
}

enum dr_code replicate_freeze(struct replicate *r, msec wait, msec limit, uint64_t *seq, struct dr_error *err)
{
    struct capture_link *link;
    enum dr_code code = attach_for_a_moment(r, &link, err);
    if (code != DR_OK)
        return code;
    code = wait_turn(r, wait, err);
    if (code == DR_OK)
        code = capture_freeze(link, limit, seq, err);
    if (code == DR_OK)
        code = wait_applied(r, *seq, limit, err);
    capture_detach(link);
    return code;
}

enum dr_code replicate_thaw(struct replicate *r, struct dr_error *err)
{
    struct capture_link *link;
    enum dr_code code = attach_for_a_moment(r, &link, err);
    if (code != DR_OK)
        return code;
    code = capture_thaw(link, err);
    capture_detach(link);
    return code;
}
