import Domain
import HTTPTypes
import Wire

/// Cost, traces, reports and exports.
extension OpenAPI {
  private static let groupings = Schema.text

  static let spending: [APIOperation] = [
    APIOperation(
      method: .get, path: "api/v1/costs", id: "costs", about: "Cost, tokens and other figures by up to two dimensions and by time.",
      query: APIOperation.Parameter.range + APIOperation.Parameter.filters + [
        .text("groupBy", "None, one or two dimensions with a comma between them; declared keys are metadata.KEY."),
        .choice("interval", CostInterval.allCases.map(\.rawValue), "Step of time."),
        .text("measures", "Figures with commas between them: \(CostFigure.allCases.map(\.rawValue).joined(separator: ", "))."),
        .whole("top", 1...1000, "Keeps so many values of the first dimension and sums the others."),
        .choice("topBy", ["cost", "calls", "errors", "unpricedCalls", "listCost", "contractedCost", "avoidedCost"], "What they are the top of."),
        .choice("compare", ["previous"], "Also of the equally long time before."), .choice("format", ["json", "csv"], "Form of the answer."),
      ],
      answers: [
        .init(
          status: 200, about: "Rows and their total.",
          content: [
            (
              "application/json",
              Schema.object(
                [
                  "currency": Schema.text, "from": Schema.time, "to": Schema.time, "timeZone": Schema.text, "source": Schema.text,
                  "rows": Schema.list(Schema.object), "total": Schema.object, "previous": Schema.object,
                ], required: ["currency", "from", "to", "timeZone", "source", "rows", "total"])
            ), ("text/csv", Schema.text),
          ])
      ]),
    APIOperation(
      method: .get, path: "api/v1/what-if", id: "whatIf", about: "What calls of the range, or given counts, would cost elsewhere.",
      query: APIOperation.Parameter.range + APIOperation.Parameter.filters + whatIf, answers: [whatIfAnswer]),
    APIOperation(
      method: .post, path: "api/v1/what-if", id: "whatIfOf", about: "The same, with the names in an object; price gives prices by unit.",
      bodies: [.json(["type": "object", "properties": ["toModel": Schema.text, "input": Schema.count, "price": Schema.object]])],
      answers: [whatIfAnswer]),
  ]

  private static let whatIf: [APIOperation.Parameter] =
    ["toProvider", "toModel", "toServiceTier", "toRegion"].map { .text($0, "What it is compared with.") }
    + ["calls", "callsPerMinute", "callsPerDay", "users", "days", "hours"].map { .text($0, "Given traffic.") }
    + ["costPerHour", "costPerCall"].map { .text($0, "USD.") }
    + UsageBucket.allCases.map(\.rawValue).filter { CostDimension(rawValue: $0) == nil }.map { .whole($0, 0...1_000_000_000, "Given count per call.") }

  private static let whatIfAnswer = APIOperation.Answer.json(
    200, "Now, then, and the difference; or what the given traffic costs.", Schema.object(["currency": Schema.text, "notes": Schema.list(Schema.text)]))

  static let traces: [APIOperation] = [
    APIOperation(
      method: .get, path: "api/v1/traces", id: "traces", about: "Traces, latest first, or by another order; q searches content and ids.",
      query: APIOperation.Parameter.range + APIOperation.Parameter.filters + [
        .text("q", "Text to search for; not with sort and order."), .text("session", "Of this session."), .text("name", "Part of the trace's name."),
        .flag("errors", "Only with errors."), .flag("unpriced", "Only with calls without a full price."),
        .text("doubt", "Only with one of these doubts about usage: \(UsageDoubt.allCases.map(\.rawValue).joined(separator: ", "))."),
        .text("costAbove", "USD."), .choice("sort", TraceSort.allCases.map(\.rawValue), "Order."), .choice("order", ["asc", "desc"], "Direction."),
        .whole("limit", 1...500, "Rows of a page."), .text("cursor", "The next of the page before."),
      ],
      answers: [
        .json(
          200, "A page.",
          Schema.object(
            [
              "traces": Schema.list(Schema.ref("TraceItem")), "next": Schema.orNull(Schema.text), "searchedBackTo": Schema.orNull(Schema.time),
              "searched": Schema.text,
            ], required: ["traces", "next"]))
      ]),
    APIOperation(
      method: .get, path: "api/v1/traces/:trace", id: "trace", about: "A trace with its observations and scores.",
      answers: [
        .json(
          200, "The trace.",
          Schema.object(["id": Schema.text, "observations": Schema.list(Schema.ref("Observation")), "scores": Schema.list(Schema.object)]))
      ]),
    APIOperation(
      method: .get, path: "api/v1/observations/:observation", id: "observation", about: "An observation with its bodies.",
      query: [.text("trace", "Id of its trace.", isRequired: true)], answers: [.json(200, "The observation.", Schema.ref("Observation"))]),
    APIOperation(
      method: .get, path: "api/v1/observations/:observation/cost", id: "explainCost", about: "Why it costs what it costs.",
      query: [.text("trace", "Id of its trace.", isRequired: true)],
      answers: [
        .json(200, "The account.", Schema.object(["id": Schema.text, "currency": Schema.text, "status": Schema.text, "cost": Schema.money]))
      ]),
  ]

