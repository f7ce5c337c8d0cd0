package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"time"
)

// authority answers for users that are not among the front's own accounts: for GHCR, GitHub, whose tokens open it.
type authority struct {
	url    string
	client *http.Client
}

// verdict is what an authority says of a login: whether it succeeds, as whom, and what it may do where.
type verdict struct {
	Login   bool                `json:"login"`
	Subject string              `json:"subject"`
	Allowed map[string][]string `json:"allowed"`
}

func newAuthority(url string) *authority {
	if url == "" {
		return nil
	}
	return &authority{url, &http.Client{Timeout: 5 * time.Second}}
}

// ask gives the verdict on a login; nil where there is no authority, none that answers, or the login fails.
func (a *authority) ask(user, password string, wanted map[string][]string) *verdict {
	if a == nil {
		return nil
	}
	body, err := json.Marshal(map[string]any{"user": user, "password": password, "repositories": wanted})
	if err != nil {
		return nil
	}
	response, err := a.client.Post(a.url, "application/json", bytes.NewReader(body))
	if err != nil {
		return nil
	}
	defer response.Body.Close()
	found := &verdict{}
	if json.NewDecoder(response.Body).Decode(found) != nil || !found.Login {
		return nil
	}
	return found
}
