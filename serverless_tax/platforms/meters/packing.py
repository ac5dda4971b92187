"""How many instances a router keeps up that fills the first before the next, and moves nothing.

By Little's law the requests in flight are, on average, the time they take over the time there is:
the load ``a``. With Poisson arrivals their number is a Poisson variable, whatever the lengths, and
its spread is ``sqrt(a)``. With room for ``c`` in an instance

- the first is up while anybody is there, ``1 - e^-a`` of the time;
- the next are up one after the other as the load passes ``c``, ``2 c``, and so on: each in a step
  as wide as a few spreads, and earlier than the mean says, because a request stays where it is.

The steps' width and shift were fitted to ``traffic``'s simulation, event by event, at room for 2 to
1,000 and loads of a tenth to ten times the room: within 3 % of it for lengths all alike, for those
that vary as an exponential's do, and for those in between. With room for one request it is exact.
Where instances are kept, for ten to 180 lengths, it is within 5 % with room for 7 and more, and
within 6 % for exponential lengths; with room for one it is up to a fifth off, for fewer than 7 up
to an eighth. Each bill says which.
Each operation is one that the page's JavaScript does alike, so there is no ``exp``.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from serverless_tax.ground.request import Quantity
from serverless_tax.ground.trace import part, repeat

_CERTAIN = 40  # 1 - e^-40 is 1 in double precision
_HALVINGS, _TERMS = 6, 17

#: How many steps are looked at: those below count as up, those above as not.
_STEPS, _BELOW, _WIDEST = 14, 7, 13
_FITTED = 10  # the load, in rooms, up to which width and shift were fitted; they stay as they are
_TINY = 1e-9  # a load at which there is never a second request

#: A narrower step, in spreads, would show as a stair where there is none any more.
_NARROWEST = 2.0
#: The width of a step, in spreads: a number, what one over the root of the room adds, what a spread
#: that is a whole room adds, and one over the room's square. For lengths all alike, and how mixed
#: ones differ.
_WIDTH, _WIDTH_MIXED = (5.701, 4.785, -6.504, 0.0), (-1.76, 2.82, 0.93, 0.26)
#: Its shift: a number, and what is added by one over the fourth root of the room, by a spread that
#: is a whole room, by one over the root, by one over the square, and by that for each room that a
#: spread is, however many.
_SHIFT = (0.943, -0.295, 0.675, -1.769, -0.136, 0.0)
_SHIFT_MIXED = (0.877, -1.468, 0.118, 0.582, -1.59, 1.02)


def occupied(load: Quantity) -> Quantity:
    """Return the share of the time in which there is a request, at that load: ``1 - e^-load``.

    A series for a 64th of the load, doubled six times by ``s -> s (2 - s)``.
    """
    x = np.minimum(load, _CERTAIN) / 2**_HALVINGS
    series: Quantity = 1.0
    for k in range(_TERMS, 1, -1):
        series = 1 - x / k * series
    some = x * series
    for _ in range(_HALVINGS):
        some = some * (2 - some)
    return some


def busy_instances(load: Quantity, each: Quantity, mixed: Quantity = 0.0) -> Quantity:
    """Return how many instances with room for ``each`` have a request, on average.

    ``mixed`` says how the lengths of requests vary: their standard deviation over their mean, 0
    where all are alike and 1, the most that counts, where they vary as an exponential's do.
    """
    return np.minimum(load, up_instances(load, each, mixed))


def up_instances(
    load: Quantity, each: Quantity, mixed: Quantity = 0.0, kept: Quantity = 0.0
) -> Quantity:
    """Return how many instances with room for ``each`` are up, on average.

    Each is kept for ``kept`` mean lengths of a request after its last. An instance that is kept
    was needed by the most requests at once of that time, which lie the higher the longer it is.
    """
    # Written down once for a page, however many platforms call it.
    met = SimpleNamespace(load=load * 1.0, each=each, mixed=mixed, kept=kept)
    return part("up_instances", packed, met)["up"]


def packed(w: Any) -> dict[str, Quantity]:
    """Return as ``up`` how many instances are up, of a load, a room, how lengths vary, and kept."""
    load, each, mixed, kept = w.load, w.each, w.mixed, w.kept
    stays = 1.0 * (kept > 0)
    room = np.maximum(each, 2 - stays)
    spread = np.sqrt(np.maximum(load, _TINY))
    varies = np.minimum(mixed, 1)
    # Half as mixed counts for more than half; over a long time a few lengths make no odds.
    varies = varies * (1.4 - 0.4 * varies) / (1 + kept)
    rooms = np.minimum(spread, np.sqrt(_FITTED * room)) / room
    width, shift, skew = _step(room, rooms, varies, kept)
    some = occupied(load * (1 + kept))
    reached = load + shift * spread
    wide = np.minimum(width * spread, _WIDEST * room)  # a step that is wider adds up to the same
    below = np.maximum(np.floor(reached / room) - _BELOW, 1)

    def add(k: Quantity, up: Quantity) -> tuple[Quantity, Quantity]:
        at = (reached - k * room) / wide + 0.5
        risen = np.minimum(np.maximum(at, 0), 1)
        risen = risen - skew * risen * (1 - risen)
        return k + 1, up + risen * risen * risen * (10 - risen * (15 - 6 * risen))

    _, up = repeat(_STEPS, (below, some + below - 1), add)
    # Never fewer than full instances are; nor, where none is kept, more than pairs of requests in
    # flight allow, whose mean is the load's square.
    most = some + load * load / (room * (room + 1)) + stays * up
    up = np.minimum(np.maximum(up, np.maximum(some, load / room)), most)
    alone = np.minimum(np.maximum(2 - each, 0), 1) * (1 - stays)  # room for one: one for each
    return {"up": np.minimum(load * alone + up * (1 - alone), load * (1 + kept))}


#: How many places are counted one by one, the last of those that are kept.
_COUNTED = 32


def overflow(load: Quantity, each: Quantity, kept: Quantity, mixed: Quantity = 0.0) -> Quantity:
    """Return how many instances beyond the first ``kept`` have a request, on average.

    A request goes there when all ``kept * each`` places are taken: Erlang's formula has the share
    of those, for lengths of any kind. They come in bursts, of a variance that is known, and share
    instances as so many times fewer requests would, with as many times less room (Hayward).
    With room for one request it is within 0.5 % of a simulation, for up to 300 kept. With more, a
    bill at list prices is within 7 % of one, and with room for 7 and more within 5 %, at loads of a
    tenth to ten rooms and up to 11 kept. Each bill says so.
    Source: https://en.wikipedia.org/wiki/Erlang_(unit)#Erlang_B_formula
    """
    # Written down once for a page, however many platforms call it.
    met = SimpleNamespace(load=load * 1.0, each=each, kept=kept, mixed=mixed)
    return part("beyond_kept", _beyond, met)["beyond"]


def _beyond(w: Any) -> dict[str, Quantity]:
    each, mixed = w.each, w.mixed
    places, load = w.kept * each, np.maximum(w.load, _TINY)
    first = places - _COUNTED
    free = load - np.maximum(first, 0)
    lost = np.minimum((free + np.sqrt(free * free + 2.5 * load)) / (2 * load), 1)

    def add(k: Quantity, lost: Quantity) -> tuple[Quantity, Quantity]:
        k, sent = k + 1, load * lost
        return k, sent / (np.maximum(k, 0) + sent)

    _, lost = repeat(_COUNTED, (first, lost), add)
    sent = load * lost
    bursts = np.maximum(1 - sent + load / np.maximum(places + 1 + sent - load, 1), 1)
    bursts = np.minimum(bursts, np.sqrt(each))  # a small room cuts them
    alone = np.minimum(np.maximum(2 - each, 0), 1)
    met = busy_instances(sent / bursts, each / bursts, mixed)
    beyond = sent * alone + np.minimum(met, sent) * (1 - alone)
    # Of the kept ones, as many are busy as full ones would be, at least.
    most = busy_instances(load, each, mixed) - (load - sent) / each
    return {"beyond": np.minimum(beyond, most)}


#: How wide a smooth step is that spreads as a Poisson variable does, in its spreads; and up to how
#: many instances the sum is made term by term.
_TURN, _FEW = 5.29, 4


def in_turn(load: Quantity, count: Quantity, mixed: Quantity = 0.0) -> Quantity:
    """Return how many of ``count`` instances have a request, where each gets the next one in turn.

    The requests in flight are then at as many instances, for lengths all alike: the mean of the
    lesser of a Poisson variable and the count. Of a few instances that is a sum of its tails; of
    more, a smooth step. Where lengths vary as an exponential's do, each instance has its share of
    the load, which meets less than by chance: within 2 % of a simulation. ``mixed`` is as with
    :func:`busy_instances`.
    """
    each = load / np.maximum(count, _TINY)
    apart = 0.67 * each * each * (1 - 1 / np.maximum(count, 1)) / (1 + 1.16 * each)
    varied = count * occupied(each + apart)
    width = _TURN * np.sqrt(np.maximum(load, _TINY))
    at = (count - load) / width + 0.5
    risen = np.minimum(np.maximum(at, 0), 1)
    fourth = risen * risen * risen * risen
    free = width * (fourth * (risen * (risen - 3) + 2.5) + np.maximum(at - 1, 0))

    def add(k: Quantity, chance: Quantity, more: Quantity, met: Quantity) -> tuple[Quantity, ...]:
        more = more - chance
        counts = np.minimum(np.maximum(count - k, 0), 1)
        return k + 1, chance * load / (k + 1), more, met + counts * more

    none = 1 - occupied(load)
    *_, few = repeat(_FEW, (0.0 * load, none, 1.0 + 0.0 * load, 0.0 * load), add)
    summed = np.minimum(np.maximum(_FEW + 1 - count, 0), 1)
    alike = few * summed + (count - free) * (1 - summed)
    varies = np.minimum(mixed, 1)
    return alike * (1 - varies) + varied * varies


def _step(
    room: Quantity, rooms: Quantity, mixed: Quantity, kept: Quantity
) -> tuple[Quantity, Quantity, Quantity]:
    """Return width, shift and skew of the steps, where a spread is so many ``rooms``.

    Where instances are kept, a step begins early, by rare moments, and ends at once.
    """
    root, square, crowded = 1 / np.sqrt(room), 1 / (room * room), rooms
    rooms = np.minimum(rooms, 1)
    on_width = (1.0, root, rooms, square)
    on_shift = (1.0, np.sqrt(root), rooms, root, square, square * crowded)
    width = _sum(_WIDTH, on_width) + mixed * _sum(_WIDTH_MIXED, on_width)
    shift = _sum(_SHIFT, on_shift) + mixed * _sum(_SHIFT_MIXED, on_shift)
    width = np.maximum(width, _NARROWEST)
    high = _extreme(kept)
    narrower = (1 + 0.736 * rooms * high) / (1 + high * (0.361 + 0.043 * high))
    earlier = high * (0.747 + 0.093 * root - 0.383 * rooms + high * (0.054 + 0.363 * root))
    return width * narrower, shift + earlier, np.minimum(0.25 * high, 1)


def _sum(factors: tuple[float, ...], of: tuple[Quantity, ...]) -> Quantity:
    total: Quantity = 0.0
    for factor, each in zip(factors, of, strict=True):
        total = total + factor * each
    return total


def _extreme(kept: Quantity) -> Quantity:
    """Return about how many spreads the most of so many more draws lies above the mean.

    That is ``sqrt(2 ln(1 + kept))``, the logarithm taken of the eighth root.
    """
    eighth = np.sqrt(np.sqrt(np.sqrt(1 + kept)))
    return np.sqrt(32 * (eighth - 1) / (eighth + 1))
