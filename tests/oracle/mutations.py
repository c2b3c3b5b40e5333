"""mutations.py - changes JSON values at random, for tests that have two programs
judge what came out."""
import copy


def places(value, path=()):
    """Every place in value: the path to it."""
    yield path
    items = (value.items() if isinstance(value, dict) else
             enumerate(value) if isinstance(value, list) else ())
    for key, inner in items:
        yield from places(inner, path + (key,))


def mutate(rng, value, odd, keys, keep=()):
    """Removes, replaces by one of odd, repeats or shuffles something inside value,
    or gives an object one of keys; nothing below a key that is in keep."""
    inside = [path for path in places(value)
              if path and not any(key in keep for key in path)]
    if not inside:  # an earlier mutation took all
        return
    path = rng.choice(inside)
    holder = value
    for key in path[:-1]:
        holder = holder[key]
    key = path[-1]
    kind = rng.randrange(5)
    if kind == 0:
        del holder[key]
    elif kind == 1:
        holder[key] = copy.deepcopy(rng.choice(odd))
    elif kind == 2 and isinstance(holder, list):
        holder.insert(key, copy.deepcopy(holder[key]))
    elif kind == 3 and isinstance(holder, list):
        rng.shuffle(holder)
    elif isinstance(holder, dict):
        holder[rng.choice(keys)] = copy.deepcopy(rng.choice(odd))
