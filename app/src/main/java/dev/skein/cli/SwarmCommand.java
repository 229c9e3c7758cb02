package dev.skein.cli;

import dev.skein.member.Member;
import dev.skein.node.Node;
import dev.skein.node.NodeSettings;
import dev.skein.wire.DeviceReport;
import dev.skein.wire.LinkMeasure;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What can be asked of a whole swarm. */
@Command(
    name = "swarm",
    description = "Looks at a whole swarm.",
    mixinStandardHelpOptions = true,
    subcommands = SwarmCommand.Ls.class)
final class SwarmCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    throw new UsageException("say what of the swarm: skein swarm ls");
  }

  /** Members, their speed, memory and links. */
  @Command(
      name = "ls",
      description = "Lists the members: speed, memory for models, links.",
      mixinStandardHelpOptions = true)
  static final class Ls implements Callable<Integer> {
    @Mixin private NodeOptions options = new NodeOptions();

    @Option(names = "--json", description = "print one JSON object")
    private boolean json;

    record Row(
        String name,
        String id,
        String address,
        double referenceMillis,
        long memoryFreeBytes,
        Map<String, LinkMeasure> links) {}

    @Override
    public Integer call() {
      try (Node node =
          Node.start(
              options.settings(
                  NodeSettings.Role.ASKER, "observer-" + ProcessHandle.current().pid()))) {
        List<Row> rows =
            node.refresh().stream()
                .filter(report -> takesWork(node, report.node()))
                .map(report -> row(node, report))
                .sorted(Comparator.comparing(Row::name))
                .toList();
        print(rows);
      }
      return 0;
    }

    private static boolean takesWork(Node node, String id) {
      Member member = node.members().get(id);
      return member != null && !member.facts().containsKey(Node.ASKS_ONLY);
    }

    private static Row row(Node node, DeviceReport report) {
      Member member = node.members().get(report.node());
      Map<String, LinkMeasure> links = new TreeMap<>();
      report
          .links()
          .forEach((to, measure) -> {
            if (!to.equals(node.id())) {
              links.put(node.name(to), measure);
            }
          });
      return new Row(
          node.name(report.node()),
          report.node(),
          member == null ? "gone" : member.host() + ":" + member.port(),
          report.referenceMillis(),
          report.memoryFreeBytes(),
          links);
    }

    private void print(List<Row> rows) {
      if (json) {
        System.out.println(Json.line(Map.of("members", rows)));
        return;
      }
      if (rows.isEmpty()) {
        System.out.println("no node found; start one with 'skein node', or say --join HOST:PORT");
        return;
      }
      double fastest = rows.stream().mapToDouble(Row::referenceMillis).min().orElse(1);
      Table table = new Table("name", "address", "times the fastest", "memory for models", "links");
      for (Row row : rows) {
        StringBuilder links = new StringBuilder();
        row.links()
            .forEach((to, link) ->
                links.append(
                    "%s%s %.1f ms %s/s"
                        .formatted(
                            links.isEmpty() ? "" : ", ",
                            to,
                            link.latencyMillis(),
                            Units.text(link.bytesPerSecond()))));
        table.row(
            row.name(),
            row.address(),
            row.referenceMillis() / fastest,
            Units.text((double) row.memoryFreeBytes()),
            links);
      }
      System.out.print(table);
    }
  }
}
