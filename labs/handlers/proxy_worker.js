// The same proxy as a Cloudflare Worker: it passes the provider's stream on and bills its CPU only.
export default {
  async fetch(request, env) {
    return env.PROVIDER.fetch(`${env.BASE_URL}/chat/completions`, {
      method: "POST",
      headers: { "Authorization": `Bearer ${env.KEY}`, "Content-Type": "application/json" },
      body: request.body,
    });
  },
};
