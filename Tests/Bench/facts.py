"""What one generated span says, independent of protocol and attribute names: half of all spans are LLM calls."""
import json

MODELS = [  # name, provider, weight, USD per million input and output tokens
    ("gpt-4o-mini", "openai", 30, .15, .6), ("gpt-4o", "openai", 20, 2.5, 10.), ("claude-sonnet-4-5", "anthropic", 20, 3., 15.),
    ("gemini-2.5-flash", "google", 10, .3, 2.5), ("claude-haiku-4-5", "anthropic", 8, 1., 5.), ("gpt-4.1", "openai", 6, 2., 8.),
    ("o4-mini", "openai", 4, 1.1, 4.4), ("mistral-large-latest", "mistral", 2, 2., 6.)]
WORDS = (
    "the model answers weather question about city tool returned context document user asks price summary policy refund order shipping "
    "account because however result value plan step search index vector score section paragraph invoice customer support agent please "
    "analysis report quarter revenue token latency retry cache prompt system message instruction format json table number date").split()
ATTRIBUTES = 25


def text(rng, size):
    """Words, one in twelve a hexadecimal number: compresses about as prompts do."""
    out, length = [], 0
    while length < size:
        word = rng.choice(WORDS) if rng.random() > .08 else "%x" % rng.getrandbits(28)
        out.append(word)
        length += len(word) + 1
    return " ".join(out)[:size]


def span_facts(rng, is_llm, prompt_bytes=1500, completion_bytes=800):
    """One span's content. `duration` in seconds; tokens and cost only on LLM calls."""
    model = rng.choices(MODELS, weights=[m[2] for m in MODELS])[0]
    prompt_tokens, completion_tokens = rng.randint(200, 3000), rng.randint(20, 800)
    facts = {
        "llm": is_llm, "name": "ChatCompletion" if is_llm else rng.choice(["retrieve", "rerank", "tool.search", "parse", "guardrail"]),
        "kind": "LLM" if is_llm else rng.choice(["CHAIN", "TOOL", "RETRIEVER"]),
        "user": "user-%d" % rng.randint(1, 500), "session": "session-%d" % rng.randint(1, 2000),
        "input": text(rng, prompt_bytes if is_llm else 200), "output": text(rng, completion_bytes if is_llm else 120),
        "duration": rng.lognormvariate(0, .8) if is_llm else rng.uniform(.002, .2), "error": rng.random() < .02}
    if is_llm:
        add_usage(facts, model, prompt_tokens, completion_tokens, rng.choice([0, 0, prompt_tokens // 2]))
    return facts


def add_usage(facts, model, prompt_tokens, completion_tokens, cached):
    cost = (prompt_tokens * model[3] + completion_tokens * model[4]) / 1e6
    facts.update(
        model=model[0], provider=model[1], prompt_tokens=prompt_tokens, completion_tokens=completion_tokens, cached=cached, cost=cost)


def attributes(rng, facts, metadata=None):
    """OpenInference names, filled up to 25 attributes with the application's own."""
    values = {
        "openinference.span.kind": facts["kind"], "input.value": facts["input"], "output.value": facts["output"],
        "session.id": facts["session"], "user.id": facts["user"], "tag.tags": ["prod", "weather"],
        "metadata": json.dumps(metadata or {"tenant": "acme", "feature": "search"})}
    if "model" in facts:
        values.update({
            "llm.model_name": facts["model"], "llm.provider": facts["provider"], "llm.token_count.prompt": facts["prompt_tokens"],
            "llm.token_count.completion": facts["completion_tokens"],
            "llm.token_count.total": facts["prompt_tokens"] + facts["completion_tokens"],
            "llm.token_count.prompt_details.cache_read": facts["cached"],
            "llm.invocation_parameters": '{"temperature": 0.2, "max_tokens": 800}',
            "input.mime_type": "text/plain", "output.mime_type": "text/plain"})
    number = 0
    while len(values) < ATTRIBUTES:
        values["app.attr_%02d" % number] = [text(rng, 18), rng.randint(0, 10 ** 6), rng.random(), rng.random() < .5][number % 4]
        number += 1
    return values
