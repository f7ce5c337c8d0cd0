// Command pulumi-resource-kubernetes serves the Kubernetes provider.
//
// The module's own main embeds two files that its repository generates; this one embeds the same files, copied
// beside it by the toolchain build, so that the provider can be built from the module alone.
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version"
)

//go:embed schema.json
var pulumiSchema []byte

//go:embed terraform-mapping.json
var terraformMapping []byte

func main() {
	provider.Serve("kubernetes", version.Version, pulumiSchema, terraformMapping)
}
