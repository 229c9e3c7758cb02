package dev.skein.cli;

import dev.skein.input.CacheFolder;
import dev.skein.input.Catalogue;
import dev.skein.input.Catalogue.Entry;
import dev.skein.input.Catalogue.Item;
import dev.skein.input.InputException;
import dev.skein.input.Sentences;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Models and data sets: what there is, what is here, and fetching. */
@Command(
    name = "data",
    description = "Lists and fetches models and data sets, checked by SHA-256.",
    mixinStandardHelpOptions = true,
    subcommands = {DataCommand.Ls.class, DataCommand.Get.class})
final class DataCommand implements Runnable {
  private static final double MEGA = 1e6;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @Spec private @Nullable CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        Objects.requireNonNull(spec).commandLine(), "say 'ls' or 'get NAME'");
  }

  /** One line of the list. */
  record Row(
      String name,
      String kind,
      String about,
      long bytes,
      String state,
      @Nullable String path,
      String licence,
      String origin,
      @Nullable String preprocess,
      @Nullable String labels) {}

  record Listing(List<String> folders, List<Row> entries) {}

  @Command(name = "ls", description = "Lists them.", mixinStandardHelpOptions = true)
  static final class Ls implements Callable<Integer> {
    @Option(names = "--json", description = "print one JSON object")
    private boolean json;

    @Option(names = "--verify", description = "check the SHA-256 of every file that is here")
    private boolean verify;

    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
      Catalogue catalogue = Catalogue.shared();
      List<Row> rows = new ArrayList<>();
      List<Entry> entries = catalogue.entries();
      try (Progress progress = new Progress("checking", entries.size(), json)) {
        for (Entry entry : entries) {
          rows.add(row(catalogue, entry, verify));
          progress.reached(rows.size());
        }
      }
      List<String> folders = Catalogue.defaultRoots().stream().map(Path::toString).toList();
      PrintWriter out = out(spec);
      if (json) {
        out.println(Json.line(new Listing(folders, rows)));
      } else {
        Table table = new Table("name", "kind", "MB", "here", "what", "licence");
        rows.forEach(row ->
            table.row(row.name, row.kind, row.bytes / MEGA, row.state, row.about, row.licence));
        out.print(table);
        out.println("looked in " + String.join(", then ", folders));
      }
      out.flush();
      return rows.stream().anyMatch(row -> row.state.equals("damaged")) ? 1 : 0;
    }
  }

  private static Row row(Catalogue catalogue, Entry entry, boolean verify) {
    List<Optional<Path>> found = entry.files().stream().map(catalogue::locate).toList();
    long here = found.stream().filter(Optional::isPresent).count();
    String state =
        here == entry.files().size()
            ? "yes"
            : here > 0 ? "in part" : isBundled(entry) || entry.canBeFetched() ? "get" : "no";
    if (verify && !allMatch(entry, found)) {
      state = "damaged";
    }
    return new Row(
        entry.name(),
        entry.kind(),
        entry.about(),
        entry.bytes(),
        state,
        found.getFirst().map(Path::toString).orElse(null),
        entry.licence(),
        entry.origin(),
        entry.preprocess(),
        entry.labels());
  }

  private static boolean allMatch(Entry entry, List<Optional<Path>> found) {
    for (int i = 0; i < found.size(); i++) {
      Optional<Path> file = found.get(i);
      if (file.isPresent() && !matches(entry.files().get(i), file.get())) {
        return false;
      }
    }
    return true;
  }

  private static boolean matches(Item item, Path file) {
    try {
      return item.matches(file);
    } catch (IOException e) {
      throw new InputException("cannot read " + file + " (" + e.getMessage() + ")", e);
    }
  }

  /** The sentence transformer is a library of ours, so it needs no network. */
  private static boolean isBundled(Entry entry) {
    return entry.name().equals("minilm");
  }

  /** What became of one file. */
  record Fetched(String name, String path, long bytes, String sha256, boolean wasHere) {}

  record Result(List<Fetched> files) {}

  @Command(
      name = "get",
      description = "Fetches some into Skein's cache.",
      mixinStandardHelpOptions = true)
  static final class Get implements Callable<Integer> {
    @Parameters(arity = "1..*", paramLabel = "NAME", description = "as 'skein data ls' lists them")
    private List<String> names = List.of();

    @Option(names = "--json", description = "print one JSON object")
    private boolean json;

    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
      Catalogue catalogue = Catalogue.shared();
      // A wrong name is told before anything is fetched.
      List<Entry> entries = names.stream().map(catalogue::entry).toList();
      List<Fetched> files = new ArrayList<>();
      PrintWriter out = out(spec);
      for (Entry entry : entries) {
        for (Fetched file : get(catalogue, entry)) {
          files.add(file);
          if (!json) {
            out.println((file.wasHere ? "was here: " : "fetched: ") + file.path);
            out.flush();
          }
        }
      }
      if (json) {
        out.println(Json.line(new Result(files)));
        out.flush();
      }
      return 0;
    }

    private List<Fetched> get(Catalogue catalogue, Entry entry) {
      if (isBundled(entry)) {
        Item item = entry.files().getFirst();
        boolean wasHere = catalogue.locate(item).isPresent();
        return List.of(fetched(entry, Sentences.model(), wasHere));
      }
      List<Fetched> files = new ArrayList<>();
      try (Fetch fetch = new Fetch(PATIENCE)) {
        for (Item item : entry.files()) {
          Optional<Path> here = catalogue.locate(item).filter(file -> matches(item, file));
          files.add(
              fetched(entry, here.orElseGet(() -> fetch(fetch, entry, item)), here.isPresent()));
        }
      }
      return files;
    }

    private Path fetch(Fetch fetch, Entry entry, Item item) {
      if (item.download() == null) {
        throw new InputException(
            "%s has no public origin (%s): put it under $SKEIN_DATA/%s"
                .formatted(entry.name(), entry.origin(), item.path()));
      }
      Long stated = item.download().bytes();
      try (Progress progress =
          new Progress(
              String.valueOf(Path.of(item.path()).getFileName()),
              stated == null ? item.bytes() : stated,
              json)) {
        return fetch.fetch(item, Catalogue.cacheRoot(), progress::reached);
      }
    }

    private static Fetched fetched(Entry entry, Path file, boolean wasHere) {
      try {
        return new Fetched(
            entry.name(), file.toString(), Files.size(file), CacheFolder.sha256(file), wasHere);
      } catch (IOException e) {
        throw new InputException("cannot read " + file + " (" + e.getMessage() + ")", e);
      }
    }
  }

  private static PrintWriter out(@Nullable CommandSpec spec) {
    return Objects.requireNonNull(spec).commandLine().getOut();
  }
}
