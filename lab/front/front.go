package main

import (
	"crypto/ecdsa"
	"crypto/rand"
	"encoding/json"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

type front struct {
	config     *Config
	key        *ecdsa.PrivateKey
	upstream   *url.URL
	proxy      *httputil.ReverseProxy
	transport  *http.Transport
	visibility *Visibility
	limiter    *Limiter
	faults     Faults
	requests   Counters // by kind and method
	transfers  Counters // manifests and blobs that moved: by kind, method, repository and reference
	tokens     sync.Map // token to claims, of those that were found to be ours
	tokensKept atomic.Int64
	habits     atomic.Pointer[Habits]
	blobSecret []byte
	authority  *authority
	admin      *http.ServeMux
}

func newFront(config *Config) (*front, error) {
	upstream, err := url.Parse(config.Upstream)
	if err != nil {
		return nil, err
	}
	f := &front{config: config, upstream: upstream, blobSecret: make([]byte, 32), authority: newAuthority(config.Authority)}
	rand.Read(f.blobSecret)
	if f.key, err = readKey(config.Key); err != nil {
		return nil, err
	}
	if f.visibility, err = openVisibility(config.Visibility, config.Rules); err != nil {
		return nil, err
	}
	if config.Rules.PullLimit != nil {
		f.limiter = newLimiter(*config.Rules.PullLimit)
	}
	f.faults.list = config.Rules.Faults
	f.habits.Store(&config.Rules.Habits)
	f.transport = &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		MaxIdleConnsPerHost: 64,
		DisableCompression:  true,
	}
	f.proxy = &httputil.ReverseProxy{
		Transport:      f.transport,
		Rewrite:        f.rewrite,
		ModifyResponse: f.observe,
		ErrorHandler:   f.unreachable,
	}
	f.admin = f.administration()
	return f, nil
}

// target is what a request to /v2/ is about.
type target struct {
	kind       string // manifest, blob, upload, tags, referrers, ping, catalog or other
	repository string
	reference  string
}

func parse(path string) target {
	rest, ok := strings.CutPrefix(path, "/v2/")
	switch {
	case !ok:
		return target{kind: "other"}
	case rest == "":
		return target{kind: "ping"}
	case rest == "_catalog":
		return target{kind: "catalog"}
	}
	for _, mark := range []struct{ text, kind string }{
		{"/blobs/uploads/", "upload"}, {"/manifests/", "manifest"}, {"/blobs/", "blob"}, {"/tags/list", "tags"}, {"/referrers/", "referrers"},
	} {
		if at := strings.LastIndex(rest, mark.text); at > 0 {
			return target{mark.kind, rest[:at], rest[at+len(mark.text):]}
		}
	}
	return target{kind: "other"}
}

func (f *front) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	if strings.HasPrefix(request.URL.Path, "/_lab/") {
		f.admin.ServeHTTP(writer, request)
		return
	}
	about := parse(request.URL.Path)
	name := about.kind + "_" + strings.ToLower(request.Method)
	if request.URL.Path == "/token" {
		name = "token"
	}
	f.requests.add(name)
	if ahead := f.habits.Load().Clock; ahead != 0 {
		now := time.Now().Add(time.Duration(ahead) * time.Second)
		writer.Header().Set("Date", now.UTC().Format(http.TimeFormat))
	}
	fault := f.faults.take(request)
	if fault != nil {
		if writer = f.apply(fault, writer, request); writer == nil {
			return
		}
	}
	if name == "token" {
		f.serveToken(writer, request)
		return
	}
	f.admitAnonymous(request, about)
	if f.refused(writer, request, about) {
		return
	}
	if about.kind == "referrers" && request.Method == http.MethodGet {
		f.serveReferrers(writer, request, about)
		return
	}
	whole := fault == nil || !fault.spoils()
	if f.config.Rules.BlobRedirect && about.kind == "blob" && request.Method == http.MethodGet && whole && f.redirected(writer, request, about) {
		return
	}
	f.proxy.ServeHTTP(writer, request)
}

// admitAnonymous gives a request with the bearer that stands for nobody what the token endpoint would give it: GHCR has
// one, which Homebrew sends.
func (f *front) admitAnonymous(request *http.Request, about target) {
	bearer, reads := f.config.Rules.Anonymous, request.Method == http.MethodGet || request.Method == http.MethodHead
	if bearer == "" || !reads || request.Header.Get("Authorization") != "Bearer "+bearer || !f.visibility.public(about.repository) {
		return
	}
	if token, err := f.sign("", []Access{{Type: "repository", Name: about.repository, Actions: []string{"pull"}}}); err == nil {
		request.Header.Set("Authorization", "Bearer "+token)
	}
}

