/* SPDX-License-Identifier: Apache-2.0
 * platform/vip.h: an address goes by itself when its time is over, and nothing late brings it back. */
#include "platform/clock.h"
#include "platform/process.h"
#include "platform/vip.h"
#include "tests/contract/contract.h"

static struct dr_error err;

static struct vip parsed(const char *address, const char *card)
{
    struct vip vip;
    CU_ASSERT_EQUAL_FATAL(vip_parse(&vip, address, card, &err), DR_OK);
    return vip;
}

static bool held(const struct vip *vip)
{
    bool is;
    CU_ASSERT_EQUAL_FATAL(vip_held(vip, &is, &err), DR_OK);
    return is;
}

static void the_card_is_found(void)
{
    struct vip vip = parsed("10.99.7.50/24", "");
    CU_ASSERT_STRING_EQUAL(vip.card, "left");
    vip = parsed("fd00:99::50/64", NULL);
    CU_ASSERT_STRING_EQUAL(vip.card, "left");
    CU_ASSERT_EQUAL(vip_parse(&vip, "10.98.7.50/24", "", &err), DR_NOT_FOUND);
    CU_ASSERT_EQUAL(vip_parse(&vip, "10.99.7.50/24", "nocard", &err), DR_NOT_FOUND);
    CU_ASSERT_EQUAL(vip_parse(&vip, "10.99.7/24", "left", &err), DR_INVALID);
    CU_ASSERT_EQUAL(vip_parse(&vip, "10.99.7.50/33", "left", &err), DR_INVALID);
}

static void add_and_delete(const char *address)
{
    struct vip vip = parsed(address, "");
    CU_ASSERT_FALSE(held(&vip));
    CU_ASSERT_EQUAL(vip_add(&vip, 30, &err), DR_OK);
    CU_ASSERT_TRUE(held(&vip));
    CU_ASSERT_EQUAL(vip_add(&vip, 30, &err), DR_OK);
    CU_ASSERT_EQUAL(vip_delete(&vip, &err), DR_OK);
    CU_ASSERT_FALSE(held(&vip));
    CU_ASSERT_EQUAL(vip_delete(&vip, &err), DR_OK);
}

static void twice_is_no_harm(void)
{
    add_and_delete("10.99.7.51/24");
    add_and_delete("fd00:99::51/64");
}

/* Instants of the clock between which something happened: however long this process itself was kept waiting, it was not
 * before the one nor after the other. */
struct between {
    msec from, to;
};

/* Renewed for 2 s when it was about to end. A test that stands still until it is gone begins anew. */
static struct between renewed(const struct vip *vip)
{
    struct between renewal = {0};
    for (enum dr_code code = DR_NOT_FOUND; code == DR_NOT_FOUND; renewal.to = clock_now()) {
        msec before = clock_now();
        CU_ASSERT_EQUAL_FATAL(vip_add(vip, 2, &err), DR_OK);
        clock_sleep(1200);
        renewal.from = clock_now();
        code = vip_renew(vip, 2, &err);
        CU_ASSERT_TRUE_FATAL(code == DR_OK || (code == DR_NOT_FOUND && clock_now() - before >= 1900));
    }
    return renewal;
}

/* When it went: after the last look that began and found it, before the first one that ended and did not. */
static struct between gone(const struct vip *vip)
{
    struct between end = {.from = clock_now()};
    for (msec began = end.from, now = began; now - began < 60000; clock_sleep(10)) {
        now = clock_now();
        if (!held(vip)) {
            end.to = clock_now();
            return end;
        }
        end.from = now;
    }
    CU_FAIL_FATAL("a lifetime of 2 s did not end in a minute");
    return end;
}

#define LATEST_MS  2250 /* whole seconds, and late by what ha.md reckons with */
#define DELAYED_MS 1000 /* the kernel's worker waits for a processor as we do */

static void expires(const char *address)
{
    struct vip vip = parsed(address, "");
    struct between renewal = renewed(&vip), end = gone(&vip);
    CU_ASSERT_TRUE(end.to - renewal.from >= 1900);
    CU_ASSERT_TRUE(end.from - renewal.to <= LATEST_MS + DELAYED_MS);
    CU_ASSERT_EQUAL(vip_renew(&vip, 30, &err), DR_NOT_FOUND);
    CU_ASSERT_FALSE(held(&vip));
}

static void it_expires_and_a_late_renewal_creates_nothing(void)
{
    expires("10.99.7.52/24");
    expires("fd00:99::52/64");
}

static void without_a_lifetime_it_stays(void)
{
    struct vip vip = parsed("10.99.7.56/24", "");
    CU_ASSERT_EQUAL(vip_add(&vip, VIP_FOREVER, &err), DR_OK);
    clock_sleep(20);
    CU_ASSERT_EQUAL(vip_announce(&vip, &err), DR_OK);
    CU_ASSERT_TRUE(held(&vip));
    CU_ASSERT_EQUAL(vip_delete(&vip, &err), DR_OK);
    CU_ASSERT_FALSE(held(&vip));
}

static void take_too_late(void *baton)
{
    struct dr_error why;
    msec until = clock_now() + 50;
    if (process_die_at(until, &why) != DR_OK)
        return;
    clock_sleep(10000);
    (void)!vip_add(baton, 30, &why);
}

static void who_was_killed_takes_nothing(void)
{
    struct vip vip = parsed("10.99.7.57/24", "");
    CU_ASSERT_TRUE(on_child(take_too_late, &vip));
    CU_ASSERT_FALSE(held(&vip));
}

int main(void)
{
    if (!on_set_up())
        return 1;
    CU_TestInfo cases[] = {
        {"the card is found by its network", the_card_is_found},
        {"add twice, delete twice", twice_is_no_harm},
        {"it expires; a late renewal creates nothing", it_expires_and_a_late_renewal_creates_nothing},
        {"without a lifetime it stays", without_a_lifetime_it_stays},
        {"who was killed takes nothing", who_was_killed_takes_nothing},
        CU_TEST_INFO_NULL};
    int failed = unit_run("contract: vip", cases);
    on_tear_down();
    return failed;
}
