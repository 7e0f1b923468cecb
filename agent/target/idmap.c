/* SPDX-License-Identifier: Apache-2.0
 * In memory: an array of entries, found by id and by local inode. In the file: chunks of changes, in the order in which
 * they were made. */
#include "agent/target/idmap.h"
#include "agent/target/aside.h"
#include "agent/target/chunk.h"
#include "agent/target/durable.h"
#include "agent/target/table.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHANGE_BYTES  64u
#define COMPACT_FLOOR (1u << 20)

struct entry {
    struct file_id id; /* birth 0: free */
    uint32_t path;
    mode_t type; /* 0: not known */
    struct dr_file_handle handle;
};

struct idmap {
    pthread_mutex_t lock;
    enum member self;
    char *file;
    int fd;
    struct entry *entry;
    size_t count, room, next_free; /* next_free: index + 1 of the head of the list of free entries, 0 = none */
    struct table by_id, by_local;
    uint8_t *pending; /* changes that the file does not have yet */
    size_t pending_used, pending_room;
    size_t file_bytes;
    bool out_of_memory; /* a change was lost: the next sync says so */
};

/* ---- one change in the file ---- */

static void encode_change(uint8_t *bytes, const struct entry *e, bool dropped)
{
    struct cursor c = cursor_over(bytes, CHANGE_BYTES);
    cursor_put_u64(&c, e->id.ino);
    cursor_put_u32(&c, e->id.gen);
    cursor_put_u8(&c, (uint8_t)e->id.birth);
    cursor_put_u8(&c, dropped);
    cursor_put_u8(&c, e->handle.type);
    cursor_put_u8(&c, e->handle.size);
    cursor_put_u32(&c, e->path);
    cursor_put_u32(&c, e->type);
    cursor_put_bytes(&c, e->handle.bytes, FILE_HANDLE_BYTES);
}

static bool decode_change(const uint8_t *bytes, struct entry *e, bool *dropped)
{
    struct cursor c = cursor_reading(bytes, CHANGE_BYTES);
    e->id.ino = cursor_get_u64(&c);
    e->id.gen = cursor_get_u32(&c);
    e->id.birth = cursor_get_u8(&c);
    *dropped = cursor_get_u8(&c) != 0;
    e->handle.type = cursor_get_u8(&c);
    e->handle.size = cursor_get_u8(&c);
    e->path = cursor_get_u32(&c);
    e->type = cursor_get_u32(&c);
    memcpy(e->handle.bytes, cursor_get_bytes(&c, FILE_HANDLE_BYTES), FILE_HANDLE_BYTES);
    bool legal = e->handle.size <= FILE_HANDLE_BYTES && e->id.birth != BIRTH_LOCAL && e->id.birth < BIRTH_ROOT &&
                 (e->type & ~(mode_t)S_IFMT) == 0;
    return legal && file_handle_id(&e->handle).ino != 0; /* no file system has an inode 0 */
}

/* ---- memory ---- */

static void unlist(struct idmap *m, const struct file_id *id)
{
    uint64_t *at = table_find(&m->by_id, id);
    if (!at)
        return;
    size_t i = (size_t)*at;
    struct file_id local = file_handle_id(&m->entry[i].handle);
    table_drop(&m->by_id, id);
    table_drop(&m->by_local, &local);
    m->entry[i] = (struct entry){.id.ino = m->next_free};
    m->next_free = i + 1;
}

static bool take_entry(struct idmap *m, size_t *index)
{
    if (m->next_free) {
        *index = m->next_free - 1;
        m->next_free = (size_t)m->entry[*index].id.ino;
        return true;
    }
    if (m->count == m->room) {
        size_t room = m->room ? m->room * 2 : 256;
        struct entry *more = realloc(m->entry, room * sizeof *more);
        if (!more)
            return false;
        m->entry = more;
        m->room = room;
    }
    *index = m->count++;
    return true;
}

static bool list(struct idmap *m, const struct entry *e)
{
    struct file_id local = file_handle_id(&e->handle);
    unlist(m, &e->id);
    uint64_t *other = table_find(&m->by_local, &local);
    if (other) {
        struct file_id former = m->entry[*other].id;
        unlist(m, &former);
    }
    size_t i;
    if (!take_entry(m, &i))
        return false;
    m->entry[i] = *e;
    return table_put(&m->by_id, &e->id, i) && table_put(&m->by_local, &local, i);
}

