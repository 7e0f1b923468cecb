/* SPDX-License-Identifier: Apache-2.0
 * Which of a rule's records a rejoin puts aside: those that are damaged, and no other. */
#include "agent/node_rejoin.h"
#include "agent/rule/terms.h"
#include "agent/store.h"
#include "agent/target/aside.h"
#include "agent/target/checkpoint.h"
#include "core/arbiter.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define RULE "00000000000000000000000000000001"

static const struct dr_id rule = {RULE};
static struct dr_error err;

static const char *file(struct scratch *s, const char *name)
{
    char relative[128];
    snprintf(relative, sizeof relative, "var/rules/" RULE "/%s", name);
    return scratch_path(s, relative);
}

static struct scratch node_with_records(void)
{
    struct scratch s = scratch_make();
    const char *const folders[] = {"var", "var/rules", ("var/rules/" RULE)};
    for (unsigned i = 0; i < 3; i++)
        CU_ASSERT_EQUAL_FATAL(mkdir(scratch_path(&s, folders[i]), 0700), 0);
    struct ha_config config = {.witnesses = 1};
    struct ha_store store;
    struct voter_store vote = {.identity = 5, .candidate = MEMBER_NONE};
    struct terms terms = {.term = 7};
    uint8_t bytes[HA_STORE_BYTES];
    ha_store_create(&store, &config, 9);
    CU_ASSERT_EQUAL_FATAL(store_write(file(&s, "ha"), bytes, ha_store_encode(bytes, &store), &err), DR_OK);
    CU_ASSERT_EQUAL_FATAL(store_write(file(&s, "vote"), bytes, arbiter_store_encode(bytes, &vote), &err), DR_OK);
    CU_ASSERT_EQUAL_FATAL(terms_write(&terms, file(&s, "terms"), &err), DR_OK);
    return s;
}

static bool there(struct scratch *s, const char *name)
{
    return access(file(s, name), F_OK) == 0;
}

static unsigned put_aside(struct scratch *s)
{
    unsigned count = 99;
    CU_ASSERT_EQUAL(rejoin_put_aside(s->root, &rule, &count, &err), DR_OK);
    return count;
}

static void what_is_whole_stays(void)
{
    struct scratch s = node_with_records();
    CU_ASSERT_EQUAL(put_aside(&s), 0);
    CU_ASSERT_TRUE(there(&s, "ha") && there(&s, "vote") && there(&s, "terms"));
    unlink(file(&s, "ha"));
    CU_ASSERT_EQUAL(put_aside(&s), 0); /* what is not there is not damaged */
    scratch_remove(&s);
}

static void each_that_is_damaged_goes(void)
{
    const char *const names[] = {"ha", "vote", "terms"};
    for (unsigned i = 0; i < 3; i++) {
        struct scratch s = node_with_records();
        char aside[32];
        snprintf(aside, sizeof aside, "%s.damaged", names[i]);
        CU_ASSERT_EQUAL(truncate(file(&s, names[i]), 20), 0);
        CU_ASSERT_EQUAL(put_aside(&s), 1);
        CU_ASSERT_FALSE(there(&s, names[i]));
        CU_ASSERT_TRUE(there(&s, aside));
        for (unsigned k = 0; k < 3; k++)
            CU_ASSERT_EQUAL(there(&s, names[k]), k != i);
        scratch_remove(&s);
    }
}

/* A checksum that fits says nothing about who wrote it. */
static void whole_but_of_another_kind_goes_too(void)
{
    struct scratch s = node_with_records();
    CU_ASSERT_EQUAL(store_write(file(&s, "ha"), "no store", 8, &err), DR_OK);
    CU_ASSERT_EQUAL(put_aside(&s), 1);
    CU_ASSERT_TRUE(there(&s, "ha.damaged"));
    scratch_remove(&s);
}

/* What takes its place is no copy of anything, and knows the terms that this member has heard of. */
static void target_state_goes_whole(void)
{
    struct scratch s = node_with_records();
    struct checkpoint k;
    scratch_folder(&s, "var/rules/" RULE "/target/log");
    scratch_write(&s, "var/rules/" RULE "/target/checkpoint", "torn");
    for (unsigned i = 1; i <= 2; i++) {
        CU_ASSERT_EQUAL(aside_put(file(&s, "target"), 40 + i, &err), DR_OK);
        CU_ASSERT_EQUAL(checkpoint_read(&k, file(&s, "target/checkpoint"), &err), DR_OK);
        CU_ASSERT_TRUE(k.mixed && k.term == 40 + i && k.stream == 0 && k.seq == 0);
        CU_ASSERT_FALSE(there(&s, "target.new"));
    }
    CU_ASSERT_TRUE(there(&s, "target.damaged/log") && there(&s, "target.damaged-2/checkpoint"));
    CU_ASSERT_FALSE(there(&s, "target/log"));
    scratch_remove(&s);
}

static void target_state_in_use_stays(void)
{
    struct scratch s = node_with_records();
    scratch_folder(&s, "var/rules/" RULE "/target");
    int fd = open(file(&s, "target"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CU_ASSERT_EQUAL_FATAL(flock(fd, LOCK_EX), 0);
    CU_ASSERT_EQUAL(aside_put(file(&s, "target"), 1, &err), DR_BUSY);
    CU_ASSERT_FALSE(there(&s, "target.damaged") || there(&s, "target/checkpoint"));
    close(fd);
    scratch_remove(&s);
}

int main(void)
{
    CU_TestInfo cases[] = {{"what is whole stays", what_is_whole_stays},
                           {"each that is damaged goes", each_that_is_damaged_goes},
                           {"whole, but of another kind, goes too", whole_but_of_another_kind_goes_too},
                           {"the target's state goes as a whole", target_state_goes_whole},
                           {"the target's state stays while it is in use", target_state_in_use_stays},
                           CU_TEST_INFO_NULL};
    return unit_run("rejoin", cases);
}
