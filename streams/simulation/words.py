"""The words that simulated people and programs use: a dozen fields of life, and the small change of writing."""

from msgspec import Struct


class Field(Struct, frozen=True):
    """What people of one field talk about: `things` are countable, `acts` are done to one, `troubles` follow "it"."""

    name: str
    things: tuple[str, ...]
    acts: tuple[str, ...]
    troubles: tuple[str, ...]
    ideas: tuple[str, ...]
    people: tuple[str, ...]


def _field(name: str, things: str, acts: str, troubles: str, ideas: str, people: str) -> Field:
    cut = (tuple(part.split("|")) for part in (things, acts, troubles, ideas, people))
    return Field(name, *cut)


FIELDS = (
    _field(
        "garden",
        "raised bed|rose bush|compost heap|greenhouse|apple tree|watering can|hedge|"
        "seed tray|lawn|tomato plant|pond|trellis",
        "prune|water|move|plant|feed|cover for winter|get rid of",
        "is full of slugs|turned yellow|never flowers|dries out by noon|smells rotten|leans to one side",
        "crop rotation|grafting|soil acidity|companion planting|overwintering|drip irrigation",
        "my neighbour|the allotment committee|a first-time gardener|the nursery",
    ),
    _field(
        "kitchen",
        "sourdough|lentil stew|birthday cake|pan of rice|fish pie|jar of pickles|"
        "vegetable curry|pizza base|custard|soup",
        "bake|reheat|season|freeze|thicken|scale up|make without eggs",
        "comes out too salty|sticks to the pan|sinks in the middle|tastes flat|splits every time|is raw inside",
        "fermentation|gluten|browning|emulsions|slow cooking|food safety",
        "eight guests|a fussy child|my grandmother|the school canteen",
    ),
    _field(
        "code",
        "parser|unit test|database index|cron job|web form|message queue|config file|cache|"
        "log file|login page|data loader|build script",
        "refactor|debug|speed up|document|deploy|mock|port to another language|roll back",
        "times out under load|throws on empty input|leaks memory|"
        "passes locally and fails in the pipeline|deadlocks now and then",
        "recursion|eventual consistency|type inference|back pressure|immutability|floating point rounding",
        "the new intern|our operations team|a code reviewer|the product owner",
    ),
    _field(
        "travel",
        "night train|ferry ticket|walking route|guest house|rental car|border crossing|"
        "city map|travel card|mountain hut|itinerary",
        "book|cancel|plan|shorten|find|pay for|pack for",
        "is sold out|arrives after midnight|costs twice as much on Sundays|closes in October|has no step-free access",
        "time zones|visa rules|travel insurance|altitude sickness|luggage limits|rail passes",
        "two toddlers|my retired parents|a school class|someone who hates flying",
    ),
    _field(
        "money",
        "savings account|invoice|household budget|mortgage|pension statement|payslip|"
        "tax form|standing order|loan|receipt",
        "compare|file|dispute|understand|pay off|split|forecast",
        "does not add up|was charged twice|is overdue|went up without notice|shows the wrong name",
        "compound interest|inflation|depreciation|exchange rates|diversification|liquidity",
        "my landlord|a small charity|the tax office|my business partner",
    ),
    _field(
        "health",
        "sleep diary|stretching routine|knee brace|blood test|food label|running plan|"
        "first-aid kit|vaccination card|desk chair",
        "start|keep up|adjust|read|replace|explain to the children",
        "hurts after an hour|makes me tired|keeps slipping|has numbers I do not understand|stopped helping",
        "resting heart rate|hydration|posture|allergies|the immune system|muscle recovery",
        "a nervous patient|my physiotherapist|the night shift|an older runner",
    ),
    _field(
        "school",
        "essay|science fair poster|reading list|timetable|lab report|history quiz|"
        "group project|spelling test|school play|exam",
        "mark|outline|revise for|hand in|simplify|present|plan",
        "is due tomorrow|reads like a list|went over the word limit|has no conclusion|lost the page numbers",
        "photosynthesis|fractions|the water cycle|metaphor|plate tectonics|supply and demand",
        "ten-year-olds|a substitute teacher|my study group|the parents' evening",
    ),
    _field(
        "home",
        "boiler|kitchen tap|bookshelf|window frame|washing machine|door lock|"
        "light switch|carpet|fuse box|radiator|garden shed",
        "fix|paint|measure|insulate|clean|replace|hang",
        "drips at night|makes a grinding noise|will not close|trips the power|rattles in the wind|has mould behind it",
        "water pressure|damp|heat pumps|load-bearing walls|earthing|sound insulation",
        "a plumber|the letting agency|our downstairs neighbours|the insurance",
    ),
    _field(
        "office",
        "meeting agenda|quarterly report|job advert|slide deck|onboarding plan|"
        "complaint|newsletter|survey|contract|press note",
        "draft|shorten|translate|chase up|review|present|archive",
        "is far too long|sounds cold|missed the deadline|contradicts the last one|went to the wrong list",
        "delegation|scope creep|stakeholder mapping|remote work|feedback culture|procurement",
        "the board|a difficult client|the whole team|our supplier",
    ),
    _field(
        "music",
        "chord chart|drum loop|violin|choir arrangement|bass line|practice schedule|"
        "old recording|mixing desk|song lyric|piano",
        "tune|transpose|record|practise|mix|memorise|arrange for brass",
        "sounds muddy|drags in the chorus|buzzes on one string|is out of my range|clips on loud notes",
        "syncopation|equal temperament|counterpoint|reverb|ear training|modal harmony",
        "an amateur choir|a left-handed guitarist|the wedding band|beginners",
    ),
    _field(
        "nature",
        "bird feeder|tide table|fossil|bat box|star chart|weather station|bee hive|hiking map|rain gauge|pond sample",
        "identify|observe|photograph|count|protect|draw|record",
        "looked different last year|only shows up at dusk|froze over|was blown away|confuses every book I own",
        "migration|erosion|pollination|ocean currents|camouflage|cloud formation",
        "a nature club|curious children|the park ranger|a patient photographer",
    ),
    _field(
        "shop",
        "delivery note|returns policy|product page|shop window|stock list|gift card|"
        "price tag|loyalty scheme|checkout|parcel",
        "reword|track|discount|relabel|count|promote|refund",
        "was lost in the post|does not match the photo|sells out every Friday|confuses customers|arrived broken",
        "profit margin|seasonal demand|dead stock|word of mouth|price anchoring|customer lifetime value",
        "a loyal customer|the warehouse|weekend staff|an angry buyer",
    ),
)

