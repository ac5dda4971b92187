CREATE VIEW delivered AS
SELECT * FROM read_json('delivered/**/*.gz', format = 'newline_delimited', maximum_object_size = 33554432);

CREATE VIEW lines AS
SELECT logGroup AS source,
  strftime(make_timestamp(event.timestamp * 1000), '%Y-%m-%dT%H:%M:%SZ ')
    || trim(replace(replace(event.message, chr(13), ''), chr(10), ' ')) AS line
FROM (SELECT logGroup, unnest(logEvents) AS event FROM delivered WHERE messageType = 'DATA_MESSAGE');