  private static let reportQuestion: [APIOperation.Parameter] = APIOperation.Parameter.filters + [
    .init(name: "month", schema: Schema.month, about: "A month of the organisation's calendar; or from and to."),
    .init(name: "from", schema: Schema.day, about: "First day."),
    .init(name: "to", schema: Schema.day, about: "First day that is not in it any more."),
    .choice("view", ReportView.allCases.map(\.rawValue), "What counts as of the period."),
    .text("breakdown", "Up to \(AllocationRequest.breakdownMax) dimensions with commas between them."),
    .choice("separator", ["comma", "semicolon"], "Of CSV."), .choice("decimal", ["point", "comma"], "Of CSV."), .flag("bom", "Byte order mark of CSV."),
  ]
  private static let reportFormats = APIOperation.Parameter.choice(
    "format", ReportQuestion.Format.allCases.map(\.rawValue), "Form of the answer.")

  static let reports: [APIOperation] = [
    APIOperation(
      method: .get, path: "api/v1/reports/allocation", id: "allocation", about: "Every team's share of a period's cost, shared costs included.",
      query: reportQuestion + [reportFormats],
      answers: [
        .init(
          status: 200, about: "The report.",
          content: [
            ("application/json", Schema.object(["lines": Schema.list(Schema.object), "total": Schema.object])), ("text/csv", Schema.text),
            ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Schema.text),
          ])
      ], refusals: [409, 413]),
    APIOperation(
      method: .get, path: "api/v1/statements", id: "statements", about: "Months and whether they are closed.",
      answers: [.json(200, "Latest first.", Schema.object(["statements": Schema.list(Schema.ref("Statement"))]))], refusals: [400]),
    APIOperation(
      method: .get, path: "api/v1/statements/:month", id: "statement", about: "A month with the bridge from its ledger to its books.",
      parts: ["month": Schema.month], answers: [.json(200, "The month.", Schema.ref("Statement"))], refusals: [409]),
    APIOperation(
      method: .get, path: "api/v1/statements/:month/text", id: "statementText", about: "What the SHA-256 of a closed month is of.",
      parts: ["month": Schema.month], answers: [.init(status: 200, about: "CSV.", content: [("text/csv", Schema.text)])], refusals: [409]),
    APIOperation(
      method: .post, path: "api/v1/statements/:month/close", id: "closeMonth", about: "Closes a month: its sums are never changed again.",
      parts: ["month": Schema.month], bodies: [.json(Schema.input(["comment": Schema.orNull(Schema.text)]))],
      answers: [.json(201, "Closed.", Schema.ref("Statement"))], refusals: [409]),
    APIOperation(
      method: .get, path: "api/v1/exports", id: "exports", about: "Files made in the background.",
      answers: [.json(200, "Newest first.", Schema.object(["exports": Schema.list(Schema.ref("Export"))]))], refusals: [400]),
    APIOperation(
      method: .post, path: "api/v1/exports", id: "beginExport", about: "Begins one; the fields are the parameters of the allocation report.",
      bodies: [
        .json([
          "type": "object",
          "properties": ["month": Schema.month, "format": Schema.one(of: ReportQuestion.Format.allCases.map(\.rawValue))],
        ])
      ], answers: [.json(202, "Begun.", Schema.ref("Export"))], refusals: [409]),
    APIOperation(
      method: .get, path: "api/v1/exports/:export", id: "export", about: "How far it is.", parts: ["export": Schema.id],
      answers: [.json(200, "The export.", Schema.ref("Export"))]),
    APIOperation(
      method: .get, path: "api/v1/exports/:export/file", id: "exportFile", about: "The file.", parts: ["export": Schema.id],
      answers: [
        .init(
          status: 200, about: "The file.",
          content: [
            ("text/csv", Schema.text), ("application/json", Schema.any),
            ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Schema.text),
          ])
      ], refusals: [409]),
    APIOperation(
      method: .delete, path: "api/v1/exports/:export", id: "removeExport", about: "Stops or removes it.", parts: ["export": Schema.id],
      answers: [.none("Gone.")]),
  ]
}
