#!/usr/bin/env python3
"""Makes genai_prices.jsonl: what the Python package genai-prices itself answers, the oracle of OracleTests.swift.

Run with the same package version as Sources/Pricing/Resources/build_prices.py (`--every 1` for all models):
    /tmp/prices/bin/python Tests/PricingTests/Fixtures/make_fixture.py
A line is a call: provider and model as sent, start (Unix seconds), usage by our buckets, the model that the package chose,
its price (`usd`), and whether a unit price has more than six decimals, which we round (`rounded`).
"""
import argparse, datetime, json, pathlib, warnings
from genai_prices import Usage
from genai_prices.data import providers
from genai_prices.data_snapshot import get_snapshot
import genai_prices.types as t

TIMES = [datetime.datetime(*x, tzinfo=datetime.timezone.utc) for x in ((2025, 1, 15, 12), (2025, 7, 1, 3), (2026, 11, 22, 8), (2027, 2, 1, 20))]
BUCKETS = {"cache_read_mtok": "cacheRead", "cache_write_mtok": "cacheWrite", "cache_write_1h_mtok": "cacheWrite1h", "input_audio_mtok": "inputAudio",
           "cache_audio_read_mtok": "cacheReadAudio", "output_audio_mtok": "outputAudio", "output_reasoning_mtok": "reasoning", "input_image_mtok": "inputImage",
           "output_image_mtok": "outputImage", "input_video_mtok": "inputVideo", "web_searches_kcount": "searches", "input_mchars": "characters",
           "input_document_kpages": "pages"}


def genai(u):
    """Our disjoint buckets as the package's inclusive counts."""
    g = lambda *keys: sum(u.get(k, 0) for k in keys)
    all_in = g("input", "cacheRead", "cacheWrite", "cacheWrite1h", "inputAudio", "cacheReadAudio", "inputImage", "inputVideo")
    counts = {"input_tokens": all_in, "output_tokens": g("output", "reasoning", "outputAudio", "outputImage"),
              "cache_read_tokens": g("cacheRead", "cacheReadAudio"), "cache_write_tokens": g("cacheWrite", "cacheWrite1h"),
              "cache_write_1h_tokens": g("cacheWrite1h"), "input_audio_tokens": g("inputAudio", "cacheReadAudio"), "cache_audio_read_tokens": g("cacheReadAudio"),
              "output_audio_tokens": g("outputAudio"), "output_reasoning_tokens": g("reasoning"), "input_image_tokens": g("inputImage"),
              "output_image_tokens": g("outputImage"), "input_video_tokens": g("inputVideo"), "web_searches": g("searches"),
              "input_characters": g("characters"), "input_document_pages": g("pages"), "cache_image_read_tokens": 0}
    return Usage(**counts)


def usages(row, n):
    keys = {k for k, v in vars(row).items() if v is not None}
    small = {}
    if "input_mtok" in keys: small["input"] = 40 + n % 977
    if "output_mtok" in keys: small |= {"output": 27 + n % 311, "reasoning": n % 13}
    rest = {b: 3 + (n * 7 + i) % 89 for i, (k, b) in enumerate(BUCKETS.items()) if k in keys}
    tiers = [x.start for v in vars(row).values() if isinstance(v, t.TieredPrices) for x in v.tiers]
    out = [small, small | rest]
    if tiers:
        out += [{"input": max(tiers), "output": 10}, {"input": max(tiers) - 5, "cacheRead": 6, "output": 10}] if "cache_read_mtok" in keys else [{"input": max(tiers) + 1, "output": 10}]
    return [{k: v for k, v in u.items() if v} for u in out if any(u.values())]


def long(row):
    values = [x for v in vars(row).values() if v is not None for x in ([v] if not isinstance(v, t.TieredPrices) else [v.base] + [y.price for y in v.tiers])]
    return any(x and x.normalize().as_tuple().exponent < -6 for x in values)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--every", type=int, default=9)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).with_name("genai_prices.jsonl"))
    args = parser.parse_args()
    snapshot, lines, n = get_snapshot(), [], 0
    for p in providers:
        for m in p.models:
            n += 1
            if n % args.every and not isinstance(m.prices, list): continue
            if n % args.every and n % 3: continue
            when = TIMES[n % 4]
            try:
                owner, found = snapshot.find_provider_model(m.id, None, p.id, None)
            except LookupError:
                continue
            row = found.get_prices(when)
            for u in usages(row, n):
                price = found.calc_price(genai(u), owner, genai_request_timestamp=when)
                lines.append({"provider": p.id, "model": m.id, "at": int(when.timestamp()), "usage": u, "found": found.id, "usd": format(price.total_price, "f"), "rounded": long(row)})
    args.out.write_text("".join(json.dumps(x, separators=(",", ":")) + "\n" for x in lines))
    print(len(lines))


warnings.simplefilter("ignore")
main()