static void note(struct idmap *m, const struct entry *e, bool dropped)
{
    size_t used = m->pending_used ? m->pending_used : CHUNK_HEAD; /* the chunk's head comes first */
    if (used + CHANGE_BYTES > m->pending_room) {
        size_t room = m->pending_room ? m->pending_room * 2 : 4096;
        uint8_t *more = realloc(m->pending, room);
        if (!more) {
            m->out_of_memory = true;
            return;
        }
        m->pending = more;
        m->pending_room = room;
    }
    encode_change(m->pending + used, e, dropped);
    m->pending_used = used + CHANGE_BYTES;
}

/* ---- the file ---- */

/* A chunk's number is its place in the file. */
static void seal(uint8_t *bytes, size_t size, size_t at)
{
    struct chunk k = {.first = at, .last = at, .bytes = bytes + CHUNK_HEAD, .size = size - CHUNK_HEAD};
    chunk_seal(bytes, &k);
}

/* A fresh file, of what is alive only. */
static enum dr_code write_all(struct idmap *m, struct dr_error *err)
{
    size_t size = CHUNK_HEAD + m->by_id.used * CHANGE_BYTES, at = CHUNK_HEAD;
    uint8_t *bytes = malloc(size);
    if (!bytes)
        return dr_fail(err, DR_FULL, "no memory to write %s", m->file);
    for (size_t i = 0; i < m->count; i++)
        if (m->entry[i].id.birth != BIRTH_LOCAL) {
            encode_change(bytes + at, &m->entry[i], false);
            at += CHANGE_BYTES;
        }
    seal(bytes, size, 0);
    enum dr_code code = durable_replace(m->file, bytes, size, err);
    free(bytes);
    if (code)
        return code;
    int fd = open(m->file, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return dr_fail(err, DR_IO, "cannot open %s: %s", m->file, strerror(errno));
    if (m->fd >= 0)
        close(m->fd);
    m->fd = fd;
    m->file_bytes = size;
    m->pending_used = 0;
    return DR_OK;
}

static enum dr_code load_chunk(struct idmap *m, const struct chunk *k, struct dr_error *err)
{
    if (k->size % CHANGE_BYTES != 0)
        return dr_fail(err, DR_CORRUPT, "%s is no idmap: " ASIDE_REMEDY, m->file);
    for (size_t at = 0; at < k->size; at += CHANGE_BYTES) {
        struct entry e;
        bool dropped;
        if (!decode_change(k->bytes + at, &e, &dropped))
            return dr_fail(err, DR_CORRUPT, "%s holds an entry that is none: " ASIDE_REMEDY, m->file);
        if (dropped)
            unlist(m, &e.id);
        else if (!list(m, &e))
            return dr_fail(err, DR_FULL, "no memory for the entries of %s", m->file);
    }
    return DR_OK;
}

static enum dr_code load_chunks(struct idmap *m, const uint8_t *bytes, size_t size, struct dr_error *err)
{
    struct chunk k = {0};
    enum chunk_found found;
    while ((found = chunk_next(bytes, size, &m->file_bytes, &k)) == CHUNK_GOOD) {
        enum dr_code code = load_chunk(m, &k, err);
        if (code)
            return code;
    }
    if (found == CHUNK_BROKEN || m->file_bytes == 0)
        return dr_fail(err, DR_CORRUPT, "%s is damaged at byte %zu: " ASIDE_REMEDY, m->file, m->file_bytes);
    if (found == CHUNK_TORN && ftruncate(m->fd, (off_t)m->file_bytes) != 0)
        return dr_fail(err, DR_IO, "cannot cut the torn end of %s: %s", m->file, strerror(errno));
    return DR_OK;
}

static enum dr_code load(struct idmap *m, struct dr_error *err)
{
    m->fd = open(m->file, O_RDWR | O_CLOEXEC);
    if (m->fd < 0 && errno == ENOENT)
        return write_all(m, err);
    if (m->fd < 0)
        return dr_fail(err, DR_IO, "cannot open %s: %s", m->file, strerror(errno));
    uint8_t *bytes;
    size_t size;
    enum dr_code code = durable_read(m->fd, m->file, &bytes, &size, err);
    if (code)
        return code;
    code = load_chunks(m, bytes, size, err);
    free(bytes);
    return code;
}

enum dr_code idmap_open(struct idmap **map, const char *file, enum member self, struct dr_error *err)
{
    struct idmap *m = calloc(1, sizeof *m);
    if (!m || !(m->file = strdup(file))) {
        free(m);
        return dr_fail(err, DR_FULL, "no memory for %s", file);
    }
    m->self = self;
    m->fd = -1;
    pthread_mutex_init(&m->lock, NULL);
    enum dr_code code = load(m, err);
    if (code)
        idmap_close(m);
    else
        *map = m;
    return code;
}

void idmap_close(struct idmap *m)
{
    if (!m)
        return;
    if (m->fd >= 0)
        close(m->fd);
    table_clear(&m->by_id);
    table_clear(&m->by_local);
    pthread_mutex_destroy(&m->lock);
    free(m->entry);
    free(m->pending);
    free(m->file);
    free(m);
}

/* ---- any thread ---- */

bool idmap_find(struct idmap *m, const struct file_id *id, struct dr_file_handle *handle, uint32_t *path)
{
    pthread_mutex_lock(&m->lock);
    uint64_t *at = table_find(&m->by_id, id);
    if (at) {
        *handle = m->entry[*at].handle;
        *path = m->entry[*at].path;
    }
    pthread_mutex_unlock(&m->lock);
    return at != NULL;
}

struct file_id idmap_name(struct idmap *m, const struct file_id *local)
{
    struct file_id key = {.ino = local->ino, .gen = local->gen, .birth = BIRTH_LOCAL};
    pthread_mutex_lock(&m->lock);
    uint64_t *at = table_find(&m->by_local, &key);
    struct file_id id = {.ino = key.ino, .gen = key.gen, .birth = m->self == MEMBER_A ? BIRTH_A : BIRTH_B};
    if (at)
        id = m->entry[*at].id;
    pthread_mutex_unlock(&m->lock);
    return id;
}

mode_t idmap_type(struct idmap *m, const struct file_id *id)
{
    pthread_mutex_lock(&m->lock);
    const uint64_t *at = table_find(&m->by_id, id);
    mode_t type = at ? m->entry[*at].type : 0;
    pthread_mutex_unlock(&m->lock);
    return type;
}

void idmap_put(struct idmap *m, const struct file_id *id, uint32_t path, const struct dr_file_handle *handle,
               mode_t type)
{
    struct entry e = {.id = *id, .path = path, .type = type, .handle = *handle};
    pthread_mutex_lock(&m->lock);
    if (list(m, &e))
        note(m, &e, false);
    else
        m->out_of_memory = true;
    pthread_mutex_unlock(&m->lock);
}

void idmap_drop(struct idmap *m, const struct file_id *id)
{
    pthread_mutex_lock(&m->lock);
    if (table_find(&m->by_id, id)) {
        unlist(m, id);
        note(m, &(struct entry){.id = *id}, true);
    }
    pthread_mutex_unlock(&m->lock);
}

static enum dr_code append_pending(struct idmap *m, struct dr_error *err)
{
    seal(m->pending, m->pending_used, m->file_bytes);
    enum dr_code code = durable_write(m->fd, m->file, m->pending, m->pending_used, m->file_bytes, err);
    if (code)
        return code;
    if (fdatasync(m->fd) != 0)
        return dr_fail(err, DR_IO, "cannot sync %s: %s", m->file, strerror(errno));
    m->file_bytes += m->pending_used;
    m->pending_used = 0;
    return DR_OK;
}

enum dr_code idmap_sync(struct idmap *m, struct dr_error *err)
{
    pthread_mutex_lock(&m->lock);
    size_t live = m->by_id.used * CHANGE_BYTES, after = m->file_bytes + m->pending_used;
    enum dr_code code = DR_OK;
    if (m->out_of_memory)
        code =
            dr_fail(err, DR_FULL, "no memory for the entries of %s: end what uses it, and start drnode again", m->file);
    else if (m->pending_used && after > COMPACT_FLOOR && live < after / 2)
        code = write_all(m, err);
    else if (m->pending_used)
        code = append_pending(m, err);
    pthread_mutex_unlock(&m->lock);
    return code;
}
