/* SPDX-License-Identifier: MIT */
/* shop.c - C structs by field table: nested, array, slice, pointer, enum, optional, time. */
#include "extend.h"

typedef enum state { NEW, SHIPPED } state;

typedef struct address {
    const char *street;
    char country[3];
} address;

typedef struct goods {
    const char *name;
    double price;
    uint16_t stock;
} goods;

typedef struct order {
    int64_t id;
    state state;
    int64_t placed; /* seconds since 1970-01-01 UTC */
    bool has_note;
    kida_str note;
    const goods *item; /* pointer: none if NULL */
} order;

struct shop {
    const char *name;
    address address;     /* a struct inside */
    goods best[2];       /* an array inside */
    const order *orders; /* a slice: pointer and count */
    size_t order_count;
};

static const kida_field address_fields[] = {
    KIDA_CSTRING_FIELD(address, street),
    KIDA_CHARS_FIELD(address, country),
    KIDA_FIELDS_END,
};
static const kida_struct address_struct = { "address", sizeof(address), address_fields, "street" };

static const kida_field goods_fields[] = {
    KIDA_CSTRING_FIELD(goods, name),
    KIDA_DOUBLE_FIELD(goods, price),
    KIDA_UINT_FIELD(goods, stock),
    KIDA_FIELDS_END,
};
static const kida_struct goods_struct = { "goods", sizeof(goods), goods_fields, "name" };

static const char *const state_names[] = { "new", "shipped", NULL };
static const kida_field order_fields[] = {
    KIDA_INT_FIELD(order, id),
    KIDA_ENUM_FIELD(order, state, state_names),
    KIDA_TIME_FIELD(order, placed),
    KIDA_OPTIONAL_FIELD(order, note, KIDA_FIELD_STR, has_note),
    KIDA_POINTER_FIELD(order, item, &goods_struct),
    KIDA_FIELDS_END,
};
static const kida_struct order_struct = { "order", sizeof(order), order_fields, NULL };

static const kida_field shop_fields[] = {
    KIDA_CSTRING_FIELD(shop, name),
    KIDA_STRUCT_FIELD(shop, address, &address_struct),
    KIDA_ARRAY_FIELD(shop, best, &goods_struct),
    KIDA_SLICE_FIELD(shop, orders, order_count, &order_struct),
    KIDA_FIELDS_END,
};
static const kida_struct shop_struct = { "shop", sizeof(shop), shop_fields, "name" };

static const goods tea = { "Tea & biscuits", 4.5, 12 };
static const order orders[] = {
    { 1, SHIPPED, 1767268800, true, KIDA_S_INIT("leave at the door"), &tea },
    { 2, NEW, 1767355200, false, KIDA_S_INIT(""), NULL },
};
static const shop corner = {
    "Corner shop", { "Main Street 1", "IE" }, { { "Tea", 4.5, 12 }, { "Jam", 3.25, 0 } }, orders, 2,
};

const shop *
the_shop(void)
{
    return &corner;
}

kida_value
shop_value(const shop *s)
{
    return kida_from_struct(&shop_struct, s);
}
