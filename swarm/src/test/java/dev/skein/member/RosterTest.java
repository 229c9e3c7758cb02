package dev.skein.member;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RosterTest {
  private static final String ID_1 = "00000000-0000-0000-0000-000000000001";
  private static final String ID_2 = "00000000-0000-0000-0000-000000000002";

  private static Announcement word(String id, String name, boolean settled) {
    return new Announcement(new Member(id, name, "127.0.0.1", 9000, Map.of()), settled);
  }

  private static Roster<String> viewing(String... addresses) {
    return new Roster<String>(List.of(), Map.of()).withView(List.of(addresses));
  }

  @Test
  void listsOnlySettledNodesInViewSortedByName() {
    Roster<String> roster =
        viewing("x", "y", "z")
            .with("x", word(ID_2, "zoe", true))
            .with("y", word(ID_1, "ann", true))
            .with("z", word("00000000-0000-0000-0000-000000000003", "new", false))
            .with("stranger", word("00000000-0000-0000-0000-000000000004", "stranger", true));
    assertThat(roster.members()).extracting(Member::name).containsExactly("ann", "zoe");
    assertThat(roster.unsettled()).containsExactly("z");
    assertThat(roster.silent()).isEmpty();
  }

  @Test
  void aWordThatComesLateDoesNotUnsettleANode() {
    Roster<String> roster =
        viewing("x").with("x", word(ID_1, "ann", true)).with("x", word(ID_1, "ann", false));
    assertThat(roster.members()).extracting(Member::name).containsExactly("ann");
  }

  @Test
  void forgetsWhoLeftAndAsksAgainWhenTheyReturn() {
    Roster<String> roster = viewing("x", "y").with("y", word(ID_1, "ann", true));
    Roster<String> back = roster.withView(List.of("x")).withView(List.of("x", "y"));
    assertThat(back.members()).isEmpty();
    assertThat(back.silent()).containsExactly("x", "y");
  }

  @Test
  void aRestartedNodeReplacesItsFormerSelf() {
    Roster<String> roster =
        viewing("old", "new")
            .with("old", word(ID_1, "before", true))
            .with("new", word(ID_1, "after", true));
    assertThat(roster.members()).extracting(Member::name).containsExactly("after");
  }

  @Test
  void anIdBelongsToTheSettledNodeElseToTheOneLongestInView() {
    Roster<String> both =
        viewing("x", "y").with("x", word(ID_1, "x", false)).with("y", word(ID_1, "y", false));
    assertThat(both.rival("y", ID_1)).map(Member::name).hasValue("x");
    assertThat(both.rival("x", ID_1)).isEmpty();
    assertThat(both.with("y", word(ID_1, "y", true)).rival("x", ID_1)).isPresent();
    assertThat(both.with("x", word(ID_2, "x", true)).rival("y", ID_1)).isEmpty();
  }
}
