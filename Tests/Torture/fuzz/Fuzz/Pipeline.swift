import Domain
import Ingest
import Pricing

@testable import Postgres
@testable import Store

/// The way of a request behind its decoder, without a database: checks, merging, settling, prices, owners, blocks, rows and deltas.
enum Pipeline {
  static let nowNanoseconds: UInt64 = 1_795_000_000_000_000_000
  static let context = IngestContext(
    project: ProjectID(1), key: KeyID(1), environment: nil, receivedAt: Timestamp(nanoseconds: nowNanoseconds))
  private static let limits = ProjectLimits(frozenBefore: Timestamp(seconds: 1_600_000_000), retention: .days30, organisation: OrganisationID(1))
  private static let prices: PriceBook? = (try? PriceCatalogue.bundled()).map { PriceBook(catalogue: $0) }
  /// libFuzzer has one thread.
  nonisolated(unsafe) private static let zstd = Zstd()
  nonisolated(unsafe) private static let copy = CopyWriter(columns: ObservationColumns.names.count) { _ in }

  /// - Reports: a row that can't be written though nothing was refused, and a repetition that changes something.
  static func store(_ batch: IngestBatch) {
    guard let prices else { Finding.report("the price list can't be read") }
    var builder = GroupBuilder(limits: [context.project: limits])
    let submission = IngestSubmission(context: context, batch: batch) { decide(&$0, prices) }
    builder.add(GroupBuilder.Source(request: 0, submission: submission, only: nil))
    _ = builder.group.places(writtenAt: context.receivedAt)
    var changer = TraceChanger(writtenAt: context.receivedAt, zstd: zstd)
    for write in builder.group.traces {
      do {
        guard let change = try changer.change(write, stored: nil) else { continue }
        writeRows(change)
        if try changer.change(write, stored: stored(change)) != nil { Finding.report("sending it again changes something: \(write.facts)") }
      } catch is ValueOutOfRange {
        continue
      } catch {
        Finding.report("\(error)")
      }
    }
  }

  private static func decide(_ trace: inout TraceSnapshot, _ prices: PriceBook) {
    Settle.settle(&trace)
    for i in trace.observations.indices {
      let priced = prices.decide(observation: trace.observations[i])
      trace.observations[i].decision.provider = priced.provider
      trace.observations[i].decision.model = priced.model
      trace.observations[i].decision.cost = priced.outcome
      Attribution.attribute(&trace.observations[i], directory: AttributionDirectory())
    }
  }

  private static func stored(_ change: TraceChange) -> StoredTrace {
    var stored = StoredTrace(
      facts: change.row.facts, receivedAt: change.row.receivedAt, firstStartedAt: change.row.summary.firstStartedAt,
      lastStartedAt: change.row.summary.lastStartedAt)
    stored.observations = change.written
    return stored
  }

  private static func writeRows(_ change: TraceChange) {
    var deltas = DeltaBuilder()
    for row in change.written {
      do { try copy.row { try ObservationColumns.write(row, to: $0) } } catch is ValueOutOfRange {} catch { Finding.report("\(error)") }
      checkTexts(row)
      deltas.add(row, sign: 1)
    }
    _ = deltas.statement()
    _ = TraceColumns.insert([change.row])
  }

  /// PostgreSQL refuses NUL in texts.
  private static func checkTexts(_ row: Observation) {
    let facts = row.facts
    let texts = [
      facts.externalID, facts.name, facts.statusMessage, facts.requestModel, facts.responseModel, facts.provider, facts.serviceTier,
      facts.responseID, facts.prompt, facts.environment, facts.service, facts.release, facts.version, facts.user, facts.session,
      facts.endpointHint, facts.serverRoute, facts.scope, row.decision.model, row.decision.provider, row.decision.endpoint,
      row.decision.cost.reason,
    ]
    for case let text? in texts where text.utf8.contains(0) { Finding.report("a text holds NUL: \(text.debugDescription)") }
  }
}
