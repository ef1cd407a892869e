import Domain
import ServiceLifecycle
import Store

/// What runs beside the requests. Singletons across processes hold an advisory lock inside their work.
enum BackgroundServices {
  static func all(_ backend: Backend) -> [any ServiceLifecycle.Service] {
    let loop = { (name: String, every: Duration, work: @escaping @Sendable () async throws -> Void) in
      LoopService(name: name, every: every, logger: backend.logger, work: work)
    }
    return [
      // Pages show data at most two seconds old. Often and little: a fold of 30 ms is felt by every request that waits beside it.
      // Once, unless there is more than one statement takes: under load there is always something new, and a fold has a price of its own.
      loop("fold", .milliseconds(350)) { while try await backend.fold.run() == Fold.deltasMax {} },
      // Large traces are due 20 seconds after the first row that was counted provisionally.
      loop("settling", .seconds(5)) { try await backend.settleDue() },
      loop("daily sums", .seconds(5)) { while try await DailySums(pool: backend.pool).sumNext() {} },
      loop("sums to date", .seconds(10)) { while try await SumsToDate(pool: backend.pool).sumNext() {} },
      loop("monthly sums", .seconds(60)) { while try await MonthlySums(pool: backend.pool).sumNext() {} },
      loop("charges", .seconds(20)) { while try await ChargeSums(pool: backend.pool).sumNext() {} },
      // After an upgrade from a release without them; else there is never one.
      loop("sums of before", .seconds(5)) { while try await DaysToRebuild(pool: backend.pool).rebuildNext() {} },
      loop("directory", .seconds(3)) { try await backend.directory.refresh() },
      loop("content rules", .seconds(2)) { try await backend.content.refresh() },
      loop("content counts", .seconds(5)) { try await backend.content.flush() },
      // Three numbers of one row; whoever writes by older prices is refused and asks at once.
      loop("prices", .seconds(3)) { try await backend.prices.refresh() },
      loop("re-pricing", .seconds(1)) { try await backend.repriceOn() },
      loop("re-attribution", .seconds(1)) { try await backend.reattributeOn() },
      loop("erasures", .seconds(2)) { while try await backend.erasures.work() {} },
      loop("payload moves", .seconds(5)) { while try await backend.payloadClasses.work(now: Timestamp.now) {} },
      // Blocks of ten minutes are due a quarter of an hour after they end.
      loop("sampling", .seconds(20)) { _ = try await PayloadSweep(pool: backend.pool, partitions: backend.partitions).sweepDue(now: Timestamp.now) },
      loop("omitted spans", .seconds(60)) { try await OmittedSpanSums(pool: backend.pool).add() },
      loop("exports", .seconds(1)) { try await backend.makeExports() },
      loop("memory", .seconds(10)) { IdleMemory.giveBack(backend.admission) },
      loop("key uses", .seconds(60)) { try await backend.keyUses.flush() },
      loop("old key uses", .seconds(3600)) { _ = try await backend.keyUses.store.removeOld() },
      loop("request log", .seconds(1)) { await backend.requests.flush() },
      loop("audit heads", .seconds(3600)) { try await backend.tellAuditHeads() },
      loop("retention", .seconds(600)) { try await backend.keepRetention() },
      loop("request log cleanup", .seconds(3600)) { _ = try await RequestList(pool: backend.pool).removeOld() },
    ]
  }
}
