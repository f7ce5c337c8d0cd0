package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"sync"
)

// Visibility keeps for each repository whether everybody may pull it. It survives a restart in a JSON file.
type Visibility struct {
	mutex    sync.Mutex
	path     string
	fallback string
	known    map[string]string
}

func openVisibility(path string, rules Rules) (*Visibility, error) {
	kept := &Visibility{path: path, fallback: rules.Visibility, known: map[string]string{}}
	for _, name := range rules.Private {
		kept.known[name] = "private"
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return kept, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &kept.known)
	}
	return kept, err
}

func (v *Visibility) public(name string) bool {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if known, ok := v.known[name]; ok {
		return known == "public"
	}
	return v.fallback == "public"
}

// set keeps a visibility; the empty one forgets the repository.
func (v *Visibility) set(name, visibility string) error {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if visibility == "" {
		delete(v.known, name)
	} else {
		v.known[name] = visibility
	}
	return v.write()
}

// pushed gives a repository that nobody has set a visibility for the one that new repositories have.
func (v *Visibility) pushed(name string) error {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if _, ok := v.known[name]; ok {
		return nil
	}
	v.known[name] = v.fallback
	return v.write()
}

func (v *Visibility) all() map[string]string {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	return maps.Clone(v.known)
}

func (v *Visibility) write() error {
	text, err := json.MarshalIndent(v.known, "", "  ")
	if err != nil {
		return err
	}
	draft := v.path + ".tmp"
	if err := os.WriteFile(draft, text, 0o600); err != nil {
		return err
	}
	return os.Rename(draft, v.path)
}
