// A fault handler with Go's standard library alone: groups come as server-sent events.
//
//	go run handler.go [URL]
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
	"strings"
	"time"
)

const groups = `subscription {
  iopfGroups(contextId: 1, faultId: 4) {
    kind handlerId iopfGroup { iopfGroupId messages { cookie addr } }
  }
}`

const answer = `mutation($group: Int!, $cookie: U32!, $handler: String) {
  faultWrite(input: {
    contextId: 1, faultId: 4, handlerId: $handler
    responses: [{ cookie: $cookie, iopfGroupId: $group, code: IOMMUFD_PAGE_RESP_SUCCESS }]
  }) { errno }
}`

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
	response, err := post(url, "application/json", answer, map[string]any{
		"group": group.IopfGroupID, "cookie": group.Messages[0].Cookie, "handler": got.HandlerID,
	})
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
	stream, err := post(url, "text/event-stream", groups, nil)
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
	url := "http://127.0.0.1:4000"
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
