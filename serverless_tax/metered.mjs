// Log the CPU time of each invocation, which the REPORT line leaves out: the twin of metered.py.
//
// Copy this file next to your handler and wrap it; it needs Node alone:
//
//     import { metered } from "./metered.mjs";
//     export const handler = metered(async (event, context) => { ... });
//     export const streamed = metered(awslambda.streamifyResponse(async (event, stream, context) => { ... }));
//
// Each invocation then logs one line of JSON, as metered.py does. cpu_ms is user and system time of
// the whole process with its threads; child processes are not in it. A handler is timed until its
// promise settles or it calls back, by context.done too; one that streams until its stream has ended
// as well. One that does none of these is not measured, and logs nothing. Calls that overlap in one
// process cannot be told apart: their lines say "concurrent": true and "cpu_ms": null.
import { AsyncLocalStorage } from "node:async_hooks";
import { writeSync } from "node:fs";

const outer = new AsyncLocalStorage();
const running = new Set();

/** Wrap a Lambda handler: async, with a callback, or of streamifyResponse. Its result is its own. */
export function metered(handler) {
  if (typeof handler !== "function") throw new TypeError(`metered takes a handler, a function; it was given ${handler}`);
  let cold = true;
  const timed = function (...args) {
    const call = begin(args, cold);
    cold = false;
    return outer.run(call, () => follow(call, handler, this, args));
  };
  // What the runtime looks at: the name, the number of arguments, and the mark of a stream.
  for (const key of Reflect.ownKeys(handler)) {
    if (key === "prototype") continue;
    try {
      Object.defineProperty(timed, key, Object.getOwnPropertyDescriptor(handler, key));
    } catch { /* a property that cannot be copied is none that a runtime asks for */ }
  }
  return timed;
}

function begin(args, cold) {
  const context = args.findLast((one) => typeof one?.awsRequestId === "string");
  const id = context?.awsRequestId ?? null;
  const call = { context, id, cold, concurrent: false, ended: false, within: false };
  // One that never said its end is over when its time is.
  for (const other of running) if (other.context?.getRemainingTimeInMillis?.() <= 0) running.delete(other);
  // What is metered within a metered request is in that one's line.
  call.within = id === null ? running.has(outer.getStore()) : [...running].some((other) => other.id === id);
  if (!call.within) {
    for (const other of running) call.concurrent = other.concurrent = true;
    running.add(call);
  }
  call.wall = performance.now();
  call.cpu = process.cpuUsage();
  return call;
}

function follow(call, handler, self, args) {
  const stream = args.slice(1).find((one) => typeof one?.write === "function" && typeof one?.once === "function");
  const back = typeof args.at(-1) === "function" ? args.length - 1 : -1;
  if (back >= 0) {
    const callback = args[back];
    args[back] = (...answer) => {
      end(call);
      return callback(...answer);
    };
  }
  for (const name of ["done", "succeed", "fail"]) endAt(call, name);
  let result;
  let goesOn;
  try {
    result = handler.apply(self, args);
    goesOn = typeof result?.then === "function";
  } catch (error) {
    end(call);
    throw error;
  }
  if (goesOn) {
    return Promise.resolve(result).then( // whose then may return nothing
      async (value) => {
        const ends = endWith(call, stream);
        if (stream?.writableEnded) await ends; // what is written behind the answer may come too late
        return value;
      },
      (error) => { end(call); throw error; },
    );
  }
  if (typeof result?.next === "function") running.delete(call); // of values to come nothing is measured
  // Without a promise it calls back, now or later, or what it returns is all there is.
  if (stream) endWith(call, stream);
  else if (back < 0 && running.has(call)) end(call);
  return result;
}

// The ways to answer that came before the callback.
function endAt(call, name) {
  const before = call.context?.[name];
  if (typeof before !== "function") return;
  try {
    call.context[name] = function (...answer) {
      end(call);
      return before.apply(this, answer);
    };
  } catch { /* a context that cannot be changed keeps them */ }
}

// A stream may end before its handler does, or after it.
function endWith(call, stream) {
  if (!stream || stream.writableFinished || stream.destroyed) return end(call);
  return new Promise((resolve) => {
    for (const name of ["finish", "close", "error"]) stream.once(name, () => resolve(end(call)));
  });
}

function end(call) {
  if (call.ended) return;
  call.ended = true;
  if (call.within) return;
  const { user, system } = process.cpuUsage(call.cpu);
  const wall = performance.now() - call.wall;
  running.delete(call);
  const { context } = call;
  const memory = Number(context?.memoryLimitInMB);
  const values = {
    metered: 1,
    request_id: call.id,
    cpu_ms: call.concurrent ? null : Math.round(user + system) / 1000,
    wall_ms: Math.round(wall * 1000) / 1000,
    cold: call.cold,
    function: context?.functionName ?? null,
    version: context?.functionVersion ?? null,
    memory_mb: Number.isInteger(memory) && memory > 0 ? memory : null,
    ...(call.concurrent ? { concurrent: true } : {}),
  };
  // As metered.py writes it, with a space behind each sign; a closed output must not fail the handler.
  const text = Object.entries(values).map(([key, value]) => `"${key}": ${JSON.stringify(value)}`).join(", ");
  try {
    writeSync(1, `{${text}}\n`);
  } catch { /* nobody reads it */ }
}
