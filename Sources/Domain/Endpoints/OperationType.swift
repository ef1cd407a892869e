/// What an endpoint does, and what one of its requests usually costs.
public struct OperationType: Sendable, Hashable {
  public var name: String
  /// Both included.
  public var low: USD
  public var high: USD
  /// One of `standard` with its standard bounds.
  public var isStandard: Bool

  public static let nameBytesMax = 80

  public init(name: String, low: USD, high: USD, isStandard: Bool = false) {
    self.name = name
    self.low = low
    self.high = high
    self.isStandard = isStandard
  }

  /// Usual bands, until an organisation has its own.
  public static let standard: [OperationType] = [
    band("Classification", "0.005", "0.01"), band("Content generation", "0.02", "0.05"),
    band("Retrieval-augmented", "0.03", "0.08"), band("Complex reasoning", "0.10", "0.30"),
  ]

  private static func band(_ name: String, _ low: String, _ high: String) -> OperationType {
    OperationType(name: name, low: USD(decimal: low) ?? .zero, high: USD(decimal: high) ?? .zero, isStandard: true)
  }

  public enum Place: String, Sendable, Hashable { case under, within, over }

  public func place(of costPerRequest: USD) -> Place {
    costPerRequest < low ? .under : costPerRequest > high ? .over : .within
  }
}
