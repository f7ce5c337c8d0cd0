// Command pulumi-resource-github serves the GitHub provider.
//
// It is made of the same two parts as the released provider: the Terraform provider and Pulumi's bridge.
package main

import (
	"github.com/integrations/terraform-provider-github/v6/github"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
)

const version = "6.15.0"

func info() tfbridge.ProviderInfo {
	prov := tfbridge.ProviderInfo{
		P:                              shim.NewProvider(github.NewProvider(version, "")()),
		Name:                           "github",
		Version:                        version,
		EnableZeroDefaultSchemaVersion: true,
		EnableAccurateBridgePreview:    true,
		EnableRawStateDelta:            true,
		Config: map[string]*tfbridge.SchemaInfo{
			"base_url": {Default: &tfbridge.DefaultInfo{EnvVars: []string{"GITHUB_BASE_URL"}}},
			"token":    {Secret: tfbridge.True(), Default: &tfbridge.DefaultInfo{EnvVars: []string{"GITHUB_TOKEN"}}},
		},
	}
	prov.MustComputeTokens(tokens.SingleModule("github_", "index", tokens.MakeStandard("github")))
	prov.SetAutonaming(255, "-")
	return prov
}

func main() {
	tfbridge.Main("github", version, info(), nil)
}
