import Testing

@testable import Pricing

/// What must hold of every name in the catalogue.
@Suite struct ModelCatalogueTests {
  @Test func everyModelResolvesToItself() throws {
    try expectNone(try wrong(step: 1) { id, _ in [id] })
  }

  @Test func everyModelIsFoundBehindItsProvidersName() throws {
    try expectNone(try wrong(from: 1) { id, provider in ["\(provider)/\(id)", "my-proxy/\(id)"] })
  }

  @Test func everyModelIsFoundInCapitals() throws {
    try expectNone(try wrong(from: 2) { id, _ in [id.uppercased(), " \(id)\n"] })
  }

  @Test func everyModelIsFoundWithADateOrARevision() throws {
    try expectNone(
      try wrong(from: 0) { id, _ in
        ["\(id)-20260115", "\(id)-2026-01-15", "\(id)@20260115", "\(id)-20260115-v1:0", "\(id)-0115", "\(id)-v1:0"]
      })
  }

  @Test func everyModelIsFoundWithAQuantisation() throws {
    try expectNone(try wrong(from: 1) { id, _ in ["\(id)-fp8", "\(id)-awq", "\(id)-q4_k_m", "\(id)-20260115-int4"] })
  }

  @Test func everyModelIsFoundWithItsContextOrTag() throws {
    try expectNone(try wrong(from: 2) { id, _ in ["\(id)[1m]", "\(id):latest"] })
  }

  @Test func everyClaudeIsFoundWithDotsForHyphens() throws {
    try expectNone(
      try wrong(step: 1) { id, _ in
        let parts = id.split(separator: "-", omittingEmptySubsequences: false)
        guard id.contains("claude"), let i = parts.indices.dropLast().first(where: { isNumber(parts[$0]) && isNumber(parts[$0 + 1]) })
        else { return [] }
        return [parts[..<i].joined(separator: "-") + "-\(parts[i]).\(parts[i + 1])" + parts[(i + 2)...].map { "-" + $0 }.joined()]
      })
  }

  /// Without its own row a name may only mean a model that differs by date, region, revision, quantisation or "latest".
  @Test func noNameMeansAnotherModel() throws {
    let catalogue = try bundled.get()
    let index = try resolver.get().index
    var wrong: [String] = []
    for (i, model) in catalogue.models.enumerated() {
      let shelf = try #require(catalogue.providerIndex[model.provider])
      for name in Set(model.match.names + [lowercased(model.id)]) {
        guard let found = index.shelves[shelf].find(ModelName(name), besides: Int32(i)) else { continue }
        let other = catalogue.models[Int(found.model)]
        if !isSame(name, other) { wrong.append("\(model.provider): \(name) is \(other.id) by \(found.rule)") }
      }
    }
    try expectNone(wrong.sorted())
  }

  // MARK: Helpers

  /// "perplexity/sonar" is a listing of its own beside "sonar".
  private func isListed(_ name: String, at provider: String) -> Bool {
    Self.listed.contains("\(provider) \(lowercased(name))")
  }
  private static let listed: Set<String> = {
    let models = (try? bundled.get().models) ?? []
    return Set(models.flatMap { m in (m.match.names + [lowercased(m.id)]).map { "\(m.provider) \($0)" } })
  }()

  private func expectNone(_ wrong: [String]) throws { #expect(wrong == []) }

  /// Of every third model, beginning with the `first`; of all with a step of 1.
  private func wrong(
    from first: Int = 0, step: Int = 3, _ variants: (_ id: String, _ provider: String) -> [String]
  ) throws -> [String] {
    let models = try bundled.get().models
    return try stride(from: first, to: models.count, by: step).flatMap { (i: Int) -> [String] in
      let model = models[i]
      return try variants(model.id, model.provider).compactMap { (name: String) -> String? in
        if isListed(name, at: model.provider) { return nil }
        let found = try modelID(model.provider, name)
        return found == "\(model.provider)/\(model.id)" ? nil : "\(model.provider) \(name): \(found ?? "none")"
      }
    }
  }

  private func isNumber(_ text: Substring) -> Bool { (1...2).contains(text.count) && text.allSatisfy(\.isNumber) }

  private func isSame(_ name: String, _ other: CatalogueModel) -> Bool {
    let core = plain(name)
    let names = other.match.names + [lowercased(other.id)]
    if names.contains(name) { return true }
    if names.contains(where: { plain($0) == core }) { return true }
    return other.match.alternatives.contains { clauses in
      clauses.contains { clause in
        switch clause {
        case .startsWith(let x), .contains(let x), .endsWith(let x), .like(let x):
          var rest = core[...]
          let literal = plain(String(decoding: x, as: UTF8.self).replacing("*", with: ""))
          guard let range = rest.firstRange(of: literal) else { return false }
          rest = rest[range.upperBound...]
          return rest.split(separator: "-").allSatisfy { ["preview", "exp", "beta", "customtools", "001"].contains($0) }
        default: return false
        }
      }
    }
  }

  /// Lower case, one spelling, without path, region, vendor and harmless ends; written apart from the resolver's own way.
  private func plain(_ name: String) -> String {
    var text = name.lowercased().split(separator: "/").last.map(String.init) ?? ""
    for prefix in ["us-gov.", "us.", "eu.", "apac.", "jp.", "au.", "in.", "global.", "regional."] where text.hasPrefix(prefix) {
      text = String(text.dropFirst(prefix.count))
      break
    }
    if let dot = text.firstIndex(of: "."), ModelName.vendors.contains(String(text[..<dot])) {
      text = String(text[text.index(after: dot)...])
    }
    while text.last?.isNumber ?? false || ["latest", "fault", "fp4", "fp8", "fp16", "bf16", "awq", "int4", "int8", "gguf", "nvfp4"].contains(where: text.hasSuffix) || text.hasSuffix("##") {
      let before = text
      text.replace(#/(-v?1)?:\d+$|@\d{3}$|-v1$|[-@:]latest$|@default$|-(fp4|fp8|fp16|bf16|awq|int4|int8|gguf|nvfp4)$/#, with: "")
      text.replace(#/(\d{8})-v\d$/#) { String($0.output.1) }
      text.replace(#/[-@](20\d\d-?[01]\d-?[0-3]\d|[01]\d-20\d\d|[01]\d[0-3]\d|####-?##-?##)$/#, with: "")
      if text == before { break }
    }
    return text.map { "._@".contains($0) ? "-" : String($0) }.joined()
  }
}
