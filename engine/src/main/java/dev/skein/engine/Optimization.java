package dev.skein.engine;

/** How far ONNX Runtime may rewrite a model for itself when it opens it. */
public enum Optimization {
  /** Every operator runs as written. */
  NONE,
  /** Constants folded, no-ops dropped, simple fusions: the result stays portable. */
  BASIC,
  /** Fusions into operators of ONNX Runtime's own. */
  EXTENDED,
  /** Memory layouts of the processor too. */
  ALL
}
