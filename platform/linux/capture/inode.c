/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/capture/inode.h"

#include <stdlib.h>
#include <string.h>

/* Node n is slot n of the chunks; slot 0 is not used, so that 0 ends chains. */
static struct inode *slot(struct inode_table *table, uint64_t number)
{
    struct inode *chunk = atomic_load(&table->chunk[number / INODE_CHUNK]);
    return chunk ? &chunk[number % INODE_CHUNK] : NULL;
}

static uint32_t bucket_of(const struct inode_table *table, const struct file_id *key)
{
    uint64_t h = (key->ino ^ ((uint64_t)key->gen << 32)) * 0x9e3779b97f4a7c15ull;
    return (uint32_t)(h >> 32) & (table->buckets - 1);
}

static void chain(struct inode_table *table, struct inode *inode)
{
    uint32_t *head = &table->bucket[bucket_of(table, &inode->key)];
    inode->chained = *head;
    *head = (uint32_t)inode->number;
}

static void unchain(struct inode_table *table, const struct inode *inode)
{
    uint32_t *at = &table->bucket[bucket_of(table, &inode->key)];
    while (*at != inode->number)
        at = &slot(table, *at)->chained;
    *at = inode->chained;
}

static struct inode *find(struct inode_table *table, const struct file_id *key)
{
    for (uint32_t n = table->bucket[bucket_of(table, key)]; n; n = slot(table, n)->chained) {
        if (file_id_equal(&slot(table, n)->key, key))
            return slot(table, n);
    }
    return NULL;
}

static void grow_buckets(struct inode_table *table)
{
    uint32_t *wider = calloc((size_t)table->buckets * 2, sizeof *wider);
    if (!wider)
        return; /* longer chains, nothing worse */
    free(table->bucket);
    table->bucket = wider;
    table->buckets *= 2;
    for (uint32_t n = 1; n <= table->used; n++) {
        if (atomic_load(&slot(table, n)->lookups))
            chain(table, slot(table, n));
    }
}

static struct inode *chunk_new(struct inode_table *table, uint64_t number)
{
    struct inode *chunk = calloc(INODE_CHUNK, sizeof *chunk);
    if (!chunk)
        return NULL;
    for (unsigned i = 0; i < INODE_CHUNK; i++) {
        pthread_mutex_init(&chunk[i].lock, NULL);
        chunk[i].number = number / INODE_CHUNK * INODE_CHUNK + i;
        chunk[i].fd = -1;
    }
    atomic_store(&table->chunk[number / INODE_CHUNK], chunk);
    return chunk;
}

static struct inode *slot_take(struct inode_table *table)
{
    struct inode *inode;
    if (table->free) {
        inode = slot(table, table->free);
        table->free = inode->chained;
        return inode;
    }
    uint32_t number = table->used + 1;
    if (number / INODE_CHUNK >= INODE_CHUNKS || (!slot(table, number) && !chunk_new(table, number)))
        return NULL;
    table->used = number;
    return slot(table, number);
}

/* With one reference. */
static struct inode *insert(struct inode_table *table, const struct dr_file_handle *handle, mode_t mode)
{
    struct inode *inode = slot_take(table);
    if (!inode)
        return NULL;
    inode->handle = *handle;
    inode->key = inode->id = file_handle_id(handle);
    inode->type = mode & S_IFMT;
    inode->nameless = inode->writable = inode->unsettled = false;
    inode->written = 0;
    LIST_INIT(&inode->streams);
    atomic_store(&inode->lookups, 1);
    chain(table, inode);
    if (++table->count > table->buckets)
        grow_buckets(table);
    return inode;
}

struct inode *inode_get(struct inode_table *table, const struct dr_file_handle *handle, mode_t mode)
{
    struct file_id key = file_handle_id(handle);
    pthread_mutex_lock(&table->lock);
    struct inode *inode = find(table, &key);
    if (inode)
        atomic_fetch_add(&inode->lookups, 1);
    else
        inode = insert(table, handle, mode);
    pthread_mutex_unlock(&table->lock);
    return inode;
}

