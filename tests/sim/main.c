/* SPDX-License-Identifier: Apache-2.0
 * usage: sim [--seeds N] [--from S] [--trace] [--planted] [--plant NAME]
 *
 * Plays the scenarios, then N seeds from S on in batches; a batch or a scenario is a case. A seed that fails is printed
 * with the invariant that broke; `sim --from SEED --seeds 1 --trace` replays it with its event log.
 * --planted: runs each program of planted/ (the core with one bug) until a seed or scenario finds the bug: a case each.
 * --plant NAME: hands the other options over to that one. */
#include "tests/sim/planted.h"
#include "tests/sim/sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEEDS_DEFAULT 10000
#define BATCH         250

struct options {
    uint64_t from, seeds;
    bool trace, planted, until_found;
    const char *plant;
};

struct tally {
    unsigned passed, failed;
    uint64_t takes, hands, evasions, demotions, resumed, stores_failed, mounts, opened, closed, solos;
};

static bool report(const struct sim *s, const char *what)
{
    if (!s->violation[0])
        return true;
    printf("seed %llu%s%s, at %.6f s: %s\n", (unsigned long long)s->seed, what[0] ? ", " : "", what,
           (double)s->now / SECOND, s->violation);
    return false;
}

static bool play_seed(uint64_t seed, bool trace, struct tally *tally)
{
    struct plan plan;
    static struct sim s; /* large */
    plan_draw(&plan, seed);
    sim_begin(&s, seed, &plan, trace);
    sim_run(&s, plan.faults_until);
    if (!s.violation[0])
        check_live(&s);
    tally->takes += s.takes;
    tally->hands += s.hands;
    tally->evasions += s.evasions;
    tally->demotions += s.demotions;
    tally->resumed += s.resumed;
    tally->stores_failed += s.stores_failed;
    tally->mounts += s.mounts;
    tape_end(&s);
    tally->opened += s.opened;
    tally->closed += s.closed;
    tally->solos += s.solos;
    bool held = report(&s, "");
    sim_end(&s);
    return held;
}

static bool enough(const struct options *o, const struct tally *tally)
{
    return o->until_found && tally->failed > 0;
}

static void play_seeds(const struct options *o, struct tally *tally)
{
    for (uint64_t first = 0; first < o->seeds && !enough(o, tally); first += BATCH) {
        bool held = true;
        for (uint64_t i = first; i < first + BATCH && i < o->seeds && (held || !o->until_found); i++)
            held &= play_seed(o->from + i, o->trace, tally);
        *(held ? &tally->passed : &tally->failed) += 1;
    }
}

static void play_scenario(const struct options *o, struct tally *tally, const struct scenario *story, uint64_t seed)
{
    struct plan plan;
    static struct sim s;
    plan_calm(&plan);
    list_arbiters(&plan, story->arbiters);
    sim_begin(&s, seed, &plan, o->trace);
    if (o->trace)
        printf("-- %s\n", story->name);
    bool went = story->run(&s);
    if (!went && !s.violation[0])
        printf("scenario: %s: went another way\n", story->name);
    tape_end(&s);
    bool held = report(&s, story->name) && went;
    *(held ? &tally->passed : &tally->failed) += 1;
    sim_end(&s);
}

static void play_scenarios(const struct options *o, struct tally *tally)
{
    const struct scenario *const stories[] = {scenarios, joint_scenarios, term_scenarios, margin_scenarios};
    for (unsigned list = 0; list < sizeof stories / sizeof stories[0]; list++)
        for (unsigned i = 0; stories[list][i].name != NULL && !enough(o, tally); i++)
            play_scenario(o, tally, &stories[list][i], i + 1);
}

/* A simulator in which nothing happens would pass every check. */
static void check_worth(const struct options *o, struct tally *tally)
{
    if (o->seeds < BATCH)
        return;
    printf("%llu take-overs, %llu hand-overs, %llu begun because of a monitor, %llu demotions, %llu resumed, "
           "%llu failed stores, %llu mounts\n",
           (unsigned long long)tally->takes, (unsigned long long)tally->hands, (unsigned long long)tally->evasions,
           (unsigned long long)tally->demotions, (unsigned long long)tally->resumed,
           (unsigned long long)tally->stores_failed, (unsigned long long)tally->mounts);
    printf("%llu proposals opened, %llu closed, %llu of them to go on alone\n", (unsigned long long)tally->opened,
           (unsigned long long)tally->closed, (unsigned long long)tally->solos);
    bool lively = tally->takes > o->seeds && tally->hands > o->seeds / 20 && tally->demotions > o->seeds / 2 &&
                  tally->evasions > o->seeds / 20 && tally->resumed > o->seeds / 50 && tally->mounts > o->seeds / 2 &&
                  tally->opened > o->seeds / 2 && tally->closed > o->seeds / 4 && tally->solos > o->seeds / 50;
    *(lively ? &tally->passed : &tally->failed) += 1;
}

static bool take_number(const char *text, uint64_t *number)
{
    char *end;
    *number = strtoull(text, &end, 10);
    return *text != '\0' && *end == '\0';
}

static bool take_options(struct options *o, int count, char **text)
{
    for (int i = 1; i < count; i++) {
        const char *value = i + 1 < count ? text[i + 1] : "";
        if (strcmp(text[i], "--trace") == 0)
            o->trace = true;
        else if (strcmp(text[i], "--planted") == 0)
            o->planted = true;
        else if (strcmp(text[i], "--until-found") == 0)
            o->until_found = true;
        else if (strcmp(text[i], "--seeds") == 0 && take_number(value, &o->seeds))
            i++;
        else if (strcmp(text[i], "--from") == 0 && take_number(value, &o->from))
            i++;
        else if (strcmp(text[i], "--plant") == 0 && *value != '\0')
            o->plant = text[++i];
        else
            return false;
    }
    return true;
}

int main(int count, char **text)
{
    struct options o = {.from = 1, .seeds = SEEDS_DEFAULT};
    struct tally tally = {0};
    if (!take_options(&o, count, text)) {
        fputs("usage: sim [--seeds N] [--from S] [--trace] [--planted] [--plant NAME]\n", stderr);
        return 2;
    }
    if (o.plant)
        return planted_become(text[0], o.plant, count, text);
    if (o.planted)
        return planted_run_all(text[0]);
    if (o.seeds > 1 || o.until_found)
        play_scenarios(&o, &tally);
    play_seeds(&o, &tally);
    if (!o.until_found)
        check_worth(&o, &tally);
    printf("%u passed, %u failed\n", tally.passed, tally.failed);
    return tally.failed > 0 || tally.passed == 0;
}
