/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/source/wire_ids.h"
#include "agent/target/idmap.h"

struct file_id wire_id(const struct wire_ids *ids, const struct file_id *local, uint32_t path)
{
    if (local->birth != BIRTH_LOCAL || (local->ino == 0 && local->gen == 0))
        return *local;
    const struct mirror_key *root = &ids->tree->key[path];
    if (local->ino == root->ino && local->gen == root->gen)
        return (struct file_id){.ino = path, .birth = BIRTH_ROOT};
    return idmap_name(ids->idmap, local);
}
