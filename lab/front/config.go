package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
)

// Config is what one front is told: its addresses, its accounts and its rules.
type Config struct {
	Listen     string    `json:"listen"`      // host:port of this front
	BlobListen string    `json:"blob_listen"` // host:port of the second host, to which blob downloads are sent
	Upstream   string    `json:"upstream"`    // URL of the registry behind it
	Storage    string    `json:"storage"`     // folder in which that registry keeps what it has
	Key        string    `json:"key"`         // PEM file of the P-256 key that signs tokens
	KeyID      string    `json:"key_id"`      // its name in the registry's key set
	Issuer     string    `json:"issuer"`
	Visibility string    `json:"visibility"` // JSON file that keeps who may see which repository
	Accounts   []Account `json:"accounts"`
	Authority  string    `json:"authority"` // URL that is asked about the logins of others; empty: there are no others
	Rules      Rules     `json:"rules"`
}

// Account is a user, the password or token, and what they may do where.
type Account struct {
	User   string  `json:"user"`
	Token  string  `json:"token"`
	Grants []Grant `json:"grants"`
}

// Grant allows actions on the repositories that match a pattern, in which * stands for any characters.
type Grant struct {
	Repositories string   `json:"repositories"`
	Actions      []string `json:"actions"`
	pattern      *regexp.Regexp
}

// Rules are the habits of the registry that this front plays.
type Rules struct {
	Service        string     `json:"service"`         // name in the Bearer challenge and the audience of tokens
	Visibility     string     `json:"visibility"`      // of a repository nobody has set one for: public or private
	Private        []string   `json:"private"`         // repositories that are private from the start
	BadLogin       Refusal    `json:"bad_login"`       // answer of the token endpoint to a wrong password
	NoAccess       *Refusal   `json:"no_access"`       // answer of the token endpoint for what is private or missing; none: a token that opens nothing
	NoPush         *Refusal   `json:"no_push"`         // answer to a write with a token that may not
	PullLimit      *PullLimit `json:"pull_limit"`      // none: unlimited
	LimitFree      []string   `json:"limit_free"`      // values of containerd's ?ns= that the limit does not concern
	LowerCaseOnly  bool       `json:"lower_case_only"` // whether a name with upper-case letters is refused
	Catalog        bool       `json:"catalog"`         // whether GET /v2/_catalog is offered
	ManifestDelete bool       `json:"manifest_delete"` // whether DELETE of a manifest is offered
	MaxChunk       int64      `json:"max_chunk"`       // bytes that a PATCH with Content-Range may carry; 0: any
	TagsPage       int        `json:"tags_page"`       // most tags in one answer; 0: any
	Anonymous      string     `json:"anonymous"`       // the bearer that stands for nobody, and opens what is public without a token; none: there is none
	BlobRedirect   bool       `json:"blob_redirect"`   // whether GET of a blob is sent to another host with 307
	Faults         []*Fault   `json:"faults"`          // faults from the start
	Habits                    // how it begins
}

// Habits are the rules that a test may change while the front runs.
type Habits struct {
	TokenSeconds int64  `json:"token_seconds"` // life of a token
	Mount        int64  `json:"mount"`         // 201: a cross-repository mount works; 202: it starts an upload instead
	Referrers    string `json:"referrers"`     // the API of attached manifests: none (404), empty (an empty list, whatever there is) or native
	Clock        int64  `json:"clock"`         // seconds by which its clock is ahead
}

func (habits Habits) check() error {
	if !slices.Contains([]string{"none", "empty", "native"}, habits.Referrers) {
		return fmt.Errorf("referrers %q: none of none, empty, native", habits.Referrers)
	}
	return nil
}

// Refusal is an error answer in the form of the distribution specification.
type Refusal struct {
	Status  int    `json:"status"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// PullLimit is how many manifest GETs one account, or all that name none, may make within a window.
type PullLimit struct {
	Anonymous int    `json:"anonymous"`
	Account   int    `json:"account"`
	Window    int    `json:"window"` // seconds
	Message   string `json:"message"`
}

func readConfig(path string) (*Config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	config := &Config{}
	if err := decoder.Decode(config); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for _, account := range config.Accounts {
		for i := range account.Grants {
			grant := &account.Grants[i]
			escaped := strings.ReplaceAll(regexp.QuoteMeta(grant.Repositories), `\*`, `.*`)
			grant.pattern = regexp.MustCompile("^" + escaped + "$")
		}
	}
	if err := config.Rules.Habits.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for _, fault := range config.Rules.Faults {
		if err := fault.prepare(); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return config, nil
}
