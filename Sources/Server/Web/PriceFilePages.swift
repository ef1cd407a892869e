import Domain
import Foundation
import Hummingbird
import Pages
import Pricing
import Store

/// Prices from a file, looked at before they are taken, and into one.
struct PriceFilePages {
  let backend: Backend
  private static let formats = PriceFormat.allCases.map { (value: $0.rawValue, label: $0.label) }

  init(backend: Backend) { self.backend = backend }

  func form(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try PriceParts(request, context, backend)
    return .page(.ok, page(parts, .quipu, "").render())
  }

  private func page(
    _ parts: PriceParts, _ format: PriceFormat, _ text: String, problem: String? = nil, outcome: PriceImportOutcome? = nil
  ) -> PriceImportPage {
    PriceImportPage(prices: parts.frame(problem), formats: Self.formats, format: format.rawValue, text: text, outcome: outcome)
  }

  /// A dry run of a file or pasted text; with "apply" it is taken.
  func take(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try PriceParts(request, context, backend)
    let form = try await request.formData()
    try parts.check(request, csrf: form.text("csrf"))
    let bytes = form.bytes("file") ?? form.bytes("text") ?? []
    let text = String(decoding: bytes, as: UTF8.self)
    let chosen = form.text("format").flatMap(PriceFormat.init(rawValue:)) ?? .quipu
    // What the file looks like is more to be trusted than what a menu stood at.
    let format = PriceFormat(looksLike: bytes) ?? chosen
    do {
      if bytes.isEmpty { throw Failure.badRequest("choose a file, or paste its text") }
      let outcome = try await PriceFiles(store: backend.priceStore).take(
        bytes, format, mode: .add, isDryRun: form.text("apply") != "1", scope: parts.visit.scope, by: parts.actor)
      try await backend.prices.refresh()
      return .page(.ok, page(parts, format, text, outcome: outcome.view).render())
    } catch {
      return .page(.badRequest, page(parts, format, text, problem: try PriceParts.sentence(error)).render())
    }
  }

  func export(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try PriceParts(request, context, backend)
    let format = try QueryParameters(request).choice("format", PriceFormat.self) ?? .quipu
    let agreements = try await backend.priceStore.agreements(of: parts.visit.scope.organisation)
    return .download("prices\(format.fileExtension)", format.mediaType, format.write(agreements).text)
  }
}
