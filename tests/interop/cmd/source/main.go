// Command source is a Go source plugin; its configuration says what its stream does.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	goplugin "github.com/hashicorp/go-plugin"
	"gopkg.in/yaml.v3"

	"github.com/kubeshop/botkube/pkg/api"
	"github.com/kubeshop/botkube/pkg/api/source"

	"botkube.test/interop/internal/behave"
	"botkube.test/interop/internal/tune"
)

// config: after `events` events of `size` bytes the stream does what `then` says: stay, eof, exit, panic, context (one
// more event with what it was told), or anything behave.Run knows, whose answer is one more event.
type config struct {
	Events   int    `yaml:"events"`
	Size     int    `yaml:"size"`
	Interval string `yaml:"interval"`
	Then     string `yaml:"then"`
	Fail     string `yaml:"fail"`
	Note     string `yaml:"note"`
}

type peer struct{}

const payload = `{"type":"object","required":["message"],"properties":{"message":{"type":"string"}}}`

func (peer) Metadata(context.Context) (api.MetadataOutput, error) {
	return api.MetadataOutput{
		Version:     "v1.2.3",
		Description: "A peer for tests.",
		JSONSchema:  api.JSONSchema{Value: `{"type":"object"}`},
		ExternalRequest: api.ExternalRequestMetadata{
			Payload: api.ExternalRequestPayload{JSONSchema: api.JSONSchema{Value: payload}},
		},
	}, nil
}

func (peer) Stream(ctx context.Context, in source.StreamInput) (source.StreamOutput, error) {
	conf, err := merged(in.Configs)
	if err != nil {
		return source.StreamOutput{}, err
	}
	if conf.Fail != "" {
		return source.StreamOutput{}, errors.New(conf.Fail)
	}
	out := source.StreamOutput{Event: make(chan source.Event)}
	go stream(ctx, conf, in, out.Event)
	return out, nil
}

func stream(ctx context.Context, conf config, in source.StreamInput, events chan<- source.Event) {
	if conf.Note != "" {
		context.AfterFunc(ctx, func() { behave.Note(conf.Note, ctx.Err().Error()) })
	}
	interval, _ := time.ParseDuration(conf.Interval)
	for number := 1; number <= conf.Events; number++ {
		text := fmt.Sprintf("event %d of %s", number, in.Context.SourceName)
		text += strings.Repeat("x", max(conf.Size-len(text), 0))
		if !send(ctx, events, text) {
			return
		}
		time.Sleep(interval)
	}
	switch conf.Then {
	case "", "stay":
		<-ctx.Done()
	case "eof":
		close(events)
	case "exit":
		os.Exit(3)
	case "panic":
		panic("the peer was told to panic")
	case "context":
		send(ctx, events, described(in.Context.CommonSourceContext))
		<-ctx.Done()
	default:
		answer, err := behave.Run(ctx, "source "+conf.Then, in.Context.KubeConfig)
		send(ctx, events, fmt.Sprintf("%s %v", answer, err))
		<-ctx.Done()
	}
}

func send(ctx context.Context, events chan<- source.Event, text string) bool {
	event := source.Event{
		Message:   api.NewPlaintextMessage(text, false),
		RawObject: map[string]any{"text": text},
	}
	select {
	case events <- event:
		return true
	case <-ctx.Done():
		return false
	}
}

// HandleExternalRequest answers with what arrived, or does what the payload says: @fail, @empty, @context, or
// "@run WORD…" for a switch of behave.Run, up to the next quotation mark.
func (peer) HandleExternalRequest(ctx context.Context, in source.ExternalRequestInput) (source.ExternalRequestOutput, error) {
	payload := string(in.Payload)
	text := fmt.Sprintf("%s from %s", payload, in.Context.SourceName)
	switch {
	case strings.Contains(payload, "@fail"):
		return source.ExternalRequestOutput{}, errors.New("the payload was not to its taste")
	case strings.Contains(payload, "@empty"):
		return source.ExternalRequestOutput{}, nil
	case strings.Contains(payload, "@context"):
		text = fmt.Sprintf("%s config=%s", described(in.Context.CommonSourceContext), in.Config.RawYAML)
	case strings.Contains(payload, "@run "):
		_, words, _ := strings.Cut(payload, "@run ")
		words, _, _ = strings.Cut(words, `"`)
		answer, err := behave.Run(ctx, "source "+words, nil)
		if err != nil {
			return source.ExternalRequestOutput{}, err
		}
		text = answer
	}
	return source.ExternalRequestOutput{
		Event: source.Event{Message: api.NewPlaintextMessage(text, false), RawObject: payload},
	}, nil
}

func described(in source.CommonSourceContext) string {
	return fmt.Sprintf("interactive=%v cluster=%s source=%s base=%s full=%s", in.IsInteractivitySupported,
		in.ClusterName, in.SourceName, in.IncomingWebhook.BaseURL, in.IncomingWebhook.FullURLForSource)
}

func merged(configs []*source.Config) (config, error) {
	var conf config
	for _, item := range configs {
		if err := yaml.Unmarshal(item.RawYAML, &conf); err != nil {
			return conf, fmt.Errorf("while merging input configuration: %w", err)
		}
	}
	return conf, nil
}

func main() {
	tune.Serve(source.ProtocolVersion, map[string]goplugin.Plugin{"peer": &source.Plugin{Source: peer{}}})
}
