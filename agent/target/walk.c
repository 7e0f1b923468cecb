/* SPDX-License-Identifier: Apache-2.0
 * Folders that wait are kept by handle, so that neither depth nor width needs descriptors. */
#include "agent/target/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct walk {
    walk_visitor *visit;
    void *baton;
    struct dr_file_handle *waiting;
    size_t count, room;
};

static bool wait_for(struct walk *w, const struct dr_file_handle *folder)
{
    if (w->count == w->room) {
        size_t room = w->room ? w->room * 2 : 256;
        struct dr_file_handle *more = realloc(w->waiting, room * sizeof *more);
        if (!more)
            return false;
        w->waiting = more;
        w->room = room;
    }
    w->waiting[w->count++] = *folder;
    return true;
}

static enum dr_code visit_entry(struct walk *w, int folder, const struct dirent *d, struct dr_error *err)
{
    if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
        return DR_OK;
    struct dr_file_handle handle;
    enum dr_code code = file_handle_at(folder, d->d_name, &handle, err);
    if (code)
        return code == DR_NOT_FOUND ? DR_OK : code;
    if (d->d_type == DT_DIR && !wait_for(w, &handle))
        return dr_fail(err, DR_FULL, "no memory for the list of folders");
    return w->visit(w->baton, folder, d->d_name, &handle, err);
}

static enum dr_code visit_folder(struct walk *w, int fd, struct dr_error *err)
{
    DIR *dir = fdopendir(fd);
    if (!dir) {
        close(fd);
        return dr_fail(err, DR_IO, "cannot list a folder: %s", strerror(errno));
    }
    enum dr_code code = DR_OK;
    for (struct dirent *d; !code && (d = readdir(dir));)
        code = visit_entry(w, fd, d, err);
    closedir(dir);
    return code;
}

enum dr_code walk_tree(int mount, int top, walk_visitor *visit, void *baton, struct dr_error *err)
{
    struct walk w = {.visit = visit, .baton = baton};
    struct dr_file_handle first;
    enum dr_code code = file_handle_at(top, "", &first, err);
    if (!code && !wait_for(&w, &first))
        code = dr_fail(err, DR_FULL, "no memory for the list of folders");
    while (!code && w.count) {
        int fd;
        struct dr_file_handle next = w.waiting[--w.count];
        code = file_handle_open(mount, &next, O_RDONLY | O_DIRECTORY, &fd, err);
        if (!code)
            code = visit_folder(&w, fd, err);
        else if (code == DR_NOT_FOUND)
            code = DR_OK;
    }
    free(w.waiting);
    return code;
}
