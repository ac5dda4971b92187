"""Signing in to a user pool: by the flows of an app client, and with its secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from refusals import refusal

if TYPE_CHECKING:
    from serverless_tax.cloud import LocalCloud

FLOW, PASSWORD = "ADMIN_USER_PASSWORD_AUTH", "Abcdef1!x"


@pytest.fixture(scope="module")
def pool(cloud: LocalCloud) -> tuple[Any, str]:
    """A client of the service, and a pool with a person in it."""
    client = boto3.client("cognito-idp", **cloud.boto3_kwargs)
    own = client.create_user_pool(PoolName="signed-in")["UserPool"]["Id"]
    client.admin_create_user(UserPoolId=own, Username="zoe", MessageAction="SUPPRESS")
    client.admin_set_user_password(
        UserPoolId=own, Username="zoe", Password=PASSWORD, Permanent=True
    )
    return client, own


def signing_in(pool: tuple[Any, str], proof: str = "", **settings: Any) -> dict[str, Any]:
    """What AdminInitiateAuth takes, for a new app client."""
    client, own = pool
    made = client.create_user_pool_client(UserPoolId=own, ClientName="a", **settings)
    app = made["UserPoolClient"]
    told = {"USERNAME": "zoe", "PASSWORD": PASSWORD}
    if proof == "right":
        key, text = app["ClientSecret"].encode(), f"zoe{app['ClientId']}".encode()
        proof = base64.b64encode(hmac.digest(key, text, hashlib.sha256)).decode()
    if proof:
        told["SECRET_HASH"] = proof
    return {
        "UserPoolId": own, "ClientId": app["ClientId"], "AuthFlow": FLOW, "AuthParameters": told
    }  # fmt: skip


def test_a_client_lets_in_by_its_flows_alone(pool: tuple[Any, str]) -> None:
    """One that names no flows has none of passwords."""
    assert refusal(pool[0].admin_initiate_auth, **signing_in(pool)) == (
        "InvalidParameterException", 400, "Auth flow not enabled for this client",
    )  # fmt: skip
    for name in (f"ALLOW_{FLOW}", "ADMIN_NO_SRP_AUTH"):
        asked = signing_in(pool, ExplicitAuthFlows=[name])
        assert pool[0].admin_initiate_auth(**asked)["AuthenticationResult"]["IdToken"]


def test_a_client_with_a_secret_wants_its_hash(pool: tuple[Any, str]) -> None:
    """Of the name and the client's id, under the secret."""
    settings = {"GenerateSecret": True, "ExplicitAuthFlows": [f"ALLOW_{FLOW}"]}
    for given, text in (("", "SECRET_HASH was not received"), ("x", "Unable to verify secret")):
        code, _, said = refusal(pool[0].admin_initiate_auth, **signing_in(pool, given, **settings))
        assert code == "NotAuthorizedException"
        assert text in said
    asked = signing_in(pool, "right", **settings)
    assert pool[0].admin_initiate_auth(**asked)["AuthenticationResult"]["IdToken"]
