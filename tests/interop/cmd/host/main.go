// Command host is a minimal Go host of Botkube plugins: `host KIND BINARY STEP…` starts the plugin, does the steps in
// order, prints one JSON line for each and ends the plugin. See steps.go for what there is.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"time"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"

	"github.com/kubeshop/botkube/pkg/api"
	"github.com/kubeshop/botkube/pkg/api/executor"
	"github.com/kubeshop/botkube/pkg/api/source"
)

type host struct {
	kind   string
	argv   []string
	stdout counter
	stderr counter
	client *goplugin.Client
	plugin any
}

// line is what is printed for each step.
type line struct {
	Step    string  `json:"step"`
	Millis  float64 `json:"ms"`
	Code    string  `json:"code,omitempty"`
	Error   string  `json:"error,omitempty"`
	Payload any     `json:"payload,omitempty"`
}

func (h *host) start() error {
	protocol := map[string]goplugin.Plugin{"executor": &executor.Plugin{}, "source": &source.Plugin{}}
	h.client = goplugin.NewClient(&goplugin.ClientConfig{
		Plugins:          protocol,
		VersionedPlugins: map[int]goplugin.PluginSet{executor.ProtocolVersion: protocol},
		Cmd:              exec.Command(h.argv[0], h.argv[1:]...),
		AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC},
		HandshakeConfig:  api.HandshakeConfig,
		SyncStdout:       &h.stdout,
		SyncStderr:       &h.stderr,
		Logger:           hclog.New(&hclog.LoggerOptions{Level: hclog.Warn, Output: os.Stderr}),
	})
	rpc, err := h.client.Client()
	if err != nil {
		return err
	}
	h.plugin, err = rpc.Dispense(h.kind)
	return err
}

func main() {
	if len(os.Args) < 4 {
		fmt.Fprintln(os.Stderr, "usage: host executor|source 'BINARY ARG…' STEP…")
		os.Exit(2)
	}
	h := &host{kind: os.Args[1], argv: fields(os.Args[2])}
	failed := false
	for _, step := range append([]string{"start"}, os.Args[3:]...) {
		began := time.Now()
		payload, err := h.do(step)
		report := line{Step: step, Millis: float64(time.Since(began).Microseconds()) / 1000, Payload: payload}
		if err != nil {
			report.Code, report.Error = codeOf(err), textOf(err)
			failed = failed || step == "start"
		}
		encoded, _ := json.Marshal(report)
		fmt.Println(string(encoded))
		if failed {
			break
		}
	}
	h.client.Kill()
	if failed {
		os.Exit(1)
	}
}
