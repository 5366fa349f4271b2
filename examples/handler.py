"""A fault handler with Python's standard library alone: groups come as server-sent events.

    python3 handler.py [URL]

FAULTLINE_URL, _MACHINE, _CONTEXT and _FAULT_ID say where the queue is, as `faultline test` does.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request

SERVER = os.environ.get("FAULTLINE_URL", "http://127.0.0.1:4000")
if len(sys.argv) > 1:
    SERVER = sys.argv[1]
URL = SERVER + "/graphql"
QUEUE = {
    "machineId": os.environ.get("FAULTLINE_MACHINE", "default"),
    "contextId": int(os.environ.get("FAULTLINE_CONTEXT", "1")),
    "faultId": int(os.environ.get("FAULTLINE_FAULT_ID", "4")),
}

GROUPS = """subscription($machineId: MachineId!, $contextId: U32!, $faultId: U32!) {
  iopfGroups(machineId: $machineId, contextId: $contextId, faultId: $faultId) {
    kind handlerId iopfGroup { iopfGroupId messages { cookie addr } }
  }
}"""
ANSWER = """mutation($input: FaultWriteInput!) {
  faultWrite(input: $input) { errno }
}"""


def post(query, variables, accept):
    body = json.dumps({"query": query, "variables": variables}).encode()
    headers = {"content-type": "application/json", "accept": accept}
    return urllib.request.urlopen(urllib.request.Request(URL, body, headers))


def groups():
    """What becomes of groups, until the queue's file is closed."""
    with post(GROUPS, QUEUE, "text/event-stream") as stream:
        for line in stream:
            if line.startswith(b"data: {"):
                result = json.loads(line[6:])
                if result.get("errors"):
                    sys.exit(result["errors"][0]["message"])
                yield result["data"]["iopfGroups"]
            elif line.startswith(b"event: complete"):
                return
    raise ConnectionError("the stream broke")


def answer(group, handler_id, code):
    cookie = group["messages"][0]["cookie"]
    # With its id, a late answer cannot hit another group.
    response = {"cookie": cookie, "iopfGroupId": group["iopfGroupId"], "code": code}
    given = {**QUEUE, "handlerId": handler_id, "responses": [response]}
    with post(ANSWER, {"input": given}, "application/json") as reply:
        refusals = json.load(reply).get("extensions", {}).get("refusals", [])
    for refusal in refusals:
        print(refusal["message"], file=sys.stderr)


def main():
    while True:
        try:
            for update in groups():
                if update["kind"] != "DELIVERED":
                    continue
                group = update["iopfGroup"]
                for message in group["messages"]:
                    print("page", message["addr"], flush=True)
                answer(group, update["handlerId"], "IOMMUFD_PAGE_RESP_SUCCESS")
            return
        except urllib.error.HTTPError as error:
            sys.exit(f"{error}: {error.read().decode()}")
        except OSError as error:
            # The server restarts: what is unanswered comes again.
            print(f"{error}; again in a second", file=sys.stderr)
            time.sleep(1)


main()
