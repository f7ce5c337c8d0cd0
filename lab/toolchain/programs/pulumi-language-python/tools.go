//go:build tools

// Package tools keeps the programs that are built from this module in go.mod when it is tidied.
package tools

import (
	_ "github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python"
)
