/// Where what is being done was asked for: the address and program of the client. Bound around each request, so that every audit entry made
/// within it tells them.
public struct AuditOrigin: Sendable, Hashable {
  public var address: String
  /// User-Agent, as sent.
  public var agent: String?

  /// nil outside a request: a command, or the service itself.
  @TaskLocal public static var current: AuditOrigin?

  public init(address: String, agent: String?) {
    self.address = String(address.prefix(64))
    self.agent = agent.map { String($0.filter { $0 != "\0" }.prefix(300)) }
  }
}
