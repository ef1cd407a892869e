"""The order in which Pricing/Models finds a model, for the script: which entry of genai-prices a name already means."""
import re

REGIONS = set("us eu apac ap jp au ca sa in me af global us-gov regional".split())
VENDORS = set("anthropic amazon meta mistral cohere ai21 deepseek openai qwen stability writer twelvelabs google moonshotai moonshot minimax nvidia zai luma xai".split())


def forms(name):
    out = [name]
    rest = name
    while "/" in rest:
        rest = rest.split("/", 1)[1]
        out.append(rest)
    bare = rest
    for words in (REGIONS, VENDORS):
        head, dot, tail = rest.partition(".")
        if dot and head in words:
            rest = tail
            out.append(rest)
    for base in (bare, rest):
        if "@" in base[1:]:
            base = base[: base.rindex("@")]
            out.append(base)
        if m := re.search(r"(-v\d{1,2})?(:\d{1,2})$|-v\d{1,2}$", base):
            base = base[: m.start()]
            out.append(base)
        dates = r"-20\d{6}$|-20\d\d-\d\d-\d\d$" + (r"|-[01]\d{3}$" if base.startswith("gpt-") else "")
        if m := re.search(dates, base):
            if len(m[0]) == 9 and m[0].startswith("-20"):
                out.append(f"{base[: m.start()]}-{m[0][1:5]}-{m[0][5:7]}-{m[0][7:]}")
            out.append(base[: m.start()])
    out += [re.sub(r"(?<=\d)\.(?=\d)", "-", x) for x in out if "claude" in x]
    return list(dict.fromkeys(x for x in out if x))


def fold(name):
    """Dots and hyphens alike."""
    return name.replace(".", "-")


def undated(name):
    return re.sub(r"(@\d{8}|-20\d{6}|-20\d\d-\d\d-\d\d|-v\d{1,2}|:\d{1,2})+$", "", name)


def holds(clause, name):
    kind, _, pattern = clause.partition(" ")
    if kind == "like":
        shape = re.escape(pattern.removesuffix("*")).replace(r"\#", r"\d")
        return re.match(f"^{shape}" + ("" if pattern.endswith("*") else "$"), name) is not None
    return {"equals": lambda: name == pattern, "starts_with": lambda: name.startswith(pattern), "ends_with": lambda: name.endswith(pattern),
            "contains": lambda: pattern in name, "lacks": lambda: pattern not in name, "lacks_part": lambda: pattern not in name.split("-")[1:]}[kind]()


def continues(clause, name):
    """"claude-opus-4" is not for claude-opus-4-8, nor "gpt-4" for gpt-4.1."""
    kind, _, pattern = clause.partition(" ")
    if kind not in ("starts_with", "contains"):
        return False
    end = (0 if kind == "starts_with" else name.index(pattern)) + len(pattern)
    if end >= len(name) or not name[end - 1].isdigit():
        return False
    if name[end].isdigit():
        run = re.search(r"\d*$", name[:end])[0] + re.match(r"\d*", name[end:])[0]
        return len(run) not in (8, 4)
    m = re.match(r"[.-](\d{1,2})(?!\d)(.?)", name[end:])
    return bool(m) and not ("a" <= m[2] <= "z" and m[2] != "")


class Shelf:
    """One provider's models of the backbone."""
    def __init__(self, lines):
        self.exact, self.families = {}, []
        for line in lines:
            for rule in line["match"]:
                clauses = rule.split(" & ")
                if len(clauses) == 1 and rule.startswith("equals "):
                    self.exact.setdefault(rule[7:], line)
                else:
                    lengths = [len(c.partition(" ")[2]) for c in clauses if not c.startswith("lacks")]
                    self.families.append((-max(lengths, default=0), len(self.families), clauses, line))
        for line in lines:
            self.exact.setdefault(line["id"].lower(), line)
        self.families.sort(key=lambda x: x[:2])
        self.folded = {fold(name): line for name, line in reversed(self.exact.items())}
        literals = [c.partition(" ")[2] for _, _, clauses, _ in self.families for c in clauses if not c.startswith("lacks")]
        self.stripped = {x for name in [*self.exact, *literals] for x in forms(name)[1:]}
        self.undated = {undated(x) for x in [*self.exact, *literals] if undated(x) != x}

    def find(self, name):
        """(line, True when by its exact name) or None."""
        for form in forms(name):
            if form in self.exact:
                return self.exact[form], True
            if fold(form) in self.folded:
                return self.folded[fold(form)], True
            for _, _, clauses, line in self.families:
                if all(holds(c, form) for c in clauses) and not any(continues(c, form) for c in clauses):
                    return line, False
        return None
