import Wire

/// Folds content that came as log records into an observation's input and output, when it is read.
public enum ChatContent {
  /// - Parameters:
  ///   - input, output: the observation's own bodies; what is there stays.
  ///   - attributes: its attributes parts, oldest first. Merged key by key; `contentEvents` add up.
  ///   - responseID: the observation's response id. An event that names a response counts only for the observation
  ///     that states the same: instrumentations attach a stream's event to whichever span is current when it ends.
  /// - Returns: both sides as lists of chat messages, or as they were, and the attributes without the events that
  ///   were folded. Independent of the order and repetition of events.
  public static func assemble(
    input: String?, output: String?, attributes: [String], responseID: String? = nil
  ) -> (input: String?, output: String?, attributes: String?) {
    var members: [JSONMember] = []
    var events: [Event] = []
    for text in attributes {
      guard let object = (try? JSON.parse(text))?.objectValue else { continue }
      for member in object.members {
        if member.key == "contentEvents" {
          events += (member.value.arrayValue ?? []).map(Event.init)
        } else if let i = members.firstIndex(where: { $0.key == member.key }) {
          members[i].value = member.value
        } else {
          members.append(member)
        }
      }
    }
    let ordered = Event.ordered(events)
    let ours = ordered.filter { $0.responseID == nil || $0.responseID == responseID }
    let told = (side("input", ours), side("output", ours))
    let rest = ordered.filter { !isFolded($0, ours, input: input, output: output) }
    if !rest.isEmpty { members.append(JSONMember(key: "contentEvents", value: .array(rest.map(\.json)))) }
    return (
      input ?? told.0, output ?? told.1,
      members.isEmpty ? nil : JSON.serialise(.object(JSONObject(members)))
    )
  }

  /// Every side the event tells was taken from events.
  private static func isFolded(_ event: Event, _ ours: [Event], input: String?, output: String?) -> Bool {
    guard ours.contains(event) else { return false }
    return (event.json["input"] == nil || input == nil) && (event.json["output"] == nil || output == nil)
  }

  /// Whole lists (one event tells all) win over single messages, the latest of them; single messages line up by time.
  private static func side(_ name: String, _ events: [Event]) -> String? {
    let telling = events.filter { $0.json[name] != nil }
    if let whole = telling.last(where: \.isWhole)?.json[name] { return SpanContent.text(whole) }
    let messages = telling.flatMap { $0.json[name]?.arrayValue ?? [] }
    return messages.isEmpty ? nil : JSON.serialise(.array(messages))
  }

  private struct Event: Equatable {
    let json: JSONValue
    let time: UInt64
    let text: String

    init(_ json: JSONValue) {
      self.json = json
      time = json["timeUnixNano"]?.uintValue ?? 0
      text = JSON.serialise(json)
    }

    var responseID: String? { json["responseId"]?.stringValue }
    var isWhole: Bool { json["name"]?.stringValue == ChatEvent.details }

    /// By time, then text, without repeats.
    static func ordered(_ events: [Event]) -> [Event] {
      let sorted = events.sorted { ($0.time, $0.text) < ($1.time, $1.text) }
      return sorted.enumerated().filter { $0.offset == 0 || sorted[$0.offset - 1] != $0.element }.map { $0.element }
    }
  }
}
