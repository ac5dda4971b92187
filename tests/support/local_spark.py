"""Spark in its local mode, where Java and pyspark are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

#: What puts a view's expression wherever the analysis names its column, hundreds of times.
_NO_COPIES = "org.apache.spark.sql.catalyst.optimizer.CollapseProject"


@contextmanager
def local_spark(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Yield a session that counts in UTC, or skip the test.

    Its memory is that of the process's first: what Java starts with by itself is too little.
    """
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed")
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    builder = sql.SparkSession.builder.master("local[2]")
    for name, value in (
        ("spark.ui.enabled", "false"),
        ("spark.sql.session.timeZone", "UTC"),
        ("spark.driver.memory", "3g"),
        ("spark.sql.shuffle.partitions", "2"),
        ("spark.sql.optimizer.excludedRules", _NO_COPIES),
    ):
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
    except Exception as error:  # noqa: BLE001 - whatever a missing Java makes of it
        pytest.skip(f"Spark does not start: {error}")
    try:
        yield session
    finally:
        session.stop()
