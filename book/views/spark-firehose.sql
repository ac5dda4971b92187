CREATE OR REPLACE TEMPORARY VIEW delivered USING json
OPTIONS (path 'delivered', recursiveFileLookup 'true');

CREATE OR REPLACE TEMPORARY VIEW lines AS
SELECT logGroup AS source,
  concat(date_format(timestamp_millis(event.timestamp), "yyyy-MM-dd'T'HH:mm:ss'Z '"),
         trim(replace(replace(event.message, chr(13), ''), chr(10), ' '))) AS line
FROM (SELECT logGroup, explode(logEvents) AS event FROM delivered WHERE messageType = 'DATA_MESSAGE');
