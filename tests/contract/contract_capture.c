/* SPDX-License-Identifier: Apache-2.0
 * platform/capture.h: folders are read-write in one term and under a lease, or EROFS for everybody. */
#include "platform/clock.h"
#include "tests/contract/contract.h"

#include <errno.h>

static struct dr_error err;
static struct capture_link *link_;
static const char *socket_;

static enum dr_code flip(enum capture_mode mode, term_no term)
{
    uint64_t seq;
    return capture_flip(link_, mode, term, &seq, &err);
}

static void read_only_until_it_is_flipped(void)
{
    uint64_t before, after;
    link_ = on_capture(&socket_);
    CU_ASSERT_EQUAL(capture_info(link_)->mode, CAPTURE_READ_ONLY);
    CU_ASSERT_EQUAL(on_change(), EROFS);
    CU_ASSERT_EQUAL(capture_flip(link_, CAPTURE_READ_WRITE, 3, &before, &err), DR_OK);
    CU_ASSERT_EQUAL(on_change(), 0);
    CU_ASSERT_EQUAL(on_change(), 0);
    CU_ASSERT_EQUAL(capture_flip(link_, CAPTURE_READ_ONLY, 0, &after, &err), DR_OK);
    CU_ASSERT_EQUAL(on_change(), EROFS);
    CU_ASSERT_EQUAL(after, before + 2); /* each change is a record */
    on_capture_end();
}

static void older_terms_are_refused(void)
{
    link_ = on_capture(&socket_);
    CU_ASSERT_EQUAL(flip(CAPTURE_READ_WRITE, 7), DR_OK);
    CU_ASSERT_EQUAL(flip(CAPTURE_READ_WRITE, 6), DR_REFUSED);
    CU_ASSERT_EQUAL(on_change(), EROFS);
    CU_ASSERT_EQUAL(flip(CAPTURE_READ_WRITE, 7), DR_OK);
    CU_ASSERT_EQUAL(on_change(), 0);
    on_capture_end();
}

/* Whoever attaches later finds what was set; the process outlives those who attach. */
static void the_next_one_finds_mode_term_and_lease(void)
{
    struct capture_link *other;
    link_ = on_capture(&socket_);
    msec until = clock_now() + 600000;
    CU_ASSERT_EQUAL(capture_lease(link_, until, &err), DR_OK);
    CU_ASSERT_EQUAL(flip(CAPTURE_READ_WRITE, 5), DR_OK);
    CU_ASSERT_EQUAL(capture_attach(&other, "/no/such/socket", &err), DR_NOT_FOUND);
    CU_ASSERT_EQUAL_FATAL(capture_attach(&other, socket_, &err), DR_OK);
    const struct capture_info *info = capture_info(other);
    CU_ASSERT_EQUAL(info->mode, CAPTURE_READ_WRITE);
    CU_ASSERT_EQUAL(info->term, 5);
    CU_ASSERT_EQUAL(info->lease, until);
    CU_ASSERT_TRUE(capture_lives(other));
    capture_detach(other);
    CU_ASSERT_EQUAL(on_change(), 0);
    on_capture_end();
}

/* ---- the lease ---- */

/* A change that ends before the lease does goes through; one that begins after it is EROFS. */
static void look(msec end)
{
    msec before = clock_now();
    int why = on_change();
    CU_ASSERT_TRUE(why == 0 || why == EROFS);
    if (clock_now() < end)
        CU_ASSERT_EQUAL(why, 0);
    if (before >= end)
        CU_ASSERT_EQUAL(why, EROFS);
}

static void sleep_to(msec at)
{
    while (clock_now() < at)
        clock_sleep(at - clock_now());
}

