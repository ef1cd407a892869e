/// What an attribute can say about a span. Each convention's table maps its keys to these.
enum Slot: Int, CaseIterable {
  // Classification.
  case langfuseType, openInferenceKind, operation, traceloopKind, requestType, vercelOperation, toolName, databaseSystem
  case asRoot
  // The call.
  case provider, requestModel, responseModel, responseID, responseTier, requestTier, stream, parameters
  // What chooses among prices, or says that there is nothing to pay.
  case region, serverAddress, isBatch, batchID, cacheHit, isEstimate, providerMetadata
  // Context.
  case user, session, tags, environment, service, release, version, endpoint, httpRoute, urlPath, httpTarget
  case promptName, promptVersion
  // Outcome.
  case level, statusMessage, exceptionMessage
  // Time to first token: seconds or milliseconds after the start, or an instant.
  case firstTokenSeconds, firstTokenMilliseconds, firstTokenTime
  // Usage, each in its own slot, from `input` to `audioSeconds`.
  case usageDetails, input, output, total, cacheRead, cacheWrite, cacheWrite5m, cacheWrite1h, reasoning
  case inputAudio, cacheReadAudio, outputAudio, inputImage, cacheReadImage, outputImage, inputVideo, cacheReadVideo
  case searches, images, characters, pages, seconds, audioSeconds
  // Cost in US dollars.
  case costDetails, costTotal, costInput, costOutput
  // Content: a document or text per side, message lists, and the older single texts.
  case inputDocument, outputDocument, inputMessages, outputMessages, systemInstructions
  case inputValue, outputValue, inputType, outputType, inputText, outputText
  // Free form.
  case metadata, traceMetadata, traceName, traceInput, traceOutput, tracePublic

  static let count = allCases.count

  var isUsage: Bool { (Slot.input.rawValue...Slot.audioSeconds.rawValue).contains(rawValue) }
  /// Read, yet kept among the attributes, because it says more than the slot takes from it.
  var isKept: Bool {
    switch self {
    case .stream, .parameters, .databaseSystem, .httpRoute, .urlPath, .httpTarget, .inputType, .outputType, .toolName,
      .vercelOperation, .exceptionMessage, .asRoot, .region, .serverAddress, .isBatch, .batchID, .cacheHit, .isEstimate,
      .providerMetadata, .audioSeconds:
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
