"""Lays LiteLLM's prices over the lines made from genai-prices: only what these lack, never in place of one of theirs.

An entry whose input or output price differs by more than 1 % from what genai-prices lists for the same name is reported and
gives nothing: its other prices belong to another base. What is added stands in a row's or variant's "more", with "o", the
position (from 1) of the price page in "pages"; 0 where the table names none.
"""
import collections, datetime, decimal, re

from litellm_entries import NAMES, clean, entries
from resolve_names import REGIONS, Shelf, fold, undated

D = decimal.Decimal
BASE_UNITS = ("input_mtok", "output_mtok")


def base(text):
    return D(text.split(" ")[0])


def differs(a, b):
    a, b = base(a), base(b)
    return abs(a - b) > max(a, b) / 100


def row_in_force(line, day):
    rows = [(r.get("from", ""), i) for i, r in enumerate(line["rows"]) if "daily" not in r and r.get("from", "") <= day]
    return line["rows"][max(rows)[1]] if rows else line["rows"][0]


def key(when):
    return tuple(sorted(dict(when).items()))


class Overlay:
    def __init__(self, lines, providers, day):
        self.lines, self.providers, self.day = lines, providers, day
        self.version, self.count, self.entries = entries()
        by = collections.defaultdict(list)
        for line in lines:
            by[line["provider"]].append(line)
        self.shelves = {p: Shelf(x) for p, x in by.items()}
        self.fallbacks = {p["id"]: p.get("fallback", []) for p in providers}
        for p in providers:
            # The router passes the seller's own prices on, so its entry is the backbone's for that seller.
            if p["id"].startswith("huggingface_"):
                self.fallbacks.setdefault(p["id"].removeprefix("huggingface_"), []).append(p["id"])
        self.new, self.pages, self.disagreements = {}, {}, []
        self.numbers = collections.Counter()

    def run(self):
        for entry in self.entries:
            self.read_geography(entry)
        plain = [e for e in self.entries if not e.when]
        hits = collections.defaultdict(list)
        for entry in sorted(plain, key=lambda e: (e.rank, e.key)):
            found = self.find(entry)
            if found is None:
                self.add_model(entry)
            elif found[2]:
                self.numbers["priced by another provider's entry in genai-prices"] += 1
            else:
                hits[id(found[0])].append((found[0], found[1], entry))
        for group in hits.values():
            line = group[0][0]
            group.sort(key=lambda x: (x[2].name != line["id"].lower(), not x[1], x[2].rank, x[2].key))
            for line, is_exact, entry in group:
                self.fill(line, is_exact, entry)
        for entry in sorted((e for e in self.entries if e.when), key=lambda e: (e.rank, e.key)):
            self.condition(entry)
        self.add_uplifts(plain)
        return self.finish()

    def read_geography(self, entry):
        """Bedrock's "eu." before a name is a condition where genai-prices has one entry for the model, whatever comes before."""
        geography, _, name = entry.name.partition(".")
        if entry.provider != "aws" or geography not in REGIONS or entry.when:
            return
        found = self.shelves["aws"].find(entry.name)
        if not found or found[0]["id"].startswith(("global.", "regional.")):
            return
        plain = self.shelves["aws"].find(name)
        if plain and plain[0] is found[0]:
            entry.when, entry.name = {"region": geography}, name

    def find(self, entry):
        """(line of the backbone, by exact name, through another provider) or None."""
        for i, provider in enumerate([entry.provider] + self.fallbacks.get(entry.provider, [])):
            if provider in self.shelves and (found := self.shelves[provider].find(entry.name)):
                return found[0], found[1], i > 0
        return None

    # MARK: Models that genai-prices lists

    def fill(self, line, is_exact, entry):
        row = row_in_force(line, self.day)
        listed = row.get("prices", {})
        mine = entry.prices.get((), {})
        if not self.agrees(line, entry, (), listed, mine):
            return
        if not is_exact and not any(u in listed and u in mine for u in BASE_UNITS):
            return
        entry.agrees = True
        if line.get("free") or any("daily" in r for r in line["rows"]):
            return
        known = dict(row.get("more", {})) | listed
        added = {u: p for u, p in mine.items() if u not in known and self.may_add(u, known)}
        if added and not row.get("more"):
            row["more"], row["o"] = added, self.page(entry)
            self.numbers["prices added to models of genai-prices"] += len(added)
        for when in entry.prices:
            if when:
                self.fill_variant(line, row, entry, when)

    def may_add(self, unit, known):
        if unit == "output_reasoning_mtok":
            return False  # Reasoning is billed as output where genai-prices says nothing else.
        return unit.endswith(("_mtok", "searches_kcount")) or not any(u.endswith("_mtok") for u in known)

    def fill_variant(self, line, row, entry, when):
        listed = [v for v in line.get("variants", []) if key(v["when"]) == key(when)]
        now = [v for v in listed if v.get("from", "") <= self.day and "more" not in v]
        mine = entry.prices[when]
        if listed and (not any(v["prices"] for v in now) or not self.agrees(line, entry, when, now[0]["prices"], mine)):
            return
        known = {u for v in listed for u in v.get("prices", {}).keys() | v.get("more", {}).keys()}
        standard = dict(row.get("more", {})) | row.get("prices", {})
        added = {u: self.with_standard_tiers(p, standard.get(u), when) for u, p in mine.items() if u not in known and u != "output_reasoning_mtok"}
        if added:
            start = {"from": now[0]["from"]} if now and "from" in now[0] else span(line, row)
            line.setdefault("variants", []).append({"when": dict(when), **start, "more": added, "o": self.page(entry)})
            self.numbers["variants added to models of genai-prices"] += 1

    def with_standard_tiers(self, price, standard, when):
        """Above a threshold for which only the standard price is listed: a discount or a region's surcharge holds for every size, as the
        providers' pages say of batch and of data residency; a faster tier is not sold there and costs at least what it costs below."""
        if not standard or ">" in price or ">" not in standard or not base(standard):
            return price
        ratio, is_faster = base(price) / base(standard), dict(when).get("service_tier") in ("priority", "fast") or "speed" in dict(when)
        longer = []
        for tier in standard.split(" ")[1:]:
            over, listed = tier.split(":")
            longer.append(f"{over}:{clean(max(D(listed), base(price)) if is_faster else D(listed) * ratio)}")
        return " ".join([price] + longer)

    def agrees(self, line, entry, when, listed, mine):
        differing = [u for u in listed if u in mine and differs(listed[u], mine[u])]
        for unit in differing:
            ratio = (base(mine[unit]) / base(listed[unit]) - 1) * 100 if base(listed[unit]) else D("Infinity")
            self.disagreements.append((line["provider"], line["id"], " & ".join(f"{k} {v}" for k, v in when), unit, listed[unit], mine[unit],
                                       f"{ratio:+.1f}" if ratio.is_finite() else "", entry.key, entry.page))
        return not any(u in BASE_UNITS or not u.endswith("_mtok") for u in differing)

    # MARK: Models that it has not

    def add_model(self, entry):
        if not entry.prices.get((), {}) or not self.is_harmless(entry):
            return
        line = self.new.get((entry.provider, entry.name))
        if line is None:
            row = {"more": entry.prices[()], "o": self.page(entry)}
            line = {"provider": entry.provider, "id": entry.name, "match": [f"equals {entry.name}"], "rows": [row]}
            self.new[(entry.provider, entry.name)] = line
        elif any(u in entry.prices[()] and differs(p, entry.prices[()][u]) for u, p in line["rows"][0]["more"].items()):
            return
        entry.agrees = True
        for when, prices in sorted(entry.prices.items()):
            if when and not any(key(v["when"]) == key(when) for v in line.get("variants", [])):
                more = {u: self.with_standard_tiers(p, line["rows"][0]["more"].get(u), when) for u, p in prices.items()}
                line.setdefault("variants", []).append({"when": dict(when), "more": more, "o": self.page(entry)})

    def is_harmless(self, entry):
        """A new exact name must not catch names that genai-prices knows by a later step of the search."""
        for provider in [entry.provider] + self.fallbacks.get(entry.provider, []):
            shelf = self.shelves.get(provider)
            if shelf and (entry.name in shelf.stripped or entry.name != undated(entry.name) and undated(entry.name) in shelf.undated):
                self.numbers["left out: would catch a longer name of genai-prices"] += 1
                return False
        return True

    # MARK: Regions, image sizes

    def condition(self, entry):
        found = self.find(entry)
        when = dict(entry.when)
        if found:
            line, row = found[0], row_in_force(found[0], self.day)
            standard = dict(row.get("more", {})) | row.get("prices", {})
            if found[2]:
                when["provider"] = entry.provider
            if any("daily" in r for r in line["rows"]) or not self.has_same_base(entry, line, standard):
                return
            dates = span(line, row)
        else:
            if not self.is_harmless(entry):
                return
            line = self.new.setdefault((entry.provider, entry.name), {"provider": entry.provider, "id": entry.name, "match": [f"equals {entry.name}"], "rows": [{}]})
            standard, dates = line["rows"][0].get("more", {}), {}
        is_by_tokens = any(u.endswith("_mtok") for u in standard)
        is_other = any(p != standard.get(u) for u, p in entry.prices.get((), {}).items())
        for extra, prices in sorted(entry.prices.items(), key=lambda x: -len(x[0])):
            full = when | dict(extra)
            same = standard
            if extra:
                tier = [v for v in line.get("variants", []) if key(v["when"]) == key(extra)]
                same = {} if is_other else {u: p for v in tier for u, p in (v.get("more", {}) | v.get("prices", {})).items()}
            more = {u: self.with_standard_tiers(p, standard.get(u), full) for u, p in prices.items()}
            more = {u: p for u, p in more.items() if p != same.get(u)}
            if is_by_tokens:
                more = {u: p for u, p in more.items() if u.endswith(("_mtok", "searches_kcount"))}
            more.pop("output_reasoning_mtok", None)
            if more and not any(key(v["when"]) == key(full) for v in line.get("variants", [])):
                line.setdefault("variants", []).append({"when": full, **dates, "more": more, "o": self.page(entry)})
                self.numbers["variants by region, image size or quality"] += 1

    def has_same_base(self, entry, line, standard):
        """A regional price is only taken where both tables start from one base price."""
        for other in self.entries:
            if not other.when and other.provider == entry.provider and other.name == entry.name:
                return not any(u in standard and u in other.prices.get((), {}) and differs(standard[u], other.prices[()][u]) for u in BASE_UNITS)
        # No base of its own in the table: within 30 % it is the same model in another region.
        mine = entry.prices.get((), {})
        return all(abs(base(mine[u]) - base(standard[u])) <= base(standard[u]) * 3 / 10 for u in BASE_UNITS if u in mine and u in standard)

    def add_uplifts(self, plain):
        """Multipliers for an inference geography: on the token prices in force and on those of the tiers."""
        done = set()
        for entry in sorted(plain, key=lambda e: e.key):
            if not entry.uplifts or not getattr(entry, "agrees", False):
                continue
            found = self.find(entry)
            line = found[0] if found else self.new.get((entry.provider, entry.name))
            for condition, factor in entry.uplifts:
                if line is not None and (id(line), condition) not in done:
                    done.add((id(line), condition))
                    self.uplift(line, entry, condition, factor)

    def uplift(self, line, entry, condition, factor):
        row = row_in_force(line, self.day)
        start = span(line, row)
        raised = []
        for variant in line.get("variants", []):
            if set(variant["when"]) <= {"service_tier", "processing", "speed"} and "daily" not in variant and variant.get("from", "") <= self.day:
                raised.append((dict(variant["when"]), {k: variant[k] for k in ("from", "to") if k in variant}, variant))
        raised.append(({}, start, row))
        for when, dates, source in raised:
            prices = {u: times(p, factor) for u, p in sorted((source.get("more", {}) | source.get("prices", {})).items()) if u.endswith("_mtok")}
            if prices:
                line.setdefault("variants", []).append({"when": when | dict([condition]), **dates, "more": prices, "o": self.page(entry)})
                self.numbers["variants by a regional multiplier"] += 1

    # MARK: The result

    def page(self, entry):
        return self.pages.setdefault(entry.page, len(self.pages) + 1) if entry.page else 0

    def finish(self):
        for line in self.lines + list(self.new.values()):
            if line.get("variants"):
                # Those with more conditions first: the first that prices a unit gives its price.
                line["variants"].sort(key=lambda v: -len(v["when"]))
        added = [x for x in self.new.values() if x["rows"] != [{}] or x.get("variants")]
        merged = merge_dated(added)
        self.numbers["models added"] = len(merged)
        self.numbers["variants of added models"] = sum(len(x.get("variants", [])) for x in merged)
        known = {p["id"] for p in self.providers}
        fresh = sorted({x["provider"] for x in merged} - known)
        providers = [{"id": p, "name": NAMES.get(p, p.replace("_", " ").title()), "urls": self.urls(p)} for p in fresh]
        return sorted(merged, key=lambda x: (x["provider"], x["id"])), providers

    def urls(self, provider):
        pages = collections.Counter(e.page for e in self.entries if e.provider == provider and e.page.startswith("https://"))
        return [x for x, _ in sorted(pages.items(), key=lambda x: (-x[1], x[0]))[:2]]

    def report(self):
        head = ["provider", "model", "condition", "unit", "genai-prices", "litellm", "difference %", "litellm entry", "page"]
        return "\n".join("\t".join(x) for x in [head] + sorted(set(self.disagreements))) + "\n"


