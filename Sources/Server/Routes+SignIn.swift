import Domain
import Hummingbird

/// Sign-in by identity providers.
extension Routes {
  static func providers(_ table: RouteTable, _ backend: Backend) {
    let signIn = ProviderSignInPages(backend: backend), pages = ProviderPages(backend: backend)
    table.get("sign-in/with/:provider", .open, use: signIn.begin)
    table.get("sign-in/with/:provider/callback", .open, use: signIn.callback)
    table.get("settings/sign-in", .permitted(.manageMembers), use: pages.list)
    table.post("settings/sign-in", .permitted(.manageMembers), use: pages.save)
    table.get("settings/sign-in/new", .permitted(.manageMembers), use: pages.new)
    table.get("settings/sign-in/:provider", .permitted(.manageMembers), use: pages.edit)
    table.post("settings/sign-in/:provider/remove", .permitted(.manageMembers), use: pages.remove)
    table.get("settings/sign-in/:provider/test", .permitted(.manageMembers), use: pages.test)
    table.get("settings/sign-in/:provider/test/begin", .permitted(.manageMembers), use: pages.begin)
    table.post("settings/sign-in/:provider/link", .permitted(.manageMembers), use: pages.link)
  }
}