struct inode *inode_of(struct inode_table *table, uint64_t number)
{
    struct inode *inode = number / INODE_CHUNK < INODE_CHUNKS ? slot(table, number) : NULL;
    return inode && atomic_load(&inode->lookups) ? inode : NULL;
}

void inode_keep(struct inode_table *table, struct inode *inode)
{
    pthread_mutex_lock(&table->lock);
    atomic_fetch_add(&inode->lookups, 1);
    pthread_mutex_unlock(&table->lock);
}

void inode_put(struct inode_table *table, struct inode *inode, uint64_t lookups)
{
    pthread_mutex_lock(&table->lock);
    uint64_t had = atomic_load(&inode->lookups);
    if (lookups > had)
        lookups = had; /* only a kernel gone wrong gives back more than it took */
    atomic_store(&inode->lookups, had - lookups);
    if (had && had == lookups) {
        inode_close(table, inode);
        unchain(table, inode);
        inode->chained = table->free;
        table->free = (uint32_t)inode->number;
        table->count--;
    }
    pthread_mutex_unlock(&table->lock);
}

/* Node `number` with one more reference; NULL if it is not known. *end: there are no more. */
static struct inode *hold(struct inode_table *table, uint32_t number, bool *end)
{
    pthread_mutex_lock(&table->lock);
    *end = number > table->used;
    struct inode *inode = *end ? NULL : inode_of(table, number);
    if (inode)
        atomic_fetch_add(&inode->lookups, 1);
    pthread_mutex_unlock(&table->lock);
    return inode;
}

void inode_each(struct inode_table *table, void (*visit)(void *baton, struct inode *inode), void *baton)
{
    bool end = false;
    for (uint32_t n = 1; !end; n++) {
        struct inode *inode = hold(table, n, &end);
        if (!inode)
            continue;
        visit(baton, inode);
        inode_put(table, inode, 1);
    }
}

enum dr_code inode_table_init(struct inode_table *table, int root, const struct file_id *root_id, unsigned fds_max,
                              struct dr_error *err)
{
    struct dr_file_handle handle;
    memset(table, 0, sizeof *table);
    if (file_handle_at(root, "", &handle, err) != DR_OK)
        return err->code;
    pthread_mutex_init(&table->lock, NULL);
    pthread_mutex_init(&table->fd_lock, NULL);
    TAILQ_INIT(&table->idle);
    table->root = root;
    table->fds_max = fds_max;
    table->buckets = 1024;
    table->bucket = calloc(table->buckets, sizeof *table->bucket);
    struct inode *inode = table->bucket ? inode_get(table, &handle, S_IFDIR) : NULL;
    if (!inode)
        return dr_fail(err, DR_FULL, "no memory for the table of files");
    inode->id = *root_id;
    return DR_OK;
}

void inode_table_drop(struct inode_table *table)
{
    for (uint32_t n = 1; n <= table->used; n++)
        inode_close(table, slot(table, n));
    for (unsigned i = 0; i < INODE_CHUNKS; i++)
        free(atomic_load(&table->chunk[i]));
    free(table->bucket);
}

void inode_lock_all(struct inode *set[4])
{
    for (unsigned i = 1; i < 4; i++) { /* by address; NULL first */
        for (unsigned j = i; j > 0 && set[j - 1] > set[j]; j--) {
            struct inode *lower = set[j];
            set[j] = set[j - 1];
            set[j - 1] = lower;
        }
    }
    for (unsigned i = 0; i < 4; i++) {
        if (set[i] && (i == 0 || set[i] != set[i - 1]))
            pthread_mutex_lock(&set[i]->lock);
    }
}

void inode_unlock_all(struct inode *const set[4])
{
    for (unsigned i = 0; i < 4; i++) {
        if (set[i] && (i == 0 || set[i] != set[i - 1]))
            pthread_mutex_unlock(&set[i]->lock);
    }
}
