import Domain
import HTML

/// How to send traces here, and what has been received lately.
public struct ConnectPage: Sendable {
  public var frame: PageFrame
  /// Address of this installation as senders reach it, "https://quipu.example.org".
  public var baseURL: String
  public var projects: [Project]
  /// Keys that the reader sees and that can be used, of the projects shown. Secrets are not known.
  public var keys: [APIKey]
  /// Public parts of keys that are told beside requests; nil: all.
  public var seenKeys: Set<String>?
  /// Newest first.
  public var requests: [RequestRecord]
  /// With `filter[.project]` when one is chosen.
  public var address: PageAddress

  public init(
    frame: PageFrame, address: PageAddress, baseURL: String, projects: [Project], keys: [APIKey],
    requests: [RequestRecord]
  ) {
    self.frame = frame
    self.address = address
    self.baseURL = baseURL
    self.projects = projects
    self.keys = keys
    self.requests = requests
  }

  public func render() -> HTML {
    frame.page(
      "Connect", section: .connect, address: address,
      """
      \(RequestTable(requests: requests, projects: projects, zone: frame.viewerZone, seenKeys: seenKeys))
      <section class="connect" id="senders"><h2>Point a sender here</h2>\(keyNote)
      \(Snippet.all(baseURL: baseURL, publicKey: publicKey ?? "pk-your-public-key").enumerated(), { snippet($1, isFirst: $0 == 0) })</section>
      """)
  }

  /// The first key that may send.
  private var usable: APIKey? { keys.first { $0.revokedAt == nil && $0.scopes.contains(.ingest) } }
  private var publicKey: String? { usable?.publicKey }

  private var keyNote: HTML {
    guard let key = usable else {
      if frame.allows(.manageKeys) {
        return "<p class=\"notice amber\">You have no key that can send yet. <a href=\"\(url: Route.newKey)\">Make one</a>; its secret is shown once.</p>"
      }
      return """
        <p class="notice amber">You have no key that can send yet. Ask an owner or a team lead for one; on the server \
        <code>quipu keys create</code> makes one too. Its secret is shown once.</p>
        """
    }
    let project = projects.first { $0.id == key.project }?.name
    return """
      <p>Filled in below: this address and the public key <code data-copy="\(key.publicKey)">\(key.publicKey)</code> (\
      \(key.name)\
      \(project, some: { ", project \($0)" })). First give the shell its secret, which was shown once when the key was \
      made and ends in <code>\(key.secretHint.suffix(4))</code>:</p>
      <pre data-copyable>export QUIPU_SECRET_KEY="…\(key.secretHint.suffix(4))"</pre>
      """
  }

  private func snippet(_ snippet: Snippet, isFirst: Bool) -> HTML {
    """
    <details class="snippet" name="sender" id="\(snippet.id)"\(if: isFirst, " open")><summary>\(snippet.title)</summary>
    <p class="note">\(snippet.note)</p>\
    \(snippet.shell, some: { "<h3>In its shell</h3><pre data-copyable>\($0)</pre>" })\
    \(snippet.code, some: { "<h3>In its code</h3><pre data-copyable>\($0)</pre>" })</details>
    """
  }
}

/// The last requests, with what was refused and why.
struct RequestTable: HTMLConvertible {
  let requests: [RequestRecord]
  let projects: [Project]
  let zone: ClockZone
  var seenKeys: Set<String>?

  var html: HTML {
    guard !requests.isEmpty else {
      return """
        <section class="requests"><h2>Received</h2><p class="note">Nothing has arrived yet. Requests appear here as \
        soon as they come in, \
        the refused ones too, each with its reason.</p></section>
        """
    }
    return """
      <section class="requests"><h2>Received <span class="note">the last \
      \(requests.count == 1 ? "request" : "\(requests.count) requests"), times in \(zone.name)</span>\
      <a class="jump" href="#senders">Point a sender here</a></h2>
      <table class="rows"><thead><tr><th scope="col">Time</th><th scope="col">Sender</th><th scope="col" \
      class="fold">Path</th>\
      <th scope="col" class="fold">Key</th><th scope="col" class="n fold">Size</th><th scope="col" class="n \
      fold">Status</th>\
      <th scope="col" class="n">Accepted</th><th scope="col" class="n">Refused</th></tr>\(totals)</thead>
      <tbody>\(requests, { row($0) })</tbody></table></section>
      """
  }

  private var totals: HTML {
    let accepted = requests.reduce(Int64(0)) { $0 + Int64($1.accepted) }
    let refused = requests.reduce(Int64(0)) { $0 + Int64($1.refused) }
    return """
      <tr class="total"><th scope="row">Total</th><td></td><td class="fold"></td><td class="fold"></td><td \
      class="fold"></td>\
      <td class="fold"></td><td class="n">\(CountText(accepted))</td><td class="n">\(CountText(refused))</td></tr>
      """
  }

  private func row(_ request: RequestRecord) -> HTML {
    let isBad = request.status >= 400 || request.refused > 0
    let reasons = request.reasons.sorted { ($0.value, $1.key) > ($1.value, $0.key) }
    return """
      <tr\(if: isBad, " class=\"bad\"")><td class="time">\(TimeText(request.receivedAt, in: zone, style: .second))</td>\
      <td class="sender">\(request.sender.isEmpty ? "did not say" : request.sender)\
      \(if: !reasons.isEmpty, reasonList(reasons))\
      \(if: request.status >= 400 && reasons.isEmpty, "<small class=\"reason error\">\(Self.status(request.status))</small>")</td>\
      <td class="fold"><code>\(request.path)</code></td><td class="fold">\(key(request))</td>\
      <td class="n fold">\(Self.size(request.bytes))</td><td class="n fold">\(request.status)</td>\
      <td class="n">\(CountText(Int64(request.accepted)))</td><td class="n\(if: request.refused > 0, " error")">\
      \(CountText(Int64(request.refused)))</td></tr>
      """
  }

  private func reasonList(_ reasons: [(key: String, value: Int32)]) -> HTML {
    "\(reasons, { "<small class=\"reason error\">\(CountText(Int64($0.value))) refused: \(Self.words($0.key))</small>" })"
  }

  private func key(_ request: RequestRecord) -> HTML {
    guard let key = request.publicKey else { return "<span class=\"note\">none known</span>" }
    let project = request.project.flatMap { id in projects.first { $0.id == id }?.name }
    let name: HTML = seenKeys?.contains(key) == false ? "another key" : "\(IDText(id: key))"
    return "\(name)\(project, some: { " <span class=\"note\">\($0)</span>" })"
  }

  static func size(_ bytes: Int32) -> String {
    bytes < 1000 ? "\(bytes)\u{A0}B" : TokenText(Int64(bytes)).text + "B"
  }

  private static func status(_ status: Int16) -> String {
    switch status {
    case 401, 403: "the key was not accepted"
    case 413: "too large"
    case 429, 503: "asked to try again later"
    default: "refused with status \(status)"
    }
  }

  /// The stored reason in words; a free text stays as it is.
  static func words(_ reason: String) -> String {
    switch Rejection.Reason(rawValue: reason) {
    case .malformed: "could not be read"
    case .missingID: "has no id"
    case .invalidID: "its id can’t be used"
    case .invalidField: "a field has a wrong value"
    case .tooOld: "older than what is still open"
    case .tooNew: "starts more than a day in the future"
    case .tooLarge: "larger than the limit"
    case .notSupported: "a kind that is not supported"
    case .unlinked: "belongs to nothing known"
    case .refusedByDatabase: "the database refused a value"
    case nil: reason
    }
  }
}
