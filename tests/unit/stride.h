/* How a test goes through all bits of something. */
#ifndef STRIDE_H
#define STRIDE_H

#include <stdlib.h>

/*
 * One by one; but under valgrind, where each trial takes a hundred times as
 * long, by the odd number in EV_TEST_STRIDE, so that every bit of a byte has
 * its turn.
 */
static size_t
stride(void)
{
	const char *text = getenv("EV_TEST_STRIDE");
	const unsigned long n = text == NULL ? 1 : strtoul(text, NULL, 10);

	return n % 2 == 1 ? n : 1;
}

#endif
