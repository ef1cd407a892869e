import Domain
import Foundation
import Hummingbird
import Pricing
import Store
import Wire

/// `/api/v1/prices`: the price list, what is agreed, files, and what has no price.
struct PriceRoutes {
  let backend: Backend

  /// What is agreed; with `q` or `provider` also the catalogue's models that fit.
  func list(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let parameters = QueryParameters(request)
    try parameters.allow(["q", "provider", "limit"])
    try await backend.prices.refresh()
    let search = CatalogueSearch(book: backend.prices.current, now: Timestamp.now)
    let agreements = try await backend.priceStore.agreements(of: grant.organisation.id)
    var members = PriceJSON.agreements(agreements) + [JSONMember(key: "revision", value: PriceJSON.number(agreements.revision))]
    if parameters.has("q") || parameters.has("provider") {
      let found = search.models(words: parameters.text("q"), provider: parameters.text("provider"))
      let limit = try parameters.number("limit", 1...1000) ?? 100
      members += [
        JSONMember(key: "models", value: .array(found.prefix(limit).map { PriceJSON.model($0, search) })),
        JSONMember(key: "modelsTotal", value: PriceJSON.number(found.count)),
      ]
    }
    return .json(.ok, .object(JSONObject(members)))
  }

  /// One entry: `kind` is listing, term, alias or switch.
  func add(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    guard let object = try await request.json(upTo: 1 << 20).objectValue else { throw Failure.badRequest("expected a JSON object") }
    let input = try PriceEntryInput(json: object, zone: grant.organisation.timeZone)
    let (scope, actor, store) = (grant.adminScope, grant.actor, backend.priceStore)
    let names = ["kind", "provider", "match", "pattern", "from", "to", "source"]
    let answer: JSONValue
    switch input.text("kind") {
    case "listing":
      try input.allowOnly(names + ["checkedAt"])
      answer = PriceJSON.listing(try await store.add(try input.listing(), scope: scope, by: actor))
    case "term":
      try input.allowOnly(names + ["factor"])
      answer = PriceJSON.term(try await store.add(try input.term(), scope: scope, by: actor))
    case "alias":
      try input.allowOnly(names + ["targetProvider", "targetModel"])
      answer = PriceJSON.alias(try await store.add(try await backend.checked(try input.alias()), scope: scope, by: actor))
    case "switch":
      try input.allowOnly(["kind", "provider"])
      try await store.setCatalogue(false, provider: input.text("provider") ?? "", scope: scope, by: actor)
      answer = ["provider": PriceJSON.text(input.text("provider")), "catalogue": false]
    default: throw Failure.badRequest("kind is \"\(input.text("kind") ?? "")\": expected listing, term, alias or switch")
    }
    try await backend.prices.refresh()
    return .json(.created, answer)
  }

  /// `/api/v1/prices/{kind}/{id}`; of a switch the id is the provider. With `at` the entry holds until then: the answer is the copy that has
  /// this end. Without, it is taken away altogether.
  func remove(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let kind = try context.decoded("kind"), id = try context.decoded("id")
    let parameters = QueryParameters(request)
    try parameters.allow(kind == "switch" ? [] : ["at"])
    let time = try parameters.time("at", zone: grant.organisation.timeZone)
    // An end that got lost on its way would take away the past too.
    if parameters.has("at"), time == nil { throw Failure.badRequest("at is empty: expected a date such as 2026-11-01, or an ISO 8601 time") }
    var ended: JSONValue?
    if kind == "switch" {
      let isNew = try await backend.priceStore.setCatalogue(true, provider: id, scope: grant.adminScope, by: grant.actor)
      if !isNew { throw Failure.notFound("the catalogue is not switched off for \(id)") }
    } else {
      guard let number = Int32(id) else { throw Failure.notFound("there is no \(kind) \(id)") }
      ended = try await backend.priceStore.end(kind, PriceEntryID(number), at: time, scope: grant.adminScope, by: grant.actor)
    }
    try await backend.prices.refresh()
    return ended.map { .json(.ok, $0) } ?? Response(status: .noContent)
  }

  /// The file is the body. Without `dryRun=0` nothing is written.
  func importFile(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let parameters = QueryParameters(request)
    try parameters.allow(["format", "dryRun", "mode", "source"])
    let bytes = try await request.bytes()
    guard let format = try parameters.choice("format", PriceFormat.self) ?? PriceFormat(looksLike: bytes) else {
      throw Failure.badRequest("the format is not clear: expected format= one of \(PriceFormat.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    let isDryRun = try !parameters.has("dryRun") || parameters.flag("dryRun")
    let outcome = try await PriceFiles(store: backend.priceStore).take(
      bytes, format, mode: try parameters.choice("mode", PriceImportMode.self) ?? .add, isDryRun: isDryRun,
      source: parameters.text("source"), scope: grant.adminScope, by: grant.actor)
    try await backend.prices.refresh()
    return .json(.ok, PriceJSON.outcome(outcome, format))
  }

  func export(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let parameters = QueryParameters(request)
    try parameters.allow(["format"])
    let format = try parameters.choice("format", PriceFormat.self) ?? .quipu
    let agreements = try await backend.priceStore.agreements(of: grant.organisation.id)
    return .download("prices\(format.fileExtension)", format.mediaType, format.write(agreements).text)
  }

  func unpriced(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let parameters = QueryParameters(request)
    try parameters.allowOnly(["from", "to", "timeZone"])
    let zone = try parameters.zone("timeZone", standard: grant.organisation.timeZone)
    let answer = try await UnpricedReport(pool: backend.pool).run(
      try parameters.range(zone: zone, defaultDays: 30), filter: try parameters.checkedFilter(), scope: grant.moneyScope,
      organisation: grant.organisation)
    return .json(.ok, PriceJSON.unpriced(answer))
  }
}

extension KeyGrant {
  /// Calls that prices are asked about: the key's project, or with leave to administer all of them.
  var moneyScope: AccessScope { key.scopes.contains(.admin) ? adminScope : scope }
  /// Whom the audit log names.
  var actor: String { "key \(key.publicKey)" }
}

extension Request {
  /// - Throws: `Failure` 413, `WireError` for what is no JSON.
  func json(upTo most: Int) async throws -> JSONValue { try JSON.parse(try await bytes(upTo: most)) }
}

extension QueryParameters {
  /// As `allowOnly`, where dimensions mean nothing.
  func allow(_ names: [String]) throws {
    guard let unknown = self.names.first(where: { !names.contains($0) }) else { return }
    let expected = names.isEmpty ? "none" : names.sorted().joined(separator: ", ")
    throw Failure.badRequest("\(unknown) is no parameter here: expected \(expected)")
  }
}
