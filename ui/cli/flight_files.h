/* SPDX-License-Identifier: Apache-2.0
 * ui/cli/flight_files.h - what a flight recorder left: one segment file, or the folder of a rule's segments. */
#ifndef DR_UI_FLIGHT_FILES_H
#define DR_UI_FLIGHT_FILES_H

#include "core/flight_read.h"

#include <stdio.h>

struct flight_files {
    unsigned count;
    struct flight_bytes {
        void *bytes;
        size_t size;
    } * segment; /* in their order */
};

/* Reads the newest `most` of them into memory. DR_NOT_FOUND, DR_IO; to be freed only if DR_OK. */
#define FLIGHT_FILES_ALL 1000
enum dr_code flight_files_read(struct flight_files *files, const char *path, int most,
                               struct dr_error *err) DR_MUST_USE;
void flight_files_free(struct flight_files *files);

/* Goes through all steps of all segments. Each returns false to end it. */
struct flight_visitor {
    bool (*begin)(void *baton, const struct flight_reader *reader);
    bool (*step)(void *baton, const struct flight_reader *reader);
    void *baton;
};
/* DR_CORRUPT: damage behind a good checksum; DR_INVALID: of another version. */
enum dr_code flight_files_visit(const struct flight_files *files, const struct flight_visitor *visitor,
                                struct dr_error *err) DR_MUST_USE;

#endif
