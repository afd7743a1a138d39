"""Checks of words: placeholders, the other language, promises of treatment, and signatures that name nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator

from encoders.languages import ENGLISH, LANGUAGES, name_property
from engine.rules.checks.findings import Finding, make_error
from engine.rules.individuals import Individual
from engine.rules.ontology import Ontology

CHINESE = re.compile(r"[\u3400-\u9fff]")
LATIN_WORD = re.compile(r"[A-Za-z]{3,}")
SLOT = re.compile(r"\{\w*\}")
PLACEHOLDER = re.compile(
    r"(?i)^\W*$|\b((?-i:TO-?DO|to-do)|fix-?me|tbd|tba|xxx+|lorem ipsum|placeholder|changeme|asdf\w*|qwerty)\b|"
    r"待定|待补|占位|待写",
)
SCRIPTS = {
    "zh": ("Chinese", CHINESE),
    "ja": ("Japanese", re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")),
    "ru": ("Russian", re.compile(r"[\u0400-\u04ff]")),
    "hi": ("Hindi", re.compile(r"[\u0900-\u097f]")),
}
"""Languages that are told by their script."""
OTHER_SCRIPT = re.compile(r"[\u0400-\u04ff\u0900-\u097f\u3040-\u30ff\u3400-\u9fff]")
NAMES = ("label", "definition", "text")
WRITTEN = tuple(name_property(name, language) for name in NAMES for language in LANGUAGES)
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
    """A text is in the script of its language, and no translation is the English text again."""
    for individual in _list_written(ontology):
        for name in WRITTEN:
            text, (base, _, language) = SLOT.sub("", individual.text(name)), name.partition("_")
            if not text:
                continue
            if language in SCRIPTS:
                called, script = SCRIPTS[language]
                wrong = LATIN_WORD.search(text) is not None and not script.search(text)
                fault, repair = f"its '{name}' is not in {called}", f"Translate it: people who write {called} read it"
            elif not language:
                wrong = OTHER_SCRIPT.search(text) is not None
                fault, repair = f"its '{name}' is not in English", f"Move it to '{name}_zh' and write it in English"
            else:
                wrong = OTHER_SCRIPT.search(text) is not None or (" " in text and text == individual.text(base))
                fault, repair = f"its '{name}' is not in that language", "Translate it: people who write so read it"
            if wrong:
                yield make_error("texts-are-in-their-language", individual, fault, repair)


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


def list_texts(individual: Individual) -> tuple[str, ...]:
    """The properties that hold its text, in the languages that it has."""
    names = (name_property("text", language) for language in LANGUAGES)
    return tuple(name for name in names if individual.text(name))


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


def feelings_can_be_asked_for(ontology: Ontology) -> Iterator[Finding]:
    """Every emotion has a name in every language in which it is asked which one it is."""
    asked = ontology.by_id.get("which-feeling")
    for text in list_texts(asked) if asked is not None else ():
        language = text.partition("_")[2] or ENGLISH
        name = name_property("label", language)
        for emotion in ontology.of("Emotion"):
            if not emotion.text(name):
                fault, repair = f"it has no '{name}'", f"Give it an rdfs:label with the language tag {language}"
                yield make_error("feelings-can-be-asked-for", emotion, fault, repair)


CHECKS = (
    feelings_can_be_asked_for,
    texts_are_written,
    texts_are_in_their_language,
    nothing_promises_treatment,
    signatures_name_somebody,
)
