package dev.skein.wire;

import io.grpc.Status;
import java.lang.System.Logger.Level;

/** What a failure on this node becomes for the peer that caused it. */
final class Refusal {
  private static final System.Logger LOG = System.getLogger(Refusal.class.getName());

  private Refusal() {}

  /** The line for the peer; what nobody expected is also logged here. */
  static String line(Throwable failure) {
    if (!(failure instanceof WireException)) {
      LOG.log(Level.DEBUG, "a call of a peer failed", failure);
    }
    return OneLine.of(failure);
  }

  static Status status(Throwable failure) {
    Status status =
        switch (failure) {
          case BusyException _ -> Status.ABORTED;
          case WireException _ -> Status.FAILED_PRECONDITION;
          default -> Status.INTERNAL;
        };
    return status.withDescription(line(failure));
  }
}
