CREATE VIEW lines AS
SELECT document ->> '$.logGroup' AS source,
  strftime(make_timestamp((event ->> '$.timestamp')::BIGINT * 1000), '%Y-%m-%dT%H:%M:%SZ ')
    || trim(replace(replace(event ->> '$.message', chr(13), ''), chr(10), ' ')) AS line
FROM (SELECT document, unnest(json_extract(document, '$.logEvents[*]')) AS event
      FROM (SELECT ('{"messageType":"DATA_MESSAGE"' || part)::JSON AS document
            FROM (SELECT unnest(string_split(content, '{"messageType":"DATA_MESSAGE"')) AS part
                  FROM read_csv('payloads/**/*.gz', columns = {'content': 'VARCHAR'}, auto_detect = false,
                                header = false, delim = '\x01', quote = '', escape = '', max_line_size = 33554432))
            WHERE part <> ''));
