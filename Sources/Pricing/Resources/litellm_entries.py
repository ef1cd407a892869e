"""Reads LiteLLM's table (model_prices_and_context_window_backup.json of the PyPI package litellm, MIT) into our units.

An entry there is one name with prices per token, second, image … in keys such as
"input_cost_per_token_above_200k_tokens_priority". Here it becomes: our provider id, the name as senders send it, the
conditions that its name spells out (region, image quality and size), and prices by our units and conditions.
"""
import collections, decimal, importlib.metadata, json, re

D = decimal.Decimal
decimal.getcontext().prec = 50
MILLION, THOUSAND, HOUR, ONE = D(10) ** 6, D(1000), D(3600), D(1)

# Their provider names where ours differ. A name of None is left out: subscriptions without a price per call.
PROVIDERS = {
    "text-completion-openai": "openai", "azure_ai": "azure", "azure_text": "azure", "bedrock": "aws", "bedrock_converse": "aws",
    "bedrock_mantle": "aws", "gemini": "google", "xai": "x-ai", "codestral": "mistral", "text-completion-codestral": "mistral",
    "cohere_chat": "cohere", "fireworks_ai": "fireworks", "fireworks_ai-embedding-models": "fireworks", "together_ai": "together",
    "github_copilot": "github-copilot", "moonshot": "moonshotai", "meta_llama": "meta", "voyage": "voyageai",
    "text-completion-inception": "inception", "chatgpt": None, "microsoft_365_copilot": None,
}
NAMES = {
    "fal_ai": "fal.ai", "vercel_ai_gateway": "Vercel AI Gateway", "deepinfra": "DeepInfra", "oci": "Oracle Cloud", "nebius": "Nebius",
    "dashscope": "Alibaba DashScope", "deepgram": "Deepgram", "replicate": "Replicate", "snowflake": "Snowflake Cortex", "wandb": "Weights & Biases",
    "watsonx": "IBM watsonx", "stability": "Stability AI", "volcengine": "Volcengine", "lambda_ai": "Lambda", "hyperbolic": "Hyperbolic",
    "ai21": "AI21", "sambanova": "SambaNova", "assemblyai": "AssemblyAI", "black_forest_labs": "Black Forest Labs", "runwayml": "Runway",
    "aws_polly": "Amazon Polly", "transcribe": "Amazon Transcribe", "amazon_nova": "Amazon Nova API", "sagemaker": "Amazon SageMaker",
    "jina_ai": "Jina AI", "aiml": "AI/ML API", "nvidia_nim": "NVIDIA NIM", "tencent": "Tencent", "friendliai": "FriendliAI", "scaleway": "Scaleway",
}

# Their key without tier suffixes: our unit and how many of theirs make one of ours.
TOKENS = {
    "input_cost_per_token": "input_mtok", "output_cost_per_token": "output_mtok", "cache_read_input_token_cost": "cache_read_mtok",
    "input_cost_per_token_cache_hit": "cache_read_mtok", "cache_creation_input_token_cost": "cache_write_mtok",
    "cache_creation_input_token_cost_above_1hr": "cache_write_1h_mtok", "input_cost_per_audio_token": "input_audio_mtok",
    "output_cost_per_audio_token": "output_audio_mtok", "cache_read_input_audio_token_cost": "cache_audio_read_mtok",
    "input_cost_per_image_token": "input_image_mtok", "output_cost_per_image_token": "output_image_mtok",
    "cache_read_input_image_token_cost": "cache_image_read_mtok", "input_cost_per_video_token": "input_video_mtok",
    "output_cost_per_video_token": "output_video_mtok", "output_cost_per_reasoning_token": "output_reasoning_mtok",
    "citation_cost_per_token": "output_citation_mtok",
}
OTHERS = {
    "ocr_cost_per_page": ("input_document_kpages", THOUSAND), "annotation_cost_per_page": ("input_annotated_document_kpages", THOUSAND),
    "input_cost_per_request": ("requests_kcount", THOUSAND), "input_cost_per_text_message": ("input_text_messages_kcount", THOUSAND),
    "input_cost_per_character": ("input_mchars", MILLION),
}
TIERS = {"batches": ("processing", "batch"), "priority": ("service_tier", "priority"), "flex": ("service_tier", "flex"),
         "balanced": ("service_tier", "balanced"), "ultrafast": ("service_tier", "ultrafast")}
