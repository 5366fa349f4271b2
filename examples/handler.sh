#!/usr/bin/env bash
# A fault handler with curl and jq-free shell: groups come as server-sent events.
#
#   ./handler.sh [URL]
#
# FAULTLINE_URL, _MACHINE, _CONTEXT and _FAULT_ID say where the queue is, as `faultline test` does.
set -euo pipefail
url=${1:-${FAULTLINE_URL:-http://127.0.0.1:4000}}/graphql
queue="machineId: \\\"${FAULTLINE_MACHINE:-default}\\\""
queue+=", contextId: ${FAULTLINE_CONTEXT:-1}, faultId: ${FAULTLINE_FAULT_ID:-4}"

post() { # ACCEPT QUERY
  curl -sSN --fail-with-body "$url" -H 'content-type: application/json' -H "accept: $1" -d "{\"query\": \"$2\"}"
}

field() { # NAME, a number in the JSON on standard input
  sed -E "s/.*\"$1\":([0-9]+).*/\\1/"
}

answer() { # what a group's event says
  grep -oE '0x[0-9a-f]+' <<< "$1" | sed 's/^/page /'
  # With its id, a late answer cannot hit another group.
  local response="{ cookie: $(field cookie <<< "$1"), iopfGroupId: $(field iopfGroupId <<< "$1")"
  response+=", code: IOMMUFD_PAGE_RESP_SUCCESS }"
  post application/json "mutation { faultWrite(input: { $queue, responses: [$response] }) { errno } }" >&2
}

# Ends with 3 when the queue's file was closed, with 2 at an error that stays.
handle() {
  local line
  while read -r line || [[ -n $line ]]; do
    case $line in
      'event: complete'*) return 3 ;;
      *'"errors"'*) echo "$line" >&2 && return 2 ;;
      *'"kind":"DELIVERED"'*) answer "$line" ;;
    esac
  done
}

groups="subscription { iopfGroups($queue) { kind iopfGroup { iopfGroupId cookie messages { addr } } } }"
while :; do
  set +e
  post text/event-stream "$groups" | handle
  ended=${PIPESTATUS[1]}
  set -e
  [[ $ended == 3 ]] && exit 0
  [[ $ended == 2 ]] && exit 1
  # The server restarts: what is unanswered comes again.
  echo 'the stream broke; again in a second' >&2
  sleep 1
done
