/* SPDX-License-Identifier: Apache-2.0 */
#include "console/backup/archive.h"

#include "console/backup/archive_file.h"
#include "core/cursor.h"
#include "core/model_text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct archive {
    struct archive_file file;
    char path[PATH_MAX];
};

size_t archive_head_encode(uint8_t bytes[ARCHIVE_HEAD_SIZE], const struct archive_head *head)
{
    struct cursor c = cursor_over(bytes, ARCHIVE_HEAD_SIZE);
    cursor_put_text(&c, head->name);
    cursor_put_u32(&c, head->mode);
    cursor_put_u64(&c, head->size);
    return cursor_ok(&c) ? (size_t)(c.at - bytes) : 0;
}

static bool stays_inside(const char *name)
{
    char folder[ARCHIVE_NAME_SIZE + 1];
    snprintf(folder, sizeof folder, "/%s", name);
    return model_text_is_clean(name) && model_text_is_folder(folder);
}

size_t archive_head_decode(struct archive_head *head, const uint8_t *bytes, size_t size)
{
    struct cursor c = cursor_reading(bytes, size);
    cursor_get_text(&c, head->name, sizeof head->name);
    head->mode = cursor_get_u32(&c);
    head->size = cursor_get_u64(&c);
    if (!cursor_ok(&c) || head->mode > 0777 || head->size > INT64_MAX)
        return 0;
    if (head->name[0] == '\0' ? head->size != 0 : !stays_inside(head->name))
        return 0;
    return size - cursor_left(&c);
}

enum dr_code archive_create(struct archive **made, const char *path, struct dr_error *err)
{
    struct archive *archive = *made = calloc(1, sizeof *archive);
    if (archive == NULL)
        return dr_fail(err, DR_FULL, "no memory for a backup");
    snprintf(archive->path, sizeof archive->path, "%s", path);
    if (archive_file_create(&archive->file, path, err) == DR_OK) {
        if (archive_file_write(&archive->file, ARCHIVE_FIRST, strlen(ARCHIVE_FIRST)))
            return DR_OK;
        dr_fail(err, DR_IO, "cannot write %s: %s", path, strerror(errno));
        archive_abandon(archive);
    } else {
        free(archive);
    }
    *made = NULL;
    return err->code;
}

static bool put_head(struct archive *archive, const struct archive_head *head)
{
    uint8_t bytes[ARCHIVE_HEAD_SIZE];
    size_t size = archive_head_encode(bytes, head);
    return size > 0 && archive_file_write(&archive->file, bytes, size);
}

/* Exactly head->size bytes: a file that grows meanwhile was not whole before either. */
static bool put_bytes(struct archive *archive, int from, uint64_t left)
{
    char bytes[65536];
    while (left > 0) {
        ssize_t n = read(from, bytes, left < sizeof bytes ? (size_t)left : sizeof bytes);
        if (n <= 0 || !archive_file_write(&archive->file, bytes, (size_t)n))
            return false;
        left -= (uint64_t)n;
    }
    return true;
}

enum dr_code archive_add(struct archive *archive, const char *path, const char *name, struct dr_error *err)
{
    struct archive_head head = {.mode = 0};
    struct stat st;
    int from = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (from < 0 || fstat(from, &st) != 0)
        dr_fail(err, DR_IO, "cannot read %s: %s", path, strerror(errno));
    else if (snprintf(head.name, sizeof head.name, "%s", name) >= (int)sizeof head.name || !stays_inside(name))
        dr_fail(err, DR_INVALID, "the name %.200s cannot be in a backup", name);
    else {
        head.mode = st.st_mode & 0777;
        head.size = (uint64_t)st.st_size;
        if (put_head(archive, &head) && put_bytes(archive, from, head.size)) {
            close(from);
            return DR_OK;
        }
        dr_fail(err, DR_IO, "cannot copy %s into %s: %s: free some space there", path, archive->path, strerror(errno));
    }
    if (from >= 0)
        close(from);
    return err->code;
}

enum dr_code archive_finish(struct archive *archive, struct dr_error *err)
{
    static const struct archive_head end;
    bool written = put_head(archive, &end) && archive_file_seal(&archive->file);
    if (!written) {
        dr_fail(err, DR_IO, "cannot write %s: %s: free some space there", archive->path, strerror(errno));
        archive_abandon(archive);
        return err->code;
    }
    archive_file_close(&archive->file);
    free(archive);
    return DR_OK;
}

void archive_abandon(struct archive *archive)
{
    archive_file_close(&archive->file);
    unlink(archive->path);
    free(archive);
}