REGION = re.compile(r"^(us|eu|ap|sa|ca|me|af|il|mx)-(gov-)?[a-z]+-\d$")
SIZE = re.compile(r"^(\d+)-x-(\d+)$")
QUALITIES = {"low", "medium", "high", "hd", "standard", "max"}


class Entry:
    def __init__(self, key, value):
        self.key, self.mode, self.page = key, value.get("mode"), value.get("source") or ""
        theirs = value.get("litellm_provider") or ""
        theirs = "google" if theirs.startswith("vertex_ai") else theirs
        self.provider = PROVIDERS.get(theirs, theirs)
        self.rank = 1 if (value.get("litellm_provider") or "").startswith("vertex_ai") else 0
        self.when, self.name = self.place(key)
        self.prices = self.read(value)
        self.uplifts = self.read_uplifts(value)

    def place(self, key):
        """Conditions that the name spells out, and the name without them."""
        parts = key.split("/")
        heads = {"openai": (), "azure": ("azure", "azure_ai"), "aws": ("bedrock", "bedrock_mantle"), "google": ("gemini", "vertex_ai"), "x-ai": ("xai",),
                 "fireworks": ("fireworks_ai",), "together": ("together_ai",), "moonshotai": ("moonshot",), "voyageai": ("voyage",),
                 "github-copilot": ("github_copilot",), "meta": ("meta_llama", "meta")}.get(self.provider, (self.provider,))
        if len(parts) > 1 and parts[0] in heads:
            parts = parts[1:]
        when = {}
        while len(parts) > 1:
            head = parts[0]
            if self.provider == "aws" and REGION.match(head) or self.provider == "azure" and head in ("us", "eu"):
                when["region"] = head
            elif self.provider == "azure" and head in ("global", "global-standard") or self.provider == "aws" and head in ("invoke", "bedrock"):
                pass
            elif head in QUALITIES:
                when["quality"] = head
            elif m := SIZE.match(head):
                when["size"] = f"{m[1]}x{m[2]}"
            elif head.endswith("-steps") or head == "max-x-max":
                when["steps" if head.endswith("-steps") else "size"] = head.removesuffix("-steps")
            else:
                break
            parts = parts[1:]
        return when, "/".join(parts).lower()

    def read(self, value):
        """{conditions: {unit: text}}; zero is no price there (free or unknown alike)."""
        found = collections.defaultdict(lambda: collections.defaultdict(dict))
        self.tiered(value, found)
        for key, cost in value.items():
            if not isinstance(cost, D) or cost <= 0 or "cost" not in key:
                continue
            when, over, unit, factor = self.unit(key)
            if unit:
                found[when][unit][over] = cost * factor
        self.by_mode(value, found)
        prices = {w: {u: text(t) for u, t in units.items() if 0 in t and is_believable(u, t)} for w, units in found.items()}
        return self.without_double_meters({w: u for w, u in prices.items() if u})

    def unit(self, key):
        when, over = (), 0
        for suffix, condition in TIERS.items():
            if key.endswith("_" + suffix):
                key, when = key[: -len(suffix) - 1], (condition,)
        if m := re.search(r"_above_(\d+)k_tokens$", key):
            key, over = key[: m.start()], int(m[1]) * 1000
        if key in TOKENS:
            return when, over, TOKENS[key], MILLION
        return (when, over) + OTHERS.get(key, (None, None))

    def tiered(self, value, found):
        for step in value.get("tiered_pricing") or []:
            if "range" not in step:
                return
            for key, cost in step.items():
                if key in TOKENS and isinstance(cost, D) and cost > 0:
                    found[()][TOKENS[key]][int(step["range"][0])] = cost * MILLION

    def by_mode(self, value, found):
        """Keys whose meaning hangs on what the model does."""
        get = lambda key: value.get(key) if isinstance(value.get(key), D) and value[key] > 0 else None
        base, mode = found[()], self.mode
        if mode == "audio_transcription" or mode == "realtime":
            put(base, "input_audio_hours", get("input_cost_per_second"), HOUR)
        if mode == "video_generation":
            put(base, "output_video_seconds", get("output_cost_per_second") or get("output_cost_per_video_per_second"), ONE)
            for key in value:
                if m := re.match(r"^output_cost_per_second_(\w+)$", key):
                    put(found[(("resolution", m[1].lower()),)], "output_video_seconds", get(key), ONE)
        if mode in ("image_generation", "image_edit"):
            put(base, "images", get("output_cost_per_image") or get("input_cost_per_image"), ONE)
            for key in value:
                if m := re.match(r"^output_cost_per_image_(\d\S*)$", key):
                    put(found[(("resolution", m[1].lower()),)], "images", get(key), ONE)
        if mode == "embedding":
            put(base, "input_images", get("input_cost_per_image"), ONE)
        unit = {"rerank": "rerank_searches_kcount", "search": "web_searches_kcount", "vector_store": "storage_searches_kcount"}.get(mode)
        if unit:
            put(base, unit, get("input_cost_per_query"), THOUSAND)
        self.searches(value, found)

    def searches(self, value, found):
        sizes = value.get("search_context_cost_per_query") or {}
        costs = {k.removeprefix("search_context_size_"): v for k, v in sizes.items() if isinstance(v, D) and v > 0}
        # Google bills older Gemini models per grounded prompt, not per search: the count that we have is another one.
        if not costs or self.provider == "google" and "claude" not in self.name and value.get("web_search_billing_unit") != "per_query":
            return
        if len(set(costs.values())) == 1:
            put(found[()], "web_searches_kcount", next(iter(costs.values())), THOUSAND)
            return
        for size, cost in costs.items():
            put(found[(("search_context_size", size),)], "web_searches_kcount", cost, THOUSAND)

    def without_double_meters(self, prices):
        """A model is sold by tokens or by pieces; both together would bill one image twice."""
        units = {u for by_unit in prices.values() for u in by_unit}
        if not any(u.endswith("_mtok") for u in units):
            return prices
        kept = ("_mtok", "_searches_kcount", "requests_kcount")
        return {w: k for w, by_unit in prices.items() if (k := {u: p for u, p in by_unit.items() if u.endswith(kept)})}

    def read_uplifts(self, value):
        """[(condition, factor)]: on every token price of the model."""
        special = value.get("provider_specific_entry") or {}
        found = [(("region", "us"), special["us"])] if isinstance(special.get("us"), D) else []
        for region in ("us", "eu"):
            for key in (f"regional_processing_uplift_multiplier_{region}", "regional_endpoint_uplift_multiplier"):
                if isinstance(value.get(key), D):
                    found.append((("region", region), value[key]))
        return found


