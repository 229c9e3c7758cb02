package dev.skein.lab;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** The import table of ARCHITECTURE.md: which room may import which. */
class ArchitectureTest {
  private static final String ROOT = "dev.skein";

  /** Each room with the rooms it may import directly. */
  private static final Map<String, Set<String>> TABLE =
      Map.ofEntries(
          Map.entry("tensor", Set.of()),
          Map.entry("graph", Set.of("tensor")),
          Map.entry("onnx", Set.of("graph", "tensor")),
          Map.entry("architecture", Set.of("graph", "tensor")),
          Map.entry("rewrite", Set.of("graph", "tensor")),
          Map.entry("slice", Set.of("rewrite", "graph", "tensor")),
          Map.entry("quantize", Set.of("rewrite", "graph", "tensor")),
          Map.entry("elastic", Set.of("slice", "rewrite", "graph", "tensor")),
          Map.entry("cost", Set.of("graph", "tensor")),
          Map.entry("plan", Set.of("cost")),
          Map.entry("engine", Set.of("slice", "rewrite", "graph", "onnx", "tensor")),
          Map.entry("member", Set.of()),
          Map.entry("state", Set.of("plan", "cost")),
          Map.entry("wire", Set.of("graph", "tensor")),
          Map.entry("store", Set.of("wire")),
          Map.entry("worker", Set.of("engine", "wire", "store", "graph", "onnx", "tensor")),
          Map.entry("infer", Set.of("worker", "wire", "state", "plan", "cost", "graph", "tensor")),
          Map.entry(
              "node",
              Set.of(
                  "member", "state", "wire", "store", "worker", "infer", "engine", "plan", "cost",
                  "onnx", "graph", "tensor")),
          Map.entry("input", Set.of("onnx", "graph", "tensor")),
          Map.entry(
              "optimize",
              Set.of(
                  "input",
                  "engine",
                  "cost",
                  "elastic",
                  "quantize",
                  "slice",
                  "rewrite",
                  "architecture",
                  "onnx",
                  "graph",
                  "tensor")),
          Map.entry(
              "demo",
              Set.of(
                  "input", "node", "infer", "member", "wire", "worker", "engine", "plan", "cost",
                  "onnx", "graph", "tensor")));

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);

  @Test
  void eachRoomImportsOnlyWhatTheTableAllows() {
    TABLE.forEach((room, allowed) -> {
      Set<String> foreign = new TreeSet<>();
      for (JavaClass from : CLASSES.that(resideInAPackage(ROOT + "." + room + ".."))) {
        from.getDirectDependenciesFromSelf().stream()
            .map(dependency -> room(dependency.getTargetClass()))
            .filter(to -> !to.isEmpty() && !to.equals(room) && !allowed.contains(to))
            .forEach(to -> foreign.add(from.getSimpleName() + " imports " + to));
      }
      assertThat(foreign).as("room %s", room).isEmpty();
    });
  }

  @Test
  void everyRoomIsInTheTableOrAnEdge() {
    Set<String> edges = Set.of("cli", "lab");
    Set<String> rooms = new TreeSet<>();
    CLASSES.forEach(one -> rooms.add(room(one)));
    rooms.remove("");
    rooms.removeAll(edges);
    assertThat(rooms).isEqualTo(new TreeSet<>(TABLE.keySet()));
  }

  @Test
  void roomsFormNoCycle() {
    SlicesRuleDefinition.slices()
        .matching(ROOT + ".(*)..")
        .should()
        .beFreeOfCycles()
        .check(CLASSES);
  }

  @Test
  void librariesStayInTheRoomThatOwnsThem() {
    Map<String, List<String>> owners = new TreeMap<>();
    owners.put("ai.onnxruntime..", List.of("engine"));
    owners.put("io.grpc..", List.of("wire"));
    owners.put("io.netty..", List.of("wire"));
    owners.put("com.google.protobuf..", List.of("wire", "onnx"));
    owners.put("org.jgroups..", List.of("member"));
    owners.forEach((library, rooms) ->
        noClasses()
            .that(
                resideInAnyPackage(
                        rooms.stream().map(r -> ROOT + "." + r + "..").toArray(String[]::new))
                    .negate())
            .and(resideInAPackage(ROOT + ".lab.benchmark..").negate())
            .should()
            .dependOnClassesThat()
            .resideInAPackage(library)
            .check(CLASSES));
  }

  @Test
  void decisionsDoNoInputOrOutput() {
    noClasses()
        .that()
        .resideInAnyPackage(ROOT + ".cost..", ROOT + ".plan..", ROOT + ".state..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.io..", "java.net..", "java.nio..", "java.time..")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .check(CLASSES);
  }

  @Test
  void nobodySerialisesJavaObjects() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.io.ObjectInputStream")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.io.ObjectOutputStream")
        .check(CLASSES);
  }

  @Test
  void everyPackageIsNullMarked() {
    Set<JavaPackage> packages = new HashSet<>();
    CLASSES.forEach(one -> packages.add(one.getPackage()));
    assertThat(packages)
        .filteredOn(one -> one.getName().startsWith(ROOT) && !one.getName().endsWith(".proto"))
        .filteredOn(one -> !one.getName().contains("jmh_generated"))
        .allMatch(one -> one.isAnnotatedWith(NullMarked.class));
  }

  /** The first package below the root; empty for classes that are not ours. */
  private static String room(JavaClass type) {
    String name = type.getBaseComponentType().getPackageName();
    if (!name.startsWith(ROOT + ".")) {
      return "";
    }
    String rest = name.substring(ROOT.length() + 1);
    int dot = rest.indexOf('.');
    return dot < 0 ? rest : rest.substring(0, dot);
  }
}
