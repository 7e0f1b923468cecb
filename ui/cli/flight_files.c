/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/cli/flight_files.h"

#include "core/model_text.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SEGMENT_MAX ((size_t)1 << 30)

static enum dr_code read_one(struct flight_bytes *segment, const char *path, struct dr_error *err)
{
    struct stat facts;
    FILE *file = fopen(path, "rb");
    if (file == NULL || fstat(fileno(file), &facts) != 0 || (size_t)facts.st_size > SEGMENT_MAX) {
        int failure = file ? EFBIG : errno;
        if (file != NULL)
            fclose(file);
        return dr_fail(err, failure == ENOENT ? DR_NOT_FOUND : DR_IO, "cannot read %s: %s", path, strerror(failure));
    }
    segment->bytes = malloc((size_t)facts.st_size + 1);
    segment->size = segment->bytes ? fread(segment->bytes, 1, (size_t)facts.st_size, file) : 0;
    fclose(file);
    return segment->bytes ? DR_OK : dr_fail(err, DR_FULL, "no memory for %s", path);
}

static int is_segment(const struct dirent *entry)
{
    uint64_t number;
    return model_text_number(entry->d_name, &number);
}

/* The oldest may go while we read: drnode makes room for the next. */
static enum dr_code read_all(struct flight_files *files, const char *folder, struct dirent **entry, int count,
                             struct dr_error *err)
{
    char path[4096];
    files->segment = calloc((size_t)count, sizeof *files->segment);
    enum dr_code code = files->segment ? DR_OK : dr_fail(err, DR_FULL, "no memory for %s", folder);
    for (int i = 0; code == DR_OK && i < count; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, entry[i]->d_name);
        code = read_one(&files->segment[files->count], path, err);
        files->count += code == DR_OK;
        if (code == DR_NOT_FOUND)
            code = DR_OK;
    }
    return code;
}

enum dr_code flight_files_read(struct flight_files *files, const char *path, int most, struct dr_error *err)
{
    struct dirent **entry;
    *files = (struct flight_files){.count = 0};
    int count = scandir(path, &entry, is_segment, alphasort);
    if (count == 0)
        free(entry);
    if (count == 0 || (count < 0 && errno != ENOTDIR))
        return dr_fail(err, DR_NOT_FOUND, "%s has no flight record: %s", path, count ? strerror(errno) : "it is empty");
    if (count < 0) {
        files->segment = calloc(1, sizeof *files->segment);
        enum dr_code alone = files->segment ? read_one(files->segment, path, err) : DR_FULL;
        files->count = alone == DR_OK;
        if (alone != DR_OK)
            free(files->segment);
        return alone;
    }
    int skipped = count > most ? count - most : 0;
    enum dr_code code = read_all(files, path, entry + skipped, count - skipped, err);
    for (int i = 0; i < count; i++)
        free(entry[i]);
    free(entry);
    if (code != DR_OK)
        flight_files_free(files);
    return code;
}

void flight_files_free(struct flight_files *files)
{
    for (unsigned i = 0; i < files->count; i++)
        free(files->segment[i].bytes);
    free(files->segment);
}

static enum dr_code bad(const struct flight_reader *reader, unsigned segment, struct dr_error *err)
{
    if (reader->head.version != 0 && reader->head.version != HA_RECORD_VERSION)
        return dr_fail(err, DR_INVALID,
                       "the record has form %u, this drctl reads form %u: use the drctl of the version that wrote it",
                       reader->head.version, HA_RECORD_VERSION);
    return dr_fail(err, DR_CORRUPT, "segment %u of the record is no flight record, or is damaged", segment + 1);
}

enum dr_code flight_files_visit(const struct flight_files *files, const struct flight_visitor *v, struct dr_error *err)
{
    struct flight_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        return dr_fail(err, DR_FULL, "no memory to read a flight record");
    enum dr_code code = DR_OK;
    bool go_on = true;
    unsigned begun = 0;
    for (unsigned i = 0; code == DR_OK && go_on && i < files->count; i++) {
        enum flight_found found = FLIGHT_BEGAN;
        flight_read_segment(reader, files->segment[i].bytes, files->segment[i].size);
        while (go_on && code == DR_OK && (found = flight_read_next(reader)) != FLIGHT_OVER) {
            begun += found == FLIGHT_BEGAN;
            if (found == FLIGHT_BAD)
                code = bad(reader, i, err);
            else
                go_on = found == FLIGHT_BEGAN ? v->begin(v->baton, reader) : v->step(v->baton, reader);
        }
    }
    if (code == DR_OK && begun == 0)
        code = dr_fail(err, DR_CORRUPT, "that is no flight record, or nothing of it was written whole");
    free(reader);
    return code;
}
