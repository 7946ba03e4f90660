"""The words that we add to what the author wrote, by language."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from aggregator.model.post import UpdateKind


@dataclass(frozen=True, kw_only=True)
class Words:
    """One language's words. `reports` is a pattern of {who}, `day` of {day}, {month}, {year}.

    `borrowed` says that they stand in for those of a language that we do not know: dates are
    then in figures, and there are no ordinals.
    """

    language: str
    reports: str
    via: str
    kinds: dict[UpdateKind, str]
    withdrawn_notice: str
    months: tuple[str, ...]
    day: str
    month: str
    ordinals: tuple[str, ...]
    further: str  # after the last ordinal that has a word
    last: str
    untitled: str
    updated: str
    takeaways: str  # the name of their feed
    borrowed: bool = False

    @property
    def withdrawn(self) -> str:
        """The word for a withdrawn post, inside a line."""
        return self.kinds[UpdateKind.WITHDRAWAL].lower()

    def ordinal(self, index: int, count: int) -> str:
        """Return the word for item `index` (from 0) of `count`; empty for an only item."""
        if count == 1 or self.borrowed:
            return ""
        if index == count - 1 and count > 2:
            return self.last
        return self.ordinals[index] if index < len(self.ordinals) else self.further

    def date(self, at: datetime) -> str:
        """Return the day in words, in UTC: "31 March 2026"."""
        at = at.astimezone(UTC)
        if self.borrowed:
            return at.date().isoformat()
        first = _FIRST_DAY.get(self.language, "1") if at.day == 1 else str(at.day)
        return self.day.format(day=first, month=self.months[at.month - 1], year=at.year)

    def moment(self, at: datetime) -> str:
        """Return day and time in words: "31 March 2026, 14:05 UTC"."""
        between = " " if self.borrowed else ", "
        return f"{self.date(at)}{between}{at.astimezone(UTC):%H:%M} UTC"

    def month_of(self, year: int, month: int) -> str:
        """Return a month in words: "March 2026"."""
        if self.borrowed:
            return f"{year:04}-{month:02}"
        return self.month.format(month=self.months[month - 1], year=year)


def words_for(language: str | None, *, site_language: str | None = None) -> Words:
    """Return the words of a BCP 47 language tag.

    Where we have none, a few are borrowed from the site's language, or else from English.
    """
    own = _WORDS.get(primary(language))
    lender = _WORDS.get(primary(site_language), _ENGLISH)
    return own or replace(lender, reports="{who}:", borrowed=True)


def primary(language: str | None) -> str:
    """Return the first part of a language tag: "pt" of "pt-BR"; English without one."""
    return (language or "en").replace("_", "-").split("-", maxsplit=1)[0].lower()


_FIRST_DAY = {"fr": "1er", "it": "1º"}
_ENGLISH = Words(
    language="en",
    reports="{who} reports:",
    via="via",
    kinds={
        UpdateKind.UPDATE: "Update",
        UpdateKind.CORRECTION: "Correction",
        UpdateKind.REACTION: "Reaction",
        UpdateKind.WITHDRAWAL: "Withdrawn",
    },
    withdrawn_notice="The author has withdrawn this post.",
    months=tuple(
        "January February March April May June July August September October November "
        "December".split()
    ),
    day="{day} {month} {year}",
    month="{month} {year}",
    ordinals=tuple(
        "First Secondly Thirdly Fourthly Fifthly Sixthly Seventhly Eighthly Ninthly Tenthly".split()
    ),
    further="Then",
    last="Lastly",
    untitled="Untitled",
    updated="updated",
    takeaways="Takeaways",
)
_GERMAN = Words(
    language="de",
    reports="{who} berichtet:",
    via="über",
    kinds={
        UpdateKind.UPDATE: "Nachtrag",
        UpdateKind.CORRECTION: "Korrektur",
        UpdateKind.REACTION: "Reaktion",
        UpdateKind.WITHDRAWAL: "Zurückgezogen",
    },
    withdrawn_notice="Dieser Beitrag wurde zurückgezogen.",
    months=tuple(
        "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()
    ),
    day="{day}. {month} {year}",
    month="{month} {year}",
    ordinals=tuple(
        "Erstens Zweitens Drittens Viertens Fünftens Sechstens Siebtens Achtens Neuntens "
        "Zehntens".split()
    ),
    further="Ferner",
    last="Schließlich",
    untitled="Ohne Titel",
    updated="aktualisiert",
    takeaways="Schlussfolgerungen",
)
_FRENCH = Words(
    language="fr",
    reports="{who} rapporte\u00a0:",
    via="via",
    kinds={
        UpdateKind.UPDATE: "Mise à jour",
        UpdateKind.CORRECTION: "Correction",
        UpdateKind.REACTION: "Réaction",
        UpdateKind.WITHDRAWAL: "Retiré",
    },
    withdrawn_notice="Ce billet a été retiré par son auteur.",
    months=tuple(
        "janvier février mars avril mai juin juillet août septembre octobre novembre "
        "décembre".split()
    ),
    day="{day} {month} {year}",
    month="{month} {year}",
    ordinals=tuple(
        "Premièrement Deuxièmement Troisièmement Quatrièmement Cinquièmement Sixièmement "
        "Septièmement Huitièmement Neuvièmement Dixièmement".split()
    ),
    further="Ensuite",
    last="Enfin",
    untitled="Sans titre",
    updated="mis à jour",
    takeaways="Conclusions",
)
_SPANISH = Words(
    language="es",
    reports="{who} informa:",
    via="vía",
    kinds={
        UpdateKind.UPDATE: "Actualización",
        UpdateKind.CORRECTION: "Corrección",
        UpdateKind.REACTION: "Reacción",
        UpdateKind.WITHDRAWAL: "Retirado",
    },
    withdrawn_notice="Esta entrada ha sido retirada.",
    months=tuple(
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre "
        "diciembre".split()
    ),
    day="{day} de {month} de {year}",
    month="{month} de {year}",
    ordinals=("Primero", "En segundo lugar", "En tercer lugar", "En cuarto lugar"),
    further="Además",
    last="Por último",
    untitled="Sin título",
    updated="actualizado",
    takeaways="Conclusiones",
)
_PORTUGUESE = Words(
    language="pt",
    reports="{who} relata:",
    via="via",
    kinds={
        UpdateKind.UPDATE: "Atualização",
        UpdateKind.CORRECTION: "Correção",
        UpdateKind.REACTION: "Reação",
        UpdateKind.WITHDRAWAL: "Retirado",
    },
    withdrawn_notice="Este texto foi retirado.",
    months=tuple(
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro "
        "dezembro".split()
    ),
    day="{day} de {month} de {year}",
    month="{month} de {year}",
    ordinals=("Primeiro", "Em segundo lugar", "Em terceiro lugar", "Em quarto lugar"),
    further="Além disso",
    last="Por fim",
    untitled="Sem título",
    updated="atualizado",
    takeaways="Conclusões",
)
_ITALIAN = Words(
    language="it",
    reports="{who} riferisce:",
    via="via",
    kinds={
        UpdateKind.UPDATE: "Aggiornamento",
        UpdateKind.CORRECTION: "Correzione",
        UpdateKind.REACTION: "Reazione",
        UpdateKind.WITHDRAWAL: "Ritirato",
    },
    withdrawn_notice="Questo articolo è stato ritirato.",
    months=tuple(
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre "
        "dicembre".split()
    ),
    day="{day} {month} {year}",
    month="{month} {year}",
    ordinals=("In primo luogo", "In secondo luogo", "In terzo luogo", "In quarto luogo"),
    further="Inoltre",
    last="Infine",
    untitled="Senza titolo",
    updated="aggiornato",
    takeaways="Conclusioni",
)
_WORDS = {
    words.language: words for words in (_ENGLISH, _GERMAN, _FRENCH, _SPANISH, _PORTUGUESE, _ITALIAN)
}
