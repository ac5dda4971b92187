"""The simulated cloud's Lambda and its logs, as the clients of boto3 that a lab calls."""

from __future__ import annotations

import base64
import io
import secrets
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from serverless_tax.cloud.function.event import TOO_LARGE_AN_EVENT, unreadable
from serverless_tax.cloud.function.spec import FunctionSpec, unpack
from serverless_tax.cloud.simulated.clients import ERRORS, AwsClient, refuse
from serverless_tax.cloud.simulated.cloud import REGION, Function, ThrottledError, url_id
from serverless_tax.cloud.simulated.refusals import not_simulated
from serverless_tax.ground.lambda_facts import MEMORY_MB, PAYLOAD_BYTES, TIMEOUT_MS


class Lambda(AwsClient):
    """Functions."""

    name = "lambda"

    def _of(self, name: str) -> Function:
        short = name.rpartition(":function:")[2].partition(":")[0]
        if short not in self._cloud.functions:
            arn = self._cloud.arn("lambda", f"function:{short}")
            raise ERRORS.of("ResourceNotFoundException", f"Function not found: {arn}")
        return self._cloud.functions[short]

    def create_function(self, **asked: Any) -> dict[str, Any]:
        """Create a function from its package."""
        name = asked["FunctionName"]
        if name in self._cloud.functions:
            raise ERRORS.of("ResourceConflictException", f"Function already exist: {name}")
        if asked.get("DurableConfig"):
            raise not_simulated("a durable function, which is suspended and woken")
        refuse(asked, "Layers", "VpcConfig", "ImageConfig", "LoggingConfig")
        code = self._cloud.new_code()
        unpack(asked["Code"]["ZipFile"], code)
        arn = self._cloud.arn("lambda", f"function:{name}")
        spec = FunctionSpec(
            identity=secrets.token_hex(8),
            name=name,
            arn=arn,
            version="$LATEST",
            handler=asked["Handler"],
            runtime=asked.get("Runtime", "python3.13"),
            architecture="x86_64",
            memory_mb=_memory(asked.get("MemorySize", 128)),
            timeout_s=_timeout(asked.get("Timeout", 3)),
            region=REGION,
            code=code,
            variables=dict(asked.get("Environment", {}).get("Variables", {})),
            log_group=f"/aws/lambda/{name}",
        )
        if not spec.runtime.startswith("python"):
            raise not_simulated(f"the runtime {spec.runtime}")
        self._cloud.functions[name] = Function(spec)
        return self.get_function_configuration(FunctionName=name)

    def get_function_configuration(self, **asked: Any) -> dict[str, Any]:
        """What a function is set to."""
        spec = self._of(asked["FunctionName"]).spec
        return {
            "FunctionName": spec.name,
            "FunctionArn": spec.arn,
            "Handler": spec.handler,
            "Runtime": spec.runtime,
            "MemorySize": spec.memory_mb,
            "Timeout": spec.timeout_s,
            "State": "Active",
            "LastUpdateStatus": "Successful",
            "Environment": {"Variables": dict(spec.variables)},
        }

    def get_function(self, **asked: Any) -> dict[str, Any]:
        """What a function is set to."""
        return {"Configuration": self.get_function_configuration(**asked)}

    def _change(self, name: str, **changed: Any) -> dict[str, Any]:
        function = self._of(name)
        function.spec = replace(function.spec, identity=secrets.token_hex(8), **changed)
        self._cloud.forget(function.spec.name)
        return self.get_function_configuration(FunctionName=name)

    def update_function_configuration(self, **asked: Any) -> dict[str, Any]:
        """Change settings; its environments end."""
        changed: dict[str, Any] = {}
        if "MemorySize" in asked:
            changed["memory_mb"] = _memory(asked["MemorySize"])
        if "Timeout" in asked:
            changed["timeout_s"] = _timeout(asked["Timeout"])
        if "Handler" in asked:
            changed["handler"] = asked["Handler"]
        if "Environment" in asked:
            changed["variables"] = dict(asked["Environment"]["Variables"])
        return self._change(asked["FunctionName"], **changed)

    def update_function_code(self, **asked: Any) -> dict[str, Any]:
        """Change the code; its environments end."""
        code = self._cloud.new_code()
        unpack(asked["ZipFile"], code)
        return self._change(asked["FunctionName"], code=code)

    def put_function_concurrency(self, **asked: Any) -> dict[str, Any]:
        """Limit how many run at the same time."""
        most = asked["ReservedConcurrentExecutions"]
        self._of(asked["FunctionName"]).reserved = most
        return {"ReservedConcurrentExecutions": most}

    def create_function_url_config(self, **asked: Any) -> dict[str, Any]:
        """Give it a URL."""
        self._of(asked["FunctionName"]).url = True
        return self.get_function_url_config(**asked)

    def get_function_url_config(self, **asked: Any) -> dict[str, Any]:
        """Its URL."""
        name = self._of(asked["FunctionName"]).spec.name
        return {"FunctionUrl": f"https://{url_id(name)}.lambda-url.{REGION}.on.aws/"}

    def add_permission(self, **_: Any) -> dict[str, Any]:
        """Every route may invoke."""
        return {}

    def list_functions(self, **_: Any) -> dict[str, Any]:
        """All functions."""
        names = [*self._cloud.functions]
        return {"Functions": [self.get_function_configuration(FunctionName=one) for one in names]}

    def list_tags(self, **_: Any) -> dict[str, Any]:
        """None: a simulated cloud is one run's."""
        return {"Tags": {}}

    def delete_function(self, **asked: Any) -> dict[str, Any]:
        """Delete a function."""
        function = self._of(asked["FunctionName"])
        del self._cloud.functions[function.spec.name]
        self._cloud.forget(function.spec.name)
        return {}

    def _invoke(self, asked: dict[str, Any], *, streams: bool) -> Any:
        kind = asked.get("InvocationType", "RequestResponse")
        if kind != "RequestResponse":
            raise not_simulated(f"an invocation of type {kind}")
        name = self._of(asked["FunctionName"]).spec.name
        payload = asked.get("Payload") or b"{}"
        event = payload.encode() if isinstance(payload, str) else bytes(payload)
        if len(event) > PAYLOAD_BYTES:
            raise ERRORS.of("RequestEntityTooLargeException", TOO_LARGE_AN_EVENT)
        if says := unreadable(event):
            raise ERRORS.of("InvalidRequestContentException", says)
        try:
            return self._cloud.invoke(name, event, streams=streams)
        except ThrottledError:
            raise ERRORS.of("TooManyRequestsException", "Rate Exceeded.") from None

    def invoke(self, **asked: Any) -> dict[str, Any]:
        """Run a function and wait for its answer."""
        result, _ = self._invoke(asked, streams=False)
        answer: dict[str, Any] = {
            "StatusCode": 200,
            "ExecutedVersion": "$LATEST",
            "Payload": io.BytesIO(result.payload),
        }
        if result.failed:
            answer["FunctionError"] = "Unhandled"
        if asked.get("LogType") == "Tail":
            answer["LogResult"] = base64.b64encode(result.log.encode()).decode()
        return answer

    def invoke_with_response_stream(self, **asked: Any) -> dict[str, Any]:
        """Run a function and hear its answer as it is sent."""
        clock = self._cloud.machine.clock
        began_s = clock.now_s
        result, pieces = self._invoke(asked, streams=True)
        ended_s, clock.now_s = clock.now_s, began_s

        def events() -> Iterator[dict[str, Any]]:
            whole = [] if result.failed else [(ended_s, result.payload)]
            for moment_s, piece in pieces or whole:
                with self._cloud.on():
                    self._cloud.machine.pass_until(moment_s)
                yield {"PayloadChunk": {"Payload": piece}}
            with self._cloud.on():
                self._cloud.machine.pass_until(ended_s)
            complete: dict[str, Any] = {}
            if result.failed:
                complete = {"ErrorCode": "Unhandled", "ErrorDetails": result.payload.decode()}
            if asked.get("LogType") == "Tail":
                complete["LogResult"] = base64.b64encode(result.log.encode()).decode()
            yield {"InvokeComplete": complete}

        return {"StatusCode": 200, "EventStream": events()}