OPENERS = (
    "", "", "", "", "hi, ", "quick one: ", "so ", "ok, ", "morning! ", "hey there, ", "sorry to ask again but ",
    "short question. ", "not sure who else to ask, ", "bit of an odd one: ", "i'm stuck. ", "thanks in advance, ",
)  # fmt: skip
WHEN = (
    "since last week", "after the weekend", "for a month now", "since we moved", "every other day",
    "since the update", "when it is cold", "on busy days", "out of nowhere", "since I bought it second-hand",
)  # fmt: skip
TEXTS = (
    "short note", "polite e-mail", "checklist", "two-line reminder", "friendly reply", "plan for the week",
    "one-page summary", "list of pros and cons", "set of questions", "toast", "notice for the door", "little poem",
    "table", "script for a phone call",
)  # fmt: skip
MOODS = ("warm", "plain", "funny", "formal", "brief", "honest", "upbeat", "calm", "firm but kind", "playful")
LIMITS = ("time", "money", "space", "patience", "the right tools", "experience", "help", "electricity", "transport")
LEVELS = ("a child", "a complete beginner", "my boss", "someone in a hurry", "a sceptic", "a teenager", "an engineer")
TOWNS = (
    "Ashwick", "Bellmoor", "Carrow", "Dunlee", "Eastmere", "Farrant", "Glenholt", "Harbury", "Inchford", "Kelsby",
    "Lowmarsh", "Marrick", "Northgate", "Oldacre", "Pellham", "Quarrington", "Redbrook", "Stonely", "Thornby",
    "Upwell", "Varrow", "Westhaven",
)  # fmt: skip
NAMES = (
    "Ada", "Bram", "Chidi", "Dorota", "Emre", "Farida", "Goran", "Hana", "Ines", "Jonas", "Keiko", "Lena", "Mateo",
    "Nadia", "Omar", "Priya", "Quentin", "Rosa", "Sven", "Tamar", "Uma", "Viktor", "Wanda", "Xenia", "Yusuf", "Zofia",
)  # fmt: skip
GOODS = (
    "crates of pears", "rolls of cable", "boxes of tiles", "bags of cement", "trays of eggs", "reels of film",
    "sacks of rice",
)  # fmt: skip
VEHICLES = ("barge", "tram", "cyclist", "delivery van", "goods train", "canoe", "hot-air balloon", "milk float")
SHAPES = ("triangle", "rhombus", "cylinder", "cone", "trapezium", "sphere", "regular hexagon", "pyramid")
STRUCTURES = (
    "linked list", "binary tree", "hash map", "priority queue", "sparse matrix", "ring buffer", "trie", "graph",
)  # fmt: skip
LANGUAGES = (
    "Dutch", "Swahili", "Korean", "Portuguese", "Finnish", "Turkish", "Hindi", "Polish", "Greek", "Vietnamese",
)  # fmt: skip
SAFEGUARDS = (
    "open a lock that is not mine", "read somebody else's messages", "get past an age check", "copy a key card",
    "make a fake invoice look real", "follow a person without being seen", "switch off a neighbour's alarm",
    "write a rumour that spreads fast", "guess a colleague's password", "hide income from an audit",
    "talk a clerk into breaking a rule", "strip the watermark off a photo", "get medicine without a prescription",
    "crash a rival's booking page", "forge a landlord's reference",
)  # fmt: skip
