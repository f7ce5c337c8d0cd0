//go:build tools

// Package tools keeps the programs that are built from this module in go.mod when it is tidied.
package tools

import (
	_ "github.com/GoogleContainerTools/kaniko/cmd/executor"
)
