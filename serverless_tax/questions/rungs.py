"""What each rung of the ladder takes and costs, in words; the dollars are computed elsewhere.

Hours are estimates of ours for one function with tests and a deployment pipeline. They are where
an argument starts, not where it ends: set your own rate and judge the payback.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class About:
    """A rung in words: its name, the hours it takes, what may go wrong and what is given up.

    ``do`` is what to do, as a command, and ``pager`` who is called when it fails at night.
    """

    name: str
    do: str
    effort_hours: float
    risk: str
    lost: str
    pager: str = "AWS"


RUNGS = {
    "as-it-is": About("As it is", "", 0, "", ""),
    "memory": About(
        "Give it the memory it needs",
        "Set memory to {least_memory_mb:mb}",
        2,
        "Too little memory crashes it; less memory is less CPU, so work and cold paths slow down.",
        "Headroom for a larger request.",
    ),
    "arm": About(
        "Run on Arm",
        "Build for Arm",
        4,
        "A native dependency without an Arm build; another speed than before.",
        "Nothing, once every dependency is built for it.",
    ),
    "overlap": About(
        "Overlap the waits of one request",
        "Start the calls together",
        8,
        "Two calls can fail at once; async code saves nothing between one invocation and the next.",
        "Code that reads from top to bottom.",
    ),
    "provisioned": About(
        "Provisioned concurrency",
        "Keep environments ready",
        4,
        "Paid day and night; past its number requests run on demand, with a cold start.",
        "The free tier, and paying nothing when nobody asks.",
    ),
    "shorter": About(
        "A shorter wait: shorter answers, or a faster model",
        "Shorten the wait",
        8,
        "Quality: test the answers.",
        "The rest of each answer, or the model you chose.",
    ),
    "no-proxy": About(
        "Do not proxy: hand out a short-lived token",
        "Hand out a short-lived token instead of the answer",
        40,
        "The client holds a token: limit its life, its model and its spending.",
        "Seeing and filtering the answer on its way, and retries on your side.",
    ),
    "gateway": About(
        "Let a gateway stream, without a function",
        "Let a gateway stream, without a function",
        24,
        "The provider's key lives in the gateway; no code between client and model.",
        "Retrieval, prompts and filters on your side, unless they run before.",
    ),
    "share": About(
        "Share the wait: one process for many requests, on Arm",
        "Share the wait in one process of your own",
        80,
        "Somebody is on call; a deployment cuts streams; peaks need room that is paid at night.",
        "Isolation of each request, scaling from zero, zones that look after themselves.",
        "you",
    ),
    "suspended": About(
        "Suspend while the model works",
        "Suspend the function until the provider calls back",
        40,
        "Code that is replayed must be deterministic; an answer comes whole, not token by token.",
        "Streaming: the reader sees nothing until the answer is there.",
    ),
    "active-memory": About(
        "Move to shared memory, and CPU only in use",
        "Move to shared memory, with CPU billed in use",
        80,
        "Requests share a process and its open files; another vendor's limits and outages.",
        "Everything beside the function that is AWS's: roles, queues, private networks.",
        "the vendor",
    ),
    "active-cpu": About(
        "Move to CPU only in use",
        "Move to CPU billed in use",
        80,
        "Another runtime, with 128 MB and its own libraries; CPU of each token is the bill.",
        "Python with native code, and everything beside the function that is AWS's.",
        "the vendor",
    ),
}

#: The least that any change takes: a year's bill below these hours is left as it is.
LEAST_HOURS = min(about.effort_hours for about in RUNGS.values() if about.effort_hours)

#: The rungs beside each other that stand on the function as tuned; the others, on the request.
ON_TUNED = ("overlap", "provisioned", "shorter", "no-proxy", "suspended")

#: What a rung may change of a request, besides what the tuned function has: its memory and its
#: processor, where it still is the function. Nothing else moves.
CHANGES: dict[str, tuple[str, ...]] = {
    "as-it-is": (),
    "memory": ("memory_mb",),
    "arm": ("architecture",),
    "overlap": ("wait_ms", "streaming_ms"),
    "provisioned": (),
    "shorter": ("streaming_ms", "wait_ms", "output_tokens"),
    # The client pays for the tokens that it fetches; the function hands out one in a message.
    "no-proxy": (
        "streaming_ms",
        "wait_ms",
        "cpu_ms_per_output_token",
        "bytes_per_output_token",
        "tokens_per_message",
    ),
    "gateway": (),
    "share": ("architecture",),
    "suspended": ("wait_ms", "streaming_ms", "durable_waits", "durable_steps"),
    "active-memory": ("instance_memory_mb", "instance_vcpu"),
    "active-cpu": (),
}
