package dev.skein.cost;

/**
 * What one node takes each time it runs, as the graph is written: an engine that fuses nodes moves
 * less.
 *
 * @param node its position in the graph
 * @param macs multiply-accumulate operations; see {@link GraphCosts#macs}
 * @param parameters learned numbers it reads; see {@link GraphCosts#parameters}
 * @param bytesRead of its inputs, weights included
 */
public record OperatorCost(
    int node, long macs, long parameters, long bytesRead, long bytesWritten) {

  /** Arithmetic intensity: multiply-accumulates for each byte moved; 0 if none is. */
  public double intensity() {
    long moved = bytesRead + bytesWritten;
    return moved == 0 ? 0 : (double) macs / moved;
  }
}
