package main

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Fault is something that a test wants to go wrong. It applies to the next Count requests that match, -1 to all.
type Fault struct {
	Method  string            `json:"method"` // empty: any
	Path    string            `json:"path"`   // regular expression that must match somewhere in the path
	Count   int               `json:"count"`
	Kind    string            `json:"kind"`    // what goes wrong: see apply
	Status  int               `json:"status"`  // status: what to answer
	Headers map[string]string `json:"headers"` // status: what to say with it
	Body    string            `json:"body"`    // status
	Bytes   int64             `json:"bytes"`   // of the body until it happens; trickle: at a time
	Seconds float64           `json:"seconds"` // slow: delay before the request goes on; trickle: between two pieces
	pattern *regexp.Regexp
}

var kinds = []string{"corrupt", "cut", "drop", "expired", "short", "slow", "status", "trickle"}

func (fault *Fault) prepare() error {
	pattern, err := regexp.Compile(fault.Path)
	if err != nil {
		return fmt.Errorf("fault path %q: %w", fault.Path, err)
	}
	switch {
	case !slices.Contains(kinds, fault.Kind):
		return fmt.Errorf("fault kind %q: none of %s", fault.Kind, strings.Join(kinds, ", "))
	case fault.Kind == "status" && (fault.Status < 200 || fault.Status > 599):
		return fmt.Errorf("fault status %d: not a status of HTTP", fault.Status)
	case fault.Kind == "trickle" && (fault.Bytes < 1 || fault.Seconds <= 0):
		return fmt.Errorf("fault trickle: so many bytes at a time, so many seconds between: both above zero")
	}
	if fault.Count == 0 {
		fault.Count = 1
	}
	fault.pattern = pattern
	return nil
}

// Faults are those still to come. Without any, a request costs one look at an empty list.
type Faults struct {
	mutex sync.RWMutex
	list  []*Fault
}

func (f *Faults) take(request *http.Request) *Fault {
	f.mutex.RLock()
	none := len(f.list) == 0
	f.mutex.RUnlock()
	if none {
		return nil
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	for i, fault := range f.list {
		if (fault.Method != "" && fault.Method != request.Method) || !fault.pattern.MatchString(request.URL.Path) {
			continue
		}
		if fault.Count > 0 {
			fault.Count--
		}
		if fault.Count == 0 {
			f.list = append(f.list[:i:i], f.list[i+1:]...)
		}
		return fault
	}
	return nil
}

// spoils says whether a fault concerns the body of the answer, which then has to pass through this front.
func (fault *Fault) spoils() bool {
	return slices.Contains([]string{"corrupt", "cut", "short", "trickle"}, fault.Kind)
}

// apply lets a fault happen. It gives the writer to go on with, or nil when the request is answered.
func (f *front) apply(fault *Fault, writer http.ResponseWriter, request *http.Request) http.ResponseWriter {
	f.requests.add("fault")
	switch fault.Kind {
	case "status":
		for name, value := range fault.Headers {
			writer.Header()[name] = []string{value}
		}
		writer.WriteHeader(fault.Status)
		io.WriteString(writer, fault.Body)
		return nil
	case "drop": // the connection ends after so many bytes of the request's body
		io.CopyN(io.Discard, request.Body, fault.Bytes)
		panic(http.ErrAbortHandler)
	case "expired": // answered as to an expired token, after so many bytes of the request's body
		io.CopyN(io.Discard, request.Body, fault.Bytes)
		writer.Header().Set("WWW-Authenticate", f.challenge(parse(request.URL.Path))+`,error="invalid_token"`)
		refuse(writer, Refusal{http.StatusUnauthorized, "UNAUTHORIZED", "authentication required"})
		return nil
	case "slow":
		if !pause(request, fault.Seconds) {
			return nil
		}
		return writer
	}
	return &spoiledWriter{ResponseWriter: writer, fault: fault, request: request, left: fault.Bytes}
}

func pause(request *http.Request, seconds float64) bool {
	select {
	case <-time.After(time.Duration(seconds * float64(time.Second))):
		return true
	case <-request.Context().Done():
		return false
	}
}

// spoiledWriter passes on the body of an answer as its fault wants it.
type spoiledWriter struct {
	http.ResponseWriter
	fault   *Fault
	request *http.Request
	left    int64 // bytes until it happens
}

func (w *spoiledWriter) WriteHeader(status int) {
	if w.fault.Kind == "short" { // with its length the connection would have to be cut
		w.Header().Del("Content-Length")
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *spoiledWriter) Write(data []byte) (int, error) {
	if w.fault.Kind == "trickle" {
		return w.trickle(data)
	}
	size := int64(len(data))
	if size <= w.left {
		w.left -= size
		return w.ResponseWriter.Write(data)
	}
	at := w.left
	switch w.fault.Kind {
	case "corrupt": // one byte is another one
		w.left = math.MaxInt64
		changed := slices.Clone(data)
		changed[at] ^= 0xff
		return w.ResponseWriter.Write(changed)
	case "short": // the body ends after so many bytes, as if that were all
		w.left = 0
		w.ResponseWriter.Write(data[:at])
		return len(data), nil
	}
	w.ResponseWriter.Write(data[:at]) // cut: the connection ends after so many bytes
	http.NewResponseController(w.ResponseWriter).Flush()
	panic(http.ErrAbortHandler)
}

func (w *spoiledWriter) trickle(data []byte) (int, error) {
	written := 0
	for piece := range slices.Chunk(data, int(w.fault.Bytes)) {
		if !pause(w.request, w.fault.Seconds) {
			return written, w.request.Context().Err()
		}
		n, err := w.ResponseWriter.Write(piece)
		written += n
		if err != nil {
			return written, err
		}
		http.NewResponseController(w.ResponseWriter).Flush()
	}
	return written, nil
}
