package dev.skein.wire;

import io.grpc.Status;
import io.grpc.StatusException;
import io.netty.handler.codec.http2.Http2Exception;
import java.time.Duration;

/** What gRPC reports, as one line that a person can act on. */
final class Failures {
  private Failures() {}

  static PeerException of(
      Endpoint endpoint, String what, Duration deadline, StatusException failure) {
    Status status = failure.getStatus();
    boolean retryable =
        switch (status.getCode()) {
          case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED, ABORTED -> true;
          default -> false;
        };
    String why =
        switch (status.getCode()) {
          case UNAVAILABLE -> "cannot be reached (" + cause(status) + ")";
          case CANCELLED -> "broke off '" + what + "' (" + cause(status) + ")";
          case DEADLINE_EXCEEDED ->
              "did not answer to '%s' within %d ms".formatted(what, deadline.toMillis());
          case UNIMPLEMENTED -> "does not know '" + what + "': it runs another version of Skein";
          default ->
              status.getCause() instanceof Http2Exception e
                  ? "does not talk like a Skein node (" + OneLine.of(e) + ")"
                  : said(status);
        };
    return new PeerException(endpoint + ": " + why, retryable, failure);
  }

  private static String said(Status status) {
    return status.getDescription() == null
        ? "failed with " + status.getCode()
        : OneLine.of(status.getDescription());
  }

  private static String cause(Status status) {
    Throwable cause = status.getCause();
    return cause == null ? OneLine.of(status.getDescription()) : OneLine.of(cause);
  }
}
