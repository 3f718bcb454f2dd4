/* SPDX-License-Identifier: MIT */
#include "base/base.h"

#include <math.h>
#include <string.h>

static const char *const field_type_names[ZF_FIELD_TYPE_END] = {
    [ZF_FIELD_INTEGER] = "integer",   [ZF_FIELD_REAL] = "real", [ZF_FIELD_BOOLEAN] = "boolean",
    [ZF_FIELD_TEXT] = "text",         [ZF_FIELD_DATE] = "date", [ZF_FIELD_TIME] = "time",
    [ZF_FIELD_DATETIME] = "datetime", [ZF_FIELD_BLOB] = "blob", [ZF_FIELD_UNSUPPORTED] = "unsupported",
};

const char *zf_field_type_name(zf_field_type type) {
    bool is_known = (int)type >= 0 && type < ZF_FIELD_TYPE_END;
    return field_type_names[is_known ? type : ZF_FIELD_UNSUPPORTED];
}

bool zf_field_type_is_number(zf_field_type type) {
    return type == ZF_FIELD_INTEGER || type == ZF_FIELD_REAL || type == ZF_FIELD_BOOLEAN;
}

zf_value zf_value_real(double real) {
    if (isnan(real))
        return zf_value_null();
    zf_value v = {ZF_VALUE_REAL, {.real = real}};
    return v;
}

zf_value zf_value_text(const char *text) {
    zf_bytes bytes = {(const uint8_t *)text, text ? strlen(text) : 0};
    return zf_value_bytes(ZF_VALUE_TEXT, bytes);
}

zf_value zf_value_bytes(zf_value_kind text_or_blob, zf_bytes bytes) {
    if (!bytes.bytes)
        return zf_value_null();
    zf_value v = {text_or_blob, {.bytes = bytes}};
    return v;
}

double zf_value_number(const zf_value *value) {
    if (value->kind == ZF_VALUE_INTEGER)
        return (double)value->as.integer;
    return value->kind == ZF_VALUE_REAL ? value->as.real : NAN;
}
