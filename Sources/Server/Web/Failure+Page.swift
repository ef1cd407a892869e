import Domain
import HTTPTypes
import Pages

extension Failure {
  /// The error as a page: what went wrong, whether anything was lost, what to do, and the request id.
  func page(assets: Pages.Assets, theme: Theme, requestID: String) -> ErrorPage {
    if isOurFault { return .failed(assets: assets, theme: theme, requestID: requestID) }
    switch status.code {
    case 403 where code == Self.closedDoor: return .closed(assets: assets, theme: theme, reason: sentence, requestID: requestID)
    case 403 where code == "stale_form": return .staleForm(assets: assets, theme: theme, reason: sentence, requestID: requestID)
    case 404: return .notFound(assets: assets, theme: theme, requestID: requestID)
    case 500...599: return .unavailable(assets: assets, theme: theme, requestID: requestID)
    default:
      return ErrorPage(
        assets: assets, theme: theme, status: status.code, title: "This could not be shown", happened: sentence,
        lost: "No. Looking at an address changes nothing.", todo: "Go back and change what the message names, or start from the overview.",
        requestID: requestID)
    }
  }

  private var sentence: String { message.prefix(1).uppercased() + message.dropFirst() + (message.hasSuffix(".") ? "" : ".") }
}
