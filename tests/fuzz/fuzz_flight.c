/* SPDX-License-Identifier: Apache-2.0
 * tests/fuzz/fuzz_flight.c - a flight record's items of any kind under a good seal, played by the core: whatever a
 * record says, no state or event that gets through can make the core misbehave. */
#include "core/ha_replay.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#define ROOM 65536

static struct flight_reader reader;
static struct ha_replay replay;

static bool begins(void)
{
    char why[REPLAY_TEXT];
    struct ha again;
    uint8_t bytes[HA_RECORD_MAX];
    struct cursor c = cursor_over(bytes, sizeof bytes);
    if (!ha_replay_begin(&replay, &reader, why))
        return false;
    ha_record_state(&c, &replay.h);
    struct cursor back = cursor_reading(bytes, (size_t)(c.at - bytes));
    FUZZ_HOLDS(cursor_ok(&c) && ha_record_get_state(&back, &again));
    return true;
}

static void steps(void)
{
    char why[REPLAY_TEXT], words[WORDS_MAX];
    struct ha before = replay.h;
    struct ha_status status;
    (void)ha_replay_step(&replay, &reader.step, why); /* another answer is no fault here */
    ha_event_words(words, &before, &reader.step.held.event);
    for (uint32_t i = 0; i < reader.step.answer.actions; i++)
        ha_action_words(words, &reader.step.answer.action[i]);
    ha_status(&replay.h, replay.h.now, NULL, &status);
    FUZZ_HOLDS(replay.answer.actions <= HA_ACTIONS_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t chunk[ROOM];
    enum flight_found found;
    bool running = false;
    if (size > ROOM - FLIGHT_CHUNK_EXTRA)
        return 0;
    memcpy(chunk + FLIGHT_CHUNK_HEAD, data, size);
    memset(&replay, 0, sizeof replay);
    flight_read_segment(&reader, chunk, flight_chunk_close(chunk, size));
    while ((found = flight_read_next(&reader)) == FLIGHT_BEGAN || found == FLIGHT_STEP) {
        if (found == FLIGHT_BEGAN)
            running = begins();
        else if (running)
            steps();
    }
    return 0;
}
