import Domain
import Wire

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Usage inside an answer as the provider gave it, or a framework wrapped it: the whole body, a list of stream chunks,
/// or a usage object alone. Looked for only when nothing else told a call's usage.
struct PayloadUsage {
  private(set) var native: NativeUsage?
  private(set) var evidence = CallEvidence()
  /// Searches that the answer shows as items or queries.
  private(set) var searches: Int64 = 0

  private let source: UsageSource
  /// The usage object; of a stream's the members said last.
  private var usage: [JSONMember] = []
  private var nodes = 0

  private static let depthMax = 8
  private static let nodesMax = 4000
  /// Longer texts are left alone.
  static let bytesMax = 4_000_000

  /// nil when the document tells nothing of use.
  init?(_ document: JSONValue, _ source: UsageSource) {
    self.source = source
    look(into: document, depth: 0)
    if !usage.isEmpty { native = NativeUsage(JSONObject(usage), source) }
    if let read = native?.evidence {
      evidence.serviceTier = read.serviceTier ?? evidence.serviceTier
      evidence.region = read.region ?? evidence.region
      evidence.cost = read.cost ?? evidence.cost
    }
    if native == nil, searches > 0 { native = NativeUsage(SentUsage(), .inclusive, rule: "answer") }
    if searches > 0, native?.counts.others[.searches] == 0 { native?.counts.add(.searches, searches) }
    if native == nil, evidence.serviceTier == nil, evidence.cost == nil { return nil }
  }

  /// A text that cannot hold a usage object is not parsed.
  init?(text: String, _ source: UsageSource) {
    guard let first = text.utf8.first(where: { $0 > 32 }), first == UInt8(ascii: "{") || first == UInt8(ascii: "["),
      text.utf8.count <= Self.bytesMax,
      Bytes.contains(text, "tokens", "token_count", "tokenCount", "transcribe")
        || Bytes.contains(text, "eval_count", "earchQueries", "earch_call", "earch_queries")
        || Bytes.contains(text, "Tokens", "TokenCount") || Bytes.contains(text, "pages_processed")
        || Bytes.contains(text, "seconds", "search_units", "service_tier"), let document = try? JSON.parse(text)
    else { return nil }
    self.init(document, source)
  }

  // MARK: Looking

  private mutating func look(into value: JSONValue, depth: Int) {
    nodes += 1
    if depth > Self.depthMax || nodes > Self.nodesMax { return }
    switch value {
    case .object(let object): look(into: object, depth)
    case .array(let values): look(into: values, depth)
    case .null, .bool, .number, .string: break
    }
  }

  private mutating func look(into object: JSONObject, _ depth: Int) {
    takeUsage(of: object, isWhole: depth == 0)
    evidence.serviceTier = evidence.serviceTier ?? object["service_tier"]?.stringValue
    for member in object.members {
      switch member.key {
      case "output", "candidates": countSearches(member.value)
      case let key where Self.wrappers.contains(key): look(into: member.value, depth: depth + 1)
      default: break
      }
    }
  }

  /// Members that wrap an answer.
  private static let wrappers: Set<String> = [
    "response", "message", "result", "body", "data", "raw", "raw_response", "rawResponse", "_raw_response",
    "response_metadata", "responseMetadata", "llm_output", "llmOutput", "generation_info", "generationInfo", "kwargs",
    "lc_kwargs", "generations", "metadata", "model_response", "additional_kwargs", "providerMetadata", "experimental_providerMetadata",
  ]
  /// Members that hold usage; the first that is told wins within one object.
  private static let holders = [
    "usage", "usageMetadata", "usage_metadata", "token_usage", "tokenUsage", "usage_info", "usageInfo",
    "estimatedTokenUsage", "meta", "amazon-bedrock-invocationMetrics", "totalUsage",
  ]

  private mutating func takeUsage(of object: JSONObject, isWhole: Bool) {
    for name in Self.holders {
      guard let held = object[name]?.objectValue, UsageMarks(held).shape != nil else { continue }
      merge(held)
      if name == "estimatedTokenUsage" { merge(["estimated": true]) }
      return
    }
    if object.has("prompt_eval_count") || object.has("eval_count") || isWhole && UsageMarks(object).shape != nil {
      merge(JSONObject(object.members.filter { Self.isCount($0.value) }))
    } else if object["task"]?.stringValue == "transcribe", let duration = object["duration"] {
      merge(["seconds": duration])
    }
  }

  /// An answer that is its own usage object keeps only what speaks of usage.
  private static func isCount(_ value: JSONValue) -> Bool {
    switch value {
    case .number, .object: true
    case .bool, .null, .array, .string: false
    }
  }

  /// Chunks of a stream tell the same counts again, rising: what is said last holds, null and zero after a count do not.
  private mutating func merge(_ object: JSONObject) {
    for member in object.members where !member.value.isNull {
      guard let at = usage.firstIndex(where: { $0.key == member.key }) else {
        usage.append(member)
        continue
      }
      if SentUsage.count(member.value) == 0, SentUsage.count(usage[at].value) != nil { continue }
      usage[at] = member
    }
  }

