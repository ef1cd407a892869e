#!/usr/bin/env python3
"""Makes prices.json (the price catalogue) and DISAGREEMENTS.tsv from the data of the PyPI packages genai-prices and litellm (both MIT).

    python3 -m venv /tmp/prices && /tmp/prices/bin/pip install genai-prices && /tmp/prices/bin/pip install --no-deps litellm
    /tmp/prices/bin/python Sources/Pricing/Resources/build_prices.py --checked 2026-11-22

genai-prices is the backbone; litellm's table only adds what it lacks (litellm_overlay.py).
`--checked` is the day on which the packages were taken: it is shown beside each price and makes the catalogue's revision.
The output is deterministic: same packages and same day, same bytes. One model per line, so that a diff can be reviewed.
Prices are decimal texts in US dollars per the unit that the key names, "base >threshold:price": over so many prompt
tokens the whole request takes the other price. Match rules are texts "kind pattern", alternatives in a list; " & " joins what must hold
together. A regex is translated into plain kinds, because nothing here may run a regex on what a sender wrote; one that
cannot be translated stops the script.
"""
import argparse, datetime, json, pathlib, re
from re import _constants as sre, _parser as sre_parser
from importlib.metadata import version

import genai_prices.types as t
from genai_prices.data import providers
from genai_prices.data_units import unit_data

from litellm_overlay import Overlay

# Listed without any price because they cost nothing per call; the others without a price stay unpriced.
FREE = {
    ("openai", "moderation"): "https://platform.openai.com/docs/guides/moderation",
    ("google", "gemma-3"): "https://ai.google.dev/gemini-api/docs/pricing",
    ("google", "gemma-3n"): "https://ai.google.dev/gemini-api/docs/pricing",
    ("google", "gemma-4-26b-a4b-it"): "https://ai.google.dev/gemini-api/docs/pricing",
    ("google", "gemma-4-31b-it"): "https://ai.google.dev/gemini-api/docs/pricing",
    ("github-copilot", "gpt-3.5-turbo"): "https://docs.github.com/en/copilot/reference/copilot-billing/models-and-pricing",
    ("github-copilot", "gpt-4.1"): "https://docs.github.com/en/copilot/reference/copilot-billing/models-and-pricing",
    ("github-copilot", "gpt-4o"): "https://docs.github.com/en/copilot/reference/copilot-billing/models-and-pricing",
    ("github-copilot", "gpt-4o-mini"): "https://docs.github.com/en/copilot/reference/copilot-billing/models-and-pricing",
}
# Units of sale that genai-prices has no name for, and how many of ours (image, second) one is.
OWN_UNITS = {"images": 1, "input_images": 1, "output_video_seconds": 1}
NO_TTS, NO_PATH = r"^(?!.*-[tT][tT][sS](?:$|-))", r"^(?![^/]+/)"


def expand(tokens):
    """Every text a parsed regex can match; `#` stands for a digit."""
    results = [""]
    for kind, value in tokens:
        if kind is sre.LITERAL:
            options = [chr(value)]
        elif kind is sre.IN and value == [(sre.CATEGORY, sre.CATEGORY_DIGIT)]:
            options = ["#"]
        elif kind is sre.IN and all(k is sre.LITERAL for k, _ in value):
            options = [chr(v) for _, v in value]
        elif kind is sre.MAX_REPEAT and value[1] <= 8:
            low, high, inner = value
            once = expand(inner)
            options = [""] if low == 0 else []
            for count in range(max(low, 1), high + 1):
                texts = [""]
                for _ in range(count):
                    texts = [a + b for a in texts for b in once]
                options += texts
        elif kind is sre.SUBPATTERN:
            options = expand(value[-1])
        elif kind is sre.BRANCH:
            options = [x for branch in value[1] for x in expand(branch)]
        else:
            raise SystemExit(f"regex part not translated: {kind} {value}")
        results = [a + b for a in results for b in options]
    return results


def regex_rules(pattern):
    if pattern == NO_TTS:
        return ["lacks_part tts"]
    condition = ""
    if pattern.startswith(NO_PATH):
        condition, pattern = " & lacks /", "^" + pattern[len(NO_PATH):]
    tokens = list(sre_parser.parse(pattern))
    if tokens[0] != (sre.AT, sre.AT_BEGINNING):
        raise SystemExit(f"regex without ^: {pattern}")
    closed = tokens[-1] == (sre.AT, sre.AT_END)
    texts = expand(tokens[1:-1] if closed else tokens[1:])
    if any("#" in x for x in texts):
        return [f"like {x}{'' if closed else '*'}{condition}" for x in texts]
    return [f"{'equals' if closed else 'starts_with'} {x}{condition}" for x in texts]


