import Domain
import Hummingbird

/// Members, the own account, and what signing in goes through.
extension Routes {
  static func members(_ table: RouteTable, _ backend: Backend) {
    let factor = SecondFactorPages(backend: backend), welcome = WelcomePages(backend: backend)
    table.get("sign-in/code", .open, use: factor.form)
    table.post("sign-in/code", .open, use: factor.check)
    table.get("welcome/:token", .open, use: welcome.form)
    table.post("welcome/:token", .open, use: welcome.save)

    let account = AccountPages(backend: backend)
    table.get("account", .member, use: account.account)
    table.post("account/password", .member, use: account.changePassword)
    table.post("account/sessions", .member, use: account.endSessions)
    table.post("account/linked", .member, use: account.unlink)
    table.get("account/second-factor", .member, use: account.secondFactor)
    table.post("account/second-factor", .member, use: account.changeSecondFactor)
    table.get("account/break-glass", .member, use: account.breakGlass)
    table.post("account/break-glass", .member, use: account.changeBreakGlass)

    let members = MemberPages(backend: backend)
    table.get("settings/members", .permitted(.manageMembers), use: members.list)
    table.post("settings/members", .permitted(.manageMembers), use: members.invite)
    table.post("settings/members/policy", .permitted(.manageMembers), use: members.savePolicy)
    table.get("settings/members/:member", .permitted(.manageMembers), use: members.member)
    table.post("settings/members/:member", .permitted(.manageMembers), use: members.change)
  }
}
