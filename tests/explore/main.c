/* SPDX-License-Identifier: Apache-2.0
 * usage: explore [--seconds N] [--mebibytes N] [--start K] [--faults 0|2] [--depth N] [--say]
 *                [--planted] [--both] [--until-found]
 *
 * Searches from each situation of starts.c (or from the K-th), in N seconds altogether. A case is a situation: nothing
 * is broken, and what was found is what a replay of its path finds. --say: a line a depth.
 * --planted: the programs of planted/, each the same over a core with one bug, must find it: a case each. --both: that
 * after the other.
 * --until-found is how they are called: status 1 at the first violation. */
#include "tests/explore/replay.h"
#include "tests/explore/starts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define DEPTH_LEAST 5u
#define DEPTH_MOST  60u
#define FAULTS_MOST 2u   /* on one path */
#define REPLAYS     500u /* of states drawn evenly, from each search */

struct options {
    double seconds;
    size_t mebibytes;
    unsigned start, depth; /* 0: all; as deep as it gets */
    int faults;            /* < 0: without, and with FAULTS_MOST */
    bool say, planted, both, until_found;
};

struct tally {
    unsigned passed, failed;
    uint64_t states, steps;
};

static bool replays_hold(const struct live *root, const struct found *found)
{
    uint64_t apart = found->states / REPLAYS + 1;
    for (uint64_t i = 0; i < found->states; i += apart)
        if (!replay_same(root, (uint32_t)i)) {
            printf("  state %llu is not what its path leads to\n", (unsigned long long)i);
            replay_tell(root, (uint32_t)i, (struct step){.op = LIVE_TIME});
            return false;
        }
    return true;
}

/* Each situation twice: with nothing but messages, time and children in any order, deep; and with faults. */
static unsigned searches(const struct options *o)
{
    return (o->start ? 1 : start_count) * (o->faults < 0 ? 2 : 1);
}

static void report(const struct start *start, unsigned faults, const struct found *f)
{
    printf("%-41s %u faults, depth %2u%s, %9llu states, %10llu steps, %7u parts, %4zu MiB: %s\n", start->name, faults,
           f->depth, f->whole ? " (all there is)" : "", (unsigned long long)f->states, (unsigned long long)f->steps,
           f->parts, f->memory >> 20, f->violated ? f->violation : "no violation");
    fflush(stdout);
}

static void explore(const struct options *o, const struct start *start, unsigned faults, struct tally *tally)
{
    static struct live root; /* large */
    struct flight flights[FLIGHTS_MAX];
    unsigned count;
    struct found found;
    struct limits limits = {.seconds = o->seconds / searches(o),
                            .memory = o->mebibytes << 20,
                            .least = o->depth ? o->depth : DEPTH_LEAST,
                            .most = o->depth ? o->depth : DEPTH_MOST};
    if (!start_make(start, &root, flights, &count)) {
        printf("%s: the story went another way\n", start->name);
        tally->failed++;
        return;
    }
    uint8_t left[RARES] = {[RARE_ANY] = (uint8_t)faults};
    memcpy(left, start->left, sizeof start->left);
    search_begin(&root, flights, count, left);
    search_run(&found, &limits, o->say);
    report(start, faults, &found);
    bool held = !found.violated && replays_hold(&root, &found);
    if (found.violated && !o->until_found)
        replay_tell(&root, found.last, found.step);
    *(held ? &tally->passed : &tally->failed) += 1;
    tally->states += found.states;
    tally->steps += found.steps;
    search_end();
}

static void explore_all(const struct options *o, struct tally *tally)
{
    for (unsigned i = 0; i < start_count * 2 && !(o->until_found && tally->failed > 0); i++) {
        unsigned start = i / 2, faults = i % 2 ? FAULTS_MOST : 0;
        if ((o->start == 0 || o->start == start + 1) && (o->faults < 0 || o->faults == (int)faults))
            explore(o, &starts[start], faults, tally);
    }
    printf("%llu states, %llu steps\n", (unsigned long long)tally->states, (unsigned long long)tally->steps);
}

/* ---- planted bugs ---- */

static bool finds(const char *folder, const char *name, const unsigned search[3])
{
    char command[4400], line[512] = "", rest[512];
    snprintf(command, sizeof command, "'%s/planted/%s' --until-found --start %u --faults %u --depth %u", folder, name,
             search[0], search[1], search[2]);
    FILE *out = popen(command, "r");
    if (!out)
        return false;
    if (!fgets(line, sizeof line, out))
        line[0] = '\0';
    while (fgets(rest, sizeof rest, out))
        continue;
    int status = pclose(out);
    bool hit = WIFEXITED(status) && WEXITSTATUS(status) == 1 && strstr(line, "invariant");
    printf("%s %s: %s", hit ? "found" : "NOT FOUND", name, line[0] ? line : "no output\n");
    fflush(stdout);
    return hit;
}

/* planted.list: a bug a line; the situation from which it is found, with how many faults, and how deep. */
static void search_planted(const char *self, struct tally *tally)
{
    char path[4200], name[128], folder[4096];
    unsigned search[3];
    const char *slash = strrchr(self, '/');
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - self) : 1, slash ? self : ".");
    snprintf(path, sizeof path, "%s/planted.list", folder);
    FILE *list = fopen(path, "r");
    while (list && fscanf(list, "%127s %u %u %u", name, &search[0], &search[1], &search[2]) == 4)
        *(finds(folder, name, search) ? &tally->passed : &tally->failed) += 1;
    if (list)
        fclose(list);
}

/* ---- options ---- */

static bool take_options(struct options *o, int count, char **text)
{
    for (int i = 1; i < count; i++) {
        const char *next = i + 1 < count ? text[i + 1] : "";
        unsigned long value = strtoul(next, NULL, 10);
        bool number = value > 0;
        if (strcmp(text[i], "--say") == 0)
            o->say = true;
        else if (strcmp(text[i], "--planted") == 0)
            o->planted = true;
        else if (strcmp(text[i], "--both") == 0)
            o->both = true;
        else if (strcmp(text[i], "--until-found") == 0)
            o->until_found = true;
        else if (strcmp(text[i], "--seconds") == 0 && number)
            o->seconds = (double)value, i++;
        else if (strcmp(text[i], "--mebibytes") == 0 && number)
            o->mebibytes = value, i++;
        else if (strcmp(text[i], "--start") == 0 && number && value <= start_count)
            o->start = (unsigned)value, i++;
        else if (strcmp(text[i], "--faults") == 0 && (value == FAULTS_MOST || strcmp(next, "0") == 0))
            o->faults = (int)value, i++;
        else if (strcmp(text[i], "--depth") == 0 && number && value <= DEPTH_MOST)
            o->depth = (unsigned)value, i++;
        else
            return false;
    }
    return true;
}

int main(int count, char **text)
{
    struct options o = {.seconds = 24, .mebibytes = 3072, .faults = -1};
    struct tally tally = {0};
    if (!take_options(&o, count, text)) {
        fprintf(stderr,
                "usage: explore [--seconds N] [--mebibytes N] [--start 1..%u] [--faults 0|2] [--depth 1..%u] [--say] "
                "[--planted] [--both]\n",
                start_count, DEPTH_MOST);
        return 2;
    }
    if (!o.planted)
        explore_all(&o, &tally);
    if (o.planted || o.both)
        search_planted(text[0], &tally);
    printf("%u passed, %u failed\n", tally.passed, tally.failed);
    return tally.failed > 0 || tally.passed == 0;
}
