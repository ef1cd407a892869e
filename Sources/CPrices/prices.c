#include "prices.h"
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char prices[] = {
#embed "../Pricing/Resources/prices.json"
};

const unsigned char *quipu_prices(void) { return prices; }
size_t quipu_prices_count(void) { return sizeof(prices); }
