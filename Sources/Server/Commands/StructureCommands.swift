import Domain
import Foundation
import Store

/// Teams, rules and user groups from the command line, beside a running service or alone.
extension Commands {
  private static let actor = "command line"

  public static func listTeams() async throws {
    try await withStructure { backend, scope in
      let names = try await backend.structureNames(scope)
      for team in names.teams {
        let facts = [
          team.costCentre.map { "cost centre \($0)" }, team.glAccount.map { "GL account \($0)" }, team.owner.map { "owner \($0)" },
          names.team(team.parent).map { "below \($0.name)" }, team.validFrom.map { "from \($0)" }, team.validTo.map { "to \($0)" },
        ]
        Terminal.say((["team \(team.id)  \(team.name)"] + facts.compactMap { $0 }).joined(separator: "  "))
      }
    }
  }

  public static func saveTeam(
    name: String, costCentre: String?, glAccount: String?, owner: String?, parent: String?, from: String?, to: String?
  ) async throws {
    try await withStructure { backend, scope in
      let names = try await backend.structureNames(scope)
      let known = names.teams.first { $0.name == name }
      var draft = known.map { TeamDraft($0) } ?? TeamDraft(name: name)
      draft.costCentre = costCentre ?? draft.costCentre
      draft.glAccount = glAccount ?? draft.glAccount
      draft.owner = owner ?? draft.owner
      if let parent { draft.parent = parent.isEmpty ? nil : try names.team(parent, "--parent") }
      draft.validFrom = from ?? draft.validFrom
      draft.validTo = to ?? draft.validTo
      let saved = try await backend.teams.save(draft, as: known?.id, scope: scope, by: actor)
      Terminal.say("team \(saved.id)  \(saved.name)  \(known == nil ? "made" : "saved")")
    }
  }

  public static func listRules() async throws {
    try await withStructure { backend, scope in
      let names = try await backend.structureNames(scope)
      for record in try await backend.rules.list(scope: scope) {
        let rule = record.rule
        let given = [
          names.team(rule.team).map { "team \($0.name)" }, rule.endpoint.map { "endpoint \($0)" },
          names.group(rule.userGroup).map { "user group \($0.name)" },
        ]
        let when = rule.conditions.isEmpty ? "every call" : rule.conditions.map(\.words).joined(separator: ", and ")
        Terminal.say("\(rule.position)  rule \(rule.id)  \(rule.name)  \(when)  gives \(given.compactMap { $0 }.joined(separator: ", "))")
      }
    }
  }

  public static func importGroups(path: String) async throws {
    guard let data = FileManager.default.contents(atPath: absolute(path)) else { throw Stop("\(path) can't be read") }
    try await withStructure { backend, scope in
      let outcome = try await backend.userGroups.importList([UInt8](data), scope: scope, by: actor)
      for problem in outcome.problems { Terminal.say("line \(problem.line): \(problem.message)") }
      Terminal.say(
        "\(outcome.changed) users moved, \(outcome.unchanged) where they were, \(outcome.created.count) groups made, "
          + "\(outcome.problemCount) lines not taken")
    }
  }

  /// Refusals as one sentence.
  private static func withStructure(_ work: @escaping @Sendable (Backend, AccessScope) async throws -> Void) async throws {
    try await withDatabase(migrates: true) { database, settings, logger in
      let backend = try Backend(settings: settings, database: database, baseURL: settings.baseURL ?? "", logger: logger)
      do { try await work(backend, try await everything(backend.accounts)) } catch let error as StructureError {
        throw Stop(error)
      } catch let failure as Failure { throw Stop(failure.message) }
    }
  }
}
