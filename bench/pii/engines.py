"""engines - other finders of personal data, for score --engine NAME

Each gives a function from a text to (start, end, type) in code points. They
are what a user would otherwise take; none is needed to build or test.
"""

import re


def load(name):
    """The engine's function, or None if its package is not installed."""
    try:
        return {"regex": regex, "scrubadub": scrubadub}[name]()
    except ImportError:
        return None


# The patterns that scripts for this job commonly hold, one a type.
PATTERNS = [
    ("EMAIL_ADDRESS", r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}"),
    ("URL_CREDENTIALS", r"(?<=://)[^\s/@:]+:[^\s/@]+(?=@)"),
    ("CREDIT_CARD", r"\b(?:\d[ -]?){12,18}\d\b"),
    ("IBAN_CODE", r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}[A-Z0-9]{0,3}\b"),
    ("US_SSN", r"\b\d{3}-\d{2}-\d{4}\b"),
    ("IP_ADDRESS", r"\b(?:\d{1,3}\.){3}\d{1,3}\b"
                   r"|\b(?:[0-9A-Fa-f]{1,4}:){2,7}[0-9A-Fa-f:]{1,4}\b"),
    ("MAC_ADDRESS", r"\b(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}\b"),
    ("PHONE_NUMBER", r"(?:\+?\d{1,3}[ .-]?)?\(?\d{3}\)?[ .-]?\d{3}[ .-]?\d{4}"),
    ("USERNAME", r"(?<![\w/])/?u/[\w-]{3,20}"),
    ("SOCIAL_HANDLE", r"(?<!\w)@\w{1,20}"),
    ("CRYPTO", r"\b(?:bc1|[13])[a-zA-HJ-NP-Z0-9]{25,59}\b"
               r"|\b0x[0-9a-fA-F]{40}\b"),
]


def regex():
    """Python's re, all patterns in one alternation."""
    pattern = re.compile("|".join(f"(?P<{k}>{p})" for k, p in PATTERNS))
    return lambda text: [(m.start(), m.end(), m.lastgroup)
                         for m in pattern.finditer(text)]


def scrubadub():
    """scrubadub with the detectors it has on by default."""
    import scrubadub as package
    scrubber = package.Scrubber()
    types = {"email": "EMAIL_ADDRESS", "phone": "PHONE_NUMBER",
             "credit_card": "CREDIT_CARD", "twitter": "SOCIAL_HANDLE",
             "social_security_number": "US_SSN"}
    return lambda text: [(f.beg, f.end, types[f.type])
                         for f in scrubber.iter_filth(text)
                         if f.type in types]
