"""Writes a package that holds only some targets of this one, so that they can be built with other flags in minutes.

    part_package.py FOLDER Wire Ingest … [--tests] [--fuzz]

The targets' own sources are linked to, not copied; their settings come from `swift package dump-package`. `--tests` adds their test
targets, `--fuzz` the fuzzing library.
"""
import json
import os
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


def dependencies(target):
    return [next(iter(d.values()))[0] for d in target["dependencies"]]


def closure(targets, wanted):
    """Names in the order they must be built."""
    found = []

    def add(name):
        if name in targets and name not in found:
            for needed in dependencies(targets[name]):
                add(needed)
            found.append(name)

    for name in wanted:
        add(name)
    return found


def declaration(target):
    name, kind = target["name"], target["type"]
    folder = target.get("path") or (f"Tests/{name}" if kind == "test" else f"Sources/{name}")
    if kind == "system":
        return f'.systemLibrary(name: "{name}", path: "{folder}", pkgConfig: "{target["pkgConfig"]}"),'
    needs = []
    for dependency in target["dependencies"]:
        form, values = next(iter(dependency.items()))
        needs.append(f'.product(name: "{values[0]}", package: "{values[1]}")' if form == "product" else f'"{values[0]}"')
    settings = [f'.enableUpcomingFeature("{s["kind"]["enableUpcomingFeature"]["_0"]}")' for s in target["settings"]
                if "enableUpcomingFeature" in s["kind"]]
    exclude = ", ".join(f'"{e}"' for e in target["exclude"])
    swift = f', swiftSettings: [{", ".join(settings)}]' if settings else ""
    return f'.{"testTarget" if kind == "test" else "target"}(name: "{name}", dependencies: [{", ".join(needs)}], path: "{folder}", ' \
           f'exclude: [{exclude}]{swift}),'


def main(folder, *options):
    wanted = [o for o in options if not o.startswith("--")]
    package = json.loads(subprocess.run(
        ["swift", "package", "--package-path", ROOT, "dump-package"], check=True, capture_output=True, text=True).stdout)
    targets = {t["name"]: t for t in package["targets"]}
    if "--tests" in options:
        wanted += [name + "Tests" for name in wanted if name + "Tests" in targets]
    names = closure(targets, wanted)
    os.makedirs(folder, exist_ok=True)
    for link in ("Sources", "Tests", "Migrations"):
        path = os.path.join(folder, link)
        if os.path.islink(path):
            os.unlink(path)
        os.symlink(os.path.join(ROOT, link), path)
    used = {d["product"][1] for n in names for d in targets[n]["dependencies"] if "product" in d}
    lines = ["// swift-tools-version:6.2", "import PackageDescription", "let package = Package(", '  name: "part",']
    if "--fuzz" in options:
        lines.append('  products: [.library(name: "Fuzz", type: .static, targets: ["Fuzz"])],')
    lines.append("  dependencies: [")
    for dependency in package["dependencies"]:
        source = dependency["sourceControl"][0]
        if source["identity"] in used:
            url, start = source["location"]["remote"][0]["urlString"], source["requirement"]["range"][0]["lowerBound"]
            lines.append(f'    .package(url: "{url}", from: "{start}"),')
    lines += ["  ],", "  targets: ["] + ["    " + declaration(targets[name]) for name in names]
    if "--fuzz" in options:
        needs = ", ".join(f'"{n}"' for n in names if targets[n]["type"] != "system")
        lines.append(f'    .target(name: "Fuzz", dependencies: [{needs}], path: "Tests/Torture/fuzz/Fuzz"),')
    lines += ["  ],", "  swiftLanguageModes: [.v6]", ")", ""]
    text = "\n".join(lines)
    manifest = os.path.join(folder, "Package.swift")
    if not os.path.exists(manifest) or open(manifest).read() != text:
        with open(manifest, "w") as f:
            f.write(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
