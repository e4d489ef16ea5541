package main

import (
	"context"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/kubeshop/botkube/pkg/api/executor"
	"github.com/kubeshop/botkube/pkg/api/source"
)

const patience = 60 * time.Second

// do runs one step; its arguments follow it, separated by "=" and ",":
//
//	metadata, help, ping, kill, stdio      execute=COMMAND        deadline=MS,COMMAND   cancel=MS,COMMAND
//	stream=CONFIG,COUNT (one config)       unstream=CONFIG        external=PAYLOAD      restart=N
//	calls=N,PARALLEL,COMMAND               events=CONFIG,COUNT    stall=N,CONFIG (N streams, read no more)
//	send=KIB (a command of that size)      configured=CONFIG;COMMAND
func (h *host) do(step string) (any, error) {
	name, arg, _ := strings.Cut(step, "=")
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	switch name {
	case "start":
		return nil, h.start()
	case "metadata":
		return h.metadata(ctx)
	case "help":
		return h.executor().Help(ctx)
	case "ping":
		client, err := h.client.Client()
		if err != nil {
			return nil, err
		}
		return nil, client.Ping()
	case "kill":
		h.client.Kill()
		return map[string]any{"exited": h.client.Exited()}, nil
	case "stdio":
		return map[string]int64{"stdout": h.stdout.Load(), "stderr": h.stderr.Load()}, nil
	case "execute":
		return h.execute(ctx, arg)
	case "deadline", "cancel":
		return h.interrupted(ctx, name, arg)
	case "stream", "events":
		return h.stream(ctx, arg, name == "stream")
	case "external":
		return h.source().HandleExternalRequest(ctx, externalInput(arg))
	case "restart":
		return nil, h.restart(number(arg))
	case "calls":
		return h.calls(ctx, arg)
	case "stall":
		return nil, h.stall(arg)
	case "send":
		return h.send(ctx, number(arg))
	case "configured":
		config, command, _ := strings.Cut(arg, ";")
		in := executor.ExecuteInput{Command: command, Configs: []*executor.Config{{RawYAML: []byte(config)}}}
		return h.executor().Execute(ctx, in)
	}
	return nil, fmt.Errorf("there is no step %q", name)
}

func (h *host) executor() executor.Executor { return h.plugin.(executor.Executor) }
func (h *host) source() source.Source       { return h.plugin.(source.Source) }

func (h *host) metadata(ctx context.Context) (any, error) {
	if h.kind == "executor" {
		return h.executor().Metadata(ctx)
	}
	return h.source().Metadata(ctx)
}

func (h *host) execute(ctx context.Context, command string) (executor.ExecuteOutput, error) {
	in := executor.ExecuteInput{Command: command}
	in.Context.IsInteractivitySupported = true
	return h.executor().Execute(ctx, in)
}

// send sends a command of so many KiB, and tells how many bytes came back.
func (h *host) send(ctx context.Context, kib int) (any, error) {
	out, err := h.execute(ctx, "echo "+strings.Repeat("x", kib*1024-5))
	return len(out.Message.BaseBody.CodeBlock), err
}

// stall opens streams, reads one event of each and no more while the host runs.
func (h *host) stall(arg string) error {
	count, config, _ := strings.Cut(arg, ",")
	for opened := 0; opened < number(count); opened++ {
		in := source.StreamInput{Configs: []*source.Config{{RawYAML: []byte(config)}}}
		out, err := h.source().Stream(context.Background(), in)
		if err != nil {
			return err
		}
		<-out.Event
	}
	return nil
}

// interrupted ends a call early: by a deadline, which the plugin is told, or by cancelling it.
func (h *host) interrupted(ctx context.Context, how, arg string) (any, error) {
	millis, command, _ := strings.Cut(arg, ",")
	after := time.Duration(number(millis)) * time.Millisecond
	inner, cancel := context.WithCancel(ctx)
	if how == "deadline" {
		inner, cancel = context.WithTimeout(ctx, after)
	} else {
		time.AfterFunc(after, cancel)
	}
	defer cancel()
	return h.execute(inner, command)
}

// stream reads so many events, gives the texts of them (or how many came) and leaves the stream.
func (h *host) stream(ctx context.Context, arg string, texts bool) (any, error) {
	config, count := arg, 1
	if at := strings.LastIndex(arg, ","); at >= 0 {
		config, count = arg[:at], number(arg[at+1:])
	}
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	in := source.StreamInput{Configs: []*source.Config{{RawYAML: []byte(config)}}}
	in.Context.SourceName = "go"
	out, err := h.source().Stream(inner, in)
	if err != nil {
		return nil, err
	}
	var got []string
	for received := 0; received < count; received++ {
		select {
		case event, ok := <-out.Event:
			if !ok {
				return got, fmt.Errorf("the stream ended after %d events", received)
			}
			if texts {
				got = append(got, event.Message.BaseBody.Plaintext+event.Message.BaseBody.CodeBlock)
			}
		case <-inner.Done():
			return got, fmt.Errorf("%d events came in time", received)
		}
	}
	if !texts {
		return count, nil
	}
	return got, nil
}

func (h *host) restart(times int) error {
	for ; times > 0; times-- {
		h.client.Kill()
		if err := h.start(); err != nil {
			return err
		}
	}
	return nil
}

// calls makes so many calls, some at a time, and gives their times in milliseconds.
func (h *host) calls(ctx context.Context, arg string) (any, error) {
	parts := strings.SplitN(arg, ",", 3)
	total, parallel := number(parts[0]), number(parts[1])
	times := make([]float64, total)
	var next, failures atomic.Int64
	var group sync.WaitGroup
	for worker := 0; worker < parallel; worker++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for at := next.Add(1) - 1; at < int64(total); at = next.Add(1) - 1 {
				began := time.Now()
				if _, err := h.execute(ctx, parts[2]); err != nil {
					failures.Add(1)
				}
				times[at] = float64(time.Since(began).Microseconds()) / 1000
			}
		}()
	}
	group.Wait()
	sort.Float64s(times)
	return map[string]any{"p50": times[total/2], "p99": times[total*99/100], "failed": failures.Load()}, nil
}

func externalInput(payload string) source.ExternalRequestInput {
	in := source.ExternalRequestInput{Payload: []byte(payload), Config: &source.Config{}}
	in.Context.SourceName = "go"
	return in
}

// counter counts what the plugin's stdio mirror sends.
type counter struct{ atomic.Int64 }

func (c *counter) Write(data []byte) (int, error) {
	c.Add(int64(len(data)))
	return len(data), nil
}

func number(text string) int {
	value, _ := strconv.Atoi(text)
	return value
}

func fields(text string) []string { return strings.Fields(text) }

func codeOf(err error) string {
	if code := status.Code(err); code != codes.Unknown {
		return code.String()
	}
	if _, ok := status.FromError(err); ok {
		return codes.Unknown.String()
	}
	return ""
}

func textOf(err error) string {
	if found, ok := status.FromError(err); ok {
		return found.Message()
	}
	return err.Error()
}
