package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const linkSeconds = 300

// redirected sends a permitted download to the second host, as registries with object storage do. The link carries its
// own permission. It says whether it did so; what may not be had is left to the registry to refuse.
func (f *front) redirected(writer http.ResponseWriter, request *http.Request, about target) bool {
	holder, state := f.bearer(request)
	if state != valid || !holder.may(about.repository, "pull") {
		return false
	}
	head, err := http.NewRequestWithContext(request.Context(), http.MethodHead, f.upstream.String()+request.URL.Path, nil)
	if err != nil {
		return false
	}
	head.Header.Set("Authorization", request.Header.Get("Authorization"))
	found, err := f.transport.RoundTrip(head)
	if err != nil {
		return false
	}
	found.Body.Close()
	if found.StatusCode != http.StatusOK {
		return false
	}
	path := "/storage/" + about.repository + "/" + about.reference
	until := time.Now().Unix() + linkSeconds
	f.moved("blob_get", about.repository, about.reference)
	link := url.URL{Scheme: "http", Host: f.config.BlobListen, Path: path}
	link.RawQuery = fmt.Sprintf("until=%d&signature=%s", until, f.seal(path, until))
	writer.Header().Set("Location", link.String())
	writer.Header().Set("Docker-Content-Digest", about.reference)
	writer.WriteHeader(http.StatusTemporaryRedirect)
	return true
}

// serveBlob is the second host. As object stores do, it refuses a request that brings the registry's token along.
func (f *front) serveBlob(writer http.ResponseWriter, request *http.Request) {
	f.requests.add("storage_" + strings.ToLower(request.Method))
	if fault := f.faults.take(request); fault != nil {
		if writer = f.apply(fault, writer, request); writer == nil {
			return
		}
	}
	if request.Header.Get("Authorization") != "" {
		refuse(writer, Refusal{http.StatusBadRequest, "INVALID", "only one way of authentication is allowed; drop the Authorization header"})
		return
	}
	rest, ok := strings.CutPrefix(request.URL.Path, "/storage/")
	until, err := strconv.ParseInt(request.URL.Query().Get("until"), 10, 64)
	sealed := hmac.Equal([]byte(f.seal(request.URL.Path, until)), []byte(request.URL.Query().Get("signature")))
	cut := strings.LastIndex(rest, "/")
	if !ok || err != nil || !sealed || cut < 0 || time.Now().Unix() > until {
		refuse(writer, Refusal{http.StatusForbidden, "DENIED", "the link is not valid"})
		return
	}
	repository, digest := rest[:cut], rest[cut+1:]
	token, err := f.sign("storage", []Access{{"repository", repository, []string{"pull"}}})
	if err != nil {
		http.Error(writer, err.Error(), http.StatusInternalServerError)
		return
	}
	proxy := &httputil.ReverseProxy{Transport: f.transport, ErrorHandler: f.unreachable, Rewrite: func(proxied *httputil.ProxyRequest) {
		proxied.Out.URL = &url.URL{Scheme: f.upstream.Scheme, Host: f.upstream.Host, Path: "/v2/" + repository + "/blobs/" + digest}
		proxied.Out.Header.Set("Authorization", "Bearer "+token)
	}}
	proxy.ServeHTTP(writer, request)
}

func (f *front) seal(path string, until int64) string {
	code := hmac.New(sha256.New, f.blobSecret)
	fmt.Fprintf(code, "%s %d", path, until)
	return hex.EncodeToString(code.Sum(nil))
}
