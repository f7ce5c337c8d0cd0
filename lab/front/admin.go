package main

import (
	"encoding/json"
	"net/http"
	"strings"
)

// administration is what tests and the rest of the lab tell a front, below /_lab/. The front listens on loopback alone.
func (f *front) administration() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /_lab/health", func(writer http.ResponseWriter, _ *http.Request) { answer(writer, http.StatusOK, "ok") })
	mux.HandleFunc("GET /_lab/counters", func(writer http.ResponseWriter, _ *http.Request) {
		answer(writer, http.StatusOK, f.requests.all())
	})
	mux.HandleFunc("GET /_lab/transfers", func(writer http.ResponseWriter, _ *http.Request) {
		answer(writer, http.StatusOK, f.transfers.all())
	})
	mux.HandleFunc("DELETE /_lab/counters", func(writer http.ResponseWriter, _ *http.Request) {
		f.requests.counts.Clear()
		f.transfers.counts.Clear()
		writer.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /_lab/faults", func(writer http.ResponseWriter, _ *http.Request) {
		f.faults.mutex.RLock()
		defer f.faults.mutex.RUnlock()
		answer(writer, http.StatusOK, append([]*Fault{}, f.faults.list...))
	})
	mux.HandleFunc("POST /_lab/faults", func(writer http.ResponseWriter, request *http.Request) {
		fault := &Fault{}
		if !decode(writer, request, fault) {
			return
		}
		if err := fault.prepare(); err != nil {
			http.Error(writer, err.Error(), http.StatusBadRequest)
			return
		}
		f.faults.mutex.Lock()
		defer f.faults.mutex.Unlock()
		f.faults.list = append(f.faults.list, fault)
		writer.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("DELETE /_lab/faults", func(writer http.ResponseWriter, _ *http.Request) {
		f.faults.mutex.Lock()
		defer f.faults.mutex.Unlock()
		f.faults.list = nil
		writer.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /_lab/visibility", func(writer http.ResponseWriter, _ *http.Request) {
		answer(writer, http.StatusOK, f.visibility.all())
	})
	mux.HandleFunc("PUT /_lab/visibility", f.setVisibility)
	mux.HandleFunc("PUT /_lab/limit", func(writer http.ResponseWriter, request *http.Request) {
		var rule PullLimit
		if f.limiter == nil {
			http.Error(writer, "this registry has no pull limit", http.StatusBadRequest)
		} else if decode(writer, request, &rule) {
			answer(writer, http.StatusOK, f.limiter.reset(rule))
		}
	})
	mux.HandleFunc("PUT /_lab/rules", func(writer http.ResponseWriter, request *http.Request) {
		wanted := *f.habits.Load()
		if !decode(writer, request, &wanted) {
			return
		}
		if err := wanted.check(); err != nil {
			http.Error(writer, err.Error(), http.StatusBadRequest)
			return
		}
		f.habits.Store(&wanted)
		answer(writer, http.StatusOK, wanted)
	})
	mux.HandleFunc("GET /_lab/token", func(writer http.ResponseWriter, request *http.Request) {
		access := []Access{}
		for _, name := range request.URL.Query()["repository"] {
			access = append(access, Access{"repository", name, []string{"pull", "push", "delete"}})
		}
		f.answerToken(writer, request.URL.Query().Get("subject"), access)
	})
	return mux
}

func (f *front) setVisibility(writer http.ResponseWriter, request *http.Request) {
	var wanted struct{ Repository, Visibility string }
	if !decode(writer, request, &wanted) {
		return
	}
	if wanted.Repository == "" || !strings.Contains("|public|private||", "|"+wanted.Visibility+"|") {
		http.Error(writer, "give a repository, and a visibility: public, private, or none to forget it", http.StatusBadRequest)
		return
	}
	if err := f.visibility.set(wanted.Repository, wanted.Visibility); err != nil {
		http.Error(writer, err.Error(), http.StatusInternalServerError)
		return
	}
	writer.WriteHeader(http.StatusNoContent)
}

func decode(writer http.ResponseWriter, request *http.Request, into any) bool {
	decoder := json.NewDecoder(request.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		http.Error(writer, err.Error(), http.StatusBadRequest)
		return false
	}
	return true
}
