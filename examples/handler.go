// A fault handler with Go's standard library alone: groups come as server-sent events.
//
//	go run handler.go [URL]
//
// FAULTLINE_URL, _MACHINE, _CONTEXT and _FAULT_ID say where the queue is, as `faultline test` does.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

const groups = `subscription($machine: MachineId!, $context: U32!, $fault: U32!) {
  iopfGroups(machineId: $machine, contextId: $context, faultId: $fault) {
    kind handlerId iopfGroup { iopfGroupId messages { cookie addr } }
  }
}`

const answer = `mutation(
  $machine: MachineId!, $context: U32!, $fault: U32!, $group: Int!, $cookie: U32!, $handler: String
) {
  faultWrite(input: {
    machineId: $machine, contextId: $context, faultId: $fault, handlerId: $handler
    responses: [{ cookie: $cookie, iopfGroupId: $group, code: IOMMUFD_PAGE_RESP_SUCCESS }]
  }) { errno }
}`

func setting(name, otherwise string) string {
	if value, ok := os.LookupEnv(name); ok {
		return value
	}
	return otherwise
}

func number(name, otherwise string) int {
	value, err := strconv.Atoi(setting(name, otherwise))
	if err != nil {
		log.Fatalf("%s: %v", name, err)
	}
	return value
}

// queue holds the variables that name the fault queue.
var queue = map[string]any{
	"machine": setting("FAULTLINE_MACHINE", "default"),
	"context": number("FAULTLINE_CONTEXT", "1"),
	"fault":   number("FAULTLINE_FAULT_ID", "4"),
}

type update struct {
	Kind      string
	HandlerID string
	IopfGroup struct {
		IopfGroupID int
		Messages    []struct {
			Cookie uint32
			Addr   string
		}
	}
}

type result struct {
	Data       struct{ IopfGroups update }
	Errors     []struct{ Message string }
	Extensions struct {
		Refusals []struct{ Errno, Message string }
	}
}

func post(url, accept, query string, variables map[string]any) (*http.Response, error) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequest("POST", url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("content-type", "application/json")
	request.Header.Set("accept", accept)
	response, err := http.DefaultClient.Do(request)
	if err == nil && response.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(response.Body)
		log.Fatalf("%s: %s", response.Status, text)
	}
	return response, err
}

func respond(url string, got update) error {
	group := got.IopfGroup
	// With the group's id, a late answer cannot hit another group.
	variables := map[string]any{
		"group": group.IopfGroupID, "cookie": group.Messages[0].Cookie, "handler": got.HandlerID,
	}
	for name, value := range queue {
		variables[name] = value
	}
	response, err := post(url, "application/json", answer, variables)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var answered result
	if err := json.NewDecoder(response.Body).Decode(&answered); err != nil {
		return err
	}
	for _, refusal := range answered.Extensions.Refusals {
		log.Print(refusal.Message)
	}
	return nil
}

// handle returns nil when the queue's file is closed.
func handle(url string) error {
	stream, err := post(url, "text/event-stream", groups, queue)
	if err != nil {
		return err
	}
	defer stream.Body.Close()
	lines := bufio.NewScanner(stream.Body)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		if lines.Text() == "event: complete" {
			return nil
		}
		if !strings.HasPrefix(lines.Text(), "data: {") {
			continue
		}
		var got result
		if err := json.Unmarshal(lines.Bytes()[len("data: "):], &got); err != nil {
			return err
		}
		if len(got.Errors) > 0 {
			log.Fatal(got.Errors[0].Message)
		}
		if got.Data.IopfGroups.Kind != "DELIVERED" {
			continue
		}
		for _, message := range got.Data.IopfGroups.IopfGroup.Messages {
			fmt.Println("page", message.Addr)
		}
		if err := respond(url, got.Data.IopfGroups); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return io.ErrUnexpectedEOF
}

func main() {
	url := setting("FAULTLINE_URL", "http://127.0.0.1:4000")
	if len(os.Args) > 1 {
		url = os.Args[1]
	}
	for {
		err := handle(url + "/graphql")
		if err == nil {
			return
		}
		// The server restarts: what is unanswered comes again.
		log.Printf("%v; again in a second", err)
		time.Sleep(time.Second)
	}
}
