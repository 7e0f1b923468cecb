/* SPDX-License-Identifier: Apache-2.0
 * tests/mirror/load.h - applications that change a folder at full speed: data and names, several at once. */
#ifndef DR_TESTS_MIRROR_LOAD_H
#define DR_TESTS_MIRROR_LOAD_H

#include <stdbool.h>
#include <stdint.h>

struct load;

/* A tree to begin with: by so many changes, and with one file of `large` bytes. */
void load_fill(const char *folder, unsigned changes, uint64_t large, uint64_t seed);
/* Starts `threads` of them; ends the program if it cannot. */
struct load *load_start(const char *folder, unsigned threads, uint64_t seed);
/* Ends them; returns how many changes succeeded since the start. */
uint64_t load_stop(struct load *load);

#endif
