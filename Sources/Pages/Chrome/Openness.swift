import Domain
import HTML

/// What a role is called in sentences.
public enum RoleWords {
  public static func name(_ role: Member.Role) -> String {
    switch role {
    case .owner: "owner"
    case .admin: "admin"
    case .finance: "finance"
    case .teamLead: "team lead"
    case .engineer: "engineer"
    case .viewer: "viewer"
    case .auditor: "auditor"
    }
  }
}

extension PageFrame {
  /// A button of an empty page; nil for a reader whom the page behind it is closed to.
  func action(_ permission: Permission, _ label: String, _ address: String) -> (label: String, address: String)? {
    allows(permission) ? (label, address) : nil
  }

  /// Whether the member has no team and no project, so that every page would be empty.
  var reachesNothing: Bool {
    access.member.role.hasOwnReach && access.scope.projects.isEmpty && access.scope.traces.isEmpty && access.scope.teams == .all
  }

  /// Whether end users are told, somewhere in reach.
  var tellsUsers: Bool { access.scope.users != .hidden || !access.scope.content.isEmpty }

  /// Whether inputs and outputs of some project are.
  var readsContent: Bool { !access.scope.content.isEmpty }
}

/// What a member without any team or project sees instead of empty pages.
struct NothingOpen: HTMLConvertible {
  let frame: PageFrame

  var html: HTML {
    """
    \(EmptyState(
      title: "Nothing is open to you yet",
      text: "You are signed in as \(frame.member), \(RoleWords.name(frame.access.member.role)) of \(frame.organisation), and have no role in a team or project. "
        + "Ask an owner or admin to give you one under Settings, Members. Costs and traces of it are here as soon as they did.", action: nil))
    """
  }
}

/// Why inputs and outputs are not shown, and whom to ask.
struct ContentWithheld: HTMLConvertible {
  let reader: ContentAccess

  var html: HTML {
    "<p class=\"notice withheld\"><b>You have no access to inputs and outputs here.</b> \(way)\(if: reader == .breakGlass, " <a href=\"\(url: Route.breakGlass)\">Open them</a>")</p>"
  }

  private var way: String {
    switch reader {
    case .never: "Finance accounts for the money and reads no content. Usage and cost are complete."
    case .byGrant: "Ask an owner or admin to grant you the content of this project. Usage and cost are complete."
    case .ownProjects: "Ask an owner or admin to make you an engineer of this project, or to grant you its content. Usage and cost are complete."
    case .breakGlass: "Auditors open content for a time, with a reason that is written to the audit log. Usage and cost are complete."
    }
  }
}
