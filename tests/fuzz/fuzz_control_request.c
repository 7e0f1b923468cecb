/* SPDX-License-Identifier: Apache-2.0
 * tests/fuzz/fuzz_control_request.c - what somebody writes to the control socket of drnode. */
#include "agent/control_request.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct control_request request;
    struct dr_error err;
    if (size >= sizeof request.text || memchr(data, '\0', size))
        return 0; /* control_request_read() lets none of these through */
    memcpy(request.text, data, size);
    request.text[size] = '\0';
    if (control_request_parse(&request, &err) != DR_OK)
        return 0;
    FUZZ_HOLDS(request.command[0] != '\0' && request.arguments <= CONTROL_ARGUMENTS_MAX);
    for (unsigned i = 0; i < request.arguments; i++)
        FUZZ_HOLDS(control_argument(&request, request.argument[i].key) != NULL);
    return 0;
}
