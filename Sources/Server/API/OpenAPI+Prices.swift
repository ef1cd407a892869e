import Domain
import HTTPTypes
import Pricing
import Store
import Wire

/// Prices, agreements, re-pricing.
extension OpenAPI {
  private static let entry: KeyValuePairs<String, JSONValue> = [
    "kind": Schema.one(of: ["listing", "term", "alias", "switch"]), "provider": Schema.text,
    "match": Schema.one(of: NamePattern.Kind.allCases.map(\.rawValue)), "pattern": Schema.text, "from": Schema.text, "to": Schema.text,
    "source": Schema.text, "checkedAt": Schema.text, "factor": Schema.text, "targetProvider": Schema.text, "targetModel": Schema.text,
    "prices": ["type": "object", "additionalProperties": Schema.text], "conditions": ["type": "object", "additionalProperties": Schema.text],
  ]
  private static let formats = APIOperation.Parameter.choice("format", PriceFormat.allCases.map(\.rawValue), "Of the file.")
  private static let job = Schema.input(
    ["from": Schema.text, "to": Schema.text, "models": Schema.list(Schema.text), "reason": Schema.text, "dryRun": Schema.flag])

  static let prices: [APIOperation] = [
    APIOperation(
      method: .get, path: "api/v1/prices", id: "prices", about: "What is agreed; with q or provider also models of the price list that fit.",
      query: [.text("q", "Words of a model's name."), .text("provider", "Of this provider."), .whole("limit", 1...1000, "Models at most.")],
      answers: [.json(200, "Entries.", Schema.object(["revision": Schema.count]))]),
    APIOperation(
      method: .post, path: "api/v1/prices", id: "addPrice", about: "Adds a listing, term, alias or switch.",
      bodies: [.json(Schema.input(entry, required: ["kind"]))], answers: [.json(201, "Added.", Schema.object)], refusals: [404, 409]),
    APIOperation(
      method: .delete, path: "api/v1/prices/:kind/:id", id: "removePrice", about: "Ends an entry at a time, or takes it away; of a switch the id is the provider.",
      query: [.text("at", "When it ends.")], parts: ["kind": Schema.one(of: ["listing", "term", "alias", "switch"])],
      answers: [.json(200, "The entry with its end.", Schema.object), .none("Taken away.")]),
    APIOperation(
      method: .post, path: "api/v1/prices/import", id: "importPrices", about: "Takes a file of prices; nothing is written without dryRun=0.",
      query: [
        formats, .flag("dryRun", "Only look; so unless it is 0."), .choice("mode", PriceImportMode.allCases.map(\.rawValue), "Beside what there is."),
        .text("source", "Where the prices stand."),
      ],
      bodies: [.init(type: "application/json", schema: Schema.any), .init(type: "text/csv", schema: Schema.text)],
      answers: [.json(200, "What was, or would be, taken.", Schema.object)], refusals: [409]),
    APIOperation(
      method: .get, path: "api/v1/prices/export", id: "exportPrices", about: "What is agreed, as a file.", query: [formats],
      answers: [
        .init(
          status: 200, about: "The file.",
          content: [("application/json", Schema.any), ("text/csv", Schema.text)])
      ]),
    APIOperation(
      method: .get, path: "api/v1/prices/unpriced", id: "unpriced", about: "Calls without a full price, by model and reason.",
      query: APIOperation.Parameter.range + APIOperation.Parameter.filters, answers: [.json(200, "Models.", Schema.object)]),
    APIOperation(
      method: .get, path: "api/v1/repricings", id: "repricings", about: "Runs that price booked calls again.",
      answers: [.json(200, "Newest first.", Schema.object(["repricings": Schema.list(Schema.ref("Job"))]))]),
    APIOperation(
      method: .post, path: "api/v1/repricings", id: "reprice", about: "What today's prices would change; begins with dryRun false.",
      bodies: [.json(job)], answers: [.json(200, "Nothing is written.", Schema.object), .json(202, "Begun.", Schema.ref("Job"))],
      refusals: [409, 413]),
    APIOperation(
      method: .get, path: "api/v1/repricings/:repricing", id: "repricing", about: "How far it is.", parts: ["repricing": Schema.id],
      answers: [.json(200, "The run.", Schema.ref("Job"))]),
    APIOperation(
      method: .delete, path: "api/v1/repricings/:repricing", id: "stopRepricing", about: "Stops it; what is done stays.",
      parts: ["repricing": Schema.id], answers: [.none("Stopped.")]),
  ]
}
