/* SPDX-License-Identifier: Apache-2.0
 * tests/bench/core_speed.c - how fast core/ decides. Rules of two members and one arbiter in one process and one
 * thread, with a clock that the bench moves on: nothing else costs time. Prints `name value` lines; tests/bench/core
 * reads them.
 *
 * usage: core_speed RULES SECONDS      rules, and how long they live on their own clock */
#include "core/flight.h"
#include "tests/unit/core/pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct flight_pack *pack; /* NULL: nothing is recorded */
static uint8_t tape[1 << 16];
static uint64_t taped;

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void record(struct pair *p, enum member self, const struct ha_event *event, const struct ha_answer *answer)
{
    struct cursor out = cursor_over(tape, sizeof tape);
    (void)p;
    if (answer == NULL)
        flight_put_event(&pack[self], &out, event);
    else
        flight_put_answer(&pack[self], &out, answer);
    taped += (size_t)(out.at - tape);
}

static void all_live_until(struct pair *pairs, unsigned rules, msec until)
{
    for (unsigned i = 0; i < rules; i++)
        pair_live_until(&pairs[i], until);
}

/* Every rule must have come to rest: a master, a slave, and data in step. */
static void settle(struct pair *pairs, unsigned rules)
{
    all_live_until(pairs, rules, 20000);
    for (unsigned i = 0; i < rules; i++) {
        pair_replicates(&pairs[i], 20000);
    }
    all_live_until(pairs, rules, 25000);
    for (unsigned i = 0; i < rules; i++)
        if (pairs[i].member[MEMBER_A].mode != HA_ACTING || pairs[i].member[MEMBER_B].mode != HA_LISTENING) {
            fprintf(stderr, "core_speed: rule %u has no master and slave\n", i);
            exit(1);
        }
}

/* Steps a second, and what share of one core one node's members take. */
static void measure(const char *name, struct pair *pairs, unsigned rules, msec from, msec span)
{
    uint64_t before = pair_steps, taped_before = taped;
    double began = cpu_seconds();
    all_live_until(pairs, rules, from + span);
    double took = cpu_seconds() - began, events = (double)(pair_steps - before);
    printf("%s_per_second %.0f\n%s_share %.4f\n%s_bytes %.1f\n", name, events / took, name,
           took / 2 / ((double)span / 1000) * 100, name, (double)(taped - taped_before) / events);
}

int main(int argc, char **argv)
{
    unsigned rules = argc == 3 ? (unsigned)atoi(argv[1]) : 0;
    msec span = argc == 3 ? (msec)atoi(argv[2]) * 1000 : 0;
    struct pair *pairs = rules > 0 ? calloc(rules, sizeof *pairs) : NULL;
    if (pairs == NULL || span <= 0) {
        fputs("usage: core_speed RULES SECONDS\n", stderr);
        return 2;
    }
    for (unsigned i = 0; i < rules; i++)
        pair_begin(&pairs[i], 10ull * i + 1);
    settle(pairs, rules);
    measure("decide", pairs, rules, 25000, span);
    pack = calloc(2, sizeof *pack);
    for (unsigned i = 0; pack != NULL && i < rules; i++)
        pairs[i].watch = record;
    measure("record", pairs, rules, 25000 + span, span);
    printf("member_bytes %zu\n", sizeof(struct ha));
    free(pack);
    free(pairs);
    return 0;
}
