"""The words around posts on pages, by language: navigation, headings, notices."""

from __future__ import annotations

from dataclasses import dataclass

from aggregator.publishing.words import primary


@dataclass(frozen=True, kw_only=True)
class Furniture:
    """One language's words. `{path|words}` in a sentence is a link to a path of the site."""

    language: str
    skip: str
    site: str
    archive: str
    feed: str
    river: str  # as inside a sentence
    blogroll: str
    subscribe: str
    only_these: str
    older: str
    tags: str
    cited: str
    nothing_yet: str
    first_post: str
    not_found: str
    nothing_here: str
    mistyped: str


def furniture_for(*languages: str) -> Furniture:
    """Return the words of the first of these languages (BCP 47) that we know, else English."""
    known = (_FURNITURE.get(primary(language)) for language in languages)
    return next(filter(None, known), _ENGLISH)


_ENGLISH = Furniture(
    language="en",
    skip="Skip to the text",
    site="Site",
    archive="Archive",
    feed="Feed",
    river="river",
    blogroll="Blogroll",
    subscribe="Subscribe by {feed.atom|Atom}, {feed.rss|RSS} or {feed.json|JSON Feed}. "
    "The {river.atom|river} adds all that this site follows.",
    only_these="Subscribe to these posts only",
    older="Older posts",
    tags="Tags",
    cited="Cited",
    nothing_yet="Nothing published yet.",
    first_post="Nothing published yet. Subscribe to {feed.atom|the feed}, and the first post will "
    "come to you.",
    not_found="Not found",
    nothing_here="There is nothing at this address",
    mistyped="It may never have existed, or it was mistyped. Every post ever published is in "
    "{archive/|the archive}.",
)
_GERMAN = Furniture(
    language="de",
    skip="Zum Text springen",
    site="Website",
    archive="Archiv",
    feed="Feed",
    river="Fluss",
    blogroll="Blogroll",
    subscribe="Abonnieren als {feed.atom|Atom}, {feed.rss|RSS} oder {feed.json|JSON Feed}. Der "
    "{river.atom|Fluss} enthält außerdem alles, dem diese Website folgt.",
    only_these="Nur diese Beiträge abonnieren",
    older="Ältere Beiträge",
    tags="Schlagwörter",
    cited="Zitiert",
    nothing_yet="Noch nichts veröffentlicht.",
    first_post="Noch nichts veröffentlicht. Wer den {feed.atom|Feed} abonniert, bekommt den ersten "
    "Beitrag von selbst.",
    not_found="Nicht gefunden",
    nothing_here="Unter dieser Adresse gibt es nichts",
    mistyped="Vielleicht gab es hier nie etwas, oder die Adresse ist vertippt. Jeder "
    "veröffentlichte Beitrag steht im {archive/|Archiv}.",
)
_FRENCH = Furniture(
    language="fr",
    skip="Aller au texte",
    site="Site",
    archive="Archives",
    feed="Fil",
    river="rivière",
    blogroll="Blogroll",
    subscribe="S’abonner par {feed.atom|Atom}, {feed.rss|RSS} ou {feed.json|JSON Feed}. La "
    "{river.atom|rivière} y ajoute tout ce que ce site suit.",
    only_these="S’abonner à ces billets seulement",
    older="Billets plus anciens",
    tags="Mots-clés",
    cited="Cité",
    nothing_yet="Rien n’est encore publié.",
    first_post="Rien n’est encore publié. Abonnez-vous au {feed.atom|fil}, et le premier billet "
    "viendra à vous.",
    not_found="Introuvable",
    nothing_here="Il n’y a rien à cette adresse",
    mistyped="Elle n’a peut-être jamais existé, ou elle a été mal saisie. Tous les billets publiés "
    "sont dans {archive/|les archives}.",
)
_SPANISH = Furniture(
    language="es",
    skip="Ir al texto",
    site="Sitio",
    archive="Archivo",
    feed="Feed",
    river="río",
    blogroll="Blogroll",
    subscribe="Suscríbete por {feed.atom|Atom}, {feed.rss|RSS} o {feed.json|JSON Feed}. El "
    "{river.atom|río} añade todo lo que sigue este sitio.",
    only_these="Suscribirse solo a estas entradas",
    older="Entradas anteriores",
    tags="Etiquetas",
    cited="Citado",
    nothing_yet="Todavía no hay nada publicado.",
    first_post="Todavía no hay nada publicado. Suscríbete al {feed.atom|feed} y la primera entrada "
    "te llegará.",
    not_found="No encontrado",
    nothing_here="No hay nada en esta dirección",
    mistyped="Quizá nunca existió, o está mal escrita. Todas las entradas publicadas están en "
    "{archive/|el archivo}.",
)
_PORTUGUESE = Furniture(
    language="pt",
    skip="Ir para o texto",
    site="Site",
    archive="Arquivo",
    feed="Feed",
    river="rio",
    blogroll="Blogroll",
    subscribe="Assine por {feed.atom|Atom}, {feed.rss|RSS} ou {feed.json|JSON Feed}. O "
    "{river.atom|rio} acrescenta tudo o que este site segue.",
    only_these="Assinar só estes textos",
    older="Textos mais antigos",
    tags="Etiquetas",
    cited="Citado",
    nothing_yet="Nada publicado ainda.",
    first_post="Nada publicado ainda. Assine o {feed.atom|feed}, e o primeiro texto chegará até "
    "você.",
    not_found="Não encontrado",
    nothing_here="Não há nada neste endereço",
    mistyped="Talvez nunca tenha existido, ou foi mal digitado. Todos os textos publicados estão "
    "no {archive/|arquivo}.",
)
_ITALIAN = Furniture(
    language="it",
    skip="Vai al testo",
    site="Sito",
    archive="Archivio",
    feed="Feed",
    river="fiume",
    blogroll="Blogroll",
    subscribe="Abbonati con {feed.atom|Atom}, {feed.rss|RSS} o {feed.json|JSON Feed}. Il "
    "{river.atom|fiume} aggiunge tutto ciò che questo sito segue.",
    only_these="Abbonati solo a questi articoli",
    older="Articoli precedenti",
    tags="Etichette",
    cited="Citato",
    nothing_yet="Ancora niente di pubblicato.",
    first_post="Ancora niente di pubblicato. Abbonati al {feed.atom|feed}, e il primo articolo "
    "arriverà da te.",
    not_found="Non trovato",
    nothing_here="A questo indirizzo non c’è nulla",
    mistyped="Forse non è mai esistito, o è stato scritto male. Tutti gli articoli pubblicati sono "
    "{archive/|nell’archivio}.",
)
_FURNITURE = {
    words.language: words for words in (_ENGLISH, _GERMAN, _FRENCH, _SPANISH, _PORTUGUESE, _ITALIAN)
}
