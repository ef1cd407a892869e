/// What a cost that came with a call is worth, set per key.
public enum CostTrust: String, Sendable, Hashable, CaseIterable, Codable {
  /// It counts.
  case trust
  /// It is kept beside the computed one.
  case keepBeside = "keep_beside"
  /// It is treated as if it had not come.
  case ignore

  /// Where the key says nothing: what somebody sent on purpose counts; what an instrumentation computed is often wrong.
  /// A provider's own statement always counts.
  public static func `default`(for source: ReportedCost.Source) -> CostTrust {
    switch source {
    case .provider, .sender: .trust
    case .instrumentation: .keepBeside
    }
  }
}
