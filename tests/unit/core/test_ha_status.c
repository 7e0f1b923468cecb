/* SPDX-License-Identifier: Apache-2.0
 * What a person sees of a member, and reads about what is in the way. */
#include "tests/unit/core/ha_rig.h"

#include <string.h>

static void says(const struct rig *r, enum ha_state state, enum ha_witness witness, const char *first)
{
    struct ha_status status = shown(r);
    CU_ASSERT_EQUAL(status.state, state);
    CU_ASSERT_EQUAL(status.witness, witness);
    CU_ASSERT_PTR_NOT_NULL(strstr(status.why[0], first));
    for (uint32_t i = 0; i < status.whys; i++)
        CU_ASSERT_PTR_NULL(strstr(status.why[i], "the last try"));
}

/* What a person reads is true of the moment, and leaves out what goes without saying (B5.1.2-21, B5.1.3-06, -14). */
static void tells_what_is_so(void)
{
    struct rig r = acting();
    says(&r, HA_STATE_UNSYNCED, HA_WITNESS_NORMAL, "under way: making it read-write"); /* no copy follows yet */
    finish_take(&r);
    says(&r, HA_STATE_UNSYNCED, HA_WITNESS_NORMAL, "the other member is not heard");
    struct ha_message m = from_peer(&r, HA_ANSWER);
    m.report.stopped = true;
    hear(&r, m);
    says(&r, HA_STATE_UNSYNCED, HA_WITNESS_NORMAL, "a person stopped the other member");
    struct ha_config c = settings();
    struct ha_store s = known(&c, false);
    r = started(&c, &s);
    hear_master(&r, HA_BEAT, 2, HA_PHASE_NONE);
    says(&r, HA_STATE_UNSYNCED, HA_WITNESS_UNKNOWN, "the data do not come in");
    hear_master(&r, HA_BEAT, 2, HA_PHASE_REPLICATING);
    says(&r, HA_STATE_READY, HA_WITNESS_UNKNOWN, "the other member is master");
}

/* Whatever it is: core knows it by its place, and the driver has the words. */
static void tells_which_witness_is_silent_and_what_to_check(void)
{
    struct ha_names names = {.witness = {{"disk /mnt/vote", "check that /mnt/vote is mounted here"},
                                         {"etcd https://e", "check that most of its servers run"}}};
    struct ha_config c = settings();
    c.witnesses = 2;
    struct rig r = acting_with(&c);
    finish_take(&r);
    third_grants(&r, 1, W_ID + 1);
    struct ha_status status;
    ha_status(&r.h, r.now, &names, &status);
    CU_ASSERT_EQUAL(status.witness, HA_WITNESS_NORMAL);
    CU_ASSERT_FALSE(says_why(&status, "does not answer"));
    ha_status(&r.h, r.now + ha_length(&c), &names, &status);
    CU_ASSERT_EQUAL(status.witness, HA_WITNESS_BROKEN);
    CU_ASSERT_TRUE(says_why(&status, "disk /mnt/vote does not answer: check that /mnt/vote is mounted here"));
    CU_ASSERT_FALSE(says_why(&status, "etcd")); /* it is not in use */
    r.h.store.set.of[0].kind = QUORUM_SOLO;
    r.h.store.set.of[0].witnesses = 0;
    ha_status(&r.h, r.now + ha_length(&c), &names, &status);
    CU_ASSERT_TRUE(says_why(&status, "no witness answered the master: the other member does not"));
    CU_ASSERT_TRUE(says_why(&status, "disk /mnt/vote does not answer"));
    CU_ASSERT_TRUE(says_why(&status, "etcd https://e does not answer: check that most of its servers run"));
}

/* It answers, but has lost its store: no fault of a port or a mount. */
static void tells_of_a_witness_that_is_another(void)
{
    struct ha_names names = {.witness = {{"gamma", "check its port"}}};
    struct rig r = master_alone();
    tick(&r, 500);
    third_grants(&r, 0, W_ID + 1);
    struct ha_status status;
    ha_status(&r.h, r.now, &names, &status);
    CU_ASSERT_EQUAL(status.witness, HA_WITNESS_BROKEN);
    CU_ASSERT_TRUE(says_why(&status, "another one in its place does"));
    CU_ASSERT_FALSE(says_why(&status, "check its port"));
}

static void a_mirror_is_shown_on_both_sides(void)
{
    static const enum ha_state states[] = {[HA_PHASE_NONE] = HA_STATE_UNSYNCED,
                                           [HA_PHASE_MIRRORING] = HA_STATE_MIRRORING,
                                           [HA_PHASE_REPLICATING] = HA_STATE_READY};
    struct rig master = acting();
    finish_take(&master);
    struct ha_config c = settings();
    struct ha_store s = known(&c, false);
    struct rig slave = started(&c, &s);
    for (enum ha_phase phase = HA_PHASE_NONE; phase <= HA_PHASE_REPLICATING; phase++) {
        feed(&master, (struct ha_event){.kind = HA_FACTS, .facts = {.in_window = true, .phase = phase}});
        CU_ASSERT_EQUAL(shown(&master).state, states[phase]);
        hear_master(&slave, HA_ANSWER, 2, phase);
        CU_ASSERT_EQUAL(shown(&slave).state, states[phase]);
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        {"tells what is so", tells_what_is_so},
        {"tells which witness is silent, and what to check", tells_which_witness_is_silent_and_what_to_check},
        {"tells of a witness that is another than the one agreed on", tells_of_a_witness_that_is_another},
        {"a mirror is shown on both sides (B5.1.3-02)", a_mirror_is_shown_on_both_sides},
        CU_TEST_INFO_NULL};
    return unit_run("ha_status", cases);
}
