// Package behave holds the switches that both peers have in common.
package behave

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"botkube.test/interop/internal/kube"
)

// Word gives one word of a command, "" if there are fewer; word 0 is the plugin's name.
func Word(command string, index int) string {
	words := strings.Fields(command)
	if index >= len(words) {
		return ""
	}
	return words[index]
}

// Number gives one word of a command as a number, 1 if it is none.
func Number(command string, index int) int {
	number, err := strconv.Atoi(Word(command, index))
	if err != nil {
		return 1
	}
	return number
}

// Run does what the first word after the plugin's name says.
//
//	echo TEXT         answers with the command         fail TEXT     answers with an error
//	panic, exit N     end the process                  hang FILE     waits for its cancellation, notes it in FILE
//	deaf S            ignores its context for S s      sleep S FILE  runs a child for S s; its pid goes to FILE
//	stdout N, stderr N   prints N KiB                  big N         answers with N KiB
//	error N           an error of N KiB                leave FILE    leaves a child and a double-forked one behind
//	stubborn          ignores SIGTERM from now on      environ       its environment
//	slow MS           answers after so long          deadline      how long it has, in seconds
//	controls          an error with odd characters
//	read FILE         reads a file                     get|list|watch PATH   asks the API server
//	tool ARG…         runs its dependency
func Run(ctx context.Context, command string, kubeconfig []byte) (string, error) {
	arg, number := Word(command, 2), Number(command, 2)
	switch Word(command, 1) {
	case "fail":
		return "", errors.New(strings.Join(strings.Fields(command)[2:], " "))
	case "panic":
		panic("the peer was told to panic")
	case "exit":
		os.Exit(number)
	case "hang":
		return hang(ctx, arg)
	case "deaf":
		time.Sleep(time.Duration(number) * time.Second)
	case "sleep":
		return child(ctx, number, Word(command, 3))
	case "stdout":
		fmt.Fprint(os.Stdout, kib(number))
	case "stderr":
		fmt.Fprint(os.Stderr, kib(number))
	case "big":
		return kib(number), nil
	case "error":
		return "", errors.New(kib(number))
	case "leave":
		return leave(arg)
	case "stubborn":
		signal.Ignore(syscall.SIGTERM)
	case "slow":
		return command, slow(ctx, time.Duration(number)*time.Millisecond)
	case "deadline":
		if at, ok := ctx.Deadline(); ok {
			return fmt.Sprintf("%.3f", time.Until(at).Seconds()), nil
		}
		return "none", nil
	case "controls":
		return "", errors.New("a\nb\x00c\x1b[31m ünïcode \u2028 \xff")
	case "environ":
		return strings.Join(os.Environ(), "\n"), nil
	case "read":
		content, err := os.ReadFile(arg)
		return string(content), err
	case "tool":
		tool := filepath.Join(os.Getenv("PLUGIN_DEPENDENCY_DIR"), "tool")
		out, err := exec.CommandContext(ctx, tool, strings.Fields(command)[2:]...).Output()
		return string(out), err
	case "get", "list", "watch":
		return kube.Ask(ctx, kubeconfig, Word(command, 1), arg)
	}
	return command, nil
}

func kib(number int) string {
	line := strings.Repeat("x", 63) + "\n"
	return strings.Repeat(line, number*16)
}

func slow(ctx context.Context, wait time.Duration) error {
	select {
	case <-time.After(wait):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func hang(ctx context.Context, file string) (string, error) {
	<-ctx.Done()
	Note(file, ctx.Err().Error())
	return "", ctx.Err()
}

func child(ctx context.Context, seconds int, file string) (string, error) {
	process := exec.CommandContext(ctx, "sleep", strconv.Itoa(seconds))
	if err := process.Start(); err != nil {
		return "", err
	}
	Note(file, strconv.Itoa(process.Process.Pid))
	return "slept", process.Wait()
}

// leave starts a child that stays, and by a shell in its own session a grandchild whose parent is gone.
func leave(file string) (string, error) {
	process := exec.Command("sleep", "600")
	process.Stdout, process.Stderr = os.Stdout, os.Stderr
	if err := process.Start(); err != nil {
		return "", err
	}
	orphan := exec.Command("setsid", "sh", "-c", "sleep 600 & echo $!")
	orphan.Stderr = os.Stderr
	out, err := output(orphan)
	Note(file, fmt.Sprintf("%d %s", process.Process.Pid, out))
	return "left", err
}

// output reads the first line only: the pipe stays open in what was left behind.
func output(command *exec.Cmd) (string, error) {
	pipe, err := command.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := command.Start(); err != nil {
		return "", err
	}
	buffer := make([]byte, 32)
	count, err := pipe.Read(buffer)
	return strings.TrimSpace(string(buffer[:count])), err
}

func Note(file, text string) {
	temporary := file + ".new"
	if err := os.WriteFile(temporary, []byte(text), 0o600); err == nil {
		_ = os.Rename(temporary, file)
	}
}
