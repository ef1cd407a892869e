import Domain
import Ingest
import NIOConcurrencyHelpers
import Pricing
import Store

/// Keeps content out before it is stored: the filters of all projects, read again every few seconds and at once when this process
/// changed them. Nothing is taken before they were read once.
final class ContentFilters: Sendable {
  private struct Key: Hashable {
    var project: ProjectID
    var policy: APIKey.ContentPolicy
  }

  private struct State {
    var known: ContentStore.Everything?
    var filters: [Key: ContentFilter] = [:]
    var tallies: [ProjectID: ContentTally] = [:]
  }

  private let state = NIOLockedValueBox(State())
  private let store: ContentStore
  private let media: MediaStore

  init(store: ContentStore, media: MediaStore) {
    self.store = store
    self.media = media
  }

  /// Reads what has changed.
  func refresh() async throws {
    let read = try await store.everything()
    state.withLockedValue { state in
      guard state.known != read else { return }
      state.known = read
      state.filters = [:]
    }
  }

  /// What of a request is kept; files that were taken out are durable when this returns.
  func kept(_ batch: IngestBatch, _ context: IngestContext) async throws -> IngestBatch {
    let filter = try await filter(context.project, context.contentPolicy)
    var batch = batch
    let outcome = filter.apply(to: &batch)
    if !outcome.tally.isEmpty { state.withLockedValue { $0.tallies[context.project, default: ContentTally()].add(outcome.tally) } }
    if !outcome.files.isEmpty { try await media.keep(outcome.files, project: context.project) }
    return batch
  }

  /// A text for the request log; of a project whose rules are not known nothing is said.
  func masked(_ text: String, _ grant: KeyGrant) -> String {
    known(grant.project.id, grant.key.contentPolicy).map { $0.masked(text) } ?? "not shown: the project’s content rules could not be read"
  }

  /// What a project keeps now, a key of it may keep less.
  func level(of project: ProjectID) -> ContentLevel {
    state.withLockedValue { $0.known?.rules[project]?.level } ?? .full
  }

  func filter(_ project: ProjectID, _ policy: APIKey.ContentPolicy) async throws -> ContentFilter {
    if let known = known(project, policy) { return known }
    try await refresh()
    guard let known = known(project, policy) else { throw Failure.busy("the project's content rules could not be read") }
    return known
  }

  private func known(_ project: ProjectID, _ policy: APIKey.ContentPolicy) -> ContentFilter? {
    let key = Key(project: project, policy: policy)
    return state.withLockedValue { state in
      if let filter = state.filters[key] { return filter }
      guard let all = state.known, let secret = all.secrets[project] else { return nil }
      let rules = all.rules[project] ?? ContentRules(), kept = rules.with(policy)
      let filter = Self.make(kept, secret: secret, isByKey: kept.level != rules.level)
      state.filters[key] = filter
      return filter
    }
  }

  /// A pattern that the engine no longer takes finds everything: better too little kept than a secret.
  static func make(_ rules: ContentRules, secret: [UInt8], isByKey: Bool = false) -> ContentFilter {
    let patterns: [Masker.Pattern] = rules.level == .full ? [] : rules.patterns.map { pattern in
      let search = try? PatternSearch(pattern.text)
      return Masker.Pattern(name: pattern.name) { text, found in search?.places(in: text, found) ?? false }
    }
    return ContentFilter(rules, patterns: patterns, hash: KeyedHash(secret: secret), isByKey: isByKey)
  }

  /// What masking by `rules` would leave of a text, whatever their level, and how many values of which kind it found.
  func preview(_ text: String, by rules: ContentRules, of project: ProjectID) async throws -> (text: String, tally: ContentTally) {
    _ = try await filter(project, .keep)
    var rules = rules
    rules.level = .masked
    let secret = state.withLockedValue { $0.known?.secrets[project] } ?? []
    var batch = IngestBatch()
    var facts = TraceFacts(project: project, id: TraceID(high: 0, low: 1))
    facts.bodies = [BodyPart(kind: .input, text: text, stamp: Stamp(time: 0, rank: 0, hash: 0))]
    batch.traces = [facts]
    let outcome = Self.make(rules, secret: secret).apply(to: &batch)
    return (batch.traces[0].bodies.first?.text ?? "", outcome.tally)
  }

  /// Adds what was counted since to the day's sums.
  func flush() async throws {
    let tallies = state.withLockedValue { state in
      defer { state.tallies = [:] }
      return state.tallies
    }
    do {
      try await store.add(tallies, on: Timestamp.now)
    } catch {
      state.withLockedValue { state in
        for (project, tally) in tallies { state.tallies[project, default: ContentTally()].add(tally) }
      }
      throw error
    }
  }

  /// - Throws: `Failure` 400 naming the pattern and what is wrong with it.
  static func check(_ rules: ContentRules) throws {
    for pattern in rules.patterns {
      do {
        _ = try PatternSearch(pattern.text)
      } catch {
        throw Failure.badRequest("the pattern \(pattern.name) can't be used: \(error.message) (at byte \(error.offset))")
      }
    }
  }
}
