package dev.skein.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/** The command line: one subcommand for each thing a user can do. */
@Command(
    name = "skein",
    description = "Runs one deep-learning model on many small devices.",
    mixinStandardHelpOptions = true,
    version = "skein 0.1.0",
    subcommands = {
      DemoCommand.class,
      NodeCommand.class,
      SwarmCommand.class,
      InferCommand.class,
      PlanCommand.class,
      InspectCommand.class,
      OptimizeCommand.class,
      DataCommand.class,
      DoctorCommand.class,
      LabCommand.class,
    })
public final class Main implements Runnable {
  private static final int FAILED = 1;
  private static final int WRONG_USAGE = 2;

  @CommandLine.Spec private CommandLine.Model.@Nullable CommandSpec spec;

  public static void main(String[] args) {
    Logging.toFileOnly();
    System.exit(runToTheEnd(args));
  }

  /** Not even an error of the machine reaches a user as a stack trace. */
  private static int runToTheEnd(String[] args) {
    try {
      int code = run(args);
      if (System.out.checkError()) {
        if (!isPipe()) {
          System.err.println("skein: what was to be printed could not be written");
        }
        return FAILED;
      }
      return code;
    } catch (Throwable e) {
      System.err.println("skein: " + e.toString().lines().findFirst().orElse("failed"));
      return FAILED;
    }
  }

  /** Whoever reads a pipe may have seen enough. */
  private static boolean isPipe() {
    try {
      return Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString().startsWith("pipe:");
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  /** Runs one command line and returns its exit code. */
  public static int run(String... args) {
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    return new CommandLine(new Main())
        .setOut(out)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(Main::wrongUsage)
        .setExecutionExceptionHandler((failure, command, parsed) -> failed(failure))
        .execute(args);
  }

  @Override
  public void run() {
    throw new ParameterException(
        Objects.requireNonNull(spec).commandLine(), "a command is missing");
  }

  private static int wrongUsage(ParameterException wrong, String[] args) {
    CommandLine command = wrong.getCommandLine();
    System.err.println(
        "skein: "
            + oneLine(wrong)
            + "; see '"
            + command.getCommandSpec().qualifiedName()
            + " --help'");
    return WRONG_USAGE;
  }

  private static int failed(Exception failure) {
    System.err.println("skein: " + oneLine(failure));
    return failure instanceof UsageException ? WRONG_USAGE : FAILED;
  }

  /** Our own messages are one line already; others may not be. */
  private static String oneLine(Exception failure) {
    String message = failure.getMessage();
    String text = message == null ? failure.getClass().getSimpleName() : message;
    return text.lines().findFirst().orElse(text).strip();
  }
}
