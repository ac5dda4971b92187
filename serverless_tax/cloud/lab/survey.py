"""The labs' remaining resources in a cloud, found by name and by tag, and how to delete them.

It is plain boto3, so it works on the local cloud and on AWS. If the account may not list a kind,
the call raises an error; it does not return an empty list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

#: What the names of everything begin with that a lab creates.
NAME_PREFIX = "serverless-tax-"
LEARNER_TAG, RUN_TAG = f"{NAME_PREFIX}learner", f"{NAME_PREFIX}run"


@dataclass(frozen=True, slots=True)
class Leftover:
    """One resource.

    Attributes:
        kind: such as `log group`.
        name: as in AWS's list.
        delete: removes it.
    """

    kind: str
    name: str
    delete: Callable[[], object]

    @property
    def label(self) -> str:
        """Kind and name."""
        return f"{self.kind} {self.name}"


def find(
    boto3_kwargs: Mapping[str, str],
    prefix: str = NAME_PREFIX,
    run_id: str | None = None,
    *,
    everything: bool = False,
) -> list[Leftover]:
    """List the resources of a learner's labs, in the order of deletion.

    Args:
        boto3_kwargs: endpoint, keys and region, as for any client.
        prefix: the beginning of their names.
        run_id: adds every API and function with this run's tag.
        everything: adds kinds that no lab makes, but that a learner may have given such a name.
    """
    import boto3  # noqa: PLC0415 - an extra of the labs

    def client(service: str) -> Any:
        return boto3.client(service, **boto3_kwargs)

    others = (
        [
            *_log_groups(client("logs"), prefix, ""),
            *_rest_apis(client("apigateway"), prefix),
            *_rules(client("events"), prefix),
            *_topics(client("sns"), prefix),
            *_buckets(client("s3"), prefix),
        ]
        if everything
        else []
    )
    return [
        *others,
        *_machines(client("stepfunctions"), prefix),
        *_sockets(client("apigatewayv2"), prefix, run_id),
        *_functions(client("lambda"), prefix, run_id),
        *_log_groups(client("logs"), prefix),
        *_queues(client("sqs"), prefix),
        *_tables(client("dynamodb"), prefix),
        *_roles(client("iam"), prefix),
    ]


def _sockets(client: Any, prefix: str, run_id: str | None) -> Iterator[Leftover]:
    for page in client.get_paginator("get_apis").paginate():
        for api in page["Items"]:
            tagged = run_id is not None and api.get("Tags", {}).get(RUN_TAG) == run_id
            if api["Name"].startswith(prefix) or tagged:
                yield Leftover("API", api["Name"], _call(client.delete_api, ApiId=api["ApiId"]))


def _functions(client: Any, prefix: str, run_id: str | None) -> Iterator[Leftover]:
    for page in client.get_paginator("list_functions").paginate():
        for function in page["Functions"]:
            name = function["FunctionName"]
            tagged = run_id is not None and _tag_of(client, function) == run_id
            if name.startswith(prefix) or tagged:
                yield Leftover("function", name, _call(client.delete_function, FunctionName=name))


def _tag_of(client: Any, function: Mapping[str, str]) -> str | None:
    tags: dict[str, str] = client.list_tags(Resource=function["FunctionArn"]).get("Tags", {})
    return tags.get(RUN_TAG)


def _log_groups(client: Any, prefix: str, folder: str = "/aws/lambda/") -> Iterator[Leftover]:
    wanted = f"{folder}{prefix}"
    for page in client.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=wanted):
        for group in page["logGroups"]:
            name = group["logGroupName"]
            yield Leftover("log group", name, _call(client.delete_log_group, logGroupName=name))


def _queues(client: Any, prefix: str) -> Iterator[Leftover]:
    for page in client.get_paginator("list_queues").paginate(QueueNamePrefix=prefix):
        for url in page.get("QueueUrls", []):
            name = url.rpartition("/")[2]
            yield Leftover("queue", name, _call(client.delete_queue, QueueUrl=url))


def _tables(client: Any, prefix: str) -> Iterator[Leftover]:
    for page in client.get_paginator("list_tables").paginate():
        for name in page["TableNames"]:
            if name.startswith(prefix):
                yield Leftover("table", name, _call(client.delete_table, TableName=name))


def _roles(client: Any, prefix: str) -> Iterator[Leftover]:
    for page in client.get_paginator("list_roles").paginate():
        for role in page["Roles"]:
            if role["RoleName"].startswith(prefix):
                yield Leftover("role", role["RoleName"], _role_deleter(client, role["RoleName"]))


def _rest_apis(client: Any, prefix: str) -> Iterator[Leftover]:
    for page in client.get_paginator("get_rest_apis").paginate():
        for api in page["items"]:
            if api["name"].startswith(prefix):
                yield Leftover(
                    "API", api["name"], _call(client.delete_rest_api, restApiId=api["id"])
                )


def _machines(client: Any, prefix: str) -> Iterator[Leftover]:
    for page in client.get_paginator("list_state_machines").paginate():
        for one in page["stateMachines"]:
            if one["name"].startswith(prefix):
                delete = _call(client.delete_state_machine, stateMachineArn=one["stateMachineArn"])
                yield Leftover("state machine", one["name"], delete)


def _rules(client: Any, prefix: str) -> Iterator[Leftover]:
    for page in client.get_paginator("list_rules").paginate(NamePrefix=prefix):
        for rule in page["Rules"]:
            yield Leftover("rule", rule["Name"], _rule_deleter(client, rule["Name"]))


def _rule_deleter(client: Any, name: str) -> Callable[[], None]:
    def delete() -> None:
        ids = [one["Id"] for one in client.list_targets_by_rule(Rule=name)["Targets"]]
        if ids:
            client.remove_targets(Rule=name, Ids=ids)
        client.delete_rule(Name=name)

    return delete


def _topics(client: Any, prefix: str) -> Iterator[Leftover]:
    for page in client.get_paginator("list_topics").paginate():
        for topic in page["Topics"]:
            name = topic["TopicArn"].rpartition(":")[2]
            if name.startswith(prefix):
                delete = _call(client.delete_topic, TopicArn=topic["TopicArn"])
                yield Leftover("topic", name, delete)


def _buckets(client: Any, prefix: str) -> Iterator[Leftover]:
    for bucket in client.list_buckets()["Buckets"]:
        if bucket["Name"].startswith(prefix):
            yield Leftover("bucket", bucket["Name"], _bucket_deleter(client, bucket["Name"]))


def _bucket_deleter(client: Any, name: str) -> Callable[[], None]:
    def delete() -> None:
        for page in client.get_paginator("list_object_versions").paginate(Bucket=name):
            for one in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                client.delete_object(Bucket=name, Key=one["Key"], VersionId=one["VersionId"])
        client.delete_bucket(Bucket=name)

    return delete


def _role_deleter(client: Any, name: str) -> Callable[[], None]:
    def delete() -> None:
        for policy in client.list_role_policies(RoleName=name)["PolicyNames"]:
            client.delete_role_policy(RoleName=name, PolicyName=policy)
        for policy in client.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
            client.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
        client.delete_role(RoleName=name)

    return delete


def _call(method: Callable[..., object], **arguments: str) -> Callable[[], object]:
    return lambda: method(**arguments)
