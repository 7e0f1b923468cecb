/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

bool log_file_init(struct log_file *file, const char *folder, const char *name, uint64_t limit, unsigned kept)
{
    *file = (struct log_file){.fd = -1, .limit = limit, .kept = kept};
    return snprintf(file->path, sizeof file->path, "%s/%s", folder, name) < (int)sizeof file->path;
}

void log_file_close(struct log_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

static bool open_file(struct log_file *file)
{
    struct stat st;
    if (file->fd >= 0)
        return true;
    file->fd = open(file->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (file->fd < 0)
        return false;
    file->size = fstat(file->fd, &st) == 0 ? (uint64_t)st.st_size : 0;
    return true;
}

static void old_name(char *name, size_t size, const struct log_file *file, unsigned number)
{
    if (number)
        snprintf(name, size, "%s.%u", file->path, number);
    else
        snprintf(name, size, "%s", file->path);
}

/* A rename that fails leaves the file in place; it then grows until a later rotation succeeds. */
static void rotate(struct log_file *file)
{
    char from[LOG_FILE_PATH + 12], to[LOG_FILE_PATH + 12];
    log_file_close(file);
    for (unsigned number = file->kept; number > 0; number--) {
        old_name(from, sizeof from, file, number - 1);
        old_name(to, sizeof to, file, number);
        rename(from, to);
    }
}

bool log_file_append(struct log_file *file, const char *line, size_t length)
{
    if (!open_file(file))
        return false;
    if (file->size > 0 && file->size + length > file->limit) {
        rotate(file);
        if (!open_file(file))
            return false;
    }
    ssize_t n = write(file->fd, line, length);
    if (n == (ssize_t)length) {
        file->size += length;
        return true;
    }
    /* The disk is full: no torn line stays behind, and the file is opened anew next time. */
    if (n > 0 && ftruncate(file->fd, (off_t)file->size) != 0)
        file->size += (uint64_t)n;
    log_file_close(file);
    return false;
}
