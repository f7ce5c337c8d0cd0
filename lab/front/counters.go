package main

import (
	"sync"
	"sync/atomic"
)

// Counters count by name.
type Counters struct {
	counts sync.Map // name to *atomic.Int64
}

func (c *Counters) add(name string) {
	counter, ok := c.counts.Load(name)
	if !ok {
		counter, _ = c.counts.LoadOrStore(name, &atomic.Int64{})
	}
	counter.(*atomic.Int64).Add(1)
}

func (c *Counters) all() map[string]int64 {
	found := map[string]int64{}
	c.counts.Range(func(name, counter any) bool {
		found[name.(string)] = counter.(*atomic.Int64).Load()
		return true
	})
	return found
}
