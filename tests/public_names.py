"""Every public name with its signature, as text, a line each.

Written by ``python tests/public_names.py > tests/data/api.txt``, and compared with that by a test.
Types are left to the type checkers; this is what a call may look like.
"""

import inspect
import re

import musify


def signature(value: object) -> str:
    try:
        found = inspect.signature(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return ""
    empty = inspect.Parameter.empty
    plain = [
        parameter.replace(annotation=empty)
        for name, parameter in found.parameters.items()
        if name not in ("self", "cls")
    ]
    text = str(found.replace(parameters=plain, return_annotation=inspect.Signature.empty))
    return re.sub(r" at 0x[0-9a-f]+", "", text)


def lines() -> list[str]:
    """List public names, and the public members of classes, with what they take."""
    found = []
    for name in musify.__all__:
        value = getattr(musify, name)
        is_error = isinstance(value, type) and issubclass(value, BaseException)
        taken = signature(value) if callable(value) and not is_error else ""
        found.append(f"{name}{taken}" if name != "hookimpl" else name)
        if not isinstance(value, type) or is_error:
            continue
        for member, own in vars(value).items():
            if member.startswith("_"):
                continue
            function = getattr(own, "__func__", own)
            takes = signature(function) if inspect.isroutine(function) else ""
            found.append(f"{name}.{member}{takes}")
    return found


if __name__ == "__main__":
    import sys

    sys.stdout.write("\n".join(lines()) + "\n")
