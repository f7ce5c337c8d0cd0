package main

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

// Limiter counts pulls: manifest GETs of one account, or of everybody who names none, within a window.
type Limiter struct {
	mutex sync.Mutex
	rule  PullLimit
	spent map[string]int
	since map[string]time.Time
}

func newLimiter(rule PullLimit) *Limiter {
	return &Limiter{rule: rule, spent: map[string]int{}, since: map[string]time.Time{}}
}

// take spends a pull of the subject if one is left and spend is set; it gives the limit, what remains, and whether to go on.
func (l *Limiter) take(subject string, spend bool) (limit, remaining, window int, ok bool) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	limit = l.rule.Account
	if subject == "" {
		limit = l.rule.Anonymous
	}
	now := time.Now()
	if now.Sub(l.since[subject]) > time.Duration(l.rule.Window)*time.Second {
		l.since[subject], l.spent[subject] = now, 0
	}
	ok = !spend || l.spent[subject] < limit
	if spend && ok {
		l.spent[subject]++
	}
	return limit, max(limit-l.spent[subject], 0), l.rule.Window, ok
}

// reset forgets what was spent and takes a new rule; values of zero keep the old ones, negative ones mean none at all.
func (l *Limiter) reset(rule PullLimit) PullLimit {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for _, pair := range []struct{ old, wanted *int }{
		{&l.rule.Anonymous, &rule.Anonymous}, {&l.rule.Account, &rule.Account}, {&l.rule.Window, &rule.Window},
	} {
		if *pair.wanted != 0 {
			*pair.old = max(*pair.wanted, 0)
		}
	}
	clear(l.spent)
	clear(l.since)
	return l.rule
}

// limited writes the limit's headers and, when it is spent, the whole answer; it says whether it did the latter.
func (f *front) limited(writer http.ResponseWriter, holder claims, spend bool) bool {
	limit, remaining, window, ok := f.limiter.take(holder.Subject, spend)
	source := holder.Subject
	if source == "" {
		source = "127.0.0.1"
	}
	header := writer.Header()
	header["ratelimit-limit"] = []string{fmt.Sprintf("%d;w=%d", limit, window)}
	header["ratelimit-remaining"] = []string{fmt.Sprintf("%d;w=%d", remaining, window)}
	header["docker-ratelimit-source"] = []string{source}
	if ok {
		return false
	}
	f.requests.add("pull_limited")
	refuse(writer, Refusal{http.StatusTooManyRequests, "TOOMANYREQUESTS", f.config.Rules.PullLimit.Message})
	return true
}
