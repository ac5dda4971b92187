CREATE EXTERNAL TABLE exported (line string)
PARTITIONED BY (log_group string, day string)
ROW FORMAT DELIMITED FIELDS TERMINATED BY '\001' LINES TERMINATED BY '\n'
LOCATION 's3://BUCKET/exported/';

MSCK REPAIR TABLE exported;

CREATE OR REPLACE VIEW lines AS
SELECT concat('/aws/lambda/', log_group) AS source, line
FROM exported
WHERE day BETWEEN '2026-11-01' AND '2026-11-30';
