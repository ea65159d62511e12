/* What the makers of inputs share: the same numbers and words every time. */
#ifndef MADE_H
#define MADE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static uint64_t made_state = 88172645463325252U;

static inline uint64_t
made_next(void)
{
	made_state ^= made_state << 13;
	made_state ^= made_state >> 7;
	made_state ^= made_state << 17;
	return made_state;
}

/* Least to most, small ones as often as large ones. */
static inline unsigned
made_number(unsigned least, unsigned most)
{
	return least + (unsigned)(made_next() >> 33) % (most - least + 1);
}

/* count words in text, which has room for 24 bytes each; its length. */
static inline size_t
made_words(char *text, unsigned count)
{
	static const char *const words[] = { "the", "market", "opened", "late",
		"today", "after", "rain", "we", "met", "near", "old", "bridge",
		"and", "talked", "about", "harvest",
		"\xd8\xa8\xd8\xa7\xd8\xb2"
		"\xd8\xa7\xd8\xb1",
		"\xda\xa9\xd8\xaa\xd8\xa7\xd8\xa8", "\xd8\xb4\xdb\x81\xd8\xb1",
		"\xd9\xbe\xd8\xa7\xd9\x86\xdb\x8c", "caf\xc3\xa9",
		"\xf0\x9f\x8c\xbe", "photograph", "neighbour", "evening",
		"letter", "station", "window", "yesterday", "colours", "slowly",
		"again" };
	size_t len = 0, n;

	for (; count > 0; count--) {
		const char *word = words[made_number(0, 31)];

		if (len > 0)
			text[len++] = ' ';
		n = strlen(word);
		memcpy(text + len, word, n);
		len += n;
	}
	text[len] = '\0';
	return len;
}

#endif
