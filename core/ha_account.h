/* SPDX-License-Identifier: Apache-2.0
 * core/ha_account.h - the facts behind what a member decides, in words and with their age: its own, the other's as it
 * last said them, and each witness's last answer. What is not met, and what to do, is in ha_status(). */
#ifndef DR_CORE_HA_ACCOUNT_H
#define DR_CORE_HA_ACCOUNT_H

#include "core/ha.h"

enum ha_about { HA_ABOUT_SELF, HA_ABOUT_PEER, HA_ABOUT_WITNESS };

/* The last vote that a witness answered with in this life; the driver keeps it. */
struct ha_said {
    msec at; /* 0: none yet */
    struct vote_reply vote;
};

#define HA_FACTS_TOLD 32
struct ha_account {
    uint32_t facts;
    struct ha_fact {
        enum ha_about about;
        char text[HA_TEXT_MAX];
    } fact[HA_FACTS_TOLD];
};

void ha_account(const struct ha *h, msec now, const struct ha_names *names, const struct ha_said said[WITNESSES_MAX],
                struct ha_account *account);

#endif
