/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/guarded_volume.h"
#include "platform/process.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define STATUS_FAILED 16               /* and the code of the error */
#define TAKE_LIMIT    ((msec)86400000) /* a check of a large disk; the authority ends it long before */
#define RELEASE_LIMIT ((msec)30000)    /* beyond the patience with its users: then the storage hangs */
#define FAILED_WORD   "failed: "       /* before the line that says why */

enum { WORD_ACT = 2, WORD_PARENT, WORD_UUID, WORD_MOUNT, WORD_OPTIONS, WORD_FSCK, WORD_PATIENCE, WORDS };

/* The child's last line, if that says why it failed. (What it says before may quote names of programs.) */
static char *failure_in(char *tail)
{
    char *line = strrchr(tail, '\n');
    line = line != NULL ? line + 1 : tail;
    return strncmp(line, FAILED_WORD, strlen(FAILED_WORD)) == 0 ? line : NULL;
}

static enum dr_code verdict(const struct guarded_volume *command, struct process_result *result, struct dr_error *err)
{
    const char *uuid = command->volume.uuid, *why = failure_in(result->tail);
    if (result->status == 0)
        return DR_OK;
    if (result->stuck)
        return dr_fail(err, DR_TIMEOUT, "volume %s: the storage does not answer; the command was left behind", uuid);
    if (result->stopped)
        return dr_fail(err, DR_CLOSED, "volume %s: ended, because a release came first", uuid);
    if (why != NULL && result->status > STATUS_FAILED)
        return dr_fail(err, (enum dr_code)(result->status - STATUS_FAILED), "%s", why + strlen(FAILED_WORD));
    return dr_fail(err, DR_TIMEOUT, "volume %s: killed by its guard, or by its time limit: nothing was mounted", uuid);
}

static enum dr_code run(const struct guarded_volume *command, const char *act, msec limit,
                        struct process_result *result, struct dr_error *err)
{
    char parent[24], fsck[8], patience[24];
    const struct volume *v = &command->volume;
    snprintf(parent, sizeof parent, "%d", (int)getpid());
    snprintf(fsck, sizeof fsck, "%d", (int)v->fsck);
    snprintf(patience, sizeof patience, "%" PRId64, command->patience);
    const char *argv[] = {command->program, GUARDED_VOLUME_WORD, act,  parent,   v->uuid,
                          v->mount,         v->options,          fsck, patience, NULL};
    struct process_spec spec = {.argv = argv,
                                .output = command->notes,
                                .limit = limit,
                                .stop = command->stop,
                                .input = command->authority ? command->authority->fd : 0};
    enum dr_code code = process_run(&spec, result, err);
    return code == DR_OK ? verdict(command, result, err) : code;
}

enum dr_code guarded_volume_take(const struct guarded_volume *command, struct dr_error *err)
{
    struct process_result result;
    return run(command, "take", TAKE_LIMIT, &result, err);
}

enum dr_code guarded_volume_release(const struct guarded_volume *command, char said[GUARDED_SAID], struct dr_error *err)
{
    struct process_result result = {.status = 0};
    enum dr_code code = run(command, "release", command->patience + RELEASE_LIMIT, &result, err);
    char *failed = failure_in(result.tail);
    if (failed != NULL)
        *failed = '\0';
    snprintf(said, GUARDED_SAID, "%.*s", GUARDED_SAID - 1, result.tail);
    return code;
}

/* ---- the child ---- */

static void say(const char *line)
{
    fprintf(stderr, "%s\n", line);
}

static enum dr_code take(const struct volume *volume, struct dr_error *err)
{
    const _Atomic int64_t *until = authority_here();
    if (until == NULL)
        return dr_fail(err, DR_INVALID, "%s is for drnode's own use", GUARDED_VOLUME_WORD);
    enum dr_code code = process_die_after(until, err);
    return code == DR_OK ? volume_take(volume, err) : code;
}

/* What hangs in the kernel cannot be killed, and still has the file of its words: one more would only hang beside it.
 */
static enum dr_code be_alone(const struct volume *volume, struct dr_error *err)
{
    if (flock(STDOUT_FILENO, LOCK_EX | LOCK_NB) == 0)
        return DR_OK;
    return dr_fail(err, DR_BUSY, "volume %s: an earlier command for it still hangs: its storage does not answer",
                   volume->uuid);
}

static enum dr_code carry_out(char **word, struct dr_error *err)
{
    struct volume volume = {.uuid = word[WORD_UUID],
                            .mount = word[WORD_MOUNT],
                            .options = word[WORD_OPTIONS],
                            .fsck = (enum volume_fsck)strtoul(word[WORD_FSCK], NULL, 10)};
    enum dr_code code = process_die_with(strtoll(word[WORD_PARENT], NULL, 10), err);
    if (code == DR_OK)
        code = be_alone(&volume, err);
    if (code != DR_OK)
        return code;
    if (strcmp(word[WORD_ACT], "take") == 0)
        return take(&volume, err);
    return volume_release(&volume, strtoll(word[WORD_PATIENCE], NULL, 10), say, err);
}

int guarded_volume_main(int argc, char **argv)
{
    struct dr_error err = {.code = DR_INVALID, .text = GUARDED_VOLUME_WORD " is for drnode's own use"};
    if (argc == WORDS && carry_out(argv, &err) == DR_OK)
        return 0;
    fprintf(stderr, FAILED_WORD "%s\n", err.text);
    return STATUS_FAILED + (int)err.code;
}
