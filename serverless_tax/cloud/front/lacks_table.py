"""The settings and operations that this cloud would take and not do: the table, and its lines.

ministack keeps these settings, and nothing acts by them.
"""

from __future__ import annotations

from collections.abc import Mapping

_DOMAINS, _CACHES, _LINKS = "domains of your own", "caches of a stage", "VPC links"
_LOGS, _TRACES = "execution logs of an API", "traces"
_ACCESS, _CANARIES, _CHECKS = "access logs", "canaries", "other checks of a certificate"
_KEYS, _CERTIFICATES, _DEAD = "keys of your own", "certificates of clients", "dead-letter queues"
_REPLICAS, _COPIES = "global tables", "copies of a secret"
_OF_ALARMS, _READERS = "actions of an alarm but messages to topics", "readers but functions"
_FACTORS = "codes by text message or mail"
_SYSTEM = "fields of the system in a log"
_STAGE = {
    "accessLogSettings": _ACCESS, "canarySettings": _CANARIES, "cacheClusterEnabled": _CACHES,
    "tracingEnabled": _TRACES, "clientCertificateId": _CERTIFICATES,
    "methodSettings.cachingEnabled": _CACHES, "methodSettings.loggingLevel": _LOGS,
    "methodSettings.dataTraceEnabled": _LOGS,
    "methodSettings.metricsEnabled": "metrics of a method",
}  # fmt: skip
LACKS: Mapping[str, Mapping[str, str | Mapping[str, str]]] = {
    "apigateway": {
        "CreateDomainName UpdateDomainName CreateBasePathMapping": _DOMAINS,
        "CreateDomainNameAccessAssociation": _DOMAINS,
        "CreateVpcLink": _LINKS,
        "GenerateClientCertificate CreateClientCertificate": _CERTIFICATES,
        "ImportApiKeys": "import of keys",
        "*RestApi": {
            "policy": "resource policies of an API", "cloneFrom": "copies of an API",
            "*x-amazon-apigateway-policy": "resource policies of an API",
            "*x-amazon-apigateway-request-validator*": "imports of request validators",
            "*x-amazon-apigateway-gateway-responses": "imports of gateway responses",
            "disableExecuteApiEndpoint": "other address of an API",
            "endpointConfiguration.types=PRIVATE": "private APIs", "securityPolicy": "TLS policies",
        },
        "*Stage": _STAGE,
        "CreateDeployment UpdateDeployment": {
            **_STAGE, "deploymentCanarySettings": _CANARIES,
            **{f"stageDescription.{name}": what for name, what in _STAGE.items()},
        },
        "PutIntegration UpdateIntegration": {
            "connectionId": _LINKS, "tlsConfig": _CHECKS, "cacheKeyParameters": _CACHES,
            "responseTransferMode=STREAM": "streamed answers of a REST API",
        },
    },
    "apigatewayv2": {
        "CreateDomainName UpdateDomainName CreateApiMapping": _DOMAINS,
        "CreateVpcLink": _LINKS,
        "CreateIntegrationResponse": "responses of an integration",
        "*Api": {"disableExecuteApiEndpoint": "other address of an API"},
        "*Stage": {
            "accessLogSettings": _ACCESS, "clientCertificateId": _CERTIFICATES,
            "*outeSetting*.detailedMetricsEnabled": "metrics of a route",
            "*outeSetting*.dataTraceEnabled": _LOGS, "*outeSetting*.loggingLevel": _LOGS,
        },
        "*Integration": {
            "responseParameters": "mapping of answers", "connectionId": _LINKS,
            "integrationSubtype": "integrations with other services", "tlsConfig": _CHECKS,
            "requestTemplates": "mapping templates of a socket",
            "templateSelectionExpression": "mapping templates of a socket",
            "contentHandlingStrategy": "conversion of bodies",
            "passthroughBehavior": "choice of what is passed through",
        },
        "*Route": {
            "requestModels": "models of messages", "modelSelectionExpression": "models of messages",
        },
    },
    "cloudformation": {
        "CreateStack UpdateStack CreateChangeSet": {
            "enableTerminationProtection": "termination protection",
            "stackPolicyBody": "policies of a stack",
            "notificationARNs": "notifications of a stack",
            "rollbackConfiguration.*": "alarms that roll a stack back",
        },
        "SetStackPolicy": {"stackPolicyBody": "policies of a stack"},
        "UpdateTerminationProtection": {"enableTerminationProtection": "termination protection"},
    },
    "cognito-idp": {
        "CreateUserPool UpdateUserPool": {
            "lambdaConfig.preSignUp": "triggers of a sign-up",
            "lambdaConfig.inboundFederation": "triggers of a federation",
            "userPoolAddOns.advancedSecurityMode": "protection against threats",
        },
        "CreateUserPool UpdateUserPool SetUserPoolMfaConfig": {
            "mfaConfiguration=ON": "second factor that all need",
            "smsMfaConfiguration.smsConfiguration": _FACTORS,
            "enabledMfas=SMS_MFA": _FACTORS, "enabledMfas=EMAIL*": _FACTORS,
        },
        "CreateUserPoolDomain UpdateUserPoolDomain": "pages to sign in",
        "CreateIdentityProvider CreateUserPoolIdentityProvider": "sign-in by other providers",
    },
    "dynamodb": {
        "UpdateContributorInsights": "insights about contributors",
        "ExportTableToPointInTime": "exports of a table",
        "CreateTable UpdateTable": {
            "globalTableSourceArn": _REPLICAS, "replicaUpdates": _REPLICAS,
        },
    },
    "events": {
        "*ctivateEventSource DescribeEventSource *PartnerEvent*": "events of partners",
        "CreateEndpoint": "global endpoints",
        "*EventBus": {"deadLetterConfig": _DEAD, "logConfig.level": "logs of a bus"},
        "PutTargets CreateRule": {"targets.deadLetterConfig": f"{_DEAD} of rules"},
    },
    "iam": {
        "GenerateCredentialReport GenerateServiceLastAccessedDetails": "reports about rights",
        "CreateSAMLProvider": "sign-in by SAML",
    },
    "logs": {
        "PutDestination PutDeliverySource PutDeliveryDestination CreateDelivery":
            "deliveries of logs to other places",
        "PutSubscriptionFilter CreateSubscriptionFilter": {
            "destinationArn=arn:aws:[!l]*": _READERS, "destinationArn=arn:aws:logs*": _READERS,
        },
        "PutSubscriptionFilter PutMetricFilter CreateSubscriptionFilter CreateMetricFilter": {
            "applyOnTransformedLogs": "transformers of logs", "emitSystemField*": _SYSTEM,
            "fieldSelectionCriteria": _SYSTEM,
        },
        "CreateLogGroup": {
            "kmsKeyId": _KEYS, "deletionProtectionEnabled": "protection from deletion",
            "logGroupClass=[!S]*": "other classes of a log group",
        },
    },
    "monitoring": {
        "PutCompositeAlarm": {"actionsSuppressor": "suppression of an alarm"},
        "PutMetricAlarm PutCompositeAlarm CreateCompositeAlarm CreateAlarm": {
            "*ctions=arn:aws:[!s]*": _OF_ALARMS, "*ctions=arn:aws:s[!n]*": _OF_ALARMS,
        },
        "PutMetricAlarm": {
            "metrics": "alarms of several metrics", "thresholdMetricId": "bands of an alarm",
        },
    },
    "pipes": {
        "CreatePipe UpdatePipe": {
            "sourceParameters.filterCriteria": "filters of a pipe", "kmsKeyIdentifier": _KEYS,
            "sourceParameters.dynamoDBStreamParameters.deadLetterConfig": _DEAD,
            "targetParameters.*": "parameters of a pipe's target",
            "logConfiguration": "logs of a pipe",
        },
    },
    "s3": {
        "CreateSession": "directory buckets",
        "*BucketMetadata*": "metadata tables",
        "PutBucketAbac": "rights by tags",
        "PutBucketAccelerateConfiguration": "acceleration of a bucket",
        "PutBucketAnalyticsConfiguration PutBucketInventoryConfiguration": "reports on a bucket",
        "PutBucketMetricsConfiguration": "metrics of a bucket",
        "PutBucketIntelligentTieringConfiguration RestoreObject": "storage classes",
        "PutBucketLogging": _ACCESS,
        "PutBucketRequestPayment": "requesters who pay",
        "PutBucketWebsite": "websites",
        "PutObjectAnnotation": "annotations of an object",
        "RenameObject": "new names of an object",
        "SelectObjectContent": "queries of an object",
        "UpdateObjectEncryption": _KEYS,
        "CreateBucket": {
            "loggingConfiguration": _ACCESS, "websiteConfiguration": "websites",
            "accelerateConfiguration.accelerationStatus=Enabled": "acceleration of a bucket",
            "analyticsConfiguration": "reports on a bucket",
            "inventoryConfiguration": "reports on a bucket",
            "intelligentTieringConfiguration": "storage classes",
            "metricsConfiguration": "metrics of a bucket",
        },
    },
    "scheduler": {
        "*Schedule": {
            "kmsKeyArn": _KEYS, "target.deadLetterConfig": f"{_DEAD} of schedules",
            "flexibleTimeWindow.mode=FLEXIBLE": "flexible windows of a schedule",
        },
    },
    "secretsmanager": {
        "RotateSecret CreateRotationSchedule": "rotation of secrets",
        "CreateSecret": {"addReplicaRegions": _COPIES, "replicaRegions": _COPIES},
        "ReplicateSecretToRegions": _COPIES,
    },
    "sns": {
        "CreatePlatformApplication CreatePlatformEndpoint": "messages to mobile devices",
        "CreateTopic SetTopicAttributes": {
            "archivePolicy": "archives of a topic", "tracingConfig=Active": _TRACES,
            "dataProtectionPolicy": "protection of data", "deliveryPolicy": "policies of delivery",
            "*FeedbackRoleArn": "logs of deliveries",
            "deliveryStatusLogging": "logs of deliveries",
        },
        "Subscribe SetSubscriptionAttributes CreateSubscription": {
            "deliveryPolicy": "policies of delivery", "replayPolicy": "archives of a topic",
            "redrivePolicy": f"{_DEAD} of subscriptions",
        },
    },
    "ssm": {
        "PutParameter CreateParameter": {
            "policies": "policies of a parameter",
            "dataType=aws:*": "checks of a parameter by another service",
        },
    },
    "states": {
        "*StateMachine": {
            "loggingConfiguration.level": "logs of a state machine",
            "encryptionConfiguration.kmsKeyId": _KEYS, "tracingConfiguration.enabled": _TRACES,
        },
        "Describe* StartSyncExecution": {"includedData=METADATA_ONLY": "answers without data"},
    },
    "sts": {
        "AssumeRole GetSessionToken": {
            "serialNumber": "devices for a second factor", "tokenCode": "codes of a second factor",
        },
    },
}  # fmt: skip
"""By service: operations that are not here, or what of an operation is not, by its place in it.

Names are those of AWS's model, as patterns, and a value may follow them; a plural's s does not
count. What a template alone can say stands under the operation that makes the resource.
"""
_NAMES = {
    "apigateway": "REST APIs", "apigatewayv2": "HTTP APIs and sockets", "events": "EventBridge",
    "cloudformation": "CloudFormation", "cognito-idp": "Cognito",
    "dynamodb": "DynamoDB", "iam": "IAM", "s3": "S3",
    "logs": "CloudWatch Logs", "monitoring": "CloudWatch", "pipes": "Pipes", "sns": "SNS",
    "secretsmanager": "Secrets Manager",
    "scheduler": "Scheduler", "ssm": "Parameter Store", "states": "Step Functions", "sts": "STS",
}  # fmt: skip


def lacking() -> list[str]:
    """The table in a line for each service."""
    lines = []
    for service, every in LACKS.items():
        said = (one.values() if isinstance(one, Mapping) else [one] for one in every.values())
        what = sorted({one for each in said for one in each}, key=str.lower)
        lines.append(f"{_NAMES[service]}: {', '.join(what)}.")
    return lines
