import Domain
import Pages
import Pricing
import Store
import Wire

/// Prices, agreements, unpriced models and re-pricings as JSON: prices and money as decimal texts, times in UTC.
enum PriceJSON {
  private static func object(_ members: [JSONMember]) -> JSONValue { .object(JSONObject(members)) }
  private static func member(_ key: String, _ value: JSONValue) -> JSONMember { JSONMember(key: key, value: value) }
  static func text(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
  static func time(_ time: Timestamp?) -> JSONValue { text(time.map(ISOTime.text)) }
  static func number(_ number: some BinaryInteger) -> JSONValue { .number(String(number)) }

  static func pairs(_ pairs: [String: String]) -> JSONValue {
    object(pairs.sorted { $0.key < $1.key }.map { member($0.key, .string($0.value)) })
  }

  private static func head(_ id: PriceEntryID, _ provider: String?, _ pattern: NamePattern?, _ dates: DatedRange) -> [JSONMember] {
    [
      member("id", number(id.rawValue)), member("provider", text(provider)), member("match", text(pattern?.kind.rawValue)),
      member("pattern", text(pattern?.text)), member("from", time(dates.from)), member("to", time(dates.to)),
    ]
  }

  static func listing(_ listing: PriceListing) -> JSONValue {
    object(
      head(listing.id, listing.provider, listing.pattern, listing.dates) + [
        member("conditions", pairs(listing.conditions)), member("prices", pairs(listing.prices)),
        member("source", .string(listing.source)), member("checkedAt", time(listing.checkedAt)),
      ])
  }

  static func term(_ term: PriceTerm) -> JSONValue {
    object(
      head(term.id, term.provider, term.pattern, term.dates) + [
        member("factor", .string(term.factor)), member("source", .string(term.source)),
      ])
  }

  static func alias(_ alias: ModelAlias) -> JSONValue {
    object(
      head(alias.id, alias.provider, alias.pattern, alias.dates) + [
        member("targetProvider", text(alias.targetProvider)), member("targetModel", .string(alias.targetModel)),
      ])
  }

  static func agreements(_ agreements: PriceAgreements) -> [JSONMember] {
    [
      member("listings", .array(agreements.listings.map(listing))), member("terms", .array(agreements.terms.map(term))),
      member("aliases", .array(agreements.aliases.map(alias))),
      member("withoutCatalogue", .array(agreements.withoutCatalogue.sorted().map(JSONValue.string))),
    ]
  }

  /// A model of the catalogue, all rows and conditions, newest first.
  static func model(_ model: CatalogueModel, _ search: CatalogueSearch) -> JSONValue {
    func row(_ row: ModelPriceRow) -> JSONValue {
      object([
        member("from", time(row.dates.from)), member("to", time(row.dates.to)), member("hours", text(row.hours)),
        member("conditions", pairs(row.conditions)), member("prices", pairs(row.prices)), member("source", text(row.source)),
      ])
    }
    let listed = search.row(model)
    return object([
      member("provider", .string(model.provider)), member("model", .string(model.id)), member("name", .string(model.name)),
      member("source", .string(listed.source)), member("checked", .string(listed.checked)), member("isFree", .bool(model.isFree)),
      member("prices", .array(search.history(model).map(row))), member("conditional", .array(search.variants(model).map(row))),
    ])
  }

  static func outcome(_ outcome: PriceFileOutcome, _ format: PriceFormat) -> JSONValue {
    object([
      member("format", .string(format.rawValue)), member("dryRun", .bool(outcome.isDryRun)),
      member("added", object(agreements(outcome.changes.added))), member("changed", changed(outcome.changes.changed)),
      member("ended", object(agreements(outcome.changes.ended))),
      member("kept", number(outcome.changes.kept)), member("revision", number(outcome.changes.revision)),
      member(
        "problems",
        .array(outcome.problems.map { object([member("place", .string($0.place)), member("message", .string($0.message))]) })),
    ])
  }

  private static func changed(_ changed: PriceImportReplacements) -> JSONValue {
    func pairs<Entry>(_ all: [PriceReplacement<Entry>], _ json: (Entry) -> JSONValue) -> JSONValue {
      .array(all.map { object([member("before", json($0.before)), member("after", json($0.after))]) })
    }
    return object([
      member("listings", pairs(changed.listings, listing)), member("terms", pairs(changed.terms, term)),
      member("aliases", pairs(changed.aliases, alias)),
    ])
  }

  static func unpriced(_ answer: UnpricedAnswer) -> JSONValue {
    let groups = answer.groups.map { group in
      object([
        member("provider", text(group.provider)), member("model", text(group.model)), member("status", .string(group.status.rawValue)),
        member("reason", .string(group.reason)), member("units", .array(group.units.map(JSONValue.string))),
        member("calls", number(group.calls)), member("tokens", CostJSON.tokens(group.usage)), member("firstSeen", time(group.firstSeen)),
        member("lastSeen", time(group.lastSeen)), member("example", text(group.exampleAddress)),
      ])
    }
    return object([member("models", .array(groups)), member("isCut", .bool(answer.isCut)), member("source", .string(answer.source))])
  }

  static func sum(_ sum: RepricingSum) -> [JSONMember] {
    [
      member("calls", number(sum.calls)), member("changed", number(sum.changed)),
      member("before", CostJSON.money(sum.before)), member("after", CostJSON.money(sum.after)),
      member("unpricedBefore", number(sum.unpricedBefore)), member("unpricedAfter", number(sum.unpricedAfter)),
    ]
  }

  static func dryRun(_ run: RepricingDryRun, _ request: RepricingRequest) -> JSONValue {
    object([
      member("dryRun", .bool(true)), member("currency", "USD"), member("from", time(request.range.from)),
      member("to", time(request.range.to)), member("total", object(sum(run.total))),
      member("teams", .array(run.teams.map { object([member("team", text($0.team?.name))] + sum($0.sum)) })),
      member("models", .array(run.models.map { object([member("model", text($0.model))] + sum($0.sum)) })),
      member(
        "changes",
        .array(
          run.changes.map { call in
            object([
              member("project", .string(call.projectSlug)), member("trace", .string(call.trace.hex)),
              member("observation", .string(call.observation.hex)), member("startedAt", time(call.startedAt)),
              member("model", text(call.model)), member("before", CostJSON.money(call.before)),
              member("after", CostJSON.money(call.after)), member("reason", .string(call.reason)),
            ])
          })),
    ])
  }

  static func job(_ job: Repricing) -> JSONValue {
    let state = job.failure != nil ? "failed" : job.isFinished ? "finished" : "running"
    return object([
      member("id", number(job.id.rawValue)), member("state", .string(state)), member("currency", "USD"),
      member("from", time(job.range.from)), member("to", time(job.range.to)),
      member("models", .array(job.models.map(JSONValue.string))), member("reason", .string(job.reason)),
      member("createdAt", time(job.createdAt)), member("createdBy", .string(job.createdBy)), member("doneBefore", time(job.doneBefore)),
      member("traces", number(job.traces)), member("calls", number(job.rows)), member("changed", number(job.rowsChanged)),
      member("before", .string(job.before.decimal)), member("after", .string(job.after.decimal)),
      member("finishedAt", time(job.finishedAt)), member("failure", text(job.failure)),
    ])
  }
}