def span(line, row):
    """The dates of the row in force: the table is of one day and says nothing of other times."""
    later = sorted(r["from"] for r in line["rows"] if "daily" not in r and r.get("from", "") > row.get("from", ""))
    return ({"from": row["from"]} if "from" in row else {}) | ({"to": later[0]} if later else {})


def times(price, factor):
    words = price.split(" ")
    return " ".join([clean(D(words[0]) * factor)] + [f"{w.split(':')[0]}:{clean(D(w.split(':')[1]) * factor)}" for w in words[1:]])


def merge_dated(lines):
    """A name with a date or revision, or with dots for hyphens, and the very prices of its plain one is another name of it."""
    plain = lambda name: fold(re.sub(r"(@\w+|:\d+|-v?\d:\d|-v\d|-20\d\d-\d\d-\d\d|-20\d{6})+$", "", name))
    kept = {}
    for line in sorted(lines, key=lambda x: (len(x["id"]), x["id"])):
        twins = kept.setdefault((line["provider"], plain(line["id"])), [])
        twin = next((x for x in twins if all(same(x.get(k)) == same(line.get(k)) for k in ("rows", "variants"))), None)
        if twin:
            twin["match"] += line["match"]
        else:
            twins.append(line)
    return [x for twins in kept.values() for x in twins]


def same(rows):
    """Rows or variants without the page they come from."""
    return [{k: v for k, v in row.items() if k != "o"} for row in rows or []]
