CREATE EXTERNAL TABLE delivered (
  messagetype string, owner string, loggroup string, logstream string, subscriptionfilters array<string>,
  logevents array<struct<id:string, timestamp:bigint, message:string>>
)
PARTITIONED BY (day string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://BUCKET/delivered/'
TBLPROPERTIES (
  'projection.enabled' = 'true', 'projection.day.type' = 'date', 'projection.day.format' = 'yyyy-MM-dd',
  'projection.day.range' = '2026-01-01,NOW', 'storage.location.template' = 's3://BUCKET/delivered/day=${day}/'
);

CREATE OR REPLACE VIEW lines AS
SELECT loggroup AS source,
  concat(substr(to_iso8601(from_unixtime(event_ms / 1000)), 1, 19), 'Z ',
         trim(replace(replace(message, chr(13), ''), chr(10), ' '))) AS line
FROM delivered CROSS JOIN UNNEST(logevents) AS t (event_id, event_ms, message)
WHERE messagetype = 'DATA_MESSAGE' AND day BETWEEN '2026-11-01' AND '2026-11-30';
