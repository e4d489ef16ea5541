"""The full names of the methods that go-plugin and Botkube's services have."""

EXECUTE = "/executor.Executor/Execute"
HELP = "/executor.Executor/Help"
EXECUTOR_METADATA = "/executor.Executor/Metadata"
STREAM = "/source.Source/Stream"
EXTERNAL = "/source.Source/HandleExternalRequest"
SOURCE_METADATA = "/source.Source/Metadata"
HEALTH = "/grpc.health.v1.Health/Check"
SHUTDOWN = "/plugin.GRPCController/Shutdown"
STDIO = "/plugin.GRPCStdio/StreamStdio"
BROKER = "/plugin.GRPCBroker/StartStream"

EXECUTE_STREAM = "/botkube.plugin.v1.StreamingExecutor/ExecuteStream"

HEALTH_SERVICE = "plugin"
STREAMING_SERVICE = "botkube.plugin.v1.StreamingExecutor"
