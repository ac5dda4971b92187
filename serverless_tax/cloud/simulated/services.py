"""The simulated cloud's services beside Lambda, as clients of boto3; the rest is refused."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from serverless_tax.cloud.simulated.clients import ERRORS, AwsClient
from serverless_tax.cloud.simulated.cloud import REGION, SimulatedApi
from serverless_tax.cloud.simulated.functions import Lambda, Logs

if TYPE_CHECKING:
    from serverless_tax.cloud.simulated.cloud import SimulatedCloud


class Iam(AwsClient):
    """Roles: a simulated function may do everything."""

    name = "iam"

    def create_role(self, **asked: Any) -> dict[str, Any]:
        """Make a role."""
        name = asked["RoleName"]
        if name in self._cloud.roles:
            raise ERRORS.of(
                "EntityAlreadyExistsException", f"Role with name {name} already exists."
            )
        self._cloud.roles[name] = f"arn:aws:iam::000000000000:role/{name}"
        return self.get_role(RoleName=name)

    def get_role(self, **asked: Any) -> dict[str, Any]:
        """A role."""
        name = asked["RoleName"]
        return {"Role": {"RoleName": name, "Arn": self._cloud.roles[name]}}

    def put_role_policy(self, **_: Any) -> dict[str, Any]:
        """It forbids nothing here."""
        return {}

    def list_roles(self, **_: Any) -> dict[str, Any]:
        """The roles."""
        return {"Roles": [{"RoleName": name} for name in self._cloud.roles]}

    def list_role_policies(self, **_: Any) -> dict[str, Any]:
        """None."""
        return {"PolicyNames": []}

    def list_attached_role_policies(self, **_: Any) -> dict[str, Any]:
        """None."""
        return {"AttachedPolicies": []}

    def delete_role(self, **asked: Any) -> dict[str, Any]:
        """Delete a role."""
        self._cloud.roles.pop(asked["RoleName"], None)
        return {}


class Gateway(AwsClient):
    """APIs with routes to functions."""

    name = "apigatewayv2"

    def create_api(self, **asked: Any) -> dict[str, Any]:
        """Make an API."""
        api = SimulatedApi(secrets.token_hex(5), asked["Name"], asked["ProtocolType"])
        self._cloud.apis[api.api_id] = api
        return _described(api)

    def get_apis(self, **_: Any) -> dict[str, Any]:
        """The APIs."""
        return {"Items": [_described(api) for api in self._cloud.apis.values()]}

    def create_stage(self, **_: Any) -> dict[str, Any]:
        """Every stage is the same."""
        return {}

    def get_routes(self, **asked: Any) -> dict[str, Any]:
        """The routes of an API."""
        routes = self._cloud.apis[asked["ApiId"]].routes
        return {"Items": [{"RouteKey": key} for key in routes]}

    def create_integration(self, **asked: Any) -> dict[str, Any]:
        """Name a function for routes."""
        made = secrets.token_hex(4)
        name = asked["IntegrationUri"].partition("function:")[2].partition("/")[0]
        self._cloud.apis[asked["ApiId"]].integrations[made] = name
        return {"IntegrationId": made}

    def create_route(self, **asked: Any) -> dict[str, Any]:
        """Lead a route to its function."""
        api = self._cloud.apis[asked["ApiId"]]
        made = asked["Target"].partition("/")[2]
        api.routes[asked["RouteKey"]] = api.integrations[made]
        return {"RouteId": made}

    def delete_api(self, **asked: Any) -> dict[str, Any]:
        """Delete an API."""
        self._cloud.apis.pop(asked["ApiId"], None)
        return {}


class Queues(AwsClient):
    """Queues of messages."""

    name = "sqs"

    def create_queue(self, **asked: Any) -> dict[str, Any]:
        """Make a queue."""
        url = f"{self._cloud.endpoint_url}/000000000000/{asked['QueueName']}"
        self._cloud.queues.setdefault(url, [])
        return {"QueueUrl": url}

    def list_queues(self, **asked: Any) -> dict[str, Any]:
        """The queues."""
        prefix = asked.get("QueueNamePrefix", "")
        urls = [one for one in self._cloud.queues if one.rpartition("/")[2].startswith(prefix)]
        return {"QueueUrls": urls}

    def send_message(self, **asked: Any) -> dict[str, Any]:
        """Put a message into a queue."""
        made = secrets.token_hex(8)
        message = {
            "MessageId": made,
            "ReceiptHandle": made,
            "Body": asked["MessageBody"],
            "at": self._cloud.machine.clock.now_s,
        }
        self._cloud.queues[asked["QueueUrl"]].append(message)
        return {"MessageId": made}

    def receive_message(self, **asked: Any) -> dict[str, Any]:
        """Take a message that is there, or wait for one as long as is asked."""
        queue, machine = self._cloud.queues[asked["QueueUrl"]], self._cloud.machine
        if not queue:
            machine.pass_until(machine.clock.now_s + asked.get("WaitTimeSeconds", 0))
        found = [one for one in queue if one["at"] <= machine.clock.now_s][:1]
        return {"Messages": found} if found else {}

    def delete_message(self, **asked: Any) -> dict[str, Any]:
        """Delete a message."""
        queue = self._cloud.queues[asked["QueueUrl"]]
        queue[:] = [one for one in queue if one["ReceiptHandle"] != asked["ReceiptHandle"]]
        return {}

    def delete_queue(self, **asked: Any) -> dict[str, Any]:
        """Delete a queue."""
        self._cloud.queues.pop(asked["QueueUrl"], None)
        return {}


class Connections(AwsClient):
    """Messages to the clients of a WebSocket API."""

    name = "apigatewaymanagementapi"

    def post_to_connection(self, **asked: Any) -> dict[str, Any]:
        """Send a message to a client."""
        given = asked["ConnectionId"]
        if not isinstance(given, str):
            says = f"Invalid type for parameter ConnectionId, value: {given}, type: {type(given)}"
            raise ERRORS.of("ParamValidationError", says)
        client = self._cloud.clients.get(given)
        if client is None or client.closed:
            raise ERRORS.of("GoneException", "410")
        data = asked["Data"]
        text = data if isinstance(data, str) else bytes(data).decode()
        with self._cloud.machine.called():
            client.take(text)
        return {}


class _None(AwsClient):
    """A service with nothing in it."""

    def list_tables(self, **_: Any) -> dict[str, Any]:
        """No tables."""
        return {"TableNames": []}

    def list_state_machines(self, **_: Any) -> dict[str, Any]:
        """No state machines."""
        return {"stateMachines": []}


_SERVICES: dict[str, Callable[[SimulatedCloud], AwsClient]] = {
    one.name: one for one in (Lambda, Logs, Iam, Gateway, Queues, Connections)
}


def client(cloud: SimulatedCloud, service: str, **_: Any) -> AwsClient:
    """Return a client of a service; of one that is not simulated, one that refuses."""
    made = _SERVICES.get(service, _None)(cloud)
    made.name = service
    return made


def _described(api: SimulatedApi) -> dict[str, Any]:
    scheme = "wss" if api.protocol == "WEBSOCKET" else "https"
    endpoint = f"{scheme}://{api.api_id}.execute-api.{REGION}.amazonaws.com"
    return {"ApiId": api.api_id, "Name": api.name, "ApiEndpoint": endpoint}
