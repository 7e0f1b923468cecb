/* SPDX-License-Identifier: Apache-2.0
 * What a release drops is asked for again, and nothing is opened without authority. */
#include "agent/rule/runner_state.h"
#include "platform/clock.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

static struct dr_error err;

/* A rule without folders, lines and addresses: only its workers. */
struct stand {
    struct scratch scratch;
    struct rule rule;
    struct runner runner;
};

static void set_up(struct stand *s)
{
    struct log_config quiet = {.folder = NULL};
    *s = (struct stand){.scratch = scratch_make(), .rule = {.id = {"00000000000000000000000000000001"}}};
    struct runner_config *c = &s->runner.config;
    c->root = s->scratch.root;
    c->rule = &s->rule;
    s->runner.resources = (struct resources){.root = c->root, .rule = c->rule, .self = c->self};
    CU_ASSERT_EQUAL_FATAL(log_open(&c->log, &quiet, &err), DR_OK);
    CU_ASSERT_EQUAL_FATAL(inbox_create(&c->inbox, &err), DR_OK);
    struct replicate_config data = {.root = c->root, .rule = c->rule, .self = c->self, .log = c->log};
    CU_ASSERT_EQUAL_FATAL(replicate_create(&s->runner.replicate, &data, &err), DR_OK);
    CU_ASSERT_EQUAL_FATAL(runner_hire(&s->runner, &err), DR_OK);
}

static void tear_down(struct stand *s)
{
    worker_destroy(s->runner.hands);
    worker_destroy(s->runner.renewer);
    replicate_destroy(s->runner.replicate);
    inbox_destroy(s->runner.config.inbox);
    log_close(s->runner.config.log);
    scratch_remove(&s->scratch);
}

/* 0 would be a lease for ever. */
static void without_authority_nothing_is_opened(void)
{
    struct stand s;
    set_up(&s);
    CU_ASSERT_EQUAL(replicate_flip_rw(s.runner.replicate, 1, 0, &err), DR_REFUSED);
    CU_ASSERT_EQUAL(replicate_lease(s.runner.replicate, 0, &err), DR_REFUSED);
    CU_ASSERT_EQUAL(replicate_lease(s.runner.replicate, clock_now() + 60000, &err), DR_BUSY);
    tear_down(&s);
}

int main(void)
{
    CU_TestInfo cases[] = {{"without authority nothing is opened", without_authority_nothing_is_opened},
                           CU_TEST_INFO_NULL};
    return unit_run("carry", cases);
}