def rules(clause):
    """A clause as a list of alternatives, each one text."""
    if clause is None:
        return []
    for kind in ("equals", "starts_with", "ends_with", "contains"):
        if (text := getattr(clause, kind, None)) is not None:
            if " & " in text:
                raise SystemExit(f"pattern holds the separator: {text}")
            return [f"{kind} {text.lower()}"]
    if isinstance(clause, t.ClauseRegex):
        return [x.lower() for x in regex_rules(clause.regex)]
    if isinstance(clause, t.ClauseOr):
        return list(dict.fromkeys(x for c in clause.or_ for x in rules(c)))
    texts = [""]
    for part in (rules(c) for c in clause.and_):
        texts = [f"{a} & {b}" if a else b for a in texts for b in part]
    return texts


def decimal(value):
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def price(value):
    if isinstance(value, t.TieredPrices):
        return " ".join([decimal(value.base)] + [f">{x.start}:{decimal(x.price)}" for x in value.tiers])
    return decimal(value)


def prices(model_price):
    return {k: price(v) for k, v in sorted(vars(model_price).items()) if v is not None}


def constraint(value):
    if value is None:
        return {}
    if isinstance(value, t.StartDateConstraint):
        return {"from": value.start_date.isoformat()}
    utc = datetime.timezone.utc
    if any(x.tzinfo not in (None, utc) for x in (value.start_time, value.end_time)):
        raise SystemExit(f"time of day with an offset: {value}")
    return {"daily": f"{value.start_time:%H:%M}-{value.end_time:%H:%M}"}


def model(provider, m):
    rows = m.prices if isinstance(m.prices, list) else [t.ConditionalPrice(prices=m.prices)]
    line = {"provider": provider.id, "id": m.id}
    if m.name and m.name != m.id:
        line["name"] = m.name
    line["match"] = rules(m.match)
    line["rows"] = [{**constraint(r.constraint), "prices": prices(r.prices)} for r in rows]
    if m.price_variants:
        line["variants"] = [{"when": dict(sorted(v.when.items())), **constraint(v.constraint), "prices": prices(v.prices)} for v in m.price_variants]
    if not any(r["prices"] for r in line["rows"]) and (m.id.endswith(":free") or (provider.id, m.id) in FREE):
        line["free"] = True
    return line


def provider_line(p):
    line = {"id": p.id, "name": p.name, "urls": p.pricing_urls or []}
    for key, value in (("model_match", rules(p.model_match)), ("provider_match", rules(p.provider_match)), ("fallback", p.fallback_model_providers)):
        if value:
            line[key] = value
    return line


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checked", required=True, type=datetime.date.fromisoformat)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).with_name("prices.json"))
    args = parser.parse_args()
    day = args.checked.isoformat()
    lines = [model(p, m) for p in providers for m in p.models]
    sellers = [provider_line(p) for p in providers]
    overlay = Overlay(lines, sellers, day)
    added, added_sellers = overlay.run()
    used = {k for x in lines + added for r in x["rows"] + x.get("variants", []) for k in r.get("prices", {}).keys() | r.get("more", {}).keys()}
    units = {u["price_key"]: u["per"] for u in unit_data.values() if u["price_key"] in used} | {k: n for k, n in OWN_UNITS.items() if k in used}
    if missing := used - units.keys():
        raise SystemExit(f"price keys without a unit: {missing}")
    source = {"name": "genai-prices", "version": version("genai-prices"), "url": "https://github.com/pydantic/genai-prices", "licence": "MIT", "checked": day}
    over = {"name": "litellm", "version": overlay.version, "url": "https://github.com/BerriAI/litellm", "licence": "MIT", "checked": day}
    text = ["{", f'"source":{compact(source)},', f'"overlay":{compact(over)},', '"pages":[', ",\n".join(map(compact, overlay.pages)), "],"]
    text += [f'"units":{compact(dict(sorted(units.items())))},', '"providers":[', ",\n".join(map(compact, sellers + added_sellers)), "],"]
    text += ['"models":[', ",\n".join(map(compact, lines + added)), "]", "}", ""]
    args.out.write_text("\n".join(text), encoding="utf-8")
    args.out.with_name("DISAGREEMENTS.tsv").write_text(overlay.report(), encoding="utf-8")
    print(f"{args.out}: {len(sellers)} + {len(added_sellers)} providers, {len(lines)} + {len(added)} models, {args.out.stat().st_size} bytes")
    print(f"litellm {overlay.version}: {overlay.count} entries, {len(overlay.entries)} with a price; {len(set(overlay.disagreements))} disagreements")
    for what, number in sorted(overlay.numbers.items()):
        print(f"  {number} {what}")


main()
