/* SPDX-License-Identifier: Apache-2.0
 * usage: survival - prints the page docs/users/survival.md: what becomes of the service when one thing fails, or two.
 */
#include "tests/survival/survival.h"

#include <stdio.h>

static const char *const names[] = {"A", "B", "line 1", "line 2", "arbiter 1", "arbiter 2", "console"};

static const struct setup setups[] = {
    {"One arbiter at a time",
     "Two arbiters are named, `arbitration` is `one` (the default). Arbiter 1 is in use at first, arbiter 2 is the "
     "next.",
     2, false, false},
    {"All arbiters vote", "Three arbiters are named, `arbitration` is `majority`.", 3, true, false},
    {"No arbiter is left",
     "As the first, but all arbiters were lost half a minute ago, and stay so: the master goes on alone (`solo`).", 2,
     false, true},
    {"A rule without an arbiter",
     "None is named (`any`). A member that comes back alone cannot know what the other did meanwhile: see [split "
     "brain](switching.md#split-brain).",
     0, false, false},
};
#define SETUPS (sizeof setups / sizeof setups[0])

/* ---- the page ---- */

/* Up to the next second, so that no page changes for a millisecond. */
static void print_gap(usec gap)
{
    printf("up to %lld s", (long long)((gap + SECOND - 1) / SECOND));
}

static void print_mends(const struct fate *f, enum fault first, enum fault second)
{
    const char *between = "";
    for (unsigned fault = 0; fault < FAULTS; fault++)
        if (f->mends & 1u << fault) {
            printf("%s%s", between, names[fault]);
            between = " or ";
        }
    if (f->mends == 0)
        printf("%s and %s", names[first], names[second]);
}

static void print_fate(const struct fate *f, enum fault first, enum fault second)
{
    if (f->split)
        printf("**two masters**");
    else if (f->served && f->gap > LOOK)
        print_gap(f->gap);
    else if (f->served)
        printf("goes on");
    else if (!f->mended)
        printf("**stops**");
    else {
        printf("**stops** until ");
        print_mends(f, first, second);
    }
    if (f->forced)
        printf(", or a person forces it");
    if (!f->whole)
        printf(", then a person");
}

static void print_singles(const struct setup *setup)
{
    printf("| lost | the service | when it is back |\n|---|---|---|\n");
    for (unsigned i = 0; i < FAULTS; i++) {
        if (!survival_exists(setup, (enum fault)i))
            continue;
        struct fate f = survival_worst(setup, (enum fault)i, (enum fault)i);
        printf("| %s | ", names[i]);
        print_fate(&f, (enum fault)i, (enum fault)i);
        printf(" | %s |\n",
               f.whole ? f.b_master ? "B stays master, A is its slave" : "as before" : "a person has to choose");
    }
}

static void print_pairs(const struct setup *setup)
{
    printf("\n| first lost, then |");
    for (unsigned i = 0; i < FAULTS; i++)
        if (survival_exists(setup, (enum fault)i))
            printf(" %s |", names[i]);
    printf("\n|---|");
    for (unsigned i = 0; i < FAULTS; i++)
        if (survival_exists(setup, (enum fault)i))
            printf("---|");
    for (unsigned i = 0; i < FAULTS; i++) {
        if (!survival_exists(setup, (enum fault)i))
            continue;
        printf("\n| **%s** |", names[i]);
        for (unsigned k = 0; k < FAULTS; k++) {
            if (!survival_exists(setup, (enum fault)k))
                continue;
            printf(" ");
            if (i != k) {
                struct fate f = survival_worst(setup, (enum fault)i, (enum fault)k);
                print_fate(&f, (enum fault)i, (enum fault)k);
            }
            printf(" |");
        }
    }
    printf("\n");
}

static const char *const head[] = {
    "# What survives",
    "<!-- Made by `tests/survival/run --write` from runs of the simulator; `scripts/test survival` compares. -->",
    "",
    "Which losses a rule survives, with the times that a new rule has (`interval` 500 ms, `max_fail` 4, "
    "`release_grace` 500 ms,",
    "`boot_wait` 30 s) and `auto_switch` and `need_rep_status` on. Every cell is a run of the decisions of `drnode` "
    "themselves on a",
    "simulated cluster, the worst of three moments.",
    "",
    "- **A** is the member that is master at first, **B** its slave, in step. They are lost as when their power fails.",
    "- **line 1** and **line 2** are two networks between the members; replication goes over the first. Arbiters are "
    "reached over another.",
    "- The **console** only shows and orders: no decision goes through it.",
    "- The second loss comes one minute after the first, which lasts. A minute after line 1 the copy is behind, so B "
    "does not take",
    "  over by itself (`need_rep_status`).",
    "",
    "| word | means |",
    "|---|---|",
    "| goes on | nobody notices: the master stays master |",
    "| up to 3 s | so long nobody has the address and a writable folder, then a member does; scripts and application "
    "take longer |",
    "| **stops** until A | nobody is master until that is back, and then somebody is, by itself. Of two named with "
    "\"or\" either is enough |",
    "| or a person forces it | `drctl --local force-switch` on the member that lives: make sure that the other is off "
    "|",
    "| **two masters** | both work, apart from each other: afterwards a person has to choose a side |",
    "| then a person | when everything is back the service runs, but a person has to choose a side, or put a member "
    "into the rule again |",
};

int main(void)
{
    for (unsigned i = 0; i < sizeof head / sizeof head[0]; i++)
        printf("%s\n", head[i]);
    for (unsigned i = 0; i < SETUPS; i++) {
        printf("\n## %s\n%s\n\n", setups[i].title, setups[i].about);
        print_singles(&setups[i]);
        print_pairs(&setups[i]);
    }
    return fflush(stdout) != 0;
}
