import Domain
import Foundation
import Hummingbird
import Pages
import Pricing
import Store

/// The price list, one model, and the forms that change what is agreed.
struct PricePages {
  let backend: Backend

  func list(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try PriceParts(request, context, backend)
    try await backend.prices.refresh()
    return .page(.ok, try listPage(parts).render())
  }

  private func listPage(_ parts: PriceParts, problem: String? = nil) throws -> PriceListPage {
    let search = parts.search
    let found = search.models(words: parts.address.text, provider: parts.address.filter[.provider]?.first)
    return PriceListPage(
      prices: parts.frame(problem), agreements: search.book.agreements, rows: found.prefix(PriceListPage.shown).map(search.row),
      total: found.count, providers: search.book.catalogue.providers.map(\.id).sorted(), source: search.wholeSource)
  }

  func model(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try PriceParts(request, context, backend)
    let parameters = QueryParameters(request)
    let provider = parameters.text("provider") ?? "", id = parameters.text("model") ?? ""
    try await backend.prices.refresh()
    let search = parts.search
    guard let model = search.model(provider: provider, id: id) else { throw Failure.notFound("the catalogue lists no \(provider)/\(id)") }
    let page = PriceModelPage(
      prices: parts.frame(), provider: model.provider, model: model.id, name: model.name,
      rule: model.match.texts.map(Self.inWords).joined(separator: "; "), source: search.source(of: model),
      urls: search.book.catalogue.provider(model.provider)?.urls ?? [], rows: search.history(model), variants: search.variants(model),
      agreements: search.agreements(for: model), isFree: model.isFree)
    return .page(.ok, page.render())
  }

  /// "starts_with gpt-4o" without the underscore; those of the name stay.
  private static func inWords(_ rule: String) -> String {
    let parts = rule.split(separator: " ", maxSplits: 1)
    return ([parts.first.map { $0.split(separator: "_").joined(separator: " ") } ?? ""] + parts.dropFirst().map(String.init))
      .joined(separator: " ")
  }

  /// The form for an own price, filled from a catalogue model ("like") or an unpriced name.
  func new(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try PriceParts(request, context, backend)
    let input = PriceEntryInput(form: QueryParameters(request), zone: parts.zone)
    var draft = input.draft
    if let like = input.text("like"), let slash = like.firstIndex(of: "/"),
      let model = parts.search.model(provider: String(like[..<slash]), id: String(like[like.index(after: slash)...])) {
      draft.prices = CatalogueSearch.texts(model.row(at: parts.now)?.prices ?? [])
    }
    return .page(.ok, newPage(parts, draft).render())
  }

  private func newPage(
    _ parts: PriceParts, _ draft: PriceDraft, problem: String? = nil, trial: [PatternTrialRow]? = nil
  ) -> NewPricePage {
    NewPricePage(prices: parts.frame(problem), draft: draft, units: PriceUnit.allCases.map(\.rawValue), trial: trial)
  }

  /// Saves an own price, or tries it on real calls.
  func saveListing(_ request: Request, _ context: Context) async throws -> Response {
    let (parts, form) = try await PriceParts.changing(request, context, backend)
    let input = PriceEntryInput(form: form, zone: parts.zone)
    do {
      if form.text("do") == "try" { return .page(.ok, newPage(parts, input.draft, trial: try await trial(parts, form, input)).render()) }
      let listing = try await backend.priceStore.add(try input.listing(), scope: parts.visit.scope, by: parts.actor)
      try await backend.prices.refresh()
      return .seeOther(next(form, pattern: listing.pattern, "\(listing.pattern.text) got a price"))
    } catch {
      return .page(.badRequest, newPage(parts, input.draft, problem: try PriceParts.sentence(error)).render())
    }
  }

  private func trial(_ parts: PriceParts, _ form: QueryParameters, _ input: PriceEntryInput) async throws -> [PatternTrialRow] {
    try await backend.prices.refresh()
    let trials = PatternTrials(traffic: CallTraffic(pool: backend.pool), book: backend.prices.current)
    // A source is asked for when the price is kept, not when it is tried.
    let listing = try form.has("source") && form.text("source") != nil ? input.listing() : input.with("source", "trial").listing()
    return try await trials.run(listing, now: parts.now, scope: parts.visit.scope, organisation: parts.visit.organisation)
  }

