/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/target/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum dr_code durable_code(int error)
{
    switch (error) {
    case ENOSPC:
    case EDQUOT: return DR_FULL;
    case ENOENT:
    case ESTALE: return DR_NOT_FOUND;
    default: return DR_IO;
    }
}

enum dr_code durable_write(int fd, const char *name, const void *bytes, size_t size, size_t offset,
                           struct dr_error *err)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = pwrite(fd, (const uint8_t *)bytes + done, size - done, (off_t)(offset + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return dr_fail(err, durable_code(errno), "cannot write %s: %s: make room there, or check the disk", name,
                           strerror(errno));
        done += (size_t)n;
    }
    return DR_OK;
}

enum dr_code durable_read(int fd, const char *name, uint8_t **bytes, size_t *size, struct dr_error *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return dr_fail(err, DR_IO, "cannot stat %s: %s", name, strerror(errno));
    *size = (size_t)st.st_size;
    *bytes = malloc(*size + 1);
    if (!*bytes)
        return dr_fail(err, DR_FULL, "no memory to read %s (%zu bytes)", name, *size);
    for (size_t done = 0; done < *size;) {
        ssize_t n = pread(fd, *bytes + done, *size - done, (off_t)done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            free(*bytes);
            return dr_fail(err, DR_IO, "cannot read %s: %s: check the disk", name, n ? strerror(errno) : "too short");
        }
        done += (size_t)n;
    }
    return DR_OK;
}

enum dr_code durable_folder(const char *file, struct dr_error *err)
{
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", file);
    char *slash = strrchr(folder, '/');
    if (slash)
        *slash = '\0';
    int fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int failed = fd < 0 || fsync(fd) != 0 ? errno : 0;
    if (fd >= 0)
        close(fd);
    return failed ? dr_fail(err, DR_IO, "cannot sync folder %s: %s", folder, strerror(failed)) : DR_OK;
}

enum dr_code durable_replace(const char *file, const void *bytes, size_t size, struct dr_error *err)
{
    char fresh[PATH_MAX];
    if (snprintf(fresh, sizeof fresh, "%s.new", file) >= (int)sizeof fresh)
        return dr_fail(err, DR_INVALID, "path too long: %s", file);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return dr_fail(err, durable_code(errno), "cannot create %s: %s", fresh, strerror(errno));
    enum dr_code code = durable_write(fd, fresh, bytes, size, 0, err);
    if (!code && (fsync(fd) != 0 || rename(fresh, file) != 0))
        code = dr_fail(err, durable_code(errno), "cannot put %s in place: %s", file, strerror(errno));
    close(fd);
    return code ? code : durable_folder(file, err);
}
