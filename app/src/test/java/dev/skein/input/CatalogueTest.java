package dev.skein.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.input.Catalogue.Entry;
import dev.skein.input.Catalogue.Item;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatalogueTest {
  @TempDir private Path folder;

  @Test
  void everyEntryIsCompleteAndEveryRecipeReadable() {
    List<Entry> entries = new Catalogue(List.of()).entries();

    assertThat(entries).extracting(Entry::name).doesNotHaveDuplicates().hasSizeGreaterThan(20);
    for (Entry entry : entries) {
      assertThat(entry.kind()).isIn("model", "data");
      assertThat(List.of(entry.about(), entry.licence(), entry.origin())).doesNotContain("");
      assertThat(entry.files()).isNotEmpty();
      if (entry.preprocess() != null && !entry.preprocess().equals(InputReader.TEXT_RECIPE)) {
        Preprocessing.parse(entry.preprocess());
      }
      for (Item item : entry.files()) {
        assertThat(item.sha256()).matches("[0-9a-f]{64}");
        assertThat(item.bytes()).isPositive();
        assertThat(item.path()).startsWith(entry.kind().equals("model") ? "models/" : "data/");
        if (item.download() != null) {
          assertThat(item.download().url()).startsWith("https://");
        }
      }
    }
  }

  @Test
  void everyFileAtHandHasTheBytesThatTheCatalogueStates() throws IOException {
    Path root = Shared.file("models").getParent();
    Catalogue catalogue = new Catalogue(List.of(root));
    int found = 0;
    for (Entry entry : catalogue.entries()) {
      for (Item item : entry.files()) {
        if (catalogue.locate(item).isPresent()) {
          found++;
          assertThat(item.matches(root.resolve(item.path()))).as(item.path()).isTrue();
        }
      }
    }
    assertThat(found).isGreaterThan(30);
  }

  @Test
  void modelIsKnownByItsContentWhateverItsName() throws IOException {
    Path copy = folder.resolve("unknown.bin");
    Files.copy(Shared.file("models/tiny_cifar10_resnet8.onnx"), copy);
    Catalogue catalogue = new Catalogue(List.of());

    assertThat(catalogue.model(copy))
        .hasValueSatisfying(e -> assertThat(e.name()).isEqualTo("resnet8"));
    Files.write(copy, new byte[(int) Files.size(copy)]);
    assertThat(catalogue.model(copy)).isEmpty();
  }

  @Test
  void firstFolderWithAFileOfTheRightSizeCounts() throws IOException {
    Path wrong = Files.createDirectories(folder.resolve("a/data"));
    Path right = Files.createDirectories(folder.resolve("b/data"));
    Files.writeString(wrong.resolve("imagenet_labels_1000.txt"), "half");
    Files.write(right.resolve("imagenet_labels_1000.txt"), new byte[21675]);
    Catalogue catalogue = new Catalogue(List.of(folder.resolve("a"), folder.resolve("b")));

    assertThat(catalogue.file("imagenet-labels"))
        .isEqualTo(right.resolve("imagenet_labels_1000.txt"));
  }

  @Test
  void whatIsNotHereIsToldWithTheWayToGetIt() {
    Catalogue catalogue = new Catalogue(List.of(folder));

    assertThatThrownBy(() -> catalogue.file("imagenet-labels"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("skein data get imagenet-labels");
    assertThatThrownBy(() -> catalogue.file("resnet56"))
        .hasMessageContaining("no public origin")
        .hasMessageContaining("SKEIN_DATA");
    assertThatThrownBy(() -> catalogue.file("resnet57"))
        .hasMessageContaining("'resnet57'")
        .hasMessageContaining("resnet56");
  }

  @Test
  void theFirstOfSeveralThatIsHereServes() throws IOException {
    Path models = Files.createDirectories(folder.resolve("models"));
    Catalogue catalogue = new Catalogue(List.of(folder));
    List<String> names = List.of("mobilenetv2", "mobilenetv2-zoo");

    assertThatThrownBy(() -> catalogue.fileOfAny(names))
        .hasMessageContaining("skein data get mobilenetv2-zoo");
    Path zoo = Files.write(models.resolve("mobilenetv2-12.onnx"), new byte[13_964_571]);
    assertThat(catalogue.fileOfAny(names)).isEqualTo(zoo);
  }

  @Test
  void anEntryMayHaveSeveralFiles() {
    Path root = Shared.file("data/photos").getParent().getParent();

    assertThat(new Catalogue(List.of(root)).files("photos"))
        .hasSize(4)
        .allMatch(Files::isRegularFile);
  }
}
