/// What an attribute can say about a span. Each convention's table maps its keys to these.
enum Slot: Int, CaseIterable {
  // Classification.
  case langfuseType, openInferenceKind, operation, traceloopKind, requestType, vercelOperation, toolName, databaseSystem
  case asRoot
  // The call.
  case provider, requestModel, responseModel, responseID, responseTier, requestTier, stream, parameters
  // Context.
  case user, session, tags, environment, service, release, version, endpoint, httpRoute, urlPath, httpTarget
  case promptName, promptVersion
  // Outcome.
  case level, statusMessage, exceptionMessage
  // Time to first token: seconds or milliseconds after the start, or an instant.
  case firstTokenSeconds, firstTokenMilliseconds, firstTokenTime
  // Usage, each in its own slot; see `UsageSlots`.
  case usageDetails, input, output, total, cacheRead, cacheWrite, cacheWrite5m, cacheWrite1h, reasoning
  case inputAudio, cacheReadAudio, outputAudio, inputImage, outputImage, inputVideo
  // Cost in US dollars.
  case costDetails, costTotal, costInput, costOutput
  // Content: a document or text per side, message lists, and the older single texts.
  case inputDocument, outputDocument, inputMessages, outputMessages, systemInstructions
  case inputValue, outputValue, inputType, outputType, inputText, outputText
  // Free form.
  case metadata, traceMetadata, traceName, traceInput, traceOutput, tracePublic

  static let count = allCases.count

  var isUsage: Bool { (Slot.input.rawValue...Slot.inputVideo.rawValue).contains(rawValue) }
  /// Read, yet kept among the attributes, because it says more than the slot takes from it.
  var isKept: Bool {
    switch self {
    case .stream, .parameters, .databaseSystem, .httpRoute, .urlPath, .httpTarget, .inputType, .outputType, .toolName,
      .vercelOperation, .exceptionMessage, .asRoot:
      true
    default: false
    }
  }
}

/// Keys with a variable part.
enum KeyPrefix: Int, CaseIterable {
  case metadata, traceMetadata, inputMessages, outputMessages, prompts, completions, textPrompts, textChoices
  case embeddings, usage, tokenCount
}

/// A convention's attribute keys, most telling first.
protocol Convention: Sendable {
  static var keys: [(key: String, slot: Slot)] { get }
  static var prefixes: [(prefix: String, kind: KeyPrefix)] { get }
}

/// All conventions' tables as one: a key's slots, with a rank that says who wins a slot (smaller first).
struct MappingTable: Sendable {
  struct Entry: Sendable {
    var slot: Slot
    var rank: Int32
  }
  /// What a key says, and the prefix it also belongs to: a metadata member stays metadata whatever else it tells.
  struct Key: Sendable {
    var entries: [Entry] = []
    var under: (kind: KeyPrefix, rest: Substring)?
  }
  let byKey: [String: Key]
  /// By first byte of the prefix.
  let prefixes: [UInt8: [(prefix: String, kind: KeyPrefix)]]

  /// In order of precedence.
  static var conventions: [any Convention.Type] {
    [
      LangfuseConvention.self, OpenInferenceConvention.self, OpenLITConvention.self, GenAIConvention.self,
      GenericConvention.self,
    ]
  }
  static let shared = MappingTable(conventions)

  init(_ conventions: [any Convention.Type]) {
    var byKey: [String: Key] = [:]
    var prefixes: [UInt8: [(prefix: String, kind: KeyPrefix)]] = [:]
    var rank: Int32 = 0
    for convention in conventions {
      for (key, slot) in convention.keys {
        byKey[key, default: Key()].entries.append(Entry(slot: slot, rank: rank))
        rank += 1
      }
      for entry in convention.prefixes {
        if let first = entry.prefix.utf8.first { prefixes[first, default: []].append(entry) }
      }
    }
    self.prefixes = prefixes
    for key in byKey.keys {
      if let under = Self.prefix(of: key, in: prefixes), under.kind == .metadata || under.kind == .traceMetadata {
        byKey[key]?.under = under
      }
    }
    self.byKey = byKey
  }

  /// The first prefix that `key` begins with, and what follows it.
  func prefix(of key: String) -> (kind: KeyPrefix, rest: Substring)? { Self.prefix(of: key, in: prefixes) }

  private static func prefix(
    of key: String, in prefixes: [UInt8: [(prefix: String, kind: KeyPrefix)]]
  ) -> (kind: KeyPrefix, rest: Substring)? {
    guard let first = key.utf8.first, let candidates = prefixes[first] else { return nil }
    for (prefix, kind) in candidates where key.hasPrefix(prefix) {
      let rest = key[key.utf8.index(key.utf8.startIndex, offsetBy: prefix.utf8.count)...]
      return rest.isEmpty ? nil : (kind, rest)
    }
    return nil
  }
}
