/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/recorder_file.h"
#include "core/model_text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void name_of(char path[CONFIG_PATH_SIZE + 32], const struct recorder_file *file, uint64_t number)
{
    snprintf(path, CONFIG_PATH_SIZE + 32, "%s/%010" PRIu64, file->folder, number);
}

void recorder_file_init(struct recorder_file *file, const char *folder)
{
    *file = (struct recorder_file){.fd = -1};
    snprintf(file->folder, sizeof file->folder, "%s", folder);
    DIR *dir = opendir(folder);
    const struct dirent *entry;
    uint64_t number;
    while (dir != NULL && (entry = readdir(dir)) != NULL)
        if (model_text_number(entry->d_name, &number) && number > file->number)
            file->number = number;
    if (dir != NULL)
        closedir(dir);
}

static void remove_old(const struct recorder_file *file)
{
    char path[CONFIG_PATH_SIZE + 32];
    DIR *dir = opendir(file->folder);
    const struct dirent *entry;
    uint64_t number;
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        if (!model_text_number(entry->d_name, &number) || number + RECORDER_SEGMENTS > file->number)
            continue;
        name_of(path, file, number);
        unlink(path);
    }
    if (dir != NULL)
        closedir(dir);
}

void recorder_file_close(struct recorder_file *file)
{
    char path[CONFIG_PATH_SIZE + 32];
    if (file->fd < 0)
        return;
    close(file->fd);
    file->fd = -1;
    if (file->size > 0)
        return;
    name_of(path, file, file->number--);
    unlink(path);
}

enum dr_code recorder_file_next(struct recorder_file *file, struct dr_error *err)
{
    char path[CONFIG_PATH_SIZE + 32];
    recorder_file_close(file);
    if (mkdir(file->folder, 0700) != 0 && errno != EEXIST)
        return dr_fail(err, DR_IO, "cannot make the folder %s: %s", file->folder, strerror(errno));
    name_of(path, file, file->number + 1);
    file->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file->fd < 0)
        return dr_fail(err, DR_IO, "cannot create %s: %s", path, strerror(errno));
    file->number++;
    file->size = 0;
    return DR_OK;
}

enum dr_code recorder_file_append(struct recorder_file *file, const void *chunk, size_t size, struct dr_error *err)
{
    size_t done = 0;
    while (done < size) {
        ssize_t n = pwrite(file->fd, (const uint8_t *)chunk + done, size - done, (off_t)(file->size + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            int failure = n < 0 ? errno : ENOSPC;
            (void)!ftruncate(file->fd, (off_t)file->size); /* a reader stops at half a chunk too */
            return dr_fail(err, DR_IO, "cannot write to %s: %s", file->folder, strerror(failure));
        }
        done += (size_t)n;
    }
    if (file->size == 0)
        remove_old(file);
    file->size += size;
    return DR_OK;
}
