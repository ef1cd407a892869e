import Domain
import NIOConcurrencyHelpers
import Store

/// The attribution directory of the organisation, re-read every few seconds so that a new key or group counts soon.
final class DirectoryCache: Sendable {
  private let box = NIOLockedValueBox(AttributionDirectory())
  private let accounts: AccountStore

  init(_ accounts: AccountStore) { self.accounts = accounts }

  var current: AttributionDirectory { box.withLockedValue { $0 } }

  /// A key that was just presented owns its calls from the first on, also before the next reading.
  func learn(_ key: APIKey) {
    box.withLockedValue { directory in
      if directory.keyTeams[key.id] != key.team { directory.keyTeams[key.id] = key.team }
    }
  }

  /// Reads it anew.
  func refresh() async throws {
    guard let organisation = try await accounts.organisations().first else { return }
    let directory = try await accounts.attributionDirectory(organisation: organisation.id)
    box.withLockedValue { $0 = directory }
  }
}
