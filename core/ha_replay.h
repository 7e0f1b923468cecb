/* SPDX-License-Identifier: Apache-2.0
 * core/ha_replay.h - runs what a flight recorder holds through the core again: the same answers must come. */
#ifndef DR_CORE_HA_REPLAY_H
#define DR_CORE_HA_REPLAY_H

#include "core/flight_read.h"

#define REPLAY_TEXT 768

struct ha_replay {
    struct ha h; /* after the last step */
    struct ha_answer answer;
    bool running;
    uint64_t life, steps; /* of this life so far */
};

/* A segment began. Goes on if it follows what was played before, and then the states must be the same; else starts
 * from its state. False: `why` says what does not fit. */
bool ha_replay_begin(struct ha_replay *r, const struct flight_reader *segment, char why[REPLAY_TEXT]);
/* Plays one step. False: the core answers otherwise now; `why` says the first difference. */
bool ha_replay_step(struct ha_replay *r, const struct flight_step *step, char why[REPLAY_TEXT]);

/* In words, for people. */
#define WORDS_MAX 384
void ha_event_words(char text[WORDS_MAX], const struct ha *before, const struct ha_event *event);
void ha_action_words(char text[WORDS_MAX], const struct ha_action *action);
const char *ha_mode_name(enum ha_mode mode);

#endif
