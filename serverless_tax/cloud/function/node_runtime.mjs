// Runs a Node handler against the Lambda Runtime API, answers and streams alike.
// AWS's own client does not install without building libcurl; this one speaks the documented API:
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming
import http from "node:http";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { pathToFileURL } from "node:url";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const root = process.env.LAMBDA_TASK_ROOT;
const base = "/2018-06-01/runtime";
const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });
const STREAMS = Symbol("streams");

globalThis.awslambda = {
  streamifyResponse: (handler) => Object.assign(handler, { [STREAMS]: true }),
  HttpResponseStream: {
    from(stream, prelude) {
      stream.setContentType("application/vnd.awslambda.http-integration-response");
      stream.write(JSON.stringify(prelude));
      stream.write(Buffer.alloc(8));
      return stream;
    },
  },
};

function call(method, path, headers = {}, body = undefined) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host, port, agent, method, path: base + path, headers });
    request.on("error", reject);
    request.on("response", (response) => {
      const pieces = [];
      response.on("data", (piece) => pieces.push(piece));
      response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(pieces) }));
    });
    request.end(body);
  });
}

function described(error) {
  const errorType = error?.name ?? "Error";
  return JSON.stringify({
    errorType,
    errorMessage: error?.message ?? String(error),
    trace: error?.stack?.split("\n") ?? [],
  });
}

async function load(name) {
  const dot = name.lastIndexOf(".");
  const file = [".mjs", ".js", ".cjs"]
    .map((ending) => join(root, name.slice(0, dot) + ending))
    .find((path) => existsSync(path));
  if (!file) throw new Error(`Cannot find module '${name.slice(0, dot)}'`);
  const found = await import(pathToFileURL(file));
  const handler = found[name.slice(dot + 1)] ?? found.default?.[name.slice(dot + 1)];
  if (typeof handler !== "function") throw new Error(`${name} is undefined or not a function`);
  return handler;
}

// The request to the Runtime API opens with the first piece, so that an error before it is an
// ordinary error, and the content type can still be set.
async function stream(handler, event, context, id) {
  const out = new PassThrough();
  let type = "application/octet-stream";
  out.setContentType = (wanted) => { type = wanted; };
  let request;
  const sent = new Promise((resolve, reject) => {
    out.once("readable", () => {
      request = http.request({
        host, port, agent, method: "POST", path: `${base}/invocation/${id}/response`,
        headers: {
          "Lambda-Runtime-Function-Response-Mode": "streaming",
          "Transfer-Encoding": "chunked",
          "Content-Type": type,
          Trailer: "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body",
        },
      });
      request.on("error", reject);
      request.on("response", (response) => response.resume().on("end", resolve));
      out.pipe(request);
    });
  });
  try {
    await handler(event, out, context);
    if (!out.writableEnded) out.end();
    if (!request && out.readableLength === 0) out.resume(); // nothing was written at all
    await sent;
  } catch (error) {
    if (!request) throw error;
    out.unpipe(request);
    request.addTrailers({
      "Lambda-Runtime-Function-Error-Type": error?.name ?? "Error",
      "Lambda-Runtime-Function-Error-Body": Buffer.from(described(error)).toString("base64"),
    });
    request.end();
    await sent;
  }
}

async function serve(handler) {
  for (;;) {
    const next = await call("GET", "/invocation/next");
    const id = next.headers["lambda-runtime-aws-request-id"];
    const deadline = Number(next.headers["lambda-runtime-deadline-ms"]);
    process.env._X_AMZN_TRACE_ID = next.headers["lambda-runtime-trace-id"];
    const context = {
      awsRequestId: id,
      clientContext: next.headers["lambda-runtime-client-context"]
        && JSON.parse(next.headers["lambda-runtime-client-context"]),
      invokedFunctionArn: next.headers["lambda-runtime-invoked-function-arn"],
      functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
      functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
      memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
      logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
      logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
      getRemainingTimeInMillis: () => deadline - Date.now(),
    };
    try {
      const event = JSON.parse(next.body.toString());
      if (handler[STREAMS]) {
        await stream(handler, event, context, id);
      } else {
        const answer = JSON.stringify((await handler(event, context)) ?? null);
        await call("POST", `/invocation/${id}/response`, {}, answer);
      }
    } catch (error) {
      console.error(error);
      await call("POST", `/invocation/${id}/error`, {}, described(error));
    }
  }
}

let handler;
try {
  handler = await load(process.argv[2]);
} catch (error) {
  await call("POST", "/init/error", {}, described(error));
  process.exit(1);
}
await serve(handler);
