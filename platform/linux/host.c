/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/host.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

bool host_privileged(void)
{
    return geteuid() == 0;
}

enum dr_code host_program(char *path, size_t size, const char *name, struct dr_error *err)
{
    char self[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    if (length <= 0)
        return dr_fail(err, DR_IO, "cannot read /proc/self/exe: %s: is /proc mounted?", strerror(errno));
    self[length] = '\0';
    *strrchr(self, '/') = '\0';
    if ((size_t)snprintf(path, size, "%s/%s", self, name) >= size)
        return dr_fail(err, DR_INVALID, "the path of %s beside %s is too long", name, self);
    return DR_OK;
}

void host_random(void *bytes, size_t size)
{
    for (size_t have = 0; have < size;) {
        ssize_t got = getrandom((char *)bytes + have, size - have, 0);
        if (got > 0)
            have += (size_t)got;
    }
}

bool host_folder_within(const char *inner, const char *outer)
{
    char in[PATH_MAX], out[PATH_MAX];
    if (realpath(inner, in) == NULL || realpath(outer, out) == NULL)
        return false;
    size_t length = strlen(out);
    return strncmp(in, out, length) == 0 && (in[length] == '\0' || in[length] == '/' || length == 1);
}
