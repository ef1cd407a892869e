/// A request as the Connect page lists it.
public struct RequestRecord: Sendable, Hashable {
  public var receivedAt: Timestamp
  public var project: ProjectID?
  /// Public part of the key, or nil when none was recognised.
  public var publicKey: String?
  /// Route without host ("/api/public/ingestion").
  public var path: String
  /// Sender as it named itself ("langfuse-python 4.18.0", a user agent), at most 120 characters.
  public var sender: String
  public var status: Int16
  public var accepted: Int32
  public var refused: Int32
  /// Reason and count, largest first.
  public var reasons: [String: Int32]
  public var bytes: Int32

  public init(
    receivedAt: Timestamp, project: ProjectID?, publicKey: String?, path: String, sender: String, status: Int16,
    accepted: Int32, refused: Int32, reasons: [String: Int32], bytes: Int32
  ) {
    self.receivedAt = receivedAt
    self.project = project
    self.publicKey = publicKey
    self.path = path
    self.sender = sender
    self.status = status
    self.accepted = accepted
    self.refused = refused
    self.reasons = reasons
    self.bytes = bytes
  }
}
