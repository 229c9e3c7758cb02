package dev.skein.slice;

import java.util.Set;

/** Operators whose every output element depends on the input elements at the same place only. */
final class Elementwise {
  private static final Set<String> OPS =
      Set.of(
          // One input; more of them are scalars.
          "Abs",
          "Cast",
          "Ceil",
          "Celu",
          "Clip",
          "Elu",
          "Erf",
          "Exp",
          "Floor",
          "Gelu",
          "HardSigmoid",
          "HardSwish",
          "Identity",
          "LeakyRelu",
          "Log",
          "Mish",
          "Neg",
          "Not",
          "Reciprocal",
          "Relu",
          "Round",
          "Selu",
          "Sigmoid",
          "Sign",
          "Softplus",
          "Softsign",
          "Sqrt",
          "Tanh",
          "ThresholdedRelu",
          // Several, broadcast against each other.
          "Add",
          "Div",
          "Max",
          "Mean",
          "Min",
          "Mod",
          "Mul",
          "PRelu",
          "Pow",
          "Sub",
          "Sum",
          "Where");

  private Elementwise() {}

  static boolean contains(String op) {
    return OPS.contains(op);
  }
}
