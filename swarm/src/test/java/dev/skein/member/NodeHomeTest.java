package dev.skein.member;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NodeHomeTest {
  @TempDir Path temp;

  @Test
  void aNodeKeepsItsIdFromRunToRun() {
    Path dir = temp.resolve("deep/er/home");
    String id;
    try (NodeHome home = NodeHome.open(dir)) {
      id = home.id();
      assertThat(home.blobs()).isDirectory().hasParent(dir.toAbsolutePath());
    }
    try (NodeHome home = NodeHome.open(dir)) {
      assertThat(home.id()).isEqualTo(id);
    }
    try (NodeHome other = NodeHome.open(temp.resolve("other"))) {
      assertThat(other.id()).isNotEqualTo(id);
    }
  }

  @Test
  void oneNodeAtATimeHoldsAHome() {
    try (NodeHome first = NodeHome.open(temp)) {
      assertThatThrownBy(() -> NodeHome.open(temp))
          .isInstanceOf(MembershipException.class)
          .hasMessage(
              "another node is already running from %s; use --home or --name"
                  .formatted(first.dir()));
    }
    NodeHome.open(temp).close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "not a uuid", "5d0c4b4e-8f1b-4d0e-9a54-2f6f5f3f7a1", "\u0000\u0001"})
  void aCorruptIdIsNotReplacedSilently(String content) throws IOException {
    Path file = temp.resolve("id");
    Files.writeString(file, content);
    assertThatThrownBy(() -> NodeHome.open(temp))
        .isInstanceOf(MembershipException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("delete it");
    assertThat(file).hasContent(content);
    Files.delete(file);
    NodeHome.open(temp).close(); // the lock was let go
  }

  @Test
  void bytesThatAreNoTextAndHugeFilesAreCorruptToo() throws IOException {
    Files.write(temp.resolve("id"), new byte[] {(byte) 0xff, (byte) 0xfe});
    assertThatThrownBy(() -> NodeHome.open(temp)).hasMessageContaining("does not hold a UUID");
    Files.write(temp.resolve("id"), new byte[5_000_000]);
    assertThatThrownBy(() -> NodeHome.open(temp)).hasMessageContaining("does not hold a UUID");
  }

  @Test
  void aFileInThePlaceOfTheDirectoryIsNamed() throws IOException {
    Path file = Files.writeString(temp.resolve("file"), "");
    assertThatThrownBy(() -> NodeHome.open(file))
        .isInstanceOf(MembershipException.class)
        .hasMessageContaining(file.toString());
  }
}
