package main

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"sync"
	"time"
)

// Fault is something that a test wants to go wrong. It applies to the next Count requests that match, -1 to all.
type Fault struct {
	Method  string            `json:"method"` // empty: any
	Path    string            `json:"path"`   // regular expression that must match somewhere in the path
	Count   int               `json:"count"`
	Kind    string            `json:"kind"`    // status, cut, slow or expired
	Status  int               `json:"status"`  // status: what to answer
	Headers map[string]string `json:"headers"` // status: what to say with it
	Body    string            `json:"body"`    // status
	Bytes   int64             `json:"bytes"`   // cut: the connection ends after so many bytes of the answer's body
	Seconds float64           `json:"seconds"` // slow: delay before the request goes on
	pattern *regexp.Regexp
}

func (fault *Fault) prepare() error {
	pattern, err := regexp.Compile(fault.Path)
	if err != nil {
		return fmt.Errorf("fault path %q: %w", fault.Path, err)
	}
	switch fault.Kind {
	case "cut", "expired", "slow":
	case "status":
		if fault.Status < 200 || fault.Status > 599 {
			return fmt.Errorf("fault status %d: not a status of HTTP", fault.Status)
		}
	default:
		return fmt.Errorf("fault kind %q: none of status, cut, slow, expired", fault.Kind)
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

// apply lets a fault happen. It gives the writer to go on with, or nil when the request is answered.
func (f *front) apply(fault *Fault, writer http.ResponseWriter, request *http.Request) http.ResponseWriter {
	f.count("fault")
	switch fault.Kind {
	case "status":
		for name, value := range fault.Headers {
			writer.Header()[name] = []string{value}
		}
		writer.WriteHeader(fault.Status)
		io.WriteString(writer, fault.Body)
		return nil
	case "expired":
		writer.Header().Set("WWW-Authenticate", f.challenge(parse(request.URL.Path))+`,error="invalid_token"`)
		refuse(writer, Refusal{http.StatusUnauthorized, "UNAUTHORIZED", "authentication required"})
		return nil
	case "slow":
		select {
		case <-time.After(time.Duration(fault.Seconds * float64(time.Second))):
			return writer
		case <-request.Context().Done():
			return nil
		}
	}
	return &cutWriter{ResponseWriter: writer, left: fault.Bytes}
}

// cutWriter passes on so many bytes of a body and then drops the connection.
type cutWriter struct {
	http.ResponseWriter
	left int64
}

func (w *cutWriter) Write(data []byte) (int, error) {
	if int64(len(data)) < w.left {
		w.left -= int64(len(data))
		return w.ResponseWriter.Write(data)
	}
	w.ResponseWriter.Write(data[:w.left])
	http.NewResponseController(w.ResponseWriter).Flush()
	panic(http.ErrAbortHandler)
}
