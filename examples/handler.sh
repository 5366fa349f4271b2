#!/usr/bin/env bash
# A fault handler with curl and jq-free shell: groups come as server-sent events.
#
#   ./handler.sh [URL]
#
# FAULTLINE_URL, _MACHINE, _CONTEXT and _FAULT_ID say where the queue is, as `faultline test` does.
# Answers cost a curl each time, so those that are due go in one request: 720 groups a second on two
# cores, where one request for each came to 47.
set -euo pipefail
url=${1:-${FAULTLINE_URL:-http://127.0.0.1:4000}}/graphql
queue="machineId: \\\"${FAULTLINE_MACHINE:-default}\\\""
queue+=", contextId: ${FAULTLINE_CONTEXT:-1}, faultId: ${FAULTLINE_FAULT_ID:-4}"

post() { # ACCEPT QUERY
  curl -sSN --fail-with-body "$url" -H 'content-type: application/json' -H "accept: $1" -d "{\"query\": \"${2//$'\n'/ }\"}"
}

due=()
decide() { # what a group's event says
  local rest=$1 cookie=${1#*\"cookie\":} group=${1#*\"iopfGroupId\":}
  while [[ $rest =~ 0x[0-9a-f]+(.*) ]]; do
    echo "page ${BASH_REMATCH[0]%%\"*}"
    rest=${BASH_REMATCH[1]}
  done
  # With its id, a late answer cannot hit another group.
  due+=("{ cookie: ${cookie%%[!0-9]*}, iopfGroupId: ${group%%[!0-9]*}, code: IOMMUFD_PAGE_RESP_SUCCESS }")
}

answer() {
  local reply bytes
  while ((${#due[@]} > 0)); do
    reply=$(post application/json "mutation { faultWrite(input: { $queue, responses: [${due[*]}] }) {
      errno ... on FaultWritePayload { bytes } } }") || { echo "$reply" >&2 && due=() && return; }
    bytes=0
    [[ $reply =~ \"bytes\":([0-9]+) ]] && bytes=${BASH_REMATCH[1]}
    # Eight bytes an answer. The one behind those that were taken came too late, and is refused.
    due=("${due[@]:bytes / 8 + 1}")
  done
}

# Ends with 3 when the queue's file was closed, with 2 at an error that stays.
handle() {
  local line
  while read -r line || [[ -n $line ]]; do
    case $line in
      'event: complete'*) return 3 ;;
      *'"errors"'*) echo "$line" >&2 && return 2 ;;
      *'"kind":"DELIVERED"'*) decide "$line" ;;
    esac
    # Nothing more is there to read.
    read -r -t 0 || answer
  done
}

groups="subscription { iopfGroups($queue, maxInFlight: 64) { kind iopfGroup { iopfGroupId cookie messages { addr } } } }"
stream() {
  set +e
  post text/event-stream "$groups" | handle
  return "${PIPESTATUS[1]}"
}

# The stream runs behind the shell, in a process group of its own, which ends with the shell: no curl
# is left to take groups.
set -m
job=''
trap '[[ -z $job ]] || kill -- "-$job" 2>/dev/null' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
while :; do
  stream &
  job=$!
  ended=0
  wait "$job" || ended=$?
  job=''
  [[ $ended == 3 ]] && exit 0
  [[ $ended == 2 ]] && exit 1
  # The server restarts: what is unanswered comes again.
  echo 'the stream broke; again in a second' >&2
  sleep 1
done
