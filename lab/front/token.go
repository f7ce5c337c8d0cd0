package main

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"
)

// Access is one entry of a token's access claim, as the registry's token authentication specification defines it.
type Access struct {
	Type    string   `json:"type"`
	Name    string   `json:"name"`
	Actions []string `json:"actions"`
}

type claims struct {
	Issuer    string   `json:"iss"`
	Subject   string   `json:"sub"`
	Audience  string   `json:"aud"`
	Expires   int64    `json:"exp"`
	NotBefore int64    `json:"nbf"`
	IssuedAt  int64    `json:"iat"`
	ID        string   `json:"jti"`
	Access    []Access `json:"access"`
}

func readKey(path string) (*ecdsa.PrivateKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New(path + ": not a PEM file")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	signer, ok := key.(*ecdsa.PrivateKey)
	if !ok {
		return nil, errors.New(path + ": not an elliptic curve key")
	}
	return signer, nil
}

// sign makes a JSON Web Token (RFC 7519) with ES256 (RFC 7518, section 3.4).
func (f *front) sign(subject string, access []Access) (string, error) {
	id := make([]byte, 12)
	rand.Read(id)
	now := time.Now().Unix()
	body, err := json.Marshal(claims{
		Issuer: f.config.Issuer, Subject: subject, Audience: f.config.Rules.Service,
		Expires: now + f.habits.Load().TokenSeconds, NotBefore: now - 1, IssuedAt: now, ID: hex.EncodeToString(id), Access: access,
	})
	if err != nil {
		return "", err
	}
	head, err := json.Marshal(map[string]string{"alg": "ES256", "typ": "JWT", "kid": f.config.KeyID})
	if err != nil {
		return "", err
	}
	text := base64.RawURLEncoding.EncodeToString(head) + "." + base64.RawURLEncoding.EncodeToString(body)
	sum := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, f.key, sum[:])
	if err != nil {
		return "", err
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return text + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

// A request's token is absent (or not ours, which the registry refuses), expired, or valid.
const (
	absent = iota
	expired
	valid
)

const tokensKeptAtMost = 4096

// bearer gives the claims of a request's token, and its state. Signatures are checked once per token.
func (f *front) bearer(request *http.Request) (claims, int) {
	token, ok := strings.CutPrefix(request.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return claims{}, absent
	}
	var found claims
	if kept, known := f.tokens.Load(token); known {
		found = kept.(claims)
	} else if found, ok = f.verify(token); ok {
		if f.tokensKept.Add(1) > tokensKeptAtMost {
			f.tokens.Clear()
			f.tokensKept.Store(0)
		}
		f.tokens.Store(token, found)
	} else {
		return claims{}, absent
	}
	if time.Now().Unix() >= found.Expires {
		return found, expired
	}
	return found, valid
}

func (f *front) verify(token string) (claims, bool) {
	var found claims
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return found, false
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || len(signature) != 64 {
		return found, false
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	if !ecdsa.Verify(&f.key.PublicKey, sum[:], r, s) {
		return found, false
	}
	body, err := base64.RawURLEncoding.DecodeString(parts[1])
	return found, err == nil && json.Unmarshal(body, &found) == nil
}

func (c claims) may(repository, action string) bool {
	return slices.ContainsFunc(c.Access, func(access Access) bool {
		return access.Name == repository && slices.Contains(access.Actions, action)
	})
}

// serveToken answers GET /token, and POST /token of the OAuth2 form with grant type password or refresh_token.
func (f *front) serveToken(writer http.ResponseWriter, request *http.Request) {
	if err := request.ParseForm(); err != nil {
		refuse(writer, Refusal{http.StatusBadRequest, "UNSUPPORTED", err.Error()})
		return
	}
	user, password, named := request.BasicAuth()
	if request.Method == http.MethodPost {
		user, password = request.PostFormValue("username"), request.PostFormValue("password")
		named = password != ""
	}
	wanted, names := map[string][]string{}, []string{}
	for _, scope := range strings.Fields(strings.Join(request.Form["scope"], " ")) {
		kind, rest, _ := strings.Cut(scope, ":")
		cut := strings.LastIndex(rest, ":")
		if kind != "repository" || cut < 0 {
			continue
		}
		name := rest[:cut]
		if f.config.Rules.LowerCaseOnly && name != strings.ToLower(name) {
			refuse(writer, Refusal{http.StatusBadRequest, "NAME_INVALID", "invalid repository name: " + name})
			return
		}
		if _, known := wanted[name]; !known {
			names = append(names, name)
		}
		wanted[name] = append(wanted[name], strings.Split(rest[cut+1:], ",")...)
	}
	account, subject := (*Account)(nil), ""
	var granted map[string][]string
	if named {
		if account = f.login(user, password); account != nil {
			subject = account.User
		} else if found := f.authority.ask(user, password, wanted); found != nil {
			subject, granted = found.Subject, found.Allowed
		} else {
			refuse(writer, f.config.Rules.BadLogin)
			return
		}
	}
	access, refused := []Access{}, false
	for _, name := range names {
		allowed := f.allowed(account, name, wanted[name], granted[name])
		refused = refused || len(allowed) == 0
		access = append(access, Access{Type: "repository", Name: name, Actions: allowed})
	}
	if refused && f.config.Rules.NoAccess != nil {
		refuse(writer, *f.config.Rules.NoAccess)
		return
	}
	f.answerToken(writer, subject, access)
}

func (f *front) answerToken(writer http.ResponseWriter, subject string, access []Access) {
	token, err := f.sign(subject, access)
	if err != nil {
		http.Error(writer, err.Error(), http.StatusInternalServerError)
		return
	}
	habits := f.habits.Load()
	issued := time.Now().Add(time.Duration(habits.Clock) * time.Second)
	answer(writer, http.StatusOK, map[string]any{
		"token": token, "access_token": token, "expires_in": habits.TokenSeconds,
		"issued_at": issued.UTC().Format(time.RFC3339),
	})
}

func (f *front) login(user, password string) *Account {
	for i := range f.config.Accounts {
		account := &f.config.Accounts[i]
		same := subtle.ConstantTimeCompare([]byte(account.Token), []byte(password)) == 1
		if same && account.User == user {
			return account
		}
	}
	return nil
}

// allowed is the part of the wanted actions that an account, or anybody where it is nil, has on a repository, besides
// those that an authority has granted.
func (f *front) allowed(account *Account, name string, wanted, granted []string) []string {
	granted = slices.Clone(granted)
	if f.visibility.public(name) {
		granted = append(granted, "pull")
	}
	if account != nil {
		for _, grant := range account.Grants {
			if grant.pattern.MatchString(name) {
				granted = append(granted, grant.Actions...)
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(wanted), func(action string) bool { return !slices.Contains(granted, action) })
}
