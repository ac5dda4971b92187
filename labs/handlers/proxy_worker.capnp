# How workerd, Cloudflare's runtime, serves proxy_worker.js on this machine. The provider's address
# and the port come from the command line, the rest from the environment.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "proxy", worker = .proxy),
    (name = "provider", external = (address = "127.0.0.1:1", http = ())),
  ],
  sockets = [ (name = "http", address = "127.0.0.1:0", http = (), service = "proxy") ],
);

const proxy :Workerd.Worker = (
  modules = [ (name = "proxy_worker.js", esModule = embed "proxy_worker.js") ],
  compatibilityDate = "2025-11-01",
  bindings = [
    (name = "PROVIDER", service = "provider"),
    (name = "BASE_URL", fromEnvironment = "OPENAI_BASE_URL"),
    (name = "KEY", fromEnvironment = "OPENAI_API_KEY"),
  ],
);
