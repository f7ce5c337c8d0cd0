package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

const indexType = "application/vnd.oci.image.index.v1+json"

type descriptor struct {
	MediaType    string            `json:"mediaType"`
	Digest       string            `json:"digest"`
	Size         int               `json:"size"`
	ArtifactType string            `json:"artifactType,omitempty"`
	Annotations  map[string]string `json:"annotations,omitempty"`
}

// attached is what of a manifest says to which other one it is attached, and as what.
type attached struct {
	MediaType    string            `json:"mediaType"`
	ArtifactType string            `json:"artifactType"`
	Config       *descriptor       `json:"config"`
	Subject      *descriptor       `json:"subject"`
	Annotations  map[string]string `json:"annotations"`
	size         int
}

// serveReferrers answers for the API that lists what is attached to a manifest (distribution specification 1.1), which
// the registry behind does not have: by the front's habit it is not there, always empty, or told from what is stored.
func (f *front) serveReferrers(writer http.ResponseWriter, request *http.Request, about target) {
	habit := f.habits.Load().Referrers
	holder, state := f.bearer(request)
	switch {
	case state != valid || !holder.may(about.repository, "pull"):
		writer.Header().Set("WWW-Authenticate", f.challenge(about))
		refuse(writer, Refusal{http.StatusUnauthorized, "UNAUTHORIZED", "authentication required"})
		return
	case habit == "none":
		http.NotFound(writer, request)
		return
	}
	listed := []descriptor{}
	if habit == "native" {
		listed = f.referrers(about.repository, about.reference)
	}
	writer.Header().Set("Content-Type", indexType)
	json.NewEncoder(writer).Encode(map[string]any{"schemaVersion": 2, "mediaType": indexType, "manifests": listed})
}

// referrers reads every manifest of a repository from the registry's own folder: nothing to keep, however it got there.
func (f *front) referrers(repository, subject string) []descriptor {
	revisions := filepath.Join(f.config.Storage, "docker/registry/v2/repositories", repository, "_manifests/revisions/sha256")
	entries, _ := os.ReadDir(revisions)
	listed := []descriptor{}
	for _, entry := range entries {
		if _, err := os.Stat(filepath.Join(revisions, entry.Name(), "link")); err != nil {
			continue // deleted
		}
		digest := "sha256:" + entry.Name()
		found := f.manifest(digest)
		if found.Subject == nil || found.Subject.Digest != subject {
			continue
		}
		kind := found.ArtifactType
		if kind == "" && found.Config != nil {
			kind = found.Config.MediaType
		}
		listed = append(listed, descriptor{found.MediaType, digest, found.size, kind, found.Annotations})
	}
	sort.Slice(listed, func(i, j int) bool { return listed[i].Digest < listed[j].Digest })
	return listed
}

// manifest reads one from the registry's own folder; what is not there or no manifest is attached to nothing.
func (f *front) manifest(digest string) attached {
	var found attached
	hexadecimal, ok := strings.CutPrefix(digest, "sha256:")
	if !ok || len(hexadecimal) != 64 {
		return found
	}
	content, err := os.ReadFile(filepath.Join(f.config.Storage, "docker/registry/v2/blobs/sha256", hexadecimal[:2], hexadecimal, "data"))
	if err != nil || json.Unmarshal(content, &found) != nil {
		return attached{}
	}
	found.size = len(content)
	return found
}
