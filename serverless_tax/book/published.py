"""Figures that others have published and the book quotes: each once, with its source and its day.

They are not prices and not measured here. What they mean stands beside each.
"""

from __future__ import annotations

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
