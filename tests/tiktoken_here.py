"""tiktoken_here - tiktoken with the token lists of share/encodings.

Nothing is fetched: the lists are unpacked with zstd, and the patterns are
those that tiktoken gives the two encodings.
"""
import os
import subprocess

ENCODINGS = os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "share", "encodings")

CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
PATTERNS = {
    "cl100k_base": "|".join([
        r"'(?i:[sdmt]|ll|ve|re)",
        r"[^\r\n\p{L}\p{N}]?+\p{L}++",
        r"\p{N}{1,3}+",
        r" ?[^\s\p{L}\p{N}]++[\r\n]*+",
        r"\s++$", r"\s*[\r\n]", r"\s+(?!\S)", r"\s"]),
    "o200k_base": "|".join([
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*"
        r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]+" + CONTRACTIONS + "?",
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+"
        r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]*" + CONTRACTIONS + "?",
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+", r"\s+(?!\S)", r"\s+"]),
}


def found():
    """True if this Python has tiktoken."""
    try:
        import tiktoken  # noqa: F401
    except ImportError:
        return False
    return True


def tokens(name):
    """The tokens' bytes, in order of rank."""
    packed = subprocess.run(
        ["zstd", "-dcq", os.path.join(ENCODINGS, name + ".zst")],
        capture_output=True, check=True).stdout
    count = int.from_bytes(packed[:4], "little")
    at = 4 + count
    result = []
    for length in packed[4:at]:
        result.append(packed[at:at + length])
        at += length
    return result


def encoding(name):
    """The encoding as tiktoken's."""
    import tiktoken
    return tiktoken.Encoding(
        name, pat_str=PATTERNS[name], special_tokens={},
        mergeable_ranks={token: rank
                         for rank, token in enumerate(tokens(name))})
