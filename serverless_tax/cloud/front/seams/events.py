"""Events, messages, logs, metrics and roles: what is made of them, and where they go."""

from __future__ import annotations

from collections.abc import Mapping

from serverless_tax.cloud.front import (
    absent,
    deliveries,
    keys,
    log_metrics,
    log_pages,
    patterns,
    schedules,
    tables,
)
from serverless_tax.cloud.front.deliveries import BUCKETS, PIPES, TOPICS
from serverless_tax.cloud.front.iam_checks import IAM, trust_error
from serverless_tax.cloud.front.log_metrics import METRICS
from serverless_tax.cloud.front.log_pages import LOGS
from serverless_tax.cloud.front.patterns import RULES
from serverless_tax.cloud.front.seams.seam import Seam, instead

OF_EVENTS: Mapping[str, Seam] = {
    "_filter_log_events": Seam(LOGS, ("data",), log_pages.filtered),
    "_compile_filter_pattern": Seam(LOGS, ("raw",), instead(log_pages.matcher)),
    "_put_rule": Seam(RULES, ("data",), deliveries.ruled),
    "_put_targets": Seam(RULES, ("data",), deliveries.targeted),
    "_invoke_target": Seam(RULES, ("target", "event", "rule", "view"), deliveries.invoked),
    "_put_events": Seam(RULES, ("data", "allow_aws_source"), deliveries.sent),
    "_create_pipe": Seam(PIPES, ("name", "body"), deliveries.piped),
    "_subscribe": Seam(TOPICS, ("params",), deliveries.subscribed),
    "_publish": Seam(TOPICS, ("params",), deliveries.texted),
    "_matches_filter_policy": Seam(
        TOPICS, ("sub", "message_attributes", "message"), patterns.subscribed
    ),
    "_get_metric_statistics": Seam(
        METRICS, ("params", "cbor_data", "is_cbor", "is_json"), log_metrics.extended
    ),
    "_get_metric_data": Seam(
        METRICS, ("params", "cbor_data", "is_cbor", "is_json"), log_metrics.asked
    ),
    "_deliver_to_lambda": Seam(
        TOPICS,
        (
            "endpoint",
            "envelope",
            "topic_arn",
            "sub_arn",
            "msg_id",
            "raw_message",
            "message_attributes",
        ),
        deliveries.published,
    ),
    "_validate_notification_configs": Seam(
        BUCKETS,
        ("configs", "bucket_region", "bucket_name", "skip_destination_validation"),
        deliveries.notified,
    ),
    "_put_subscription_filter": Seam(LOGS, ("data",), deliveries.logged),
    "_put_log_events": Seam(LOGS, ("data",), log_metrics.put),
    "_put_metric_filter": Seam(LOGS, ("data",), log_metrics.filtered),
    "_validate_schedule_expression": Seam(RULES, ("expr",), schedules.is_valid),
    "_parse_cron_fields": Seam(RULES, ("expr",), schedules.read),
    "_enable_rule": Seam(RULES, ("data",), absent.of_rule),
    "_delete_rule": Seam(RULES, ("data",), absent.untargeted),
    "_remove_permission": Seam(RULES, ("data",), absent.permitted),
    "_update_ttl": Seam(tables.TABLES, ("data",), tables.lasting),
    "error_response_json": Seam(
        keys.KEYS, ("code", "message", "status", "extra", "message_key", "content_type"), keys.error
    ),
    "_label_parameter_version": Seam(keys.PARAMETERS, ("data",), keys.labelled),
    "_query": Seam(tables.TABLES, ("data",), tables.sought),
    "_create_archive": Seam(RULES, ("data",), absent.archived),
    "_disable_rule": Seam(RULES, ("data",), absent.of_rule),
    "_list_targets_by_rule": Seam(RULES, ("data",), absent.of_rule),
    "_remove_targets": Seam(RULES, ("data",), absent.of_rule),
    "_stop_query": Seam(LOGS, ("data",), absent.stopped),
    "_put_metric_alarm": Seam(
        METRICS, ("params", "cbor_data", "is_cbor", "is_json"), absent.alarmed
    ),
    "_put_dashboard": Seam(METRICS, ("params", "cbor_data", "is_cbor", "is_json"), absent.drawn),
    "_trust_policy_not_principal_error": Seam(IAM, ("doc",), trust_error),
}