class Logs(AwsClient):
    """Log groups."""

    name = "logs"

    def create_log_group(self, **asked: Any) -> dict[str, Any]:
        """Make a group."""
        if asked["logGroupName"] in self._cloud.log_groups:
            raise ERRORS.of("ResourceAlreadyExistsException", "The specified log group exists")
        self._cloud.log_groups[asked["logGroupName"]] = []
        return {}

    def put_retention_policy(self, **_: Any) -> dict[str, Any]:
        """It is forgotten with this process."""
        return {}

    def describe_log_groups(self, **asked: Any) -> dict[str, Any]:
        """The groups."""
        prefix = asked.get("logGroupNamePrefix", "")
        names = [name for name in self._cloud.log_groups if name.startswith(prefix)]
        return {"logGroups": [{"logGroupName": name} for name in names]}

    def delete_log_group(self, **asked: Any) -> dict[str, Any]:
        """Delete a group."""
        self._cloud.log_groups.pop(asked["logGroupName"], None)
        return {}

    def filter_log_events(self, **asked: Any) -> dict[str, Any]:
        """The lines from a moment on, up to now."""
        refuse(asked, "filterPattern")
        now_ms = 1000 * self._cloud.machine.clock.now_s
        first, last = asked.get("startTime", 0), min(asked.get("endTime", now_ms), now_ms)
        kept = self._cloud.log_groups.get(asked["logGroupName"])
        if kept is None:
            raise ERRORS.of("ResourceNotFoundException", "The specified log group does not exist.")
        found = [one for one in kept if first <= one["timestamp"] <= last]
        return {"events": sorted(found, key=lambda one: one["timestamp"])}


def _memory(given_mb: Any) -> int:
    least, most = MEMORY_MB
    if not isinstance(given_mb, int) or not least <= given_mb <= most:
        says = f"MemorySize is {given_mb!r}; expected a whole number from {least} to {most}."
        raise ERRORS.of("InvalidParameterValueException", says)
    return given_mb


def _timeout(given_s: Any) -> int:
    most_s = TIMEOUT_MS // 1000
    if not isinstance(given_s, int) or not 1 <= given_s <= most_s:
        says = f"Timeout is {given_s!r}; expected a whole number of seconds from 1 to {most_s}."
        raise ERRORS.of("InvalidParameterValueException", says)
    return given_s
