// Runs a Node handler against the Lambda Runtime API, answers and streams alike.
// AWS's own client does not install without building libcurl; this one speaks the documented API:
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming
import http from "node:http";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { pathToFileURL } from "node:url";
import { format } from "node:util";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const root = process.env.LAMBDA_TASK_ROOT;
const base = "/2018-06-01/runtime";
const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });
const STREAMS = Symbol("streams");
// From Node 24 on, Lambda takes no callbacks:
// https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html#nodejs-handler-callback
const asked = Number(/nodejs(\d+)/.exec(process.env.AWS_EXECUTION_ENV)?.[1] ?? 0);
const CALLBACKS = asked < 24;
let current; // the id of the present invocation
let whenEmpty; // called when the event loop has nothing left to do

// Each line begins with its time, the request's id and its level; a message stays in one event.
// https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html
const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
const least = LEVELS.indexOf(process.env.AWS_LAMBDA_LOG_LEVEL ?? "TRACE");

function log(level, ...words) {
  if (LEVELS.indexOf(level) < least) return;
  const [timestamp, message] = [new Date().toISOString(), format(...words)];
  const line = process.env.AWS_LAMBDA_LOG_FORMAT === "JSON"
    ? JSON.stringify({ timestamp, level, requestId: current, message })
    : `${timestamp}\t${current}\t${level}\t${message.replaceAll("\n", "\r")}`;
  process.stdout.write(`${line}\n`);
}

for (const [name, level] of Object.entries(
  { log: "INFO", info: "INFO", warn: "WARN", error: "ERROR", debug: "DEBUG", trace: "TRACE" },
)) console[name] = (...words) => log(level, ...words);

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

function typed(name, message) {
  return Object.assign(new Error(message), { name: `Runtime.${name}` });
}

function described(error) {
  const isError = error instanceof Error;
  return {
    errorType: isError ? error.name : typeof error,
    errorMessage: isError ? error.message : String(error),
    trace: error?.stack?.split("\n") ?? [],
  };
}

function logError(what, error) {
  const { trace: stack, ...said } = described(error);
  log("ERROR", `${what} \t${JSON.stringify({ ...said, stack })}`);
}

const OF_AWS = /Cannot find (package|module) '@(aws-sdk|smithy)\//;
const NO_SDK = " AWS's Node runtimes bring the AWS SDK for JavaScript; this local cloud does not."
  + " Put it into the package.";

async function load(name) {
  const dot = name.indexOf(".", name.lastIndexOf("/") + 1);
  if (dot < 1) throw typed("MalformedHandlerName", "Bad handler");
  const file = [".js", ".mjs", ".cjs"]
    .map((ending) => join(root, name.slice(0, dot) + ending))
    .find((path) => existsSync(path));
  let found;
  try {
    if (!file) throw new Error(`Cannot find module '${name.slice(0, dot)}'`);
    found = await import(pathToFileURL(file));
  } catch (error) {
    if (error instanceof SyntaxError) throw typed("UserCodeSyntaxError", String(error));
    if (file && !/MODULE_NOT_FOUND/.test(error?.code)) throw error;
    throw typed("ImportModuleError", String(error) + (OF_AWS.test(String(error)) ? NO_SDK : ""));
  }
  const [path, inside] = [name.slice(dot + 1).split("."), (one, key) => one?.[key]];
  const handler = path.reduce(inside, found) ?? path.reduce(inside, found.default);
  if (handler === undefined) throw typed("HandlerNotFound", `${name} is undefined or not exported`);
  if (typeof handler !== "function") throw typed("HandlerNotFound", `${name} is not a function`);
  if (!CALLBACKS && !handler[STREAMS] && handler.length >= 3) {
    throw typed("CallbackHandlerDeprecated", "AWS Lambda has removed support for callback-based"
      + " function handlers starting with Node.js 24.");
  }
  return handler;
}

// The answer of a handler that returns a promise, or calls back. After a call back the answer waits
// for the event loop to be empty, unless the context says otherwise; a handler that does neither,
// or whose promise nothing will settle, answers null.
function answered(handler, event, context) {
  return new Promise((resolve, reject) => {
    const settle = (error, value) => (error ? reject(error) : resolve(value));
    const callback = (error, value) => {
      const end = () => settle(error, value);
      if (context.callbackWaitsForEmptyEventLoop) whenEmpty = end;
      else setImmediate(end);
    };
    const old = {
      succeed: (value) => callback(null, value), fail: (error) => callback(error ?? "handled"),
      done: callback,
    };
    if (CALLBACKS) Object.assign(context, old);
    const given = handler(event, context, CALLBACKS ? callback : undefined);
    const isPromise = typeof given?.then === "function";
    if (isPromise) given.then(resolve, reject);
    if (CALLBACKS) whenEmpty ??= () => resolve(null);
    else if (!isPromise) resolve(given);
  });
}

function inJson(answer) {
  try {
    return JSON.stringify(answer ?? null);
  } catch {
    const error = typed("JSONStringifyError", "Unable to stringify response body");
    throw CALLBACKS ? new Error(error.message) : error;
  }
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
  const open = setInterval(() => {}, 2 ** 30); // what nobody ends waits until the timeout
  try {
    const given = handler(event, out, context);
    if (typeof given?.then !== "function") throw "Streaming does not support non-async handlers.";
    if ((await given) !== undefined) console.warn("Streaming handlers ignore return values.");
    await sent;
  } catch (error) {
    if (!request) throw error;
    out.unpipe(request);
    request.addTrailers({
      "Lambda-Runtime-Function-Error-Type": error?.name ?? "Error",
      "Lambda-Runtime-Function-Error-Body":
        Buffer.from(JSON.stringify(described(error))).toString("base64"),
    });
    request.end();
    await sent;
  } finally {
    clearInterval(open);
  }
}

async function serve(handler) {
  for (;;) {
    const next = await call("GET", "/invocation/next");
    const id = next.headers["lambda-runtime-aws-request-id"];
    current = id;
    whenEmpty = undefined;
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
      callbackWaitsForEmptyEventLoop: true,
      getRemainingTimeInMillis: () => deadline - Date.now(),
    };
    try {
      const event = JSON.parse(next.body.toString());
      if (handler[STREAMS]) {
        await stream(handler, event, context, id);
      } else {
        const answer = inJson(await answered(handler, event, context));
        await call("POST", `/invocation/${id}/response`, {}, answer);
      }
    } catch (error) {
      logError("Invoke Error", error);
      await call("POST", `/invocation/${id}/error`, {}, JSON.stringify(described(error)));
    }
  }
}

// What nobody caught ends the process, once the caller knows of it.
async function end(error, status) {
  logError("Uncaught Exception", error);
  const path = current ? `/invocation/${current}/error` : "/init/error";
  await call("POST", path, {}, JSON.stringify(described(error)));
  process.exit(status);
}

process.on("uncaughtException", (error) => end(error, 129));
process.on("unhandledRejection", (reason) => {
  end(typed("UnhandledPromiseRejection", String(reason)), 128);
});
process.on("beforeExit", () => {
  const next = whenEmpty;
  whenEmpty = undefined;
  next?.();
});

let handler;
try {
  handler = await load(process.argv[2]);
} catch (error) {
  await end(error, 1);
}
await serve(handler);