// refused applies the rules that forbid; it says whether the request is answered.
func (f *front) refused(writer http.ResponseWriter, request *http.Request, about target) bool {
	rules := f.config.Rules
	switch {
	case rules.LowerCaseOnly && about.repository != strings.ToLower(about.repository):
		refuse(writer, Refusal{http.StatusBadRequest, "NAME_INVALID", "invalid repository name: " + about.repository})
		return true
	case about.kind == "catalog" && !rules.Catalog:
		refuse(writer, Refusal{http.StatusNotFound, "UNSUPPORTED", "the operation is unsupported"})
		return true
	case about.kind == "manifest" && request.Method == http.MethodDelete && !rules.ManifestDelete:
		refuse(writer, Refusal{http.StatusMethodNotAllowed, "UNSUPPORTED", "the operation is unsupported"})
		return true
	}
	holder, state := f.bearer(request)
	if state == expired {
		writer.Header().Set("WWW-Authenticate", f.challenge(about)+`,error="invalid_token"`)
		refuse(writer, Refusal{http.StatusUnauthorized, "UNAUTHORIZED", "authentication required"})
		return true
	}
	reads := request.Method == http.MethodGet || request.Method == http.MethodHead
	if state == valid && rules.NoPush != nil && !reads && about.repository != "" && !holder.may(about.repository, "push") {
		refuse(writer, *rules.NoPush)
		return true
	}
	chunked := request.Method == http.MethodPatch && request.Header.Get("Content-Range") != ""
	if rules.MaxChunk > 0 && chunked && request.ContentLength > rules.MaxChunk {
		writer.Header().Set("Connection", "close")
		writer.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
		return true
	}
	limited := f.limiter != nil && about.kind == "manifest" && reads && state == valid && holder.may(about.repository, "pull")
	if limited && !slices.Contains(rules.LimitFree, request.URL.Query().Get("ns")) {
		return f.limited(writer, holder, request.Method == http.MethodGet)
	}
	return false
}

func (f *front) rewrite(proxied *httputil.ProxyRequest) {
	proxied.SetURL(f.upstream)
	proxied.Out.Host = proxied.In.Host
	about := parse(proxied.In.URL.Path)
	query := proxied.Out.URL.Query()
	switch {
	case about.kind == "tags" && f.config.Rules.TagsPage > 0:
		wanted, err := strconv.Atoi(query.Get("n"))
		if err != nil || wanted > f.config.Rules.TagsPage {
			wanted = f.config.Rules.TagsPage
		}
		query.Set("n", strconv.Itoa(wanted))
	case about.kind == "upload" && query.Has("mount") && f.habits.Load().Mount == http.StatusAccepted:
		query.Del("mount")
		query.Del("from")
	default:
		return
	}
	proxied.Out.URL.RawQuery = query.Encode()
}

// observe notes what moves, and a repository's first push.
func (f *front) observe(response *http.Response) error {
	if f.habits.Load().Clock != 0 {
		response.Header.Del("Date") // the shifted one is set already
	}
	about := parse(response.Request.URL.Path)
	method := response.Request.Method
	created := response.StatusCode == http.StatusCreated
	query := response.Request.URL.Query()
	switch {
	case method == http.MethodGet && response.StatusCode == http.StatusOK:
		f.moved(about.kind+"_get", about.repository, about.reference)
	case about.kind == "upload" && created && method == http.MethodPost && query.Has("mount"):
		f.moved("mount", about.repository, query.Get("mount"))
	case about.kind == "upload" && created:
		f.moved("upload", about.repository, query.Get("digest"))
	case about.kind == "manifest" && created && method == http.MethodPut:
		f.moved("manifest_put", about.repository, about.reference)
		if f.habits.Load().Referrers == "native" {
			if subject := f.manifest(response.Header.Get("Docker-Content-Digest")).Subject; subject != nil {
				response.Header.Set("OCI-Subject", subject.Digest)
			}
		}
		return f.visibility.pushed(about.repository)
	}
	return nil
}

func (f *front) moved(kind, repository, reference string) {
	f.transfers.add(kind + " " + repository + " " + reference)
}

func (f *front) unreachable(writer http.ResponseWriter, request *http.Request, err error) {
	if request.Context().Err() == nil {
		log.Printf("%s %s: %v", request.Method, request.URL.Path, err)
	}
	refuse(writer, Refusal{http.StatusBadGateway, "UNKNOWN", "the registry behind the front does not answer"})
}

func (f *front) challenge(about target) string {
	text := `Bearer realm="http://` + f.config.Listen + `/token",service="` + f.config.Rules.Service + `"`
	if about.repository != "" {
		text += `,scope="repository:` + about.repository + `:pull"`
	}
	return text
}

func refuse(writer http.ResponseWriter, refusal Refusal) {
	answer(writer, refusal.Status, map[string]any{
		"errors": []map[string]string{{"code": refusal.Code, "message": refusal.Message}},
	})
}

func answer(writer http.ResponseWriter, status int, value any) {
	writer.Header().Set("Content-Type", "application/json")
	writer.WriteHeader(status)
	json.NewEncoder(writer).Encode(value)
}
