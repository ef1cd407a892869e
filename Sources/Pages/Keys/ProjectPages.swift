import Domain
import HTML

/// A project in the list.
public struct ProjectView: Sendable {
  public var project: Project
  public var team: String
  /// Keys that can be used.
  public var keys: Int

  public init(project: Project, team: String, keys: Int) {
    self.project = project
    self.team = team
    self.keys = keys
  }
}

/// Projects: where traces land, and which team administers each.
public struct ProjectListPage: Sendable {
  public var work: WorkFrame
  public var projects: [ProjectView]
  public var teams: [Team]
  /// Typed for a new one, given back when it was not accepted.
  public var name: String
  public var slug: String
  public var team: String

  public init(work: WorkFrame, projects: [ProjectView], teams: [Team], name: String = "", slug: String = "", team: String = "") {
    self.work = work
    self.projects = projects
    self.teams = teams
    self.name = name
    self.slug = slug
    self.team = team
  }

  public func render() -> HTML {
    work.page(
      "Projects", tab: SettingsTab.projects,
      """
      \(work.problemNote)
      <table class="rows projects"><thead><tr><th scope="col">Project</th><th scope="col" class="fold">Slug</th><th scope="col">Administered by</th><th scope="col" class="n fold">Keys</th>\
      <th scope="col" class="n"><span class="hidden">Save</span></th></tr></thead><tbody>\(projects, row)</tbody></table>
      <p class="more note">The team’s leads manage the project’s keys and see its traces. Whose money a call is, keys, rules and user groups decide, not the project.</p>
      <section class="measure"><h2>Add a project</h2><form class="filters" method="post" action="\(url: Route.projects)">\(work.token)
      <label>Name<input name="name" value="\(name)" required maxlength="200" placeholder="Support desk"></label>\
      <label>Slug, for links<input name="slug" value="\(slug)" maxlength="64" placeholder="made from the name"></label>\
      <label>Team\(Select(name: "team", options: teams.map { ($0.id.description, $0.name) }, chosen: team))</label><button>Add</button></form></section>
      """)
  }

  private func row(_ view: ProjectView) -> HTML {
    let form = "project-\(view.project.id)"
    return """
      <tr><th scope="row"><form id="\(form)" class="inline" method="post" action="\(url: Route.projects)">\(work.token)<input type="hidden" name="id" value="\(view.project.id.description)">\
      <label><span class="hidden">Name of \(view.project.name)</span><input name="name" value="\(view.project.name)" required maxlength="200"></label></form></th>\
      <td class="fold"><code>\(view.project.slug)</code></td>\
      <td><label><span class="hidden">Team of \(view.project.name)</span><select name="team" form="\(form)">\(teams, { team in
        "<option value=\"\(team.id.description)\"\(if: team.id == view.project.team, " selected")>\(team.name)</option>"
      })</select></label></td><td class="n fold">\(CountText(Int64(view.keys)))</td>\
      <td class="n"><button class="quiet" form="\(form)">Save<span class="hidden"> \(view.project.name)</span></button></td></tr>
      """
  }
}
