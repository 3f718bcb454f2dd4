/* SPDX-License-Identifier: MIT */
#include "zonefold/status.h"

static const struct {
    const char *name;
    int exit_code;
} statuses[ZF_STATUS_END] = {
    [ZF_OK] = {"ok", 0},
    [ZF_DONE] = {"done", 0},
    [ZF_E_USAGE] = {"usage", 2},
    [ZF_E_INPUT] = {"input", 3},
    [ZF_E_OUTPUT] = {"output", 4},
    [ZF_E_MEMORY] = {"memory", 5},
    [ZF_E_CANCELLED] = {"cancelled", 6},
    [ZF_E_INTERNAL] = {"internal", 70},
};

static int is_status(zf_status status) {
    return (int)status >= 0 && status < ZF_STATUS_END;
}

const char *zf_status_name(zf_status status) {
    return is_status(status) ? statuses[status].name : "unknown";
}

int zf_status_exit_code(zf_status status) {
    return is_status(status) ? statuses[status].exit_code : statuses[ZF_E_INTERNAL].exit_code;
}
