/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/target/own.h"
#include "platform/file_handle.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void own_init(struct own *own)
{
    *own = (struct own){.gathered = false};
    pthread_mutex_init(&own->lock, NULL);
}

void own_close(struct own *own)
{
    table_clear(&own->inodes);
    pthread_mutex_destroy(&own->lock);
}

void own_reset(struct own *own)
{
    pthread_mutex_lock(&own->lock);
    table_clear(&own->inodes);
    own->gathered = false;
    pthread_mutex_unlock(&own->lock);
}

/* ---- the walk: folders that wait are kept by handle, so that neither depth nor width needs descriptors ---- */

struct waiting {
    struct dr_file_handle *folder;
    size_t count, room;
};

static bool wait_for(struct waiting *w, const struct dr_file_handle *folder)
{
    if (w->count == w->room) {
        size_t room = w->room ? w->room * 2 : 256;
        struct dr_file_handle *more = realloc(w->folder, room * sizeof *more);
        if (!more)
            return false;
        w->folder = more;
        w->room = room;
    }
    w->folder[w->count++] = *folder;
    return true;
}

static enum dr_code gather_entry(struct own *own, int folder, const struct dirent *d, struct waiting *w,
                                 struct dr_error *err)
{
    if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
        return DR_OK;
    struct dr_file_handle handle;
    enum dr_code code = file_handle_at(folder, d->d_name, &handle, err);
    if (code)
        return code == DR_NOT_FOUND ? DR_OK : code;
    struct file_id local = file_handle_id(&handle);
    if (!table_put(&own->inodes, &local, 0) || (d->d_type == DT_DIR && !wait_for(w, &handle)))
        return dr_fail(err, DR_FULL, "no memory for the list of files");
    return DR_OK;
}

static enum dr_code gather_folder(struct own *own, int fd, struct waiting *w, struct dr_error *err)
{
    DIR *dir = fdopendir(fd);
    if (!dir) {
        close(fd);
        return dr_fail(err, DR_IO, "cannot list a protected folder: %s", strerror(errno));
    }
    enum dr_code code = DR_OK;
    for (struct dirent *d; !code && (d = readdir(dir));)
        code = gather_entry(own, fd, d, w, err);
    closedir(dir);
    return code;
}

static enum dr_code gather_below(struct own *own, int root, struct dr_error *err)
{
    struct waiting w = {0};
    struct dr_file_handle top;
    enum dr_code code = file_handle_at(root, "", &top, err);
    if (!code && !wait_for(&w, &top))
        code = dr_fail(err, DR_FULL, "no memory for the list of files");
    while (!code && w.count) {
        int fd;
        struct dr_file_handle next = w.folder[--w.count];
        code = file_handle_open(root, &next, O_RDONLY | O_DIRECTORY, &fd, err);
        if (!code)
            code = gather_folder(own, fd, &w, err);
        else if (code == DR_NOT_FOUND)
            code = DR_OK;
    }
    free(w.folder);
    return code;
}

enum dr_code own_gather(struct own *own, const int *folder, unsigned count, struct dr_error *err)
{
    enum dr_code code = DR_OK;
    pthread_mutex_lock(&own->lock);
    for (unsigned i = 0; i < count && !own->gathered && !code; i++)
        code = gather_below(own, folder[i], err);
    own->gathered = own->gathered || !code;
    if (code)
        table_clear(&own->inodes);
    pthread_mutex_unlock(&own->lock);
    return code;
}

static uint64_t *look(struct own *own, const struct file_id *local)
{
    struct file_id key = {.ino = local->ino, .gen = local->gen, .birth = BIRTH_LOCAL};
    return own->gathered ? table_find(&own->inodes, &key) : NULL;
}

bool own_has(struct own *own, const struct file_id *local)
{
    pthread_mutex_lock(&own->lock);
    bool has = look(own, local) != NULL;
    pthread_mutex_unlock(&own->lock);
    return has;
}

bool own_claimed(struct own *own, const struct file_id *local)
{
    pthread_mutex_lock(&own->lock);
    const uint64_t *claimed = look(own, local);
    bool is = claimed && *claimed;
    pthread_mutex_unlock(&own->lock);
    return is;
}

void own_claim(struct own *own, const struct file_id *local)
{
    pthread_mutex_lock(&own->lock);
    uint64_t *claimed = look(own, local);
    if (claimed)
        *claimed = 1;
    pthread_mutex_unlock(&own->lock);
}
