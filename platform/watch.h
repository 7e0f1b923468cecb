/* SPDX-License-Identifier: Apache-2.0
 * platform/watch.h - one thread waits for many descriptors. Each tells once after it was armed, also of what had come
 * before that; so whoever was told can work with it undisturbed. */
#ifndef DR_PLATFORM_WATCH_H
#define DR_PLATFORM_WATCH_H

#include "core/error.h"
#include "core/types.h"

struct watch;

enum dr_code watch_open(struct watch **watch, struct dr_error *err) DR_MUST_USE;
void watch_close(struct watch *watch);

/* `owner` is what watch_wait() says. Not armed yet (but if it is hung up that may be told once). The descriptor stays
 * the caller's, and is removed before it is closed. Any thread, like all down to watch_ring(). */
enum dr_code watch_add(struct watch *watch, int descriptor, void *owner, struct dr_error *err) DR_MUST_USE;
/* Tells when it is readable, or hung up. Cannot fail, as it was added. */
void watch_arm(struct watch *watch, int descriptor, void *owner);
/* Is not told of by waits that begin from now on. */
void watch_remove(struct watch *watch, int descriptor);
/* A wait that is under way, or the next one, returns. */
void watch_ring(struct watch *watch);

/* Waits until something is told, watch_ring(), or `limit` is over. How many owners[] it filled in; an owner may come
 * twice, for two descriptors. One thread at a time. */
unsigned watch_wait(struct watch *watch, void **owners, unsigned most, msec limit);

#endif
