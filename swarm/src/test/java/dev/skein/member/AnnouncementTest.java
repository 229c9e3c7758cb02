package dev.skein.member;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AnnouncementTest {
  private static final String ID = "5d0c4b4e-8f1b-4d0e-9a54-2f6f5f3f7a10";
  private static final Announcement SAMPLE =
      new Announcement(
          new Member(
              ID, "küche-pi", "fe80::1", 8123, Map.of("cores", "4", "modell", "Pi 4 – 2 GB")),
          true);

  @Test
  void survivesTheWire() {
    assertThat(Announcement.decode(SAMPLE.encode())).isEqualTo(SAMPLE);
  }

  @Test
  void theLargestAllowedMemberSurvivesTheWireAsFarAsItFits() {
    Map<String, String> facts = new LinkedHashMap<>();
    for (int i = 0; i < Member.MAX_FACTS; i++) {
      facts.put("%02d".formatted(i) + "k".repeat(Member.MAX_KEY - 2), "é".repeat(Member.MAX_VALUE));
    }
    Member large = new Member(ID, "n".repeat(64), "h".repeat(255), 65535, facts);
    Announcement word = new Announcement(large, false);
    assertThat(Announcement.decode(word.encode())).isEqualTo(word);

    facts.replaceAll((key, value) -> "漢".repeat(Member.MAX_VALUE));
    Member tooLarge = new Member(ID, "wide", "h", 1, facts);
    assertThatThrownBy(() -> new Announcement(tooLarge, true).encode())
        .isInstanceOf(MembershipException.class)
        .hasMessageContaining("node wide");
  }

  @Test
  void whateverArrivesIsAMemberOrRefused() {
    Random random = new Random(7);
    byte[] good = SAMPLE.encode();
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes =
          Arrays.copyOf(good, random.nextInt(4) == 0 ? random.nextInt(200) : good.length);
      for (int edits = random.nextInt(4); edits >= 0 && bytes.length > 0; edits--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      try {
        Announcement.decode(bytes); // its constructor checks every part
      } catch (MembershipException e) {
        refused++;
        assertThat(e.getMessage()).doesNotContain("\n").hasSizeLessThan(200);
      }
    }
    assertThat(refused).isGreaterThan(10_000);
  }

  @Test
  void refusesTextsThatCouldFoolATerminal() {
    assertThatThrownBy(() -> new Member(ID, "a\u001b[2J", "h", 1, Map.of()))
        .isInstanceOf(MembershipException.class)
        .hasMessage("node name 'a\uFFFD[2J' is not 1 to 64 printable characters");
    assertThatThrownBy(() -> new Member("../../etc", "a", "h", 1, Map.of()))
        .hasMessageContaining("is not a UUID");
    assertThatThrownBy(() -> new Member(ID, "a", "h", 1, Map.of("k", "x\ny")))
        .hasMessageContaining("fact 'k'");
  }
}
