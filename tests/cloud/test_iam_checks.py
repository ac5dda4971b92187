"""Names and policies that IAM does not take."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from refusals import refusal

from serverless_tax.cloud.roles import OF_LAMBDA

if TYPE_CHECKING:
    from serverless_tax.cloud import LocalCloud

OF_AWS = "arn:aws:iam::aws:policy"
NOTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}],
}


@pytest.mark.parametrize("seconds", [899, 43_201])
def test_a_session_lasts_from_a_quarter_of_an_hour_to_twelve(
    cloud: LocalCloud, seconds: int
) -> None:
    """In STS's words, with the bound."""
    unchecked = Config(parameter_validation=False)
    sts = boto3.client("sts", config=unchecked, **cloud.boto3_kwargs)
    asked = {"RoleArn": "arn:aws:iam::000000000000:role/test", "RoleSessionName": "own"}
    code, _, text = refusal(sts.assume_role, **asked, DurationSeconds=seconds)
    assert code == "ValidationError"
    assert f"Value '{seconds}' at 'durationSeconds' failed to satisfy constraint" in text
    assert sts.assume_role(**asked, DurationSeconds=900)["Credentials"]


def test_a_role_of_another_account_is_no_functions(cloud: LocalCloud, settings: Any) -> None:
    """Even if one of this account has its name."""
    lambda_ = boto3.client("lambda", **cloud.boto3_kwargs)
    role = "arn:aws:iam::111122223333:role/test"
    code, _, text = refusal(lambda_.create_function, **settings(Role=role))
    assert code == "InvalidParameterValueException"
    assert text == "The role defined for the function cannot be assumed by Lambda."


@pytest.mark.parametrize(
    ("call", "asked", "said"),
    [
        ("create_role", {"RoleName": "a b", "AssumeRolePolicyDocument": OF_LAMBDA},
         ("ValidationError", 400)),
        ("create_user", {"UserName": "a/b"}, ("ValidationError", 400)),
        ("attach_role_policy",
         {"RoleName": "test", "PolicyArn": "arn:aws:iam::000000000000:policy/none"},
         ("NoSuchEntity", 404)),
        ("attach_role_policy", {"RoleName": "test", "PolicyArn": f"{OF_AWS}/AWSLambdaFullPower"},
         ("NoSuchEntity", 404)),
        ("attach_group_policy", {"GroupName": "g", "PolicyArn": f"{OF_AWS}/AWSLambdaFullPower"},
         ("NoSuchEntity", 404)),
        ("attach_role_policy",  # it is of another path
         {"RoleName": "test", "PolicyArn": f"{OF_AWS}/AWSLambdaBasicExecutionRole"},
         ("NoSuchEntity", 404)),
        ("attach_role_policy",
         {"RoleName": "test", "PolicyArn": f"{OF_AWS}/aws-service-role/LambdaReplicator"},
         ("PolicyNotAttachable", 400)),
        ("put_role_permissions_boundary",
         {"RoleName": "test", "PermissionsBoundary": f"{OF_AWS}/Nothing"}, ("NoSuchEntity", 404)),
    ],
)  # fmt: skip
def test_iam_takes_names_and_policies_that_are_some(
    cloud: LocalCloud, call: str, asked: dict[str, str], said: tuple[str, int]
) -> None:
    """A policy of AWS's own, and one that was made, are attached."""
    iam = boto3.client("iam", **cloud.boto3_kwargs)
    assert refusal(getattr(iam, call), **asked)[:2] == said
    own = iam.create_policy(PolicyName="own", PolicyDocument=json.dumps(NOTHING))["Policy"]["Arn"]
    of_aws = f"{OF_AWS}/service-role/AWSLambdaBasicExecutionRole"
    for arn in (own, of_aws, f"{OF_AWS}/AmazonBedrockFullAccess"):
        iam.attach_role_policy(RoleName="test", PolicyArn=arn)
        iam.detach_role_policy(RoleName="test", PolicyArn=arn)
    iam.delete_policy(PolicyArn=own)


def test_keys_for_others_tokens_are_refused(cloud: LocalCloud) -> None:
    """Their calls are not signed; the refusal is one that a client can read."""
    sts = boto3.client("sts", **cloud.boto3_kwargs)
    asked = {"RoleArn": "arn:aws:iam::000000000000:role/test", "RoleSessionName": "own"}
    said = refusal(sts.assume_role_with_web_identity, **asked, WebIdentityToken="a.b.c")
    assert said[:2] == ("MissingAuthenticationToken", 403)


def test_a_list_comes_in_pages(cloud: LocalCloud) -> None:
    """Also if what a page has listed is deleted before the next; each is listed once."""
    iam = boto3.client("iam", **cloud.boto3_kwargs)
    names = [f"paged-{number}" for number in range(5)]
    for name in names:
        iam.create_user(UserName=name)
    listed, marker = [], {}
    while True:
        page = iam.list_users(MaxItems=2, **marker)
        assert len(page["Users"]) <= 2
        listed += [one["UserName"] for one in page["Users"]]
        for one in page["Users"]:
            if one["UserName"] in names:
                iam.delete_user(UserName=one["UserName"])
        if not page["IsTruncated"]:
            break
        marker = {"Marker": page["Marker"]}
    assert [one for one in listed if one in names] == names
    code, _, text = refusal(iam.list_users, Marker="none")
    assert (code, text) == ("ValidationError", "Invalid Marker.")


def test_a_list_of_two_kinds_comes_in_pages(cloud: LocalCloud) -> None:
    """One after the other, each with its own list, which may be empty."""
    iam = boto3.client("iam", **cloud.boto3_kwargs)
    policy = iam.create_policy(PolicyName="paged", PolicyDocument=json.dumps(NOTHING))["Policy"]
    iam.create_user(UserName="paged")
    iam.create_group(GroupName="paged")
    iam.attach_user_policy(UserName="paged", PolicyArn=policy["Arn"])
    iam.attach_group_policy(GroupName="paged", PolicyArn=policy["Arn"])
    pages = iam.get_paginator("list_entities_for_policy").paginate(
        PolicyArn=policy["Arn"], PaginationConfig={"PageSize": 1}
    )
    told = [(len(one["PolicyGroups"]), len(one["PolicyUsers"])) for one in pages]
    assert told == [(1, 0), (0, 1)]
