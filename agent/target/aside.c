/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/target/aside.h"
#include "agent/target/checkpoint.h"
#include "agent/target/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define ASIDE_MOST 99

/* A folder with nothing but a checkpoint; what an attempt that was cut short has left of it is used. */
static enum dr_code make_fresh(const char *fresh, term_no term, struct dr_error *err)
{
    char file[PATH_MAX];
    struct checkpoint k = {.term = term, .mixed = true};
    if (mkdir(fresh, 0700) != 0 && errno != EEXIST)
        return dr_fail(err, durable_code(errno), "cannot make folder %s: %s", fresh, strerror(errno));
    if (snprintf(file, sizeof file, "%s/checkpoint", fresh) >= (int)sizeof file)
        return dr_fail(err, DR_INVALID, "path too long: %s", fresh);
    return checkpoint_write(&k, file, err);
}

static enum dr_code name_damaged(char name[PATH_MAX], const char *state, struct dr_error *err)
{
    int length = snprintf(name, PATH_MAX, "%s.damaged", state);
    for (unsigned i = 2; i <= ASIDE_MOST && length < PATH_MAX && access(name, F_OK) == 0; i++)
        length = snprintf(name, PATH_MAX, "%s.damaged-%u", state, i);
    if (length >= PATH_MAX || access(name, F_OK) == 0)
        return dr_fail(err, DR_FULL, "%s.damaged and %d more are there already: remove those", state, ASIDE_MOST - 1);
    return DR_OK;
}

static enum dr_code exchange(const char *state, const char *fresh, struct dr_error *err)
{
    char damaged[PATH_MAX];
    enum dr_code code = name_damaged(damaged, state, err);
    if (code != DR_OK)
        return code;
    if (renameat2(AT_FDCWD, fresh, AT_FDCWD, state, RENAME_EXCHANGE) != 0 || rename(fresh, damaged) != 0)
        return dr_fail(err, DR_IO, "cannot put %s aside: %s", state, strerror(errno));
    return durable_folder(state, err);
}

enum dr_code aside_put(const char *state, term_no term, struct dr_error *err)
{
    char fresh[PATH_MAX];
    if (snprintf(fresh, sizeof fresh, "%s.new", state) >= (int)sizeof fresh)
        return dr_fail(err, DR_INVALID, "path too long: %s", state);
    int fd = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return dr_fail(err, DR_IO, "cannot open folder %s: %s", state, strerror(errno));
    enum dr_code code = flock(fd, LOCK_EX | LOCK_NB) == 0 ? make_fresh(fresh, term, err)
                                                          : dr_fail(err, DR_BUSY, "%s is in use: try again", state);
    if (code == DR_OK)
        code = exchange(state, fresh, err);
    close(fd);
    return code;
}
