/*
 * A fault handler with libcurl: groups come as server-sent events.
 *
 *     cc -o handler handler.c -lcurl && ./handler [URL]
 *
 * FAULTLINE_URL, _MACHINE, _CONTEXT and _FAULT_ID say where the queue is, as `faultline test` does.
 */
#include <curl/curl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char url[512];

/* The arguments that name the fault queue. */
static char queue[256];

/* A line of the stream as it grows: an event is one line of JSON. */
struct line {
	char *text;
	size_t length, room;
};

static size_t print(char *data, size_t size, size_t count, void *unused)
{
	(void)unused;
	return fwrite(data, size, count, stderr);
}

static CURLcode post(const char *accept, const char *body, curl_write_callback write, void *to)
{
	struct curl_slist *headers = curl_slist_append(NULL, "content-type: application/json");
	CURL *curl = curl_easy_init();
	CURLcode code;

	headers = curl_slist_append(headers, accept);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, write);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, to);
	code = curl_easy_perform(curl);
	curl_easy_cleanup(curl);
	curl_slist_free_all(headers);
	return code;
}

/* The number after "name": in the JSON, which has it in this form and no other. */
static uint64_t number(const char *json, const char *name)
{
	const char *at = strstr(json, name);

	if (at == NULL) {
		fprintf(stderr, "no %s in %s\n", name, json);
		exit(1);
	}
	return strtoull(at + strlen(name), NULL, 10);
}

/* Ends the handler if this is an error, which stays when it is asked again. */
static void check(const char *json)
{
	if (strstr(json, "\"errors\":") == NULL)
		return;
	fprintf(stderr, "%s\n", json);
	exit(1);
}

static void handle(const char *json)
{
	char body[1024];

	check(json);
	if (strstr(json, "\"kind\":\"DELIVERED\"") == NULL)
		return;
	for (const char *at = json; (at = strstr(at, "\"addr\":\"")) != NULL; at += 8)
		printf("page 0x%" PRIx64 "\n", (uint64_t)strtoull(at + 8, NULL, 16));
	fflush(stdout);
	/* With the group's id, a late answer cannot hit another group. */
	snprintf(body, sizeof(body),
		 "{\"query\": \"mutation { faultWrite(input: { %s, responses: ["
		 "{ cookie: %" PRIu64 ", iopfGroupId: %" PRIu64 ", code: IOMMUFD_PAGE_RESP_SUCCESS }"
		 "] }) { errno } }\"}",
		 queue, number(json, "\"cookie\":"), number(json, "\"iopfGroupId\":"));
	post("accept: application/json", body, print, NULL);
}

static size_t receive(char *data, size_t size, size_t count, void *to)
{
	struct line *line = to;

	for (size_t i = 0; i < size * count; i++) {
		if (line->length + 1 >= line->room) {
			line->room = line->room ? line->room * 2 : 4096;
			line->text = realloc(line->text, line->room);
			if (line->text == NULL)
				return 0;
		}
		if (data[i] != '\n') {
			line->text[line->length++] = data[i];
			continue;
		}
		line->text[line->length] = '\0';
		if (strncmp(line->text, "data: {", 7) == 0)
			handle(line->text + 6);
		if (strcmp(line->text, "event: complete") == 0)
			exit(0); /* The queue's file was closed. */
		line->length = 0;
	}
	return size * count;
}

static const char *setting(const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	return value != NULL ? value : otherwise;
}

int main(int argc, char **argv)
{
	char groups[512];

	snprintf(url, sizeof(url), "%s/graphql",
		 argc > 1 ? argv[1] : setting("FAULTLINE_URL", "http://127.0.0.1:4000"));
	snprintf(queue, sizeof(queue), "machineId: \\\"%s\\\", contextId: %s, faultId: %s",
		 setting("FAULTLINE_MACHINE", "default"), setting("FAULTLINE_CONTEXT", "1"),
		 setting("FAULTLINE_FAULT_ID", "4"));
	snprintf(groups, sizeof(groups),
		 "{\"query\": \"subscription { iopfGroups(%s)"
		 " { kind iopfGroup { iopfGroupId cookie messages { addr } } } }\"}",
		 queue);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	for (;;) {
		struct line line = { 0 };
		CURLcode code = post("accept: text/event-stream", groups, receive, &line);

		/* What is refused is answered with one object and no stream. */
		if (line.length > 0) {
			line.text[line.length] = '\0';
			check(line.text);
		}
		/* The server restarts: what is unanswered comes again. */
		fprintf(stderr, "%s; again in a second\n", curl_easy_strerror(code));
		free(line.text);
		sleep(1);
	}
}
