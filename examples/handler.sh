#!/usr/bin/env bash
# A fault handler with curl and jq-free shell: groups come as server-sent events.
#
#   ./handler.sh [URL]
set -euo pipefail
url=${1:-http://127.0.0.1:4000}/graphql
queue='contextId: 1, faultId: 4'

post() { # ACCEPT QUERY
  curl -sSN --fail-with-body "$url" -H 'content-type: application/json' -H "accept: $1" -d "{\"query\": \"$2\"}"
}

field() { # NAME, a number in the JSON on standard input
  sed -E "s/.*\"$1\":([0-9]+).*/\\1/"
}

groups="subscription { iopfGroups($queue) { kind iopfGroup { iopfGroupId cookie messages { addr } } } }"
post text/event-stream "$groups" | while read -r line; do
  case $line in
    *'"errors"'*) echo "$line" >&2 && exit 1 ;;
    *'"kind":"DELIVERED"'*) ;;
    *) continue ;;
  esac
  grep -oE '0x[0-9a-f]+' <<< "$line" | sed 's/^/page /'
  cookie=$(field cookie <<< "$line")
  group=$(field iopfGroupId <<< "$line")
  # With its id, a late answer cannot hit another group.
  response="{ cookie: $cookie, iopfGroupId: $group, code: IOMMUFD_PAGE_RESP_SUCCESS }"
  post application/json "mutation { faultWrite(input: { $queue, responses: [$response] }) { errno } }" >&2
done
