package dev.skein.cli;

import dev.skein.demo.NamedModel;
import dev.skein.engine.ShapeProbe;
import dev.skein.node.Survey;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What is in a model, what it costs, and where it can be cut. */
@Command(
    name = "inspect",
    description =
        "Shows a model's operators, costs, memory over time, parallel branches, cuts and segments.",
    mixinStandardHelpOptions = true)
final class InspectCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL", description = ModelSource.DESCRIPTION)
  private String source = "";

  @Option(
      names = "--dim",
      paramLabel = "NAME=SIZE",
      description = "size of a named axis of the inputs (default: 1)")
  private Map<String, Long> dims = Map.of();

  @Option(names = "--operators", description = "one row for each node, too")
  private boolean operators;

  @Option(names = "--svg", paramLabel = "FILE", description = "draw the graph with its costs")
  private @Nullable Path svg;

  @Option(names = "--json", description = "print one JSON object")
  private boolean json;

  @Override
  public Integer call() {
    NamedModel named = ModelSource.read(source);
    Dims.check(named.model(), dims);
    SvgFile drawing = svg == null ? null : SvgFile.at(svg, named.file());
    Survey survey = Survey.of(named.model(), ShapeProbe.zeros(named.model(), dims));
    Inspection inspection = new Inspection(named.name(), named.model(), survey);
    Inspection.Report report = inspection.report();
    if (drawing != null) {
      drawing.write(GraphDrawing.of(inspection, report));
    }
    if (json) {
      System.out.println(Json.line(report));
      return 0;
    }
    System.out.print(InspectPage.of(report, operators));
    if (drawing != null) {
      System.out.printf("%ndrawn in %s%n", svg);
    }
    return 0;
  }
}