/* Read-write under a lease that was made longer; false: this test stood still until the first one had ended. */
static bool open_and_renewed(msec *end)
{
    msec first = clock_now() + 1000;
    CU_ASSERT_EQUAL(flip(CAPTURE_READ_ONLY, 0), DR_OK);
    CU_ASSERT_EQUAL(capture_lease(link_, first, &err), DR_OK);
    enum dr_code code = flip(CAPTURE_READ_WRITE, 3);
    if (code == DR_OK) {
        look(first);
        *end = first + 700;
        code = capture_lease(link_, *end, &err);
    }
    CU_ASSERT_TRUE(code == DR_OK || (code == DR_REFUSED && clock_now() >= first));
    sleep_to(first);
    return code == DR_OK;
}

static void a_lease_ends_by_itself(void)
{
    msec end;
    link_ = on_capture(&socket_);
    while (!open_and_renewed(&end))
        ;
    look(end);
    sleep_to(end);
    look(end);
    CU_ASSERT_EQUAL(capture_lease(link_, clock_now() + 60000, &err), DR_REFUSED);
    CU_ASSERT_EQUAL(on_change(), EROFS);
    CU_ASSERT_EQUAL(flip(CAPTURE_READ_ONLY, 3), DR_OK);
    CU_ASSERT_EQUAL(capture_lease(link_, clock_now() + 60000, &err), DR_OK);
    CU_ASSERT_EQUAL(flip(CAPTURE_READ_WRITE, 3), DR_OK);
    CU_ASSERT_EQUAL(on_change(), 0);
    on_capture_end();
}

/* By who asks nobody: the same. */
static void a_lease_is_moved_without_waiting(void)
{
    link_ = on_capture(&socket_);
    msec first = clock_now() + 600000;
    CU_ASSERT_EQUAL(capture_lease(link_, first, &err), DR_OK);
    CU_ASSERT_EQUAL(flip(CAPTURE_READ_WRITE, 3), DR_OK);
    msec end = clock_now() + 300;
    CU_ASSERT_EQUAL(capture_renew(link_, end, &err), DR_OK);
    look(end);
    sleep_to(end);
    look(end);
    CU_ASSERT_EQUAL(capture_renew(link_, first, &err), DR_REFUSED);
    CU_ASSERT_EQUAL(capture_lease(link_, first, &err), DR_REFUSED);
    CU_ASSERT_EQUAL(on_change(), EROFS);
    CU_ASSERT_EQUAL(flip(CAPTURE_READ_ONLY, 3), DR_OK);
    CU_ASSERT_EQUAL(capture_lease(link_, first, &err), DR_OK);
    CU_ASSERT_EQUAL(flip(CAPTURE_READ_WRITE, 3), DR_OK);
    CU_ASSERT_EQUAL(on_change(), 0);
    on_capture_end();
}

static void a_lease_that_is_over_opens_nothing(void)
{
    link_ = on_capture(&socket_);
    CU_ASSERT_EQUAL(capture_lease(link_, clock_now() - 1, &err), DR_OK);
    CU_ASSERT_EQUAL(flip(CAPTURE_READ_WRITE, 3), DR_REFUSED);
    CU_ASSERT_EQUAL(on_change(), EROFS);
    CU_ASSERT_EQUAL(capture_lease(link_, 0, &err), DR_OK); /* for ever */
    CU_ASSERT_EQUAL(flip(CAPTURE_READ_WRITE, 5), DR_OK);
    CU_ASSERT_EQUAL(on_change(), 0);
    on_capture_end();
}

int main(void)
{
    if (!on_set_up())
        return 1;
    CU_TestInfo cases[] = {{"read-only until it is flipped", read_only_until_it_is_flipped},
                           {"older terms are refused", older_terms_are_refused},
                           {"the next one finds mode, term and lease", the_next_one_finds_mode_term_and_lease},
                           {"a lease ends by itself, and not before", a_lease_ends_by_itself},
                           {"a lease is moved without waiting", a_lease_is_moved_without_waiting},
                           {"a lease that is over opens nothing", a_lease_that_is_over_opens_nothing},
                           CU_TEST_INFO_NULL};
    int failed = unit_run("contract: capture", cases);
    on_tear_down();
    return failed;
}
