/* The closed vocabularies of rule files, looked up. */
#ifndef EV_WEIGH_RULES_WORD_H
#define EV_WEIGH_RULES_WORD_H

#include <stdbool.h>

#include "weigh/rules.h"

/* What may stand behind a field. */
enum ev_field_form {
	EV_FF_WORDS,
	EV_FF_NUMBER,
	EV_FF_TIME,    /* a number with s, m, h or d */
	EV_FF_COUNTRY, /* same, other, or codes of countries */
};

/* EV_FIELDS if there is no such field. */
enum ev_field ev_field_find(const char *name);
enum ev_field_form ev_field_form(enum ev_field field);
/* The word itself, NULL if the field does not know it. */
const char *ev_field_word(enum ev_field field, const char *word);
/* -1 if there is no such word. */
int ev_asks_find(const char *word);
int ev_direction_find(const char *word);
/* Two capital letters. */
bool ev_country_code(const char *text);

#endif
