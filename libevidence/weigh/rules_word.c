/* The closed vocabularies of rule files. */
#include <string.h>

#include "ingest/fact.h"
#include "weigh/rules.h"
#include "weigh/rules_word.h"

static const char *const asks_names[] = { "same-operator", "organisation",
	"country" };
static const char *const direction_names[] = { "for", "against", "neutral",
	"modify" };
static const char *const type_names[] = { "email", "email-alias", "phone",
	"phone-national", "device", "ad-id", "push-token", "cookie", "sso",
	"card", "wallet", "iban", "domain", "tracker", "certificate", "favicon",
	"invite", "public-key", "ip", "url", "media", "username", "account",
	"session", "statement", "other" };

static const char *const role_words[] = { "controls", "claims",
	"lists-as-contact", "posts", "quotes", "reposts", "mentions",
	"denounces", "unknown", NULL };
static const char *const place_words[] = { "bio", "website", "contact", "post",
	NULL };
static const char *const yes_words[] = { "yes", "no", NULL };
static const char *const basis_words[] = { "utc-explicit", "offset-explicit",
	"epoch", "utc-declared", "utc-convention", "exporter-local", "abbrev",
	"naive", "ambiguous", NULL };
static const char *const form_words[] = { "own", "reply", "quote", "repost",
	"forward", NULL };
static const char *const same_words[] = { "same", "other", NULL };
static const char *const class_words[] = { "fixed", "mobile", "hosting", "vpn",
	"satellite", "cdn", "ixp", "unknown", NULL };
static const char *const flag_words[] = { "vpn", "hosting", "relay", "tor",
	"anycast", "satellite", "cgnat", "drop", "blackout", NULL };
static const char *const votes_words[] = { "all", "split", "thin", "none",
	NULL };
static const char *const offset_words[] = { "same", "shared", "other", NULL };

static const struct {
	const char *name;
	enum ev_field_form form;
	const char *const *words;
} fields[EV_FIELDS] = {
	[EV_F_ROLE] = { "role", EV_FF_WORDS, role_words },
	[EV_F_PLACE] = { "place", EV_FF_WORDS, place_words },
	[EV_F_VERIFIED] = { "verified", EV_FF_WORDS, yes_words },
	[EV_F_BASIS] = { "basis", EV_FF_WORDS, basis_words },
	[EV_F_FORM] = { "form", EV_FF_WORDS, form_words },
	[EV_F_QUALITY] = { "quality", EV_FF_NUMBER, NULL },
	[EV_F_DEGREE] = { "degree", EV_FF_NUMBER, NULL },
	[EV_F_HOUSEHOLD] = { "household", EV_FF_WORDS, yes_words },
	[EV_F_DT] = { "dt", EV_FF_TIME, NULL },
	[EV_F_PORT] = { "port", EV_FF_WORDS, same_words },
	[EV_F_DAYS] = { "days", EV_FF_NUMBER, NULL },
	[EV_F_ASNS] = { "asns", EV_FF_NUMBER, NULL },
	[EV_F_CLASS] = { "class", EV_FF_WORDS, class_words },
	[EV_F_FLAG] = { "flag", EV_FF_WORDS, flag_words },
	[EV_F_VOTES] = { "votes", EV_FF_WORDS, votes_words },
	[EV_F_STALE] = { "stale", EV_FF_WORDS, yes_words },
	[EV_F_CC] = { "cc", EV_FF_COUNTRY, same_words },
	[EV_F_OFFSET] = { "offset", EV_FF_WORDS, offset_words },
	[EV_F_ITEMS] = { "items", EV_FF_NUMBER, NULL },
	[EV_F_LEAD] = { "lead", EV_FF_TIME, NULL },
	[EV_F_OBJECTS] = { "objects", EV_FF_NUMBER, NULL },
	[EV_F_WINDOW] = { "window", EV_FF_TIME, NULL },
	[EV_F_DISTANCE] = { "distance", EV_FF_NUMBER, NULL },
	[EV_F_JACCARD] = { "jaccard", EV_FF_NUMBER, NULL },
	[EV_F_SURPRISAL] = { "surprisal", EV_FF_NUMBER, NULL },
	[EV_F_RECIPROCAL] = { "reciprocal", EV_FF_WORDS, yes_words },
	[EV_F_WARNING] = { "warning", EV_FF_WORDS, yes_words },
	[EV_F_SHARE] = { "share", EV_FF_NUMBER, NULL },
};

const char *
ev_asks_name(enum ev_asks asks)
{
	return asks < EV_ASKS ? asks_names[asks] : "";
}

const char *
ev_direction_name(enum ev_direction direction)
{
	return direction_names[direction];
}

const char *
ev_type_name(enum ev_type type)
{
	return type < EV_TYPES ? type_names[type] : "";
}

enum ev_type
ev_type_find(const char *name)
{
	size_t i;

	for (i = 0; i < EV_TYPES; i++) {
		if (strcmp(type_names[i], name) == 0)
			break;
	}
	return (enum ev_type)i;
}

const char *
ev_field_name(enum ev_field field)
{
	return field < EV_FIELDS ? fields[field].name : "";
}

enum ev_field
ev_field_find(const char *name)
{
	size_t i;

	for (i = 0; i < EV_FIELDS; i++) {
		if (strcmp(fields[i].name, name) == 0)
			break;
	}
	return (enum ev_field)i;
}

enum ev_field_form
ev_field_form(enum ev_field field)
{
	return fields[field].form;
}

bool
ev_country_code(const char *text)
{
	return text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'A' &&
	       text[1] <= 'Z' && text[2] == '\0';
}

const char *
ev_field_word(enum ev_field field, const char *word)
{
	const char *const *known = fields[field].words;

	for (; known != NULL && *known != NULL; known++) {
		if (strcmp(*known, word) == 0)
			return *known;
	}
	if (fields[field].form == EV_FF_COUNTRY && ev_country_code(word))
		return word;
	return NULL;
}

static int
find_name(const char *const *names, size_t count, const char *word)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (strcmp(names[i], word) == 0)
			return (int)i;
	}
	return -1;
}

int
ev_asks_find(const char *word)
{
	return find_name(asks_names, EV_ASKS, word);
}

int
ev_direction_find(const char *word)
{
	return find_name(direction_names,
	    sizeof(direction_names) / sizeof(direction_names[0]), word);
}
