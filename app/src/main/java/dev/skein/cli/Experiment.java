package dev.skein.cli;

import java.io.PrintStream;
import java.util.List;
import java.util.Map;

/** What {@code skein lab} can run. */
public interface Experiment {
  String name();

  /** One line: what it shows. */
  String shows();

  /**
   * @param out where a person reads on: tables and progress
   */
  Result run(boolean quick, PrintStream out) throws Exception;

  /**
   * A figure we hold ourselves to.
   *
   * @param paper what a paper, or our own design, promises; in the unit the name says
   * @param holds whether what was measured keeps the promise
   */
  record Claim(String name, double paper, double measured, boolean holds) {}

  record Result(List<Map<String, Object>> rows, List<Claim> claims) {}
}
