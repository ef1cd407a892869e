import Domain
import Hummingbird
import Pages
import Store

/// The attribution rules: their order, and the form that shows what a rule would do before it is saved.
struct RulePages {
  let backend: Backend

  func list(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    return .page(.ok, try await listPage(parts).render())
  }

  private func listPage(_ parts: WorkParts, problem: String? = nil) async throws -> RuleListPage {
    let rules = try await backend.rules.list(scope: parts.scope)
    return RuleListPage(
      work: parts.frame(problem, at: Route.rules), rules: rules.map(\.rule), teams: try await backend.teams.list(scope: parts.scope),
      groups: try await backend.userGroups.list(scope: parts.scope).map(\.group))
  }

  func new(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    return .page(.ok, try await page(parts, RuleInput()).render())
  }

  func edit(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    let id: RuleID = try context.id("rule", of: "rule")
    let rules = try await backend.rules.list(scope: parts.scope)
    guard let place = rules.firstIndex(where: { $0.rule.id == id }) else {
      throw Failure.notFound("no rule of this number, or it was removed")
    }
    return .page(.ok, try await page(parts, RuleInput(rules[place].rule, place: place + 1, dates: parts.written)).render())
  }

  /// Looks at what the rule would do, or saves what was looked at.
  func save(_ request: Request, _ context: Context) async throws -> Response {
    let (parts, form) = try await WorkParts.changing(request, context, backend)
    var input = RuleInput(form)
    input.id = try form.id("id")
    do {
      if form.text("do") == "more" {
        input.conditions += [RuleInput.Condition(), RuleInput.Condition()]
        return .page(.ok, try await page(parts, input).render())
      }
      let draft = try input.draft(form, parts)
      let place = try form.number("place", 1...RuleStore.rulesMax).map(Int32.init(clamping:))
      guard form.text("do") == "save" else {
        let preview = try await backend.preview(draft, replacing: input.id, at: place, scope: parts.scope)
        return .page(.ok, try await page(parts, input, preview: RulePreviewView(preview, gives: draft)).render())
      }
      let saved = try await backend.rules.save(draft, replacing: input.id, at: place, scope: parts.scope, by: parts.actor)
      if let place, place != saved.position { try await backend.rules.move(saved.id, to: place, scope: parts.scope, by: parts.actor) }
      return .seeOther(Route.rules)
    } catch {
      return .page(.badRequest, try await page(parts, input, problem: try PriceParts.sentence(error)).render())
    }
  }

  /// Moves a rule by a place, ends it from a day on, or removes it.
  func change(_ request: Request, _ context: Context) async throws -> Response {
    let (parts, form) = try await WorkParts.changing(request, context, backend)
    do {
      guard let id = try form.id("id", as: RuleID.self), let record = try await backend.rules.find(id, scope: parts.scope) else {
        throw Failure.notFound("the rule is not there any more")
      }
      switch form.text("do") {
      case "up": try await backend.rules.move(id, to: record.rule.position - 1, scope: parts.scope, by: parts.actor)
      case "down": try await backend.rules.move(id, to: record.rule.position + 1, scope: parts.scope, by: parts.actor)
      case "remove": try await backend.rules.end(id, scope: parts.scope, by: parts.actor)
      case "end":
        var draft = record.rule.draft
        draft.validTo = try parts.day("first day without it", form.typed("at"))
        _ = try await backend.rules.save(draft, replacing: id, scope: parts.scope, by: parts.actor)
      default: throw Failure.badRequest("the form did not arrive whole")
      }
      return .seeOther(Route.rules)
    } catch {
      return .page(.badRequest, try await listPage(parts, problem: try PriceParts.sentence(error)).render())
    }
  }

  private func page(
    _ parts: WorkParts, _ input: RuleInput, problem: String? = nil, preview: RulePreviewView? = nil
  ) async throws -> RuleFormPage {
    RuleFormPage(
      work: parts.frame(problem, at: input.id.map(Route.rule) ?? Route.newRule), draft: input,
      teams: try await backend.teams.list(scope: parts.scope), groups: try await backend.userGroups.list(scope: parts.scope).map(\.group),
      declared: try await backend.declaredKeys.list(scope: parts.scope), count: try await backend.rules.list(scope: parts.scope).count,
      preview: preview)
  }
}

extension RuleInput {
  init(_ form: QueryParameters) {
    self.init()
    (name, team, endpoint, userGroup) = (form.typed("name"), form.typed("team"), form.typed("endpoint"), form.typed("userGroup"))
    (validFrom, validTo, place) = (form.typed("validFrom"), form.typed("validTo"), form.typed("place"))
    for i in 0..<RuleFormPage.conditionsMax {
      let field = form.typed("field.\(i)"), match = form.text("match.\(i)") ?? "equals"
      if field.isEmpty { continue }
      let isNegated = match.hasPrefix("not.")
      conditions.append(
        Condition(field: field, isNegated: isNegated, match: isNegated ? String(match.dropFirst(4)) : match, values: form.typed("values.\(i)")))
    }
  }

  /// - Throws: `Failure` 400 naming what can't be read.
  func draft(_ form: QueryParameters, _ parts: WorkParts) throws -> RuleDraft {
    RuleDraft(
      name: name, conditions: try conditions.map { try $0.condition }, team: try form.id("team"), endpoint: endpoint.isEmpty ? nil : endpoint,
      userGroup: try form.id("userGroup"), validFrom: try parts.day("from", validFrom), validTo: try parts.day("until", validTo))
  }
}

extension RuleInput.Condition {
  var condition: RuleCondition {
    get throws {
      guard let field = RuleField(field), let match = RuleCondition.Match(rawValue: match) else {
        throw Failure.badRequest("a condition is not understood: expected a field and a match of the menus")
      }
      let values = values.split(whereSeparator: \.isNewline).map { $0.trimmingPrefix { $0 == " " } }.filter { !$0.isEmpty }.map(String.init)
      if match != .isPresent, values.isEmpty { throw Failure.badRequest("the condition on \(field.text) has no value: expected at least one") }
      return RuleCondition(field: field, match: match, values: match == .isPresent ? [] : values, isNegated: isNegated)
    }
  }
}

extension RulePreviewView {
  init(_ preview: RulePreview, gives draft: RuleDraft) {
    self.init(
      outcome: ReattributionDryRunView(preview.outcome), owned: draft.team == nil ? nil : (preview.owned.calls, preview.owned.cost),
      from: preview.outcome.covered.from, declared: preview.keys)
  }
}
