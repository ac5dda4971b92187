"""Names and policies that IAM does not take."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import boto3
import pytest
from refusals import refusal

from serverless_tax.cloud.roles import OF_LAMBDA

if TYPE_CHECKING:
    from serverless_tax.cloud import LocalCloud

NOTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}],
}


@pytest.mark.parametrize(
    ("call", "asked", "said"),
    [
        ("create_role", {"RoleName": "a b", "AssumeRolePolicyDocument": OF_LAMBDA},
         ("ValidationError", 400)),
        ("create_user", {"UserName": "a/b"}, ("ValidationError", 400)),
        ("attach_role_policy",
         {"RoleName": "test", "PolicyArn": "arn:aws:iam::000000000000:policy/none"},
         ("NoSuchEntity", 404)),
    ],
)  # fmt: skip
def test_iam_takes_names_and_policies_that_are_some(
    cloud: LocalCloud, call: str, asked: dict[str, str], said: tuple[str, int]
) -> None:
    """A policy of AWS's own, and one that was made, are attached."""
    iam = boto3.client("iam", **cloud.boto3_kwargs)
    assert refusal(getattr(iam, call), **asked)[:2] == said
    own = iam.create_policy(PolicyName="own", PolicyDocument=json.dumps(NOTHING))["Policy"]["Arn"]
    of_aws = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    for arn in (own, of_aws):
        iam.attach_role_policy(RoleName="test", PolicyArn=arn)
        iam.detach_role_policy(RoleName="test", PolicyArn=arn)
    iam.delete_policy(PolicyArn=own)
