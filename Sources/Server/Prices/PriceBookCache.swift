import Domain
import NIOConcurrencyHelpers
import Pricing
import Store

/// The prices of the organisation: the catalogue under what was agreed, read anew when the database says that it changed. A writer that
/// was decided by older ones is refused at its commit and asks again, so nothing depends on how soon a change is noticed here.
final class PriceBookCache: Sendable {
  private let box: NIOLockedValueBox<PriceBook>
  private let store: PriceStore
  private let accounts: AccountStore

  init(catalogue: PriceCatalogue, store: PriceStore, accounts: AccountStore) {
    box = NIOLockedValueBox(PriceBook(catalogue: catalogue))
    self.store = store
    self.accounts = accounts
  }

  var current: PriceBook { box.withLockedValue { $0 } }

  /// Reads the agreements if their revision is another; nothing happens before there is an organisation.
  func refresh() async throws {
    guard let organisation = try await accounts.organisations().first else { return }
    guard try await store.revisions(of: organisation.id).agreements != current.agreements.revision else { return }
    let agreements = try await store.agreements(of: organisation.id)
    box.withLockedValue { book in
      // Two readers at once: the later revision stays.
      if book.agreements.revision <= agreements.revision { book = book.with(agreements) }
    }
  }
}

extension PriceBook {
  /// What a write that it decided is checked against.
  var revisions: DecisionRevisions { DecisionRevisions(catalogue: revision, agreements: agreements.revision) }

  /// For a re-pricing and its dry run.
  var pricer: Pricer { Pricer(revisions: revisions) { observation in reprice(&observation) } }
}

extension Backend {
  /// Does parts of the re-pricing that is under way, until there is none, another process works on it, or the service stops.
  func repriceOn() async throws {
    while !Task.isCancelled {
      do {
        guard case .workedOn = try await repricings.work(prices.current.pricer) else { return }
      } catch is StaleDecision {
        try await prices.refresh()
      }
    }
  }

  /// `work` with the prices of now: when they change under it, they are read and it is asked once more.
  func withPrices<T>(_ work: (PriceBook) async throws -> T) async throws -> T {
    try await prices.refresh()
    do {
      return try await work(prices.current)
    } catch is StaleDecision {
      try await prices.refresh()
      return try await work(prices.current)
    }
  }
}
