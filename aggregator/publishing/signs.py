"""The words on lists, search, blogroll and the author's page, by language."""

from __future__ import annotations

from dataclasses import dataclass

from aggregator.publishing.words import primary


@dataclass(frozen=True, kw_only=True)
class Signs:
    """One language's words. `{path|words}` is a link; `{name}` and `{count}` are filled in."""

    language: str
    about: str
    search: str
    sources: str
    citing: str
    earlier: str
    later: str
    years: str
    search_for: str
    search_needs: str
    searching: str
    found: str
    found_one: str
    found_none: str
    search_failed: str
    blogroll_is: str
    no_feeds: str
    feed_of: str
    written_by: str


def signs_for(language: str) -> Signs:
    """Return the words of a language (BCP 47), else English."""
    return _SIGNS.get(primary(language), _ENGLISH)


_ENGLISH = Signs(
    language="en",
    about="About",
    search="Search",
    sources="Sources",
    citing="Posts that cite {name}",
    earlier="Earlier",
    later="Later",
    years="Years",
    search_for="Words to look for",
    search_needs="Searching needs a script that your browser runs, and nobody else. Without it, "
    "every post is in {archive/|the archive}, by {tags/|tag} and by {sources/|source}.",
    searching="Searching …",
    found="{count} posts found",
    found_one="One post found",
    found_none="No post holds all of these words",
    search_failed="The index could not be loaded; every post is in the archive.",
    blogroll_is="What this site follows. {blogroll.opml|Take the whole list along} (OPML), to "
    "import it into a feed reader.",
    no_feeds="Nothing followed yet.",
    feed_of="feed",
    written_by="Written by",
)
_GERMAN = Signs(
    language="de",
    about="Über",
    search="Suche",
    sources="Quellen",
    citing="Beiträge, die {name} zitieren",
    earlier="Früher",
    later="Später",
    years="Jahre",
    search_for="Wörter, nach denen gesucht wird",
    search_needs="Die Suche braucht ein Skript, das im eigenen Browser läuft und sonst nirgends. "
    "Ohne steht jeder Beitrag im {archive/|Archiv}, nach {tags/|Schlagwort} und nach "
    "{sources/|Quelle}.",
    searching="Es wird gesucht …",
    found="{count} Beiträge gefunden",
    found_one="Ein Beitrag gefunden",
    found_none="Kein Beitrag enthält alle diese Wörter",
    search_failed="Das Verzeichnis ließ sich nicht laden; jeder Beitrag steht im Archiv.",
    blogroll_is="Wem diese Website folgt. {blogroll.opml|Die ganze Liste mitnehmen} (OPML), um sie "
    "in einen Feedreader einzulesen.",
    no_feeds="Noch wird niemandem gefolgt.",
    feed_of="Feed",
    written_by="Geschrieben von",
)
_FRENCH = Signs(
    language="fr",
    about="À propos",
    search="Recherche",
    sources="Sources",
    citing="Billets qui citent {name}",
    earlier="Plus tôt",
    later="Plus tard",
    years="Années",
    search_for="Mots à chercher",
    search_needs="La recherche demande un script, qui ne tourne que dans votre navigateur. Sans "
    "lui, tous les billets sont dans {archive/|les archives}, par {tags/|mot-clé} et par "
    "{sources/|source}.",
    searching="Recherche en cours…",
    found="{count} billets trouvés",
    found_one="Un billet trouvé",
    found_none="Aucun billet ne contient tous ces mots",
    search_failed="L’index n’a pas pu être chargé ; tous les billets sont dans les archives.",
    blogroll_is="Ce que ce site suit. {blogroll.opml|Emportez toute la liste} (OPML) pour "
    "l’importer dans un lecteur de fils.",
    no_feeds="Rien n’est encore suivi.",
    feed_of="fil",
    written_by="Écrit par",
)
_SPANISH = Signs(
    language="es",
    about="Acerca de",
    search="Buscar",
    sources="Fuentes",
    citing="Entradas que citan {name}",
    earlier="Antes",
    later="Después",
    years="Años",
    search_for="Palabras que buscar",
    search_needs="La búsqueda necesita un script, que solo se ejecuta en tu navegador. Sin él, "
    "todas las entradas están en {archive/|el archivo}, por {tags/|etiqueta} y por "
    "{sources/|fuente}.",
    searching="Buscando…",
    found="{count} entradas encontradas",
    found_one="Una entrada encontrada",
    found_none="Ninguna entrada contiene todas estas palabras",
    search_failed="No se pudo cargar el índice; todas las entradas están en el archivo.",
    blogroll_is="Lo que sigue este sitio. {blogroll.opml|Llévate la lista completa} (OPML) para "
    "importarla en un lector de feeds.",
    no_feeds="Todavía no se sigue nada.",
    feed_of="feed",
    written_by="Escrito por",
)
_PORTUGUESE = Signs(
    language="pt",
    about="Sobre",
    search="Busca",
    sources="Fontes",
    citing="Textos que citam {name}",
    earlier="Antes",
    later="Depois",
    years="Anos",
    search_for="Palavras a procurar",
    search_needs="A busca precisa de um script, que só roda no seu navegador. Sem ele, todos os "
    "textos estão no {archive/|arquivo}, por {tags/|etiqueta} e por {sources/|fonte}.",
    searching="Procurando…",
    found="{count} textos encontrados",
    found_one="Um texto encontrado",
    found_none="Nenhum texto contém todas estas palavras",
    search_failed="Não foi possível carregar o índice; todos os textos estão no arquivo.",
    blogroll_is="O que este site segue. {blogroll.opml|Leve a lista inteira} (OPML) para "
    "importá-la num leitor de feeds.",
    no_feeds="Nada é seguido ainda.",
    feed_of="feed",
    written_by="Escrito por",
)
_ITALIAN = Signs(
    language="it",
    about="Informazioni",
    search="Ricerca",
    sources="Fonti",
    citing="Articoli che citano {name}",
    earlier="Prima",
    later="Dopo",
    years="Anni",
    search_for="Parole da cercare",
    search_needs="La ricerca ha bisogno di uno script, che gira solo nel tuo browser. Senza, tutti "
    "gli articoli sono {archive/|nell’archivio}, per {tags/|etichetta} e per {sources/|fonte}.",
    searching="Ricerca in corso…",
    found="{count} articoli trovati",
    found_one="Un articolo trovato",
    found_none="Nessun articolo contiene tutte queste parole",
    search_failed="Non è stato possibile caricare l’indice; tutti gli articoli sono nell’archivio.",
    blogroll_is="Che cosa segue questo sito. {blogroll.opml|Porta con te l’intera lista} (OPML) "
    "per importarla in un lettore di feed.",
    no_feeds="Non si segue ancora nulla.",
    feed_of="feed",
    written_by="Scritto da",
)
_SIGNS = {
    signs.language: signs for signs in (_ENGLISH, _GERMAN, _FRENCH, _SPANISH, _PORTUGUESE, _ITALIAN)
}
