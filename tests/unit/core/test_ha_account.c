/* SPDX-License-Identifier: Apache-2.0
 * The facts behind a state, with their age: this member's, the other's as it last said them, each witness's last
 * answer. */
#include "core/ha_account.h"
#include "tests/unit/core/ha_rig.h"

#include <string.h>

static struct ha_account account;
static struct ha_said said[WITNESSES_MAX];
static const struct ha_names names = {.member = {"alpha", "beta"}, .witness = {{.name = "gamma"}}};

static bool told(enum ha_about about, const char *words)
{
    for (uint32_t i = 0; i < account.facts; i++)
        if (account.fact[i].about == about && strstr(account.fact[i].text, words) != NULL)
            return true;
    return false;
}

#define TELLS(whom, words)                                                                                             \
    do {                                                                                                               \
        CU_ASSERT_TRUE(told(whom, words));                                                                             \
        for (uint32_t i = 0; !told(whom, words) && i < account.facts; i++)                                             \
            printf("%d: %s\n", (int)account.fact[i].about, account.fact[i].text);                                      \
    } while (0)

static void a_master_tells_who_voted_until_when(void)
{
    struct rig r = master_alone();
    tick(&r, 100);
    said[0] =
        (struct ha_said){.at = r.now - 300,
                         .vote = {.granted = true, .identity = W_ID, .length = 2000, .term = 1, .candidate = MEMBER_A}};
    ha_account(&r.h, r.now, &names, said, &account);
    TELLS(HA_ABOUT_SELF, "master in term 1 since 0.1 s");
    TELLS(HA_ABOUT_SELF, "its vote is promised to alpha in term 1");
    TELLS(HA_ABOUT_PEER, "has never been heard since this drnode started");
    TELLS(HA_ABOUT_WITNESS, "gamma answered 0.3 s ago: promised to this member in term 1, for 1.7 s more");
}

static void a_slave_tells_what_the_other_said_when(void)
{
    struct rig r = restarted(false);
    struct ha_message m = from_peer(&r, HA_BEAT);
    m.report.acting = true;
    m.report.term = m.report.acted = 2;
    m.ask = (struct vote_request){.kind = VOTE_ASK, .term = 2, .candidate = MEMBER_B, .round = m.round, .length = 2000};
    hear(&r, m);
    struct ha_message answer = from_peer(&r, HA_ANSWER);
    answer.report.acting = true;
    answer.report.term = answer.report.acted = 2;
    hear(&r, answer);
    memset(said, 0, sizeof said);
    ha_account(&r.h, r.now + 1200, &names, said, &account);
    TELLS(HA_ABOUT_SELF, "slave of beta's mastership, term 2");
    TELLS(HA_ABOUT_SELF, "its vote is promised to beta in term 2, for 0.8 s more");
    TELLS(HA_ABOUT_PEER, "said 1.2 s ago: master, term 2; it could be master");
    TELLS(HA_ABOUT_WITNESS, "gamma has not answered since this drnode started; it is asked only by who is master");
    ha_account(&r.h, r.now + 200000, &names, said, &account);
    TELLS(HA_ABOUT_SELF, "which ran out 3 min ago");
}

static void a_refusal_names_whom_the_vote_is_promised_to(void)
{
    struct rig r = acting();
    said[0] = (struct ha_said){.at = r.now - 5000,
                               .vote = {.identity = W_ID, .length = 1500, .term = 4, .candidate = MEMBER_B}};
    ha_account(&r.h, r.now, &names, said, &account);
    TELLS(HA_ABOUT_WITNESS, "gamma answered 5.0 s ago: promised to beta in term 4, which ran out 3.5 s ago");
}

int main(void)
{
    CU_TestInfo cases[] = {
        {"a master tells who voted for it, until when", a_master_tells_who_voted_until_when},
        {"a slave tells what the other said, and when", a_slave_tells_what_the_other_said_when},
        {"a refusal names whom the vote is promised to", a_refusal_names_whom_the_vote_is_promised_to},
        CU_TEST_INFO_NULL};
    return unit_run("ha_account", cases);
}
