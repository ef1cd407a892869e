// The bytes of Sources/Pricing/Resources/prices.json, put into the binary by the C compiler: a Swift array literal of
// this size takes the Swift compiler minutes, a resource bundle would be a second file to ship.
#pragma once
#include <stddef.h>

const unsigned char *quipu_prices(void);
size_t quipu_prices_count(void);
