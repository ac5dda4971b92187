CREATE EXTERNAL TABLE payloads (text string)
PARTITIONED BY (day string)
ROW FORMAT DELIMITED FIELDS TERMINATED BY '\001' LINES TERMINATED BY '\n'
LOCATION 's3://BUCKET/payloads/';

CREATE OR REPLACE VIEW lines AS
SELECT json_extract_scalar(document, '$.logGroup') AS source,
  concat(substr(to_iso8601(from_unixtime(event_ms / 1000)), 1, 19), 'Z ',
         trim(replace(replace(message, chr(13), ''), chr(10), ' '))) AS line
FROM payloads
CROSS JOIN UNNEST(split(text, '{"messageType":"DATA_MESSAGE"')) AS p (part)
CROSS JOIN UNNEST(ARRAY[concat('{"messageType":"DATA_MESSAGE"', part)]) AS d (document)
CROSS JOIN UNNEST(CAST(json_extract(document, '$.logEvents')
  AS ARRAY(ROW(id varchar, timestamp bigint, message varchar)))) AS e (event_id, event_ms, message)
WHERE part <> '' AND day BETWEEN '2026-11-01' AND '2026-11-30';
