CREATE VIEW lines AS
SELECT '/aws/lambda/' || regexp_extract(filename, 'log_group=([^/]+)', 1) AS source, line
FROM read_csv('exported/**/*.gz', columns = {'line': 'VARCHAR'}, auto_detect = false, header = false,
              delim = '\x01', quote = '', escape = '', filename = true);
