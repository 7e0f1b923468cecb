/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/target/own.h"
#include "agent/target/walk.h"

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

static enum dr_code gather(void *baton, int folder, const char *name, const struct dr_file_handle *handle,
                           struct dr_error *err)
{
    (void)folder, (void)name;
    struct own *own = baton;
    struct file_id local = file_handle_id(handle);
    return table_put(&own->inodes, &local, 0) ? DR_OK : dr_fail(err, DR_FULL, "no memory for the list of files");
}

enum dr_code own_gather(struct own *own, const int *folder, unsigned count, struct dr_error *err)
{
    enum dr_code code = DR_OK;
    pthread_mutex_lock(&own->lock);
    for (unsigned i = 0; i < count && !own->gathered && !code; i++)
        code = walk_tree(folder[i], folder[i], gather, own, err);
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
