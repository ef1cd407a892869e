/// The free-form parts of an observation or trace. Stored compressed in payload blocks, never as columns.
public enum BodyKind: UInt8, Sendable, CaseIterable, Hashable {
  case input = 1
  case output = 2
  /// The sender's metadata: a JSON object.
  case metadata = 3
  /// Attributes that no convention mapped, events and links: a JSON object.
  case attributes = 4
}

/// One part on its way in. `text` is JSON, or plain text when it does not parse as JSON.
public struct BodyPart: Sendable, Hashable {
  public var kind: BodyKind
  public var text: String
  public var stamp: Stamp

  public init(kind: BodyKind, text: String, stamp: Stamp) {
    self.kind = kind
    self.text = text
    self.stamp = stamp
  }
}

/// Where a stored part lies: bytes `offset ..< offset + length` of the inflated block `block` of its trace.
public struct StoredPart: Sendable, Hashable {
  public var kind: BodyKind
  public var block: Int64
  public var offset: Int32
  public var length: Int32
  public var stamp: Stamp

  public init(kind: BodyKind, block: Int64, offset: Int32, length: Int32, stamp: Stamp) {
    self.kind = kind
    self.block = block
    self.offset = offset
    self.length = length
    self.stamp = stamp
  }
}
