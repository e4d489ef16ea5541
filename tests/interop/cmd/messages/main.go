// Command messages prints, as a JSON array, messages and events exactly as Go serialises them.
package main

import (
	"encoding/json"
	"os"
	"time"

	"github.com/kubeshop/botkube/pkg/api"
	"github.com/kubeshop/botkube/pkg/api/source"
)

func main() {
	when := time.Date(2024, 5, 1, 12, 0, 0, 123456789, time.UTC)
	zoned := time.Date(2024, 5, 1, 12, 0, 0, 500000000, time.FixedZone("", 2*3600))
	option := api.OptionItem{Name: "A", Value: "a"}
	button := api.NewMessageButtonBuilder()
	everything := api.Section{
		Base: api.Base{Header: "h", Description: "d", Body: api.Body{Plaintext: "p", CodeBlock: "c"}},
		Buttons: []api.Button{
			button.ForCommandWithDescCmd("n", "cmd", api.ButtonStylePrimary), button.ForURL("u", "https://x"),
			button.ForCommandWithoutDesc("w", "go on"), button.ForCommand("x", "y", "why", api.ButtonStyleDanger),
		},
		MultiSelect: api.MultiSelect{
			Name: "ms", Command: "{{BotName}} x", Options: []api.OptionItem{option}, InitialOptions: []api.OptionItem{option},
			Description: api.Body{Plaintext: "md"},
		},
		Selects: api.Selects{ID: "id1", Items: []api.Select{{
			Type: api.StaticSelect, Name: "s", Command: "{{BotName}} y", InitialOption: &option,
			OptionGroups: []api.OptionGroup{{Name: "g", Options: []api.OptionItem{option}}},
		}}},
		PlaintextInputs: api.LabelInputs{{Command: "c", Text: "t", Placeholder: "ph", DispatchedAction: api.DispatchInputActionOnEnter}},
		TextFields:      api.TextFields{{Key: "k", Value: "v"}},
		BulletLists:     api.BulletLists{{Title: "t", Items: []string{"i", ""}}},
		Context:         api.ContextItems{{Text: "ctx"}},
		Style:           api.SectionStyle{Divider: api.DividerStyleTopNone},
	}
	gallery := []any{
		api.Message{},
		api.NewCodeBlockMessage("a <b> & \"c\" \u2028 \u2029 \\ \t \x01 \x7f é 😀", true),
		api.NewPlaintextMessage("plain", false),
		api.Message{Sections: []api.Section{{}}},
		api.Message{
			Type: api.NonInteractiveSingleSection, Timestamp: when, Sections: []api.Section{everything},
			PlaintextInputs: api.LabelInputs{{Command: "c"}}, OnlyVisibleForYou: true, ReplaceOriginal: true,
			UserHandle: "u", ParentActivityID: "1.2",
		},
		api.Message{Type: api.PopupMessage, Timestamp: zoned},
		api.Message{Type: api.SkipMessage},
		source.Event{},
		source.Event{
			Message: api.NewPlaintextMessage("x", true), RawObject: map[string]any{"Kind": "Pod", "n": 1.5, "l": []any{nil, true}},
			AnalyticsLabels: map[string]any{"kind": "Pod"},
		},
	}
	encoder := json.NewEncoder(os.Stdout)
	var lines []json.RawMessage
	for _, item := range gallery {
		raw, err := json.Marshal(item)
		if err != nil {
			panic(err)
		}
		lines = append(lines, raw)
	}
	encoder.SetEscapeHTML(false) // as they are: already escaped
	if err := encoder.Encode(lines); err != nil {
		panic(err)
	}
}