  /// A list is read when its elements are parts of one answer: the chunks of a stream, the items of a response, or the
  /// single element of a wrapper. Several messages with usage of their own are several calls.
  private mutating func look(into values: [JSONValue], _ depth: Int) {
    if values.count == 1 { return look(into: values[0], depth: depth + 1) }
    if values.contains(where: Self.isResponseItem) { countSearches(.array(values)) }
    guard let first = values.first, Self.isChunk(first) || values.last.map(Self.isChunk) == true else { return }
    for value in values { look(into: value, depth: depth + 1) }
  }

  private static func isChunk(_ value: JSONValue) -> Bool {
    guard let object = value.objectValue else { return false }
    if object["object"]?.stringValue?.hasSuffix(".chunk") == true { return true }
    if object.hasAny(["candidates", "usageMetadata", "usage_metadata", "delta", "done", "contentBlockDelta"]) { return true }
    if object["choices"]?[0]?["delta"] != nil { return true }
    guard let type = object["type"]?.stringValue else {
      return object["metadata"]?["usage"] != nil || object.hasAny(["messageStart", "messageStop"])
    }
    return type.hasPrefix("message_") || type.hasPrefix("content_block") || type.hasPrefix("response.")
      || type.hasPrefix("stream-") || type == "message-end" || type == "finish" || type == "finish-step"
  }
}

// MARK: - Searches

extension PayloadUsage {
  private static func isResponseItem(_ value: JSONValue) -> Bool { value["type"]?.stringValue == "web_search_call" }

  /// OpenAI bills each search of a `web_search_call`, not its opening of pages; Gemini from 3 on each query, before 3
  /// each grounded prompt. Of several chunks the fullest counts.
  private mutating func countSearches(_ value: JSONValue) {
    searches = max(searches, Self.searches(value, source))
  }

  static func searches(_ value: JSONValue, _ source: UsageSource) -> Int64 {
    var items: Int64 = 0, queries: Int64 = 0
    for element in value.arrayValue ?? [] {
      if isResponseItem(element), element["status"]?.stringValue != "failed",
        element["action"]?["type"]?.stringValue.map({ $0 == "search" }) ?? true
      {
        items += 1
      }
      let grounding = element["groundingMetadata"] ?? element["grounding_metadata"]
      queries += Int64((grounding?["webSearchQueries"] ?? grounding?["web_search_queries"])?.arrayValue?.count ?? 0)
    }
    return items + (source.billsGroundingByPrompt ? min(1, queries) : queries)
  }

}

// MARK: - Beside counts that are known

extension PayloadUsage {
  /// Of an answer whose counts are known otherwise; its text is only parsed when it speaks of searches, cache lifetimes
  /// or, where that is asked for, a tier.
  static func beside(_ text: String, wantsTier: Bool, _ source: UsageSource) -> PayloadUsage? {
    guard text.utf8.count <= bytesMax, let first = text.utf8.first,
      first == UInt8(ascii: "{") || first == UInt8(ascii: "["),
      Bytes.contains(text, "_search_call", "_search_queries", "_search_requests", "_1h_input_tokens")
        || Bytes.contains(text, "Queries") || wantsTier && Bytes.contains(text, "_tier"),
      let document = try? JSON.parse(text)
    else { return nil }
    return PayloadUsage(document, source)
  }

  /// The answer names the tier that is anyway assumed where none was asked for.
  static func saysStandardTier(_ text: String) -> Bool {
    Bytes.contains(
      text, "_tier\":\"default", "_tier\": \"default", "_tier\":\"standard", "_tier\": \"standard", "_tier\":null",
      "_tier\": null")
  }

  /// Adds searches, and how long the cache holds what a report says was written.
  func complete(_ report: inout UsageReport) {
    guard let native else { return }
    if report.usage[.searches] == 0 { report.usage[.searches] = native.counts.others[.searches] }
    let hour = native.counts.cacheWrite1h ?? 0
    let (rest, overflow) = native.counts.cacheWriteAll.subtractingReportingOverflow(hour)
    guard hour > 0, !overflow, report.usage[.cacheWrite1h] == 0, report.usage[.cacheWrite] == rest + hour else { return }
    report.usage[.cacheWrite] = rest
    report.usage[.cacheWrite1h] = hour
  }
}

/// Searching text as bytes.
enum Bytes {
  /// Whether any of `parts`, which all begin with the same byte, is in the text: one pass of `memchr`.
  static func contains(_ text: String, _ parts: StaticString...) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      guard let start = bytes.baseAddress, let first = parts.first?.utf8Start.pointee else { return false }
      var at = 0
      while at < bytes.count, let hit = memchr(start + at, Int32(first), bytes.count - at) {
        let place = UnsafePointer(hit.assumingMemoryBound(to: UInt8.self))
        at = place - start
        for part in parts where part.utf8CodeUnitCount <= bytes.count - at {
          if memcmp(place, part.utf8Start, part.utf8CodeUnitCount) == 0 { return true }
        }
        at += 1
      }
      return false
    }
  }
}
