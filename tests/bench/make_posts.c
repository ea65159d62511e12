/*
 * make_posts js|lines BYTES: posts, on standard output, until there are about
 * so many bytes: as the archive of an account holder writes them (tweets.js),
 * or an object a line.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "made.h"

enum { TEXT = 2048 };

static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
	"Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat",
	"Sun" };
/* Of 2024, which began on a Monday. */
static const int before[] = { 0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305,
	335 };

struct post {
	uint64_t id, reply_to, reply_account, mention;
	int year, month, day, week, hour, minute, second;
	unsigned kind; /* 0, 1: own, 2: reply, 3: repost */
	char text[TEXT];
};

static void
make(struct post *p, uint64_t n)
{
	size_t len = 0;

	p->id =
	    UINT64_C(1742000000000000000) + n * 4194304 + made_number(0, 4095);
	p->kind = made_number(0, 3);
	p->reply_to = p->id - made_number(1000000, 90000000);
	p->reply_account = 1000000 + made_number(0, 9999);
	p->mention = 1000000 + made_number(0, 9999);
	p->year = 2024;
	p->month = (int)made_number(0, 11);
	p->day = (int)made_number(1, 28);
	p->week = (before[p->month] + p->day - 1) % 7;
	p->hour = (int)made_number(0, 23);
	p->minute = (int)made_number(0, 59);
	p->second = (int)made_number(0, 59);
	if (p->kind == 3)
		len = (size_t)sprintf(p->text, "RT @user%" PRIu64 ": ",
		    p->mention);
	made_words(p->text + len, made_number(4, 40));
}

static void
put_mention(const struct post *p)
{
	if (p->kind < 2) {
		printf("        \"user_mentions\" : [ ],\n");
		return;
	}
	printf("        \"user_mentions\" : [\n"
	       "          {\n"
	       "            \"name\" : \"User %" PRIu64 "\",\n"
	       "            \"screen_name\" : \"user%" PRIu64 "\",\n"
	       "            \"indices\" : [\n"
	       "              \"3\",\n"
	       "              \"12\"\n"
	       "            ],\n"
	       "            \"id_str\" : \"%" PRIu64 "\",\n"
	       "            \"id\" : \"%" PRIu64 "\"\n"
	       "          }\n"
	       "        ],\n",
	    p->mention, p->mention, p->mention, p->mention);
}

static void
put_js(const struct post *p, int first)
{
	printf("%s\n  {\n    \"tweet\" : {\n", first ? "" : ",");
	printf("      \"retweeted\" : false,\n"
	       "      \"source\" : \"<a href=\\\"https://mobile.example.org\\\""
	       " rel=\\\"nofollow\\\">Web App</a>\",\n"
	       "      \"entities\" : {\n"
	       "        \"hashtags\" : [ ],\n"
	       "        \"symbols\" : [ ],\n");
	put_mention(p);
	printf("        \"urls\" : [ ]\n      },\n"
	       "      \"display_text_range\" : [\n"
	       "        \"0\",\n        \"%zu\"\n      ],\n"
	       "      \"favorite_count\" : \"%u\",\n",
	    strlen(p->text), made_number(0, 99));
	if (p->kind == 2)
		printf("      \"in_reply_to_status_id_str\" : \"%" PRIu64
		       "\",\n"
		       "      \"in_reply_to_user_id_str\" : \"%" PRIu64 "\",\n",
		    p->reply_to, p->reply_account);
	printf("      \"id_str\" : \"%" PRIu64 "\",\n"
	       "      \"truncated\" : false,\n"
	       "      \"retweet_count\" : \"%u\",\n"
	       "      \"id\" : \"%" PRIu64 "\",\n"
	       "      \"created_at\" : \"%s %s %02d %02d:%02d:%02d +0000 %d\","
	       "\n"
	       "      \"favorited\" : false,\n"
	       "      \"full_text\" : \"%s\",\n"
	       "      \"lang\" : \"en\"\n"
	       "    }\n  }",
	    p->id, made_number(0, 9), p->id, days[p->week], months[p->month],
	    p->day, p->hour, p->minute, p->second, p->year, p->text);
}

static void
put_line(const struct post *p)
{
	printf("{\"id\":\"%" PRIu64 "\",\"account\":\"%" PRIu64
	       "\",\"created_at\":\"%04d-%02d-%02dT%02d:%02d:%02dZ\","
	       "\"lang\":\"en\",\"client\":\"Web App\",\"likes\":%u,",
	    p->id, p->mention, p->year, p->month + 1, p->day, p->hour,
	    p->minute, p->second, made_number(0, 99));
	if (p->kind == 2)
		printf("\"reply_to\":\"%" PRIu64
		       "\",\"reply_account\":\"%" PRIu64 "\",",
		    p->reply_to, p->reply_account);
	printf("\"text\":\"%s\",\"media\":[],\"url\":"
	       "\"https://social.example.org/%" PRIu64 "/status/%" PRIu64
	       "\"}\n",
	    p->text, p->mention, p->id);
}

int
main(int argc, char *argv[])
{
	static char room[1 << 20];
	struct post post;
	int64_t bytes;
	uint64_t n;
	int js;

	if (argc != 3)
		return 2;
	js = strcmp(argv[1], "js") == 0;
	bytes = strtoll(argv[2], NULL, 10);
	(void)setvbuf(stdout, room, _IOFBF, sizeof(room));
	if (js)
		printf("window.YTD.tweets.part0 = [");
	for (n = 0; ftello(stdout) < bytes; n++) {
		make(&post, n);
		if (js)
			put_js(&post, n == 0);
		else
			put_line(&post);
	}
	if (js)
		printf("\n]\n");
	(void)fprintf(stderr, "%" PRIu64 "\n", n);
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
