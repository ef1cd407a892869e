import Exports
import Testing

@Suite struct SafeTextTests {
  @Test(arguments: ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1"]) func formulasAreNeutralised(_ text: String) {
    #expect(SafeText.neutral(text) == "'" + text)
  }

  @Test(arguments: ["", "Search", " =1", "a-b", "'=1"]) func otherTextStays(_ text: String) {
    #expect(SafeText.neutral(text) == text)
  }
}
