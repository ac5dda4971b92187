"""Keys that are not there, and labels that a parameter does not take."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from refusals import refusal
from shapes import client_of

if TYPE_CHECKING:
    from serverless_tax.cloud import LocalCloud

OWN = "arn:aws:kms:us-east-1:000000000000:"
ID = "12345678-1234-1234-1234-123456789012"


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("none", "Invalid keyId 'none'"),
        ("arn:aws:kms:none", "Invalid arn 'arn:aws:kms:none'"),
        (ID, f"Key '{OWN}key/{ID}' does not exist"),
        (f"{OWN}key/{ID}", f"Key '{OWN}key/{ID}' does not exist"),
        ("alias/none", f"Alias {OWN}alias/none is not found."),
        (f"{OWN}alias/none", f"Alias {OWN}alias/none is not found."),
    ],
)
def test_a_missing_key_is_named(cloud: LocalCloud, key: str, text: str) -> None:
    """As the kind of name that it was asked for by."""
    kms = client_of(cloud, "kms")
    for call, more in ((kms.describe_key, {}), (kms.encrypt, {"Plaintext": b"x"})):
        assert refusal(call, KeyId=key, **more) == ("NotFoundException", 400, text)


def test_a_parameters_version_has_ten_labels(cloud: LocalCloud) -> None:
    """Those that are none are told and not put; a label stays with one version."""
    ssm = client_of(cloud, "ssm")
    for value in ("1", "2"):
        ssm.put_parameter(Name="labelled", Value=value, Type="String", Overwrite=True)
    odd = ["1st", "aws-own", "SSM", "a b"]
    told = ssm.label_parameter_version(Name="labelled", ParameterVersion=1, Labels=[*odd, "live"])
    assert (told["InvalidLabels"], told["ParameterVersion"]) == (odd, 1)
    assert ssm.get_parameter(Name="labelled:live")["Parameter"]["Value"] == "1"

    nine = [f"l{number}" for number in range(9)]
    ssm.label_parameter_version(Name="labelled", Labels=["live", *nine])
    assert ssm.get_parameter(Name="labelled:live")["Parameter"]["Value"] == "2"
    assert refusal(ssm.label_parameter_version, Name="labelled", Labels=["more"]) == (
        "ParameterVersionLabelLimitExceeded",
        400,
        (
            "A parameter version can have maximum 10 labels.Move one or more labels to another "
            "version and try again."
        ),
    )
    ssm.label_parameter_version(Name="labelled", Labels=nine)  # which it has
    ssm.delete_parameter(Name="labelled")
