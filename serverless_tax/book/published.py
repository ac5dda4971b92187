"""Figures that others have published and the book quotes: each once, with its source and its day.

They are not prices and not measured here. What they mean stands beside each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """Where a figure was published: by whom, when and at which address."""

    by: str
    on: date
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningHours(Published):
    """Hours for which a service ran, and those in which its CPU worked."""

    wall_hours: float
    cpu_hours: float

    @property
    def waiting_hours(self) -> float:
        """Hours in which the service only waited."""
        return self.wall_hours - self.cpu_hours

    @property
    def multiple(self) -> float:
        """Running hours over working hours.

        >>> round(GATEWAY.multiple, 1)
        13.3
        """
        return self.wall_hours / self.cpu_hours


@dataclass(frozen=True, slots=True, kw_only=True)
class Multiple(Published):
    """A published multiple, and what it divides by what."""

    multiple: float
    divides: str
    by_what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure(Published):
    """A published number, and what it counts."""

    value: float
    of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Durations(Published):
    """Mean durations and billed durations of one function at several sizes, in milliseconds."""

    mean_ms: Mapping[int, float]
    billed_ms: Mapping[int, float]

    def month_over(self, memory_mb: int, other_mb: int) -> float:
        """Return what it costs at one size over what it costs at another.

        >>> round(COMPUTES.month_over(1849, 752), 2)
        1.89
        """
        one, other = (mb * self.billed_ms[mb] for mb in (memory_mb, other_mb))
        return one / other


#: The first month of Vercel's own AI Gateway: a proxy before many models, on their fluid compute.
GATEWAY = RunningHours(
    by="Vercel",
    on=date(2025, 11, 6),
    source="https://vercel.com/blog/how-ai-gateway-runs-on-fluid-compute",
    wall_hours=16_000,
    cpu_hours=1_200,
)

#: C. Lin, Y. Ma, M. Shahrad: Demystifying Serverless Costs on Public Platforms, second version.
#: The first version, of 2025-06-02, has 5.49 and another title.
BILLABLE = Multiple(
    by="C. Lin, Y. Ma and M. Shahrad",
    on=date(2025, 9, 26),
    source="https://arxiv.org/abs/2506.01283",
    multiple=4.35,
    divides="resources that are billable",
    by_what="resources that are used",
)

#: A benchmark by a vendor that bills CPU: 10 M requests of 4.8 s with 5 ms of CPU, 512 MB.
DBOS = Multiple(
    by="DBOS",
    on=date(2024, 10, 11),
    source="https://dbos.dev/blog/aws-lambda-hidden-wait-costs",
    multiple=53,
    divides="Lambda's price",
    by_what="the vendor's own price",
)

#: J. Huang and others: TrEnv, Transparently Share Serverless Execution Environments. Of agents that
#: browse and run code between their calls, so that they also hold memory for work of their own.
AGENTS = Multiple(
    by="J. Huang and others",
    on=date(2025, 9, 11),
    source="https://arxiv.org/abs/2509.09525",
    multiple=0.7,
    divides="what an agent costs on a serverless platform, at most",
    by_what="what its calls to the model cost",
)

#: One Python function that never waits, on Lambda in us-east-1, x86, spring 2025: 5,000 invocations
#: at each size, from the artifact of the paper in BILLABLE (MIT).
COMPUTES = Durations(
    by="C. Lin, Y. Ma and M. Shahrad",
    on=date(2025, 9, 26),
    source="https://github.com/ubc-cirrus-lab/demystifying-serverless-costs",
    mean_ms={128: 222.9905, 752: 22.6037, 894: 21.6924, 1778: 17.0053, 1849: 17.2149},
    billed_ms={128: 223.5036, 752: 23.1284, 894: 22.2246, 1778: 17.5818, 1849: 17.7318},
)

#: The median of eight answers of GPT-4 Turbo, and the fastest provider of GPT-4o (May 2024), as
#: read on that day: neither page has one.
GPT_4_TURBO = Figure(
    by="A user of OpenAI's forum",
    on=date(2026, 11, 29),
    source="https://community.openai.com/t/gpt-4o-tokens-per-second-comparable-to-gpt-3-5-turbo-data-and-analysis/768559",
    value=35.13,
    of="tokens a second",
)
GPT_4O = Figure(
    by="Artificial Analysis",
    on=date(2026, 11, 29),
    source="https://artificialanalysis.ai/models/gpt-4o-2024-05-13/providers",
    value=115,
    of="tokens a second",
)

#: How fast a model of 120 billion weights writes on the fastest hardware that was looked at.
FASTEST = Figure(
    by="Groq",
    on=date(2026, 11, 29),
    source="https://console.groq.com/docs/models",
    value=500,
    of="tokens a second of gpt-oss-120b",
)

#: Lambda in the dearest of AWS's regions, as two tools keep what the price list says of it.
HONG_KONG_MILLION = Figure(
    by="AWS",
    on=date(2026, 11, 29),
    source="https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AWSLambda/current/ap-east-1/index.json",
    value=0.28,
    of="USD for a million requests",
)
HONG_KONG_GB_SECOND = Figure(
    by="AWS",
    on=HONG_KONG_MILLION.on,
    source=HONG_KONG_MILLION.source,
    value=0.00002292,
    of="USD for a GB-second on x86",
)

#: Connections open at once on one server of WhatsApp's.
CONNECTIONS = Figure(
    by="WhatsApp",
    on=date(2012, 1, 6),
    source="https://blog.whatsapp.com/1-million-is-so-2011",
    value=2_277_845,
    of="connections open at once on one server",
)