  /// From a list of unpriced models the way leads on to re-pricing just these.
  private func next(_ form: QueryParameters, pattern: NamePattern, _ reason: String) -> String {
    guard let since = form.text("since"), let from = ISOTime.parse(since, zone: "UTC") else { return Route.prices }
    return Route.newRepricing(from: from, models: pattern.kind == .exact ? [pattern.text] : [], reason: reason)
  }

  func saveTerm(_ request: Request, _ context: Context) async throws -> Response {
    try await change(request, context) { parts, form, input in
      _ = try await backend.priceStore.add(try input.term(), scope: parts.visit.scope, by: parts.actor)
      return Route.prices + "#own"
    }
  }

  func saveAlias(_ request: Request, _ context: Context) async throws -> Response {
    try await change(request, context) { parts, form, input in
      let alias = try await backend.priceStore.add(try await backend.checked(try input.alias()), scope: parts.visit.scope, by: parts.actor)
      return next(form, pattern: alias.pattern, "\(alias.pattern.text) is priced as \(alias.targetModel)")
    }
  }

  func saveSwitch(_ request: Request, _ context: Context) async throws -> Response {
    try await change(request, context) { parts, form, _ in
      let name = form.text("provider") ?? ""
      let provider = backend.prices.current.catalogue.providerID(for: name) ?? name
      try await backend.priceStore.setCatalogue(form.text("on") == "1", provider: provider, scope: parts.visit.scope, by: parts.actor)
      return Route.prices + "#own"
    }
  }

  func remove(_ request: Request, _ context: Context) async throws -> Response {
    try await change(request, context) { parts, form, _ in
      let id = PriceEntryID(try form.number("id", 1...Int(Int32.max)).flatMap { Int32(exactly: $0) } ?? 0)
      try await backend.priceStore.end(form.text("kind") ?? "", id, at: nil, scope: parts.visit.scope, by: parts.actor)
      return Route.prices + "#own"
    }
  }

  /// Does `work` and goes where it says; what it refuses is said on the list.
  private func change(
    _ request: Request, _ context: Context, _ work: (PriceParts, QueryParameters, PriceEntryInput) async throws -> String
  ) async throws -> Response {
    let (parts, form) = try await PriceParts.changing(request, context, backend)
    do {
      let next = try await work(parts, form, PriceEntryInput(form: form, zone: parts.zone))
      try await backend.prices.refresh()
      return .seeOther(next)
    } catch {
      return .page(.badRequest, try listPage(parts, problem: try PriceParts.sentence(error)).render())
    }
  }
}

/// What the pages about prices are made from.
struct PriceParts {
  let parts: PageParts
  var visit: Visit { parts.visit }
  var address: PageAddress { parts.address }
  var now: Timestamp { parts.frame.now }
  var zone: String { visit.organisation.timeZone }
  /// Whom the audit log names.
  var actor: String { visit.member.email }

  init(_ request: Request, _ context: Context, _ backend: Backend) throws {
    parts = try PageParts(request, context, backend)
  }

  /// For a form that changes prices. Whether the member may was asked at the route's door.
  /// - Throws: `Failure` 403 for a form from elsewhere.
  static func changing(
    _ request: Request, _ context: Context, _ backend: Backend
  ) async throws -> (PriceParts, QueryParameters) {
    let parts = try PriceParts(request, context, backend)
    let form = try await request.form()
    try parts.check(request, csrf: form.text("csrf"))
    return (parts, form)
  }

  func check(_ request: Request, csrf: String?) throws {
    try FormToken.check(request, sent: csrf, expected: visit.csrfToken)
  }

  func frame(_ problem: String? = nil) -> PriceFrame {
    PriceFrame(frame: parts.frame, address: parts.address, canChange: parts.frame.allows(.editPrices), problem: problem)
  }

  var search: CatalogueSearch { CatalogueSearch(book: parts.backend.prices.current, now: now) }

  /// What a person did wrong, as a sentence.
  /// - Throws: every other error.
  static func sentence(_ error: any Error) throws -> String {
    let failure = Failure(error)
    guard [400, 404, 409].contains(failure.status.code) else { throw error }
    let text = failure.message
    return text.prefix(1).uppercased() + text.dropFirst() + (text.hasSuffix(".") ? "" : ".")
  }
}
