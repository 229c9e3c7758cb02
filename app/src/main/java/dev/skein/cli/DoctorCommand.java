package dev.skein.cli;

import dev.skein.cli.Check.State;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What is wrong with this machine or this network, by name, with the way out. */
@Command(
    name = "doctor",
    description = "Checks this machine and its network; exit code 1 if something fails.",
    mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
  @Option(names = "--json", description = "print one JSON object")
  private boolean json;

  @Spec private @Nullable CommandSpec spec;

  record Line(String name, String state, String found, @Nullable String remedy) {}

  record Report(List<Line> checks, boolean ok) {}

  @Override
  public Integer call() {
    List<Check> checks = new ArrayList<>(MachineChecks.all());
    checks.addAll(NetworkChecks.all());
    boolean ok = checks.stream().noneMatch(check -> check.state() == State.FAIL);
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    if (json) {
      out.println(Json.line(new Report(checks.stream().map(DoctorCommand::line).toList(), ok)));
    } else {
      out.print(text(checks));
    }
    out.flush();
    return ok ? 0 : 1;
  }

  private static Line line(Check check) {
    return new Line(check.name(), state(check), check.found(), check.remedy());
  }

  private static String state(Check check) {
    return check.state().name().toLowerCase(Locale.ROOT);
  }

  /** The remedy stands under what it is for: it is too long for a column. */
  static String text(List<Check> checks) {
    Table table = new Table("check", "state", "found");
    for (Check check : checks) {
      table.row(check.name(), state(check), check.found());
      if (check.remedy() != null) {
        table.row("", "", "-> " + check.remedy());
      }
    }
    long warned = checks.stream().filter(check -> check.state() == State.WARN).count();
    long failed = checks.stream().filter(check -> check.state() == State.FAIL).count();
    return table
        + (failed > 0
            ? failed + " failed, " + warned + " to look at\n"
            : warned > 0 ? "usable; " + warned + " to look at\n" : "all well\n");
  }
}
