// Package tune serves a plugin as the SDK does, with a gRPC server that the command line changes.
package tune

import (
	"context"
	"os"
	"strconv"
	"strings"
	"time"

	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"

	"github.com/kubeshop/botkube/pkg/api"
)

// Serve serves until the host asks to end. Arguments:
//
//	ping=MS       pings the host so often while nothing else comes (a second at least)
//	age=MS        says goodbye to a connection of that age, and lets its calls finish
//	streams=N     at most so many calls at the same time
//	headers=KIB   answers have so large headers and trailers, binary ones too
func Serve(version uint, plugins map[string]goplugin.Plugin) {
	goplugin.Serve(&goplugin.ServeConfig{
		Plugins: plugins,
		HandshakeConfig: goplugin.HandshakeConfig{
			ProtocolVersion:  version,
			MagicCookieKey:   api.HandshakeConfig.MagicCookieKey,
			MagicCookieValue: api.HandshakeConfig.MagicCookieValue,
		},
		GRPCServer: func(options []grpc.ServerOption) *grpc.Server {
			return grpc.NewServer(append(options, tuned(os.Args[1:])...)...)
		},
	})
}

func tuned(arguments []string) []grpc.ServerOption {
	var options []grpc.ServerOption
	var parameters keepalive.ServerParameters
	for _, argument := range arguments {
		name, text, _ := strings.Cut(argument, "=")
		value, _ := strconv.Atoi(text)
		switch name {
		case "ping":
			parameters.Time = time.Duration(value) * time.Millisecond
			parameters.Timeout = time.Second
		case "age":
			parameters.MaxConnectionAge = time.Duration(value) * time.Millisecond
		case "streams":
			options = append(options, grpc.MaxConcurrentStreams(uint32(value)))
		case "headers":
			options = append(options, grpc.UnaryInterceptor(withHeaders(strings.Repeat("h", value*1024))))
		}
	}
	return append(options, grpc.KeepaliveParams(parameters))
}

func withHeaders(large string) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, request any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		pairs := metadata.Pairs("x-large", large, "x-text", "ünïcode", "x-binary-bin", "\x00\xff\n")
		_ = grpc.SetHeader(ctx, pairs)
		_ = grpc.SetTrailer(ctx, pairs)
		return handler(ctx, request)
	}
}
