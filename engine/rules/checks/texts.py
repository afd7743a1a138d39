"""Checks of words: placeholders, the other language, promises of treatment, and signatures that name nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.rules.checks.findings import Finding, make_error
from engine.rules.individuals import Individual
from engine.rules.ontology import Ontology

CHINESE = re.compile(r"[\u3400-\u9fff]")
LATIN_WORD = re.compile(r"[A-Za-z]{3,}")
SLOT = re.compile(r"\{\w*\}")
PLACEHOLDER = re.compile(
    r"(?i)^\W*$|\b(to-?do|fix-?me|tbd|tba|xxx+|lorem ipsum|placeholder|changeme|asdf\w*|qwerty)\b|待定|待补|占位|待写",
)
WRITTEN = ("label", "label_zh", "definition", "text", "text_zh")
PLAIN = ("SupportLine", "Phrase", "WordList", "Evidence")
"""Classes whose texts are names of others, patterns, or words of a source."""

_EASES = r"(?:treat|cure|heal|remed(?:y|ie)|fixe?|relieve|eliminate|alleviate|stop|end|prevent)(?:s|es|d|ed|ing)?"
_ILLNESS = (
    r"(?:depress\w*|anxiety|panic(?: attacks?| disorder)?|insomnia|ptsd|trauma\w*|psychosis|mania|bipolar\w*|epilep\w*|"
    r"seizures?|dementia|autism|tinnitus|pain|addiction|disorders?|illness\w*|diseases?|symptoms?|condition|migraines?)"
)
_CARE = (
    r"(?:medications?|medicines?|drugs?|pills|antidepressants?|therap(?:y|ists?)|doctors?|treatments?|professionals?)"
)
PROMISES = (
    re.compile(rf"(?i)\b{_EASES}\b(?:\W+\w+){{0,3}}?\W+{_ILLNESS}\b"),
    re.compile(
        rf"(?i)\b(?:replac(?:e|es|ing)|instead of|no need for|better than|as good as)\b(?:\W+\w+){{0,2}}?\W+{_CARE}\b"
    ),
    re.compile(rf"(?i)\b(?:stop|quit|skip|without)\b(?:\W+\w+){{0,1}}?\W+(?:your|the|any)\W+{_CARE}\b"),
    re.compile(
        r"(?i)\b(?:clinically|scientifically) proven\b|\bguarantee[sd]?\b|\b(?:is|as) (?:a )?(?:cure|treatment)\b"
    ),
    re.compile(
        r"(?i)\b(?:cures?|heals?) (?:you|your)\b|\byou (?:will|are going to) (?:recover|be cured|get well|be healed)\b",
    ),
    re.compile(r"治疗(?:你|您|好|抑郁|焦虑|失眠|创伤|疾病)|治愈|治好|根治|疗愈(?:你|您)?的?(?:病|抑郁|焦虑)"),
    re.compile(r"(?:代替|替代|取代|不用|不必|停止|停)(?:再)?(?:你的|您的)?(?:吃|服|用)?(?:药|医生|治疗|就医)"),
)
DENIED = re.compile(
    r"(?i)\b(?:not?|never|nothing|cannot|can't|neither|nor|nobody)\b|n't\b|不能|不会|并不|无法|不可|没有|从不|而不"
)
"""What turns a promise into its denial when it stands shortly before it in the same sentence."""
NEAR = 40
"""Characters before a promise in which a denial counts."""
SENTENCE = re.compile(r"[^.!?;:。！？；：]+")
NAMELESS = re.compile(
    r"(?i)^(?:x+|y+|z+|n/?a|none|nobody|no one|anon\w*|unknown|test\w*|me|myself|user|admin|someone|somebody|"
    r"therapist|todo|name|signed|yes|ok|dr\.?|无|无名|某人|测试|匿名)$",
)


def texts_are_written(ontology: Ontology) -> Iterator[Finding]:
    """No label, definition or text is a placeholder, and a definition says more than the label."""
    for individual in _list_written(ontology):
        for name in WRITTEN:
            text = individual.text(name)
            if text and PLACEHOLDER.search(text):
                yield make_error(
                    "texts-are-written", individual, f"its '{name}' is a placeholder: '{text}'", "Write what it means"
                )
        definition = individual.text("definition")
        if definition and _fold(definition) in {_fold(individual.id), _fold(individual.text("label"))}:
            yield make_error(
                "texts-are-written",
                individual,
                "its definition only repeats its name",
                "Say in a sentence what it means, or what it does",
            )


def texts_are_in_their_language(ontology: Ontology) -> Iterator[Finding]:
    """What is for Chinese readers has Chinese characters, and what is for English readers has none."""
    for individual in _list_written(ontology):
        for name in WRITTEN:
            text = SLOT.sub("", individual.text(name))
            if name.endswith("_zh"):
                wrong = LATIN_WORD.search(text) is not None and not CHINESE.search(text)
                language, repair = "Chinese", "Translate it: people who write Chinese read it"
            else:
                wrong = CHINESE.search(text) is not None
                language, repair = "English", f"Move it to '{name}_zh' and write it in English"
            if wrong:
                yield make_error(
                    "texts-are-in-their-language", individual, f"its '{name}' is not in {language}", repair
                )


def nothing_promises_treatment(ontology: Ontology) -> Iterator[Finding]:
    """No text says that music treats or cures anybody, or replaces a doctor or a medicine.

    Found by patterns of words, which miss what is said in other words; what stands in a denial is allowed.
    """
    for individual in _list_written(ontology):
        for name in (*WRITTEN, "comment"):
            if (promise := find_promise(individual.text(name))) is not None:
                yield make_error(
                    "nothing-promises-treatment",
                    individual,
                    f"its '{name}' promises treatment: '{promise}'",
                    "Say what the music does; Isopath treats nobody and replaces nothing",
                )


def find_promise(text: str) -> str | None:
    """The words of a text that promise treatment, if any do."""
    for sentence in SENTENCE.finditer(text):
        for pattern in PROMISES:
            for found in pattern.finditer(sentence[0]):
                if not DENIED.search(sentence[0][max(0, found.start() - NEAR) : found.start()]):
                    return found[0].strip()
    return None


def signatures_name_somebody(ontology: Ontology) -> Iterator[Finding]:
    """Whoever signs a number is named: a first and a last name, or a Chinese name."""
    for individual in ontology.individuals:
        signed = individual.text("signed_by")
        if signed and not names_somebody(signed):
            yield make_error(
                "signatures-name-somebody",
                individual,
                f"it is signed by '{signed}', which is nobody's name",
                "Sign it with the full name of the person who answers for it",
            )


def names_somebody(signature: str) -> bool:
    """Whether it reads as a person's name: two words of letters, or two to four Chinese characters."""
    words = [word for word in re.split(r"[\s,]+", signature.strip()) if not NAMELESS.fullmatch(word)]
    if CHINESE.search(signature):
        return len(CHINESE.findall(signature)) >= 2 and not NAMELESS.fullmatch(signature.strip())
    return len([word for word in words if len(re.findall(r"[^\W\d_]", word)) >= 2 and len(set(word.lower())) > 1]) >= 2


def _list_written(ontology: Ontology) -> Iterator[Individual]:
    for individual in ontology.individuals:
        if not {*PLAIN} & {*individual.classes}:
            yield individual


def _fold(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text).strip().casefold()


CHECKS = (texts_are_written, texts_are_in_their_language, nothing_promises_treatment, signatures_name_somebody)
