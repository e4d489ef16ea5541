// Command executor is a Go executor plugin whose commands are switches: each one behaves, or misbehaves, in its own way.
package main

import (
	"context"
	"encoding/json"
	"fmt"

	goplugin "github.com/hashicorp/go-plugin"

	"github.com/kubeshop/botkube/pkg/api"
	"github.com/kubeshop/botkube/pkg/api/executor"

	"botkube.test/interop/internal/behave"
	"botkube.test/interop/internal/tune"
)

type peer struct{}

func (peer) Metadata(context.Context) (api.MetadataOutput, error) {
	return api.MetadataOutput{
		Version:          "v1.2.3",
		Description:      "A peer for tests.",
		DocumentationURL: "https://example.test/docs",
		JSONSchema:       api.JSONSchema{Value: `{"type":"object"}`},
		Dependencies: map[string]api.Dependency{
			"tool": {URLs: api.URLs{"linux/amd64": "https://example.test/tool"}},
		},
		Recommended: true,
	}, nil
}

func (peer) Help(context.Context) (api.Message, error) {
	return api.NewPlaintextMessage("help of the peer", false), nil
}

// Execute runs "peer SWITCH ARG…"; see behave.Run for what there is.
func (peer) Execute(ctx context.Context, in executor.ExecuteInput) (executor.ExecuteOutput, error) {
	if behave.Word(in.Command, 1) == "input" {
		return text(describe(in)), nil
	}
	if behave.Word(in.Command, 1) == "form" {
		return form(), nil
	}
	if behave.Word(in.Command, 1) == "messages" {
		return messages(behave.Number(in.Command, 2)), nil
	}
	out, err := behave.Run(ctx, in.Command, in.Context.KubeConfig)
	if err != nil {
		return executor.ExecuteOutput{}, err
	}
	return text(out), nil
}

func text(out string) executor.ExecuteOutput {
	return executor.ExecuteOutput{Message: api.NewCodeBlockMessage(out, true)}
}

// form has an element of each kind, and a button that shows what of them arrives.
func form() executor.ExecuteOutput {
	options := []api.OptionItem{{Name: "Option A", Value: "a"}, {Name: "Option B", Value: "b"}}
	return executor.ExecuteOutput{Message: api.Message{
		Sections: []api.Section{{
			Buttons: api.Buttons{{Name: "Show", Command: api.MessageBotNamePlaceholder + " peer input"}},
			Selects: api.Selects{ID: "block-1", Items: []api.Select{{
				Name:         "One",
				Command:      api.MessageBotNamePlaceholder + " peer --one",
				OptionGroups: []api.OptionGroup{{Name: "group", Options: options}},
			}}},
			MultiSelect: api.MultiSelect{
				Name:    "Some",
				Command: api.MessageBotNamePlaceholder + " peer --some",
				Options: options,
			},
		}},
		PlaintextInputs: api.LabelInputs{{Command: api.MessageBotNamePlaceholder + " peer --text="}},
	}}
}

func messages(count int) executor.ExecuteOutput {
	out := executor.ExecuteOutput{}
	for i := 1; i <= count; i++ {
		out.Messages = append(out.Messages, api.NewPlaintextMessage(fmt.Sprintf("message %d", i), false))
	}
	return out
}

// describe shows what of a request arrived, one line for each part.
func describe(in executor.ExecuteInput) string {
	out := fmt.Sprintf("command=%s\ninteractive=%v\nkubeconfig=%d\n", in.Command, in.Context.IsInteractivitySupported, len(in.Context.KubeConfig))
	out += fmt.Sprintf("text=%s\nurl=%s\nparent=%s\n", in.Context.Message.Text, in.Context.Message.URL, in.Context.Message.ParentActivityID)
	out += fmt.Sprintf("mention=%s\nname=%s\n", in.Context.Message.User.Mention, in.Context.Message.User.DisplayName)
	out += fmt.Sprintf("webhook=%s\n", in.Context.IncomingWebhook.BaseSourceURL)
	for _, config := range in.Configs {
		out += fmt.Sprintf("config=%s\n", config.RawYAML)
	}
	if len(in.Context.SlackState.Values) > 0 {
		state, _ := json.Marshal(in.Context.SlackState)
		out += fmt.Sprintf("slackState=%s\n", state)
	}
	for block, actions := range in.Context.SlackState.Values {
		for action, value := range actions {
			out += fmt.Sprintf("state=%s/%s=%s\n", block, action, value.SelectedOption.Value)
		}
	}
	return out
}

func main() {
	tune.Serve(executor.ProtocolVersion, map[string]goplugin.Plugin{"peer": &executor.Plugin{Executor: peer{}}})
}
