package dev.skein.input;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Models and data sets that Skein knows by their content: where they come from, what they are, how
 * they are fed. The files themselves are looked for in {@code $SKEIN_DATA}, then in Skein's cache.
 */
public final class Catalogue {
  private static final Catalogue SHARED = new Catalogue(defaultRoots());

  private final List<Entry> entries;
  private final List<Path> roots;

  /**
   * A model or a data set.
   *
   * @param kind {@code model} or {@code data}
   * @param preprocess how a model takes its input: see {@link Preprocessing#parse}, or {@code
   *     bert-uncased}
   * @param labels names of a classifier's classes: see {@link Labels#parse}
   */
  public record Entry(
      String name,
      String kind,
      String about,
      String licence,
      String origin,
      @Nullable String preprocess,
      @Nullable String labels,
      List<Item> files) {
    public Entry {
      files = List.copyOf(files);
    }

    public long bytes() {
      return files.stream().mapToLong(Item::bytes).sum();
    }

    /** Whether every file has a public origin. */
    public boolean canBeFetched() {
      return files.stream().allMatch(item -> item.download() != null);
    }
  }

  /**
   * One file.
   *
   * @param path under a root, {@code models/…} or {@code data/…}
   * @param download null if the file has no public origin
   */
  public record Item(String path, long bytes, String sha256, @Nullable Download download) {
    /** Whether this is the file, or the same content as its origin packs it. */
    public boolean matches(Path file) throws IOException {
      return CacheFolder.holds(file, bytes, sha256)
          || (download != null
              && download.edit() == null
              && download.bytes() != null
              && download.sha256() != null
              && CacheFolder.holds(file, download.bytes(), download.sha256()));
    }

    private boolean hasSizeOf(Path file) throws IOException {
      if (!Files.isRegularFile(file)) {
        return false;
      }
      long size = Files.size(file);
      return size == bytes
          || (download != null && download.bytes() != null && size == download.bytes());
    }
  }

  /**
   * Where a file can be had.
   *
   * @param bytes and {@code sha256}: of what the address serves, where it is not the file itself
   * @param edit {@code drop-first-line} makes the file of what the address serves
   */
  public record Download(
      String url, @Nullable Long bytes, @Nullable String sha256, @Nullable String edit) {}

  /**
   * @param roots folders to look in, the first found counts
   */
  public Catalogue(List<Path> roots) {
    this.roots = List.copyOf(roots);
    try (InputStream in = Catalogue.class.getResourceAsStream("catalogue.json")) {
      if (in == null) {
        throw new InputException("catalogue.json is not on the class path; rebuild Skein");
      }
      entries = List.copyOf(JsonMapper.shared().readValue(in, new TypeReference<List<Entry>>() {}));
    } catch (IOException e) {
      throw new InputException("cannot read catalogue.json (" + e + ")", e);
    }
  }

  /** The catalogue over this user's folders. */
  public static Catalogue shared() {
    return SHARED;
  }

  /** {@code $SKEIN_DATA} if it is set, and the cache. */
  public static List<Path> defaultRoots() {
    List<Path> roots = new ArrayList<>();
    String given = System.getenv("SKEIN_DATA");
    if (given != null && !given.isBlank()) {
      roots.add(Path.of(given));
    }
    roots.add(cacheRoot());
    return roots;
  }

  /** Where fetched files go. */
  public static Path cacheRoot() {
    return CacheFolder.path().resolve("data");
  }

  public List<Entry> entries() {
    return entries;
  }

  /**
   * @throws InputException if there is no such entry; the message lists the names there are
   */
  public Entry entry(String name) {
    return entries.stream()
        .filter(entry -> entry.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new InputException(
                "no model or data set named '%s'; there are %s"
                    .formatted(
                        name,
                        entries.stream().map(Entry::name).collect(Collectors.joining(", ")))));
  }

  /** The file, if a root holds one of its name and size. Its content is not checked: fast. */
  public Optional<Path> locate(Item item) {
    try {
      for (Path root : roots) {
        Path file = root.resolve(item.path());
        if (item.hasSizeOf(file)) {
          return Optional.of(file);
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      throw new InputException("cannot look for " + item.path() + " (" + e + ")", e);
    }
  }

  /**
   * The first file of an entry.
   *
   * @throws InputException if it is not there; the message says how to get it
   */
  public Path file(String name) {
    Entry entry = entry(name);
    return present(entry, entry.files().getFirst());
  }

  /** Every file of an entry, in the catalogue's order; fails like {@link #file}. */
  public List<Path> files(String name) {
    Entry entry = entry(name);
    return entry.files().stream().map(item -> present(entry, item)).toList();
  }

  /**
   * The first file of the first of some entries that is here.
   *
   * @throws InputException if none is; the message says how to get the first that can be fetched
   */
  public Path fileOfAny(List<String> names) {
    List<Entry> wanted = names.stream().map(this::entry).toList();
    for (Entry entry : wanted) {
      Optional<Path> file = locate(entry.files().getFirst());
      if (file.isPresent()) {
        return file.get();
      }
    }
    Entry best = wanted.stream().filter(Entry::canBeFetched).findFirst().orElse(wanted.getFirst());
    return present(best, best.files().getFirst());
  }

  private Path present(Entry entry, Item item) {
    return locate(item).orElseThrow(() -> new InputException(howToGet(entry, item)));
  }

  private static String howToGet(Entry entry, Item item) {
    String path = item.path();
    return entry.canBeFetched()
        ? "%s is not here: run 'skein data get %s', or put it under $SKEIN_DATA"
            .formatted(path, entry.name())
        : "%s is not here and has no public origin (%s): put it under $SKEIN_DATA"
            .formatted(path, entry.origin());
  }

  /** What the catalogue knows about a model file, told by its content, not its name. */
  public Optional<Entry> model(Path file) {
    try {
      for (Entry entry : entries) {
        if (entry.kind().equals("model") && entry.files().getFirst().matches(file)) {
          return Optional.of(entry);
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      throw new InputException("cannot read " + file + " (" + e.getMessage() + ")", e);
    }
  }
}
