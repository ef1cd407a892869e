/// Why a provider could not prove who somebody is. The words are for whoever sets it up; strangers learn only that it did not work.
struct ProviderFailure: Error, Sendable, CustomStringConvertible {
  var description: String

  init(_ description: String) { self.description = description }
}
