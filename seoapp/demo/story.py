"""Who the demo is about. Literal data: change a name here and the whole demo follows."""

from dataclasses import dataclass

AGENCY = "Northlight Search"
PASSWORD = "linkledger-demo"  # noqa: S105 - printed at every start; the demo is refused in production
OWNER = "demo@northlight.example"
EDITOR = "editor@northlight.example"
TEAM = (
    (OWNER, "Nora Lindqvist", "owner"),
    (EDITOR, "Ravi Mehta", "editor"),
    ("viewer@northlight.example", "Lena Hoffmann", "viewer"),
)


@dataclass(frozen=True, slots=True)
class Topic:
    """What a client's web is made of: parts of site names, page titles and the words around links."""

    firsts: tuple[str, ...]
    seconds: tuple[str, ...]
    titles: tuple[str, ...]
    money: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DemoClient:
    """One client. sites: how many domains link to it; attack: how many throw-away domains hit it five months ago."""

    name: str
    domain: str
    contact: str
    brands: tuple[str, ...]
    keywords: tuple[str, ...]
    competitors: tuple[str, ...]
    languages: tuple[str, ...]
    countries: tuple[str, ...]
    pages: tuple[str, ...]
    topic: Topic
    sites: int
    attack: int
    seed: int


BIKES = Topic(
    firsts=(
        "two-spoke", "gravel", "chainline", "saddle", "commuter", "velo", "crank", "pannier", "cadence", "fixie",
        "downhill", "touring", "steelframe", "cargo-bike", "hub-gear",
    ),
    seconds=("journal", "weekly", "notes", "review", "club", "collective", "forum", "guide", "diary", "workshop"),
    titles=(
        "The best commuter bikes we rode this year", "How to choose a gravel bike",
        "Belt drive or chain? A long-term test",
        "Ten bike shops worth the detour", "What a bike fit really costs", "Winter commuting: the kit that survived",
        "Cargo bikes for families, compared", "A weekend on the river trail", "Independent bike makers to know",
    ),
    money=("gravel bikes", "commuter bike", "buy cargo bike", "belt drive bicycle", "bike fitting"),
    before=("Our test bike came from", "For a proper fitting we went to", "The frame is built by", "Prices start at"),
    after=(
        "who also offer a two-year service plan.", "and the wait is about four weeks.", "so ask for a test ride first.",
    ),
)  # fmt: skip
FOOD = Topic(
    firsts=(
        "olive", "tapas", "slow-table", "saffron", "market-hall", "larder", "pantry", "terroir", "sobremesa", "cocina",
        "brunch", "harvest", "spoonful",
    ),
    seconds=("stories", "kitchen", "diary", "weekly", "club", "notes", "guide", "letters", "tasting"),
    titles=(
        "Olive oils worth paying for", "Where we ate in autumn", "Recetas con aceite de la nueva cosecha",
        "Gift boxes for people who cook", "A short guide to Spanish cheese", "The producers behind our favourite oils",
        "Menú de temporada", "What makes an oil extra virgin", "Small shops, big flavours",
    ),
    money=("olive oil gift box", "buy olive oil online", "spanish food shop", "aceite de oliva"),
    before=("We buy ours from", "Un buen ejemplo es", "The box we gave away came from", "Tasted blind, the winner was"),
    after=("which ships within two days.", "con cosecha propia.", "and it keeps for a year."),
)  # fmt: skip
MONEY = Topic(
    firsts=(
        "ledger-line", "small-shop", "freelance", "invoice", "cashflow", "quarterly", "founder", "payroll",
        "bookkeeper",
        "margin", "receipts", "startup", "back-office", "taxday", "spreadsheet",
    ),
    seconds=("review", "daily", "handbook", "forum", "academy", "brief", "insider", "notes", "report", "tools"),
    titles=(
        "Accounting software for small teams, compared", "How we closed our books in two days",
        "Invoicing tools that freelancers keep", "The real cost of late payments",
        "Bookkeeping checklist for new founders",
        "Open banking explained", "A template for monthly reporting", "Which integrations matter", "VAT without tears",
    ),
    money=("accounting software", "invoicing app", "bookkeeping software for freelancers", "expense tracker"),
    before=("We moved our books to", "A fair comparison must include", "The template is by", "Among the newer tools,"),
    after=("which has a free plan.", "and support answered within an hour.", "though the reports could be deeper."),
)  # fmt: skip

TOWNS = (
    "ashbrook", "riverton", "eastmere", "holmfirth-bay", "kingsford", "lakeside", "northgate", "oldport", "penrose",
    "stonebridge", "westhaven", "millbrook", "harbourview", "redcliff", "fairoaks",
)  # fmt: skip
PAPERS = ("gazette", "courier", "post", "echo", "chronicle", "observer")
THROWAWAY = (
    "seo-boost",
    "rank-links",
    "cheap-backlinks",
    "da-links",
    "web-directory",
    "link-shop",
    "best-links-online",
)

CLIENTS = (
    DemoClient(
        name="Fernhill Bikes",
        domain="fernhillbikes.example",
        contact="client@fernhillbikes.example",
        brands=("Fernhill", "Fernhill Bikes"),
        keywords=BIKES.money,
        competitors=("pedalworks.example", "velotown.example"),
        languages=("en", "de"),
        countries=("GB", "DE"),
        pages=(
            "/", "/bikes/gravel/", "/bikes/commuter/", "/bikes/cargo/", "/fitting",
            "/journal/belt-drive-long-term-test",
            "/journal/winter-commuting", "/shops/", "/bikes/cargo-bikes",
        ),
        topic=BIKES,
        sites=330,
        attack=58,
        seed=11,
    ),
    DemoClient(
        name="Casa Oliva",
        domain="casaoliva.example",
        contact="client@casaoliva.example",
        brands=("Casa Oliva",),
        keywords=FOOD.money,
        competitors=("aceitebueno.example",),
        languages=("en", "es"),
        countries=("ES", "GB"),
        pages=(
            "/", "/shop/olive-oil", "/shop/gift-boxes", "/es/", "/es/tienda/aceite", "/stories/harvest",
            "/recipes/aioli",
        ),
        topic=FOOD,
        sites=140,
        attack=0,
        seed=23,
    ),
    DemoClient(
        name="Brightledger",
        domain="brightledger.example",
        contact="client@brightledger.example",
        brands=("Brightledger", "Bright Ledger"),
        keywords=MONEY.money,
        competitors=("tallybooks.example", "cleancount.example"),
        languages=("en",),
        countries=("US", "GB", "CA"),
        pages=(
            "/", "/pricing", "/features/invoicing", "/features/expenses", "/templates/monthly-report",
            "/blog/vat-guide",
            "/integrations", "/compare/tallybooks", "/docs/api",
        ),
        topic=MONEY,
        sites=460,
        attack=0,
        seed=37,
    ),
)  # fmt: skip