def is_believable(unit, tiers):
    """A few entries hold a price per step, or per thousand, in a field per token: too small or large for any token."""
    return not unit.endswith("_mtok") or all(D("0.001") <= x <= D(1000) for x in tiers.values())


def put(units, unit, cost, factor):
    if cost and unit not in units:
        units[unit] = {0: cost * factor}


def clean(value):
    """Their numbers carry the noise of binary fractions: twelve significant digits are more than any price page has."""
    value = +decimal.Context(prec=12).create_decimal(value)
    out = format(value, "f")
    return out.rstrip("0").rstrip(".") if "." in out else out


def text(tiers):
    """{0: base, 200000: …} as "base >200000:price"; a tier equal to the one below says nothing."""
    words, last = [], None
    for over, value in sorted(tiers.items()):
        word = clean(value)
        if word != last:
            words.append(word if over == 0 else f">{over}:{word}")
        last = word
    return " ".join(words)


def entries():
    """All entries that say a price, by their key."""
    package = importlib.metadata.distribution("litellm")
    raw = package.locate_file("litellm/model_prices_and_context_window_backup.json").read_text(encoding="utf-8")
    table = json.loads(raw, parse_float=D, parse_int=D)
    found = []
    for key, value in sorted(table.items()):
        if key == "sample_spec" or "commitment" in key or key.endswith("/*") or not value.get("litellm_provider"):
            continue
        entry = Entry(key, value)
        if entry.provider and (entry.prices or entry.uplifts):
            found.append(entry)
    return package.version, len(table) - 1, found
