import Domain
import HTML
import Testing

@testable import Pages

@Suite struct SamplingPageTests {
  private let project = Project(id: ProjectID(1), slug: "shop <&>", name: "Shop", team: TeamID(1))

  private func page(preview: SamplingPreview? = nil, noise: [NoiseVersion] = [], scopes: [ScopeTraffic] = []) -> String {
    var keep = KeepRules()
    (keep.errors, keep.users, keep.durationAboveMilliseconds) = (true, ["<ann>", "bob"], 1500)
    let policy = SamplingPolicy(payloads: SamplingShare(millionths: 25_000), keep: keep, version: 7)
    let version = SamplingVersion(
      policy: policy, project: project.id, environment: nil, createdAt: Sample.ago(60), createdBy: "ada@meridian.example", isEnd: false)
    var day = SamplingActivity.Day(day: "2026-11-22")
    (day.payloadsDropped, day.bytesDropped, day.payloadsKept, day.spansSampled) = (12_345, 1_200_000, [.error: 3], 99)
    return SamplingPage(
      work: WorkFrame(frame: Sample.frame, address: PageAddress(path: Route.sampling(project.slug)), canChange: true), project: project,
      draft: SamplingDraft(policy, environment: nil), settings: [version], history: [version], noise: noise, scopes: scopes,
      activity: SamplingActivity(days: [day], held: 2), environments: ["prod"], preview: preview
    ).render().string
  }

  @Test func settingsAreShownAsTheyAreInForce() {
    let html = page()
    #expect(html.contains("name=\"payloads\" value=\"2.5\"") && html.contains("name=\"durationAbove\" value=\"1.5\""))
    #expect(html.contains("&lt;ann&gt;\nbob") && !html.contains("<ann>"))
    #expect(html.contains("errors, over 1.5\u{A0}s, 2 users") && html.contains("12,345") && html.contains("errors 3"))
    #expect(html.contains("name=\"csrf\"") && html.contains("/settings/sampling/shop%20%3C%26%3E"))
  }

  @Test func previewTellsSharesBytesAndSpans() {
    var preview = SamplingPreview()
    (preview.traces, preview.kept, preview.payloadBytes, preview.payloadBytesKept) = (200, [.share: 5, .error: 5], 1_000_000, 100_000)
    (preview.spans, preview.spansOmitted, preview.calls) = (1000, 400, 300)
    let html = page(preview: preview)
    #expect(html.contains("<b>10</b> (5.0\u{A0}%) would keep") && html.contains("5 by the share, 5 errors") && html.contains("900\u{A0}kB"))
    #expect(html.contains("<b>400</b> (40\u{A0}%)") && html.contains("Nothing is saved yet"))
    #expect(page(preview: SamplingPreview()).contains("Nothing to look at"))
  }

  @Test func scopesOfTheFilterAreCheckedAndOthersTyped() {
    let version = NoiseVersion(version: 1, scopes: ["http*", "fs"], createdAt: Sample.ago(60), createdBy: "ada")
    let html = page(
      noise: [version],
      scopes: [
        ScopeTraffic(scope: "http-client", spans: 9, calls: 0, plain: 9), ScopeTraffic(scope: "app", spans: 9, calls: 4, plain: 5),
        ScopeTraffic(scope: "llm", spans: 9, calls: 9, plain: 0),
      ])
    #expect(html.contains("value=\"http-client\" checked") && html.contains("value=\"app\">") && !html.contains("value=\"llm\""))
    #expect(html.contains(">http*\nfs</textarea>"))
  }

  @Test func whatIsNotKeptSaysWhy() {
    let sampled = SampledPayload(
      environment: "prod", share: SamplingShare(millionths: 10_000), version: 4, settingsOf: Sample.now, isPartly: false)
    let html = SampledNotice(sampled: sampled).html.string
    #expect(html.contains("Payload not kept: sampled (rule:") && html.contains("1\u{A0}% of traces in prod") && html.contains("settings 4"))
    var bodies = Bodies()
    bodies.sampled = sampled
    let pane = ContentBodies(bodies: bodies).html.string
    #expect(pane.contains("Payload not kept") && !pane.contains("No input or output"))
    #expect(OmittedNotice(omitted: OmittedCounts()).html.string.isEmpty)
    #expect(OmittedNotice(omitted: OmittedCounts(sampled: 2, noise: 30)).html.string.contains("2 sampled, 30 noise: 32 spans are not kept"))
  }
}
