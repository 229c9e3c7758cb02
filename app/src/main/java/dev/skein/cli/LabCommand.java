package dev.skein.cli;

import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs a named experiment; the experiments themselves come from the lab module. */
@Command(
    name = "lab",
    description =
        "Runs an experiment and prints its table; a full run also writes lab-results/NAME.csv.",
    mixinStandardHelpOptions = true)
final class LabCommand implements Callable<Integer> {
  @Parameters(arity = "0..1", paramLabel = "NAME", description = "the experiment; none lists them")
  private @Nullable String name;

  @Option(names = "--quick", description = "a smaller run")
  private boolean quick;

  @Option(names = "--json", description = "print one JSON object")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    List<Experiment> all =
        StreamSupport.stream(ServiceLoader.load(Experiment.class).spliterator(), false).toList();
    if (name == null) {
      Table table = new Table("experiment", "shows");
      all.forEach(one -> table.row(one.name(), one.shows()));
      System.out.print(table);
      return 0;
    }
    Experiment experiment =
        all.stream()
            .filter(one -> one.name().equals(name))
            .findFirst()
            .orElseThrow(() ->
                new UsageException(
                    "no experiment '"
                        + name
                        + "'; there are "
                        + all.stream().map(Experiment::name).toList()));
    PrintStream people = json ? System.err : System.out;
    Experiment.Result result = experiment.run(quick, people);
    if (!quick) {
      people.println("rows are in " + LabResults.write(experiment.name(), result.rows()));
    }
    if (json) {
      System.out.println(
          Json.line(
              Map.of(
                  "experiment", experiment.name(),
                  "quick", quick,
                  "rows", result.rows(),
                  "claims", result.claims())));
    } else {
      Table claims = new Table("claim", "wanted", "measured", "holds");
      result
          .claims()
          .forEach(
              claim -> claims.row(claim.name(), claim.paper(), claim.measured(), claim.holds()));
      System.out.print(claims);
    }
    return result.claims().stream().allMatch(Experiment.Claim::holds) ? 0 : 1;
  }
}
