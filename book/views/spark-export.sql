CREATE OR REPLACE TEMPORARY VIEW exported USING text
OPTIONS (path 'exported', recursiveFileLookup 'true');

CREATE OR REPLACE TEMPORARY VIEW lines AS
SELECT concat('/aws/lambda/', regexp_extract(input_file_name(), 'log_group=([^/]+)', 1)) AS source, value AS line
FROM exported;
