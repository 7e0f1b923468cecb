/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/source/mirror_compare.h"

#include <stdlib.h>

#define ASK_BYTES    128u
#define ASK_LIMIT    10000 /* ms without any progress */
#define ANSWER_LIMIT 30000 /* the target may have a queue of frames to apply before */

static uint32_t blocks_of(const struct mirror_reading *reading)
{
    uint64_t bytes = reading->want == WANT_EXTENT ? reading->to - reading->from : 0;
    if (reading->want == WANT_BODY)
        bytes = reading->hint <= MIRROR_WHOLE_MAX ? reading->hint : 0;
    return (uint32_t)((bytes + REPL_BLOCK - 1) / REPL_BLOCK);
}

bool mirror_compare_wanted(const struct mirror_job *job)
{
    for (unsigned i = 0; i < job->count; i++)
        if (blocks_of(&job->reading[i]))
            return true;
    return false;
}

static enum dr_code ask(struct mirror_compare *compare, const struct mirror_job *job,
                        const struct mirror_reading *reading, struct dr_error *err)
{
    uint8_t bytes[ASK_BYTES];
    struct file_id local = {.ino = reading->key.ino, .gen = reading->key.gen};
    struct repl_hash_ask m = {.number = ++compare->asked, .frame = job->frame, .path = reading->key.path};
    m.file = wire_id(compare->ids, &local, reading->key.path);
    m.offset = reading->from;
    m.blocks = blocks_of(reading);
    struct cursor c = cursor_over(bytes, sizeof bytes);
    repl_hash_ask_encode(&c, &m);
    struct piece piece = {bytes, sizeof bytes - cursor_left(&c)};
    return conn_put(compare->conn, REPL_HASH_ASK, &piece, 1, ASK_LIMIT, err);
}

enum dr_code mirror_compare_ask(struct mirror_compare *compare, struct mirror_job *job, struct dr_error *err)
{
    job->next = NULL;
    if (compare->last)
        compare->last->next = job;
    else
        compare->first = job;
    compare->last = job;
    enum dr_code code = DR_OK;
    for (unsigned i = 0; i < job->count && !code; i++)
        if (blocks_of(&job->reading[i])) {
            job->asked++;
            code = ask(compare, job, &job->reading[i], err);
        }
    return code ? code : conn_flush(compare->conn, ASK_LIMIT, err);
}

struct mirror_job *mirror_compare_give_up(struct mirror_compare *compare)
{
    struct mirror_job *job = compare->first;
    if (job && !(compare->first = job->next))
        compare->last = NULL;
    compare->turn = 0;
    return job;
}

static enum dr_code receive(struct mirror_compare *compare, struct repl_hashes *hashes, struct dr_error *err)
{
    struct frame frame;
    enum dr_code code = conn_receive(compare->conn, &frame, ANSWER_LIMIT, err);
    if (code)
        return code;
    struct cursor c = cursor_reading(frame.body, frame.size);
    if (frame.type != REPL_HASHES || !repl_hashes_decode(&c, hashes) || hashes->number != compare->answered + 1)
        return dr_fail(err, DR_PROTOCOL, "%s does not answer the question for hashes", conn_name(compare->conn));
    compare->answered++;
    return DR_OK;
}

enum dr_code mirror_compare_answer(struct mirror_compare *compare, struct mirror_job **done, struct dr_error *err)
{
    struct mirror_job *job = compare->first;
    struct repl_hashes *hashes = malloc(sizeof *hashes);
    *done = NULL;
    enum dr_code code = hashes ? receive(compare, hashes, err) : dr_fail(err, DR_FULL, "no memory for hashes");
    if (code) {
        free(hashes);
        return code;
    }
    while (!blocks_of(&job->reading[compare->turn]))
        compare->turn++;
    job->reading[compare->turn++].theirs = hashes;
    if (--job->asked == 0)
        *done = mirror_compare_give_up(compare);
    return DR_OK;
}
