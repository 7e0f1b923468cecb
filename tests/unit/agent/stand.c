/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/agent/stand.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FRAME_BYTES (2u << 20)

static void must(bool ok, const char *what)
{
    if (!ok) {
        perror(what);
        exit(1);
    }
}

void stand_make(struct stand *s, const char *below)
{
    char folder[96];
    memset(s, 0, sizeof *s);
    snprintf(s->base, sizeof s->base, "%s/drnode-stand-XXXXXX", below);
    must(mkdtemp(s->base) != NULL, s->base);
    snprintf(s->state, sizeof s->state, "%s/state", s->base);
    snprintf(folder, sizeof folder, "%s/folder", s->base);
    must(mkdir(folder, 0755) == 0, folder);
    s->tree = (int)syscall(SYS_open_tree, AT_FDCWD, folder, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    must(s->tree >= 0, folder);
    s->root = openat(s->tree, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    must(s->root >= 0, folder);
    s->body = malloc(FRAME_BYTES);
    must(s->body != NULL, "malloc");
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *walk)
{
    (void)st, (void)kind, (void)walk;
    return remove(path);
}

void stand_remove(struct stand *s)
{
    close(s->root);
    close(s->tree);
    free(s->body);
    must(nftw(s->base, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0, s->base);
}

enum dr_code stand_open(struct stand *s)
{
    struct target_config config = {.state = s->state,
                                   .self = MEMBER_B,
                                   .paths = 1,
                                   .root = &s->root,
                                   .segment_bytes = 64 << 10,
                                   .checkpoint_every = s->checkpoint_every};
    s->target = NULL;
    return target_open(&s->target, &config, &s->err);
}

void stand_close(struct stand *s)
{
    target_close(s->target);
    s->target = NULL;
}

enum dr_code stand_begin(struct stand *s, term_no term, uint64_t seq, bool mirror)
{
    s->frame = 0;
    s->used = 8;
    return target_begin(s->target, term, WORLD_STREAM, seq, mirror, &s->err);
}

void stand_put(struct stand *s, const struct world_record *r)
{
    struct cursor c = cursor_over(s->body + s->used, FRAME_BYTES - s->used);
    record_encode_head(&c, &r->head);
    cursor_put_bytes(&c, r->body, (size_t)r->head.name_len + r->head.name2_len + r->head.data_len);
    must(cursor_ok(&c), "frame full");
    s->used = FRAME_BYTES - cursor_left(&c);
}

enum dr_code stand_send(struct stand *s)
{
    struct cursor c = cursor_over(s->body, 8);
    cursor_put_u64(&c, ++s->frame);
    enum dr_code code = target_feed(s->target, s->body, s->used, &s->err);
    s->used = 8;
    return code;
}

static void put_piece(void *baton, const struct world_record *r)
{
    struct stand *s = baton;
    stand_put(s, r);
}

enum dr_code stand_mirror(struct stand *s, const struct world *w)
{
    enum dr_code code = stand_begin(s, w->term, 0, true);
    if (code)
        return code;
    world_mirror(w, put_piece, s);
    code = stand_send(s);
    return code || stand_applied(s, w->seq) ? code : dr_fail(&s->err, DR_TIMEOUT, "not applied");
}

bool stand_applied(struct stand *s, uint64_t seq)
{
    struct target_progress p;
    target_progress(s->target, &p);
    for (int tries = 0; tries < 100 && (p.applied < seq || p.applied_frame < s->frame); tries++)
        target_wait(s->target, &p, 100);
    if (p.broken[0])
        (void)dr_fail(&s->err, DR_IO, "%s", p.broken);
    return p.applied >= seq && p.applied_frame >= s->frame;
}
